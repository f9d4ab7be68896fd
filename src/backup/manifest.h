#pragma once

#include <filesystem>
#include <string>

#include "bdupdate/backup/backup.h"

// What stands in a backup's folder, and the JSON files of it. Private to this room; the names are documented
// in docs/backup.md.

namespace bdupdate::backup {

inline constexpr const char* manifest_name = "manifest.json";
inline constexpr const char* dump_name = "db_default.sql.gz";
inline constexpr const char* routines_name = "db_default.routines.sql.gz";
inline constexpr const char* sqlite_name = "db_default.sqlite";
inline constexpr const char* config_name = "config_active.tar.gz";
std::string backup_json_name(const std::string& id);

/// manifest.json's text; the same Backup always gives the same bytes.
std::string render_manifest(const Backup& backup);
/// Errors (BackupFailed): not the JSON of a manifest, of a newer format, or naming files outside its folder.
Result<Backup> parse_manifest(const std::string& text);
/// Replaces manifest.json atomically, and synced where it matters that it lasts.
Result<void> save_manifest(const Backup& backup, bool sync = true);

/// What Backdrop's own backup_prepare() leaves for restore.php; it reads timestamp, name, label, description
/// and targets.
std::string render_backup_json(const Backup& backup);

/// The entry of that name, or nullptr.
const FileEntry* file_of(const Backup& backup, const std::string& name);

}  // namespace bdupdate::backup
