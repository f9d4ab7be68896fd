#include "locks.h"

#include <unistd.h>

#include <thread>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/identity.h"
#include "bdupdate/base/text.h"

namespace bdupdate::run {

namespace {

constexpr auto poll_interval = std::chrono::milliseconds(50);
constexpr std::chrono::seconds session_timeout{30};

bool stopped(const std::function<int()>& stop_signal) {
    return stop_signal && stop_signal() != 0;
}

Result<UniqueFd> take_file(const Context& context, std::chrono::seconds patience,
                           const std::function<int()>& stop_signal) {
    const std::filesystem::path path = context.paths.lock();
    const auto until = Monotonic::now() + patience;
    for (bool told = false;;) {
        bool held = false;
        auto file = lock_file(path, held);
        if (file) {
            const std::string text = holder_text(wall_milliseconds()) + "\n";
            // For people only: the lock itself is the flock, so that a failure here changes nothing.
            if (::ftruncate(file->get(), 0) == 0)
                static_cast<void>(::pwrite(file->get(), text.data(), text.size(), 0) == 0);
            return file;
        }
        if (!held) return file;
        if (Monotonic::now() >= until || stopped(stop_signal)) return fail(held_by(file_holder(path)));
        if (!told) context.listener.phase("waiting for another run: " + file_holder(path));
        told = true;
        std::this_thread::sleep_for(poll_interval);
    }
}

}  // namespace

std::string file_holder(const std::filesystem::path& lock) {
    const auto text = read_file(lock);
    const std::string line = text ? std::string(trim(*text)) : std::string();
    return line.empty() ? "another process" : line;
}

Error held_by(const std::string& holder) {
    return {ExitCode::Held,
            "another run holds this site: " + holder,
            "wait for it; bdupdate run --lock-timeout SECONDS does so by itself",
            {}};
}

Result<void> Locks::wait(Context& context, const LockPatience& patience,
                         const std::function<int()>& stop_signal) {
    BDUPDATE_ASSIGN(const auto mark, context.database.read_mark());
    if (const auto file = take_file(context, patience.file, stop_signal); !file) return fail(file.error());
    // A session of the database may outlive its run by seconds; here the file has told already.
    if (mark && mark->host == context.host && mark->state_dir == context.paths.state_dir) return {};
    if (const auto locks = take(context, patience, stop_signal); !locks) return fail(locks.error());
    return {};
}

Result<Locks> Locks::take(Context& context, const LockPatience& patience,
                          const std::function<int()>& stop_signal) {
    BDUPDATE_ASSIGN(UniqueFd file, take_file(context, patience.file, stop_signal));
    const auto until = Monotonic::now() + patience.database;
    for (bool ended_stale = false;;) {
        const auto left = std::chrono::duration_cast<std::chrono::seconds>(until - Monotonic::now());
        // A second at a time, so that a signal is not kept waiting for the whole timeout.
        BDUPDATE_ASSIGN(const auto taken,
                        context.database.lock(std::chrono::seconds(left.count() > 0 ? 1 : 0)));
        if (!taken.supported)
            context.listener.note(
                "the server refuses GET_LOCK: only the mark keeps a second run out of this site");
        if (taken.taken) return Locks(&context.database, std::move(file));
        if (taken.stale && patience.end_stale_session && !ended_stale) {
            context.listener.note("ending a database session that has gone silent: " + taken.held_by);
            BDUPDATE_TRY(context.database.end_session(taken.session, "", session_timeout));
            ended_stale = true;
            continue;
        }
        if (Monotonic::now() < until && !stopped(stop_signal)) continue;
        Error error = held_by(taken.held_by);
        if (taken.stale)
            error.hint = "its process is gone, stopped, or cut off: `bdupdate recover` ends its session";
        return fail(std::move(error));
    }
}

Locks::~Locks() {
    // The server releases the lock with the connection anyway; an error here changes nothing.
    if (database_ != nullptr) static_cast<void>(database_->unlock());
}

}  // namespace bdupdate::run
