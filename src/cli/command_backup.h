#pragma once

#include <filesystem>
#include <vector>

#include "bdupdate/backup/backup.h"
#include "options.h"
#include "output.h"
#include "workplace.h"

namespace bdupdate::cli {

/// Where backups of this site may lie: --backup-dir alone where it is given, else the state directory's own
/// and
/// `$settings['backup_directory']`, where Backdrop's update.php writes.
std::vector<std::filesystem::path> backup_places(const GlobalOptions& options, const Workplace& place);

/// The named one; empty or "latest": the newest good one.
Result<backup::Backup> named_backup(const GlobalOptions& options, const Workplace& place,
                                    const std::string& id);

Result<ExitCode> restore_backup(const CommandLine& line, Workplace& place, Output& output);

}  // namespace bdupdate::cli
