#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "bdupdate/backup/backup.h"
#include "gzip.h"

// Backups that Backdrop's own update.php writes (core/includes/backup, since 1.30): `NAME/NAME.backup.json`,
// db_default.sql.gz, config_active.tar.gz, and nothing to check them against but gzip's and tar's own sums.

namespace bdupdate::backup {

/// Whether Backdrop wrote what stands in that folder.
bool is_core_backup(const std::filesystem::path& directory);

/// What its .backup.json tells; tables are not known before check_core_backup().
Backup read_core_backup(const std::filesystem::path& directory);

/// Reads all of it back and fills in tables, rows, config files and core_version. Errors: BackupFailed.
Result<Backup> check_core_backup(Backup backup);

/// Lets a dump of Backdrop's pass by, without the statements on tables and views that `keep` does not want:
/// such a dump holds everything that begins with the site's prefix, other sites included. BackupMySql writes
/// each statement on a line of its own.
class CoreDumpFilter {
  public:
    using Keep = std::function<bool(const std::string& table)>;
    CoreDumpFilter(Sink sink, Keep keep) : sink_(std::move(sink)), keep_(std::move(keep)) {}
    Result<void> feed(std::string_view bytes);
    Result<void> finish();
    /// Views that were met: DumpScanner does not know them in this form.
    [[nodiscard]] const std::set<std::string>& views() const { return views_; }

  private:
    enum class At { Head, Passing, Dropping };
    Result<void> decide(bool line_ended);

    Sink sink_;
    Keep keep_;
    At at_ = At::Head;
    std::string head_;
    std::set<std::string> views_;
};

}  // namespace bdupdate::backup
