#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/backup/backup.h"
#include "bdupdate/report/style.h"
#include "bdupdate/run/restore.h"

namespace bdupdate::report {

/// `backup list`: two lines each, oldest first.
std::string backups_text(const std::vector<backup::Backup>& backups, const Style& style);
std::string backups_json(const std::vector<backup::Backup>& backups);

/// `backup show`.
std::string backup_text(const backup::Backup& backup, const Style& style);
std::string backup_json(const backup::Backup& backup);

/// `backup prune` and `backup export`.
std::string pruned_json(const std::vector<std::string>& removed);
std::string exported_json(const backup::Backup& backup, const std::filesystem::path& folder);

/// What a restore is about to do, before the question. `core_version`: of the code that is there now.
std::string restore_plan_text(const backup::Backup& backup, const std::string& core_version,
                              const std::string& site_fingerprint, const Style& style);
std::string restored_text(const run::Restored& restored, const Style& style);
/// One line, the last of a restore's events.
std::string restored_json(const run::Restored& restored);

}  // namespace bdupdate::report
