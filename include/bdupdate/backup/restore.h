#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/backup/backup.h"
#include "bdupdate/config/config_directory.h"

namespace bdupdate::backup {

/// The parts of a restore (crash safety, Restore). The caller holds the lock, has made the safety backup and
/// has put the mark to `restoring` (recovery repeats what a kill leaves half done); maintenance mode is the
/// caller's too.
struct RestoreOptions {
    /// Full names of tables that were first seen after one of our own passes. With an empty prefix nothing
    /// else that is not in the backup is dropped, for it may be another program's.
    std::vector<std::string> also_drop;
    /// The backup comes straight from verify() or check_restorable(), and need not be read once more. A file
    /// that changed since then is still noticed, but late.
    bool verified = false;
    Progress progress;  ///< may be empty
};

/// The backup as read back, if it is good and fits this site: kind of database, table prefix, config. Errors:
/// BackupFailed for a damaged one, Preflight for one that does not fit.
Result<Backup> check_restorable(const site::Site& site, db::Database& database, const Backup& backup);

/// Makes the database equal to the backup: later tables and rows are gone, the mark stays. Verifies the
/// backup first, and the number of rows of every table afterwards. Repeatable. Errors: NeedsHands (7) for all
/// that fails, saying whether anything was changed yet.
Result<void> restore_database(const site::Site& site, db::Database& database, const Backup& backup,
                              const RestoreOptions& options = {});

/// Makes the active config directory equal to the backup; what is overwritten goes to `aside` first. Returns
/// how many files were touched; nothing to do where the backup has none (config in the database). Errors:
/// NeedsHands.
Result<std::size_t> restore_config(const site::Site& site, const Backup& backup,
                                   const std::optional<std::filesystem::path>& aside);

/// What the config directory holds after a restore onto `now`: the backup's files; and where Backdrop made
/// it, which archives *.json alone, whatever else is there. Errors: BackupFailed.
Result<std::vector<config::File>> config_after(const Backup& backup, const std::vector<config::File>& now);

/// The config files that a backup holds. Errors: BackupFailed.
Result<std::vector<config::File>> config_files(const Backup& backup);

}  // namespace bdupdate::backup
