#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "bdupdate/backup/backup.h"
#include "gzip.h"

// Ways of a backup back into a database, shared by restore and the deep look.

namespace bdupdate::backup {

/// A private directory for what a restore needs for a moment: next to the backups, where there is room for
/// such things. Goes when this does.
class Scratch {
  public:
    static Result<Scratch> make(const std::filesystem::path& parent);
    Scratch(Scratch&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
    Scratch& operator=(Scratch&&) = delete;
    ~Scratch();
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    explicit Scratch(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

struct LoadOptions {
    /// Views, triggers and routines keep the account that the dump names.
    bool keep_definers = false;
    /// Held by the loading session while it lives: the server may go on with a statement after its client was
    /// killed, and whoever repeats the restore waits for this. Empty: none.
    std::string lock_name;
    /// Where not empty: of Backdrop's own dumps only the statements on these tables.
    std::function<bool(const std::string& table)> keep;
    Progress progress;  ///< may be empty
};

/// Feeds one dump of a backup to the client program. Errors: NeedsHands, also when the file is not as `entry`
/// says.
Result<void> load_dump(const site::DatabaseSettings& settings, const Backup& backup, const FileEntry& entry,
                       const LoadOptions& options);

/// What is read is not what was verified.
tl::unexpected<Error> changed_meanwhile(const std::filesystem::path& path);

/// Rows of each table of the backup that `wanted` takes; views have none. Error (`code`): the first that
/// differs.
Result<void> compare_rows(db::Database& database, const Backup& backup, ExitCode code,
                          const std::function<bool(const std::string&)>& wanted);

}  // namespace bdupdate::backup
