#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/db/database.h"
#include "bdupdate/site/site.h"

namespace bdupdate::backup {

/// One file of a backup, as manifest.json records it.
struct FileEntry {
    std::string name;  ///< relative to the backup, such as "db_default.sql.gz"
    std::uint64_t bytes = 0;
    std::string sha256;
    std::uint64_t content_bytes = 0;  ///< uncompressed, for .gz files
};

struct TableEntry {
    std::string name;
    std::uint64_t rows = 0;      ///< counted from the dump's stream
    bool data_left_out = false;  ///< a cache table: structure only
    bool is_view = false;
};

/// Who wrote a backup. Backdrop's own has no checksums and no counts.
enum class Maker { Bdupdate, Backdrop };

/// A backup as its manifest describes it.
struct Backup {
    Maker maker = Maker::Bdupdate;
    std::string reason;  ///< "run", "hand", or "restore" for what a restore kept first; "": not recorded
    std::string id;      ///< its folder's name: 2026-11-22T14-05-09
    std::filesystem::path directory;
    std::string run;  ///< the run it was made for; empty: by hand
    std::string site_name, site_fingerprint;
    std::string core_version, driver, server_version, tool_version;
    std::int64_t created_ms = 0;                    ///< wall clock
    bool complete = false;                          ///< the manifest was written and everything read back
    bool maintenance_was_on = false;                ///< when the dump was taken
    std::optional<std::string> maintenance_before;  ///< serialized value before the run switched it on
    std::vector<FileEntry> files;
    std::vector<TableEntry> tables;
    std::uint64_t config_files = 0;
    std::vector<std::string> notes;  ///< what is not in it, such as routines that the account may not read
    [[nodiscard]] std::uint64_t bytes() const;
    [[nodiscard]] std::uint64_t rows() const;
    /// Whether there is a config archive; where the config is kept in the database there is none.
    [[nodiscard]] bool has_config() const;
    /// Whether triggers or routines are in a file of their own.
    [[nodiscard]] bool has_code() const;
};

/// Told while a backup is made or put back: what is at work, how many bytes are done, and how many there will
/// be about, 0 where that is not known. Called for every block; not to be dwelt in.
using Progress = std::function<void(const std::string& what, std::uint64_t bytes, std::uint64_t expected)>;

struct CreateOptions {
    std::filesystem::path directory;  ///< where backups live; created 0700. Must lie outside the docroot (5)
    std::string run;
    std::string reason;  ///< as Backup::reason; empty: "run" where one is named, else "hand"
    std::string site_fingerprint;
    bool maintenance_was_on = false;
    std::optional<std::string> maintenance_before;
    /// A site whose config directory is gone can be backed up too: what a restore replaces may be broken.
    bool allow_missing_config = false;
    Progress progress;  ///< may be empty
};

/// Makes and verifies a backup of database and config. Errors (BackupFailed, 6) leave nothing but a removed
/// partial folder. Layout: docs/backup.md (Backdrop >= 1.30's own, plus manifest.json and
/// db_default.routines.sql.gz).
Result<Backup> create(const site::Site& site, db::Database& database, const CreateOptions& options);

/// All backups in a directory, oldest first; broken ones come with complete = false. Backdrop's own
/// (update.php, since 1.30) are among them. A missing directory: none.
Result<std::vector<Backup>> list(const std::filesystem::path& directory);
/// The same of several directories; one that is named twice counts once.
Result<std::vector<Backup>> list(const std::vector<std::filesystem::path>& directories);

/// The backup of that id (or unambiguous beginning of it). "latest": the newest complete one that is not what
/// a restore kept, so that a repeated restore does not undo the first. Errors: Usage.
Result<Backup> find(const std::filesystem::path& directory, const std::string& id);
Result<Backup> find(const std::vector<Backup>& backups, const std::string& id);

/// Reads everything back: checksums, the dump's end mark, gzip and tar integrity, row counts. Returns the
/// backup as it was read; for Backdrop's own, which has no checksums, with tables and rows counted from the
/// dump. Errors (BackupFailed) name the file and what is wrong.
Result<Backup> verify(const Backup& backup);

/// What stands before a restore: as verify(), but a file that has a checksum is not unpacked. A manifest says
/// `complete` only after verify() has read everything, so files with those very bytes hold what was read
/// then.
Result<Backup> verify_checksums(const Backup& backup);

/// After verify(): loads it into a scratch database (MySQL: a database of its own on the site's server;
/// SQLite: a file) and compares the rows of every table. Errors (BackupFailed), also where the account may
/// not create one: the hint says what to grant.
Result<Backup> verify_deep(const site::Site& site, db::Database& database, const Backup& backup);

/// Removes complete backups beyond the newest `keep`, never one named in `protect`, never the last good one,
/// never the newest good one made by hand (it stays beyond `keep`): something goes only while one of those
/// that stay can be read back (`known_good` need not be read). Backdrop's own are left to Backdrop. Returns
/// ids.
Result<std::vector<std::string>> prune(const std::filesystem::path& directory, std::size_t keep,
                                       const std::vector<std::string>& protect,
                                       const std::string& known_good = {});

/// Copies a verified backup into `directory` as core's restore.php reads it there: a folder with database,
/// config and `.backup.json`. Returns the folder. Errors: BackupFailed; nothing is left of it then.
Result<std::filesystem::path> export_to(const Backup& backup, const std::filesystem::path& directory);

}  // namespace bdupdate::backup
