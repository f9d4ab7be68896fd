#pragma once

#include <chrono>

#include "bdupdate/base/unique_fd.h"
#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// How long to wait for another run. The file's lock goes with its process at once; a database session
/// outlives its client by seconds, so that `recover` waits for it alone.
struct LockPatience {
    std::chrono::seconds file{0}, database{0};
    /// End a session that holds the database's lock and has been silent for so long that its process is gone
    /// or stopped. The epoch of the mark keeps such a process from committing anything should it come back.
    bool end_stale_session = false;
};

/// What the holder of a lock file wrote into it, "alice on web1, pid 4711, since …"; never empty.
std::string file_holder(const std::filesystem::path& lock);
/// Error: Held, naming the holder.
Error held_by(const std::string& holder);

/// One run a site: flock in the state directory, and the database's lock. Held until destroyed.
class Locks {
  public:
    /// Errors: Held (11), naming the holder (host, user, pid, since when).
    static Result<Locks> take(Context& context, const LockPatience& patience,
                              const std::function<int()>& stop_signal = {});
    /// Where a mark is there: whether its run is at work, which is waited for, or did not end (`recover`).
    /// Errors: Held (11).
    static Result<void> wait(Context& context, const LockPatience& patience,
                             const std::function<int()>& stop_signal = {});
    Locks(Locks&& other) noexcept : database_(other.database_), file_(std::move(other.file_)) {
        other.database_ = nullptr;
    }
    Locks& operator=(Locks&&) = delete;
    ~Locks();

  private:
    Locks(db::Database* database, UniqueFd file) : database_(database), file_(std::move(file)) {}
    db::Database* database_;
    UniqueFd file_;
};

}  // namespace bdupdate::run
