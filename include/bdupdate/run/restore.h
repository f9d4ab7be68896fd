#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/backup/backup.h"
#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// A restore by hand (crash safety, Restore).
struct RestoreOptions {
    bool safety_backup = true;  ///< back up first what is there now
    std::filesystem::path safety_directory;
    std::chrono::seconds lock_timeout{0};
    std::function<int()> stop_signal = [] { return 0; };
};

struct Restored {
    std::string run;  ///< as the journal calls it
    backup::Backup backup;
    std::optional<backup::Backup> safety;  ///< what was there before
    bool maintenance_on = false;           ///< now
    std::optional<std::size_t> pending;    ///< updates; nothing: the plan could not be made
};

/// What `restore()` would do: the backup, verified. Errors: Interrupted (8) while a run is open; BackupFailed
/// for a damaged backup, Preflight for one that does not fit this site; nothing was touched.
Result<backup::Backup> plan_restore(Context& context, const backup::Backup& backup);

/// Makes database and config equal to a backup. Under the lock: safety backup, journal, mark (`restoring`,
/// close), restore, maintenance mode as it was before the backup, mark dropped. Killed in between, `recover`
/// repeats it. Errors: as plan_restore(), Held (11); BackupFailed (6) for the safety backup; NeedsHands (7)
/// once something was changed.
Result<Restored> restore(Context& context, const backup::Backup& backup, const RestoreOptions& options);

}  // namespace bdupdate::run
