#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <future>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "bdupdate/config/config_directory.h"
#include "bdupdate/db/sqlite_file.h"
#include "config_archive.h"
#include "gzip.h"
#include "manifest.h"
#include "mysql_dump.h"
#include "verify.h"

namespace bdupdate::backup {

namespace fs = std::filesystem;

namespace {

constexpr int most_in_a_second = 100;

/// Whatever fails below, it is the backup that failed: nothing was touched.
tl::unexpected<Error> backup_failure(Error error) {
    error.code = ExitCode::BackupFailed;
    return fail(std::move(error));
}

Result<void> check_place(const site::Site& site, const CreateOptions& options) {
    if (is_inside(options.directory, site.docroot))
        return fail(ExitCode::Preflight,
                    "the backup directory " + options.directory.string() + " lies inside the docroot " +
                        site.docroot.string() + ": anybody could download it",
                    "name one outside with --backup-dir");
    if (auto made = make_private_directory(options.directory); !made) {
        made.error().hint = "name a directory that can be written with --backup-dir";
        return backup_failure(std::move(made).error());
    }
    return {};
}

/// A folder of its own, named by the time as Backdrop does; a second one in the same second gets a number.
Result<void> make_folder(const fs::path& parent, Backup& backup) {
    const std::string time = local_timestamp(backup.created_ms, true);
    for (int number = 1; number < most_in_a_second; ++number) {
        backup.id = number == 1 ? time : time + "-" + std::to_string(number);
        backup.directory = parent / backup.id;
        if (::mkdir(backup.directory.c_str(), 0700) == 0) return {};
        if (errno == EEXIST) continue;
        return fail(ExitCode::BackupFailed,
                    "cannot create " + backup.directory.string() + ": " + errno_text(errno),
                    "name a directory that can be written with --backup-dir");
    }
    return fail(ExitCode::BackupFailed, "too many backups named " + time + " in " + parent.string());
}

Result<void> sync_file(const fs::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0)
        return fail(ExitCode::BackupFailed, "cannot sync " + path.string() + ": " + errno_text(errno));
    return {};
}

/// SQLite's own check of the copy and the counting of its rows, beside everything else that reads it.
using Looking = std::future<Result<std::vector<db::TableRows>>>;

/// The copy is not compressed: that would take ten times as long as copying, while the site waits.
Result<Looking> copy_sqlite_site(db::Database& database, const CreateOptions& options, Backup& backup) {
    const fs::path copy = backup.directory / sqlite_name;
    BDUPDATE_TRY(database.copy_to(copy));
    Looking looking = std::async(std::launch::async, [copy] { return db::read_sqlite_file(copy); });
    auto syncing = std::async(std::launch::async, [&copy] { return sync_file(copy); });
    std::error_code ignored;
    const std::uint64_t expected = fs::file_size(copy, ignored);
    std::uint64_t total = 0;
    auto entry = read_plain(copy, [&](std::string_view bytes) -> Result<void> {
        total += bytes.size();
        if (options.progress) options.progress("database", total, ignored ? 0 : expected);
        return {};
    });
    BDUPDATE_TRY(syncing.get());
    if (!entry) return fail(entry.error());
    backup.files.push_back(std::move(*entry));
    return looking;
}

/// On the way from Drupal 7 the config directories do not exist yet; a bare site may have none.
Result<bool> may_lack_config(const site::Site& site, db::Database& database) {
    if (site.active_config.empty() || site.kind != site::Kind::Backdrop) return true;
    BDUPDATE_ASSIGN(const auto modules, database.modules());
    for (const db::ModuleRow& module : modules)
        if (module.name == "system") return module.schema_version >= 7000;
    return false;
}

Result<void> archive_config(const site::Site& site, db::Database& database, const CreateOptions& options,
                            Backup& backup) {
    if (site.config_in_database) {
        backup.notes.emplace_back("the active config is kept in the database and comes with it");
        return {};
    }
    std::error_code error;
    if (site.active_config.empty() || !fs::exists(site.active_config, error)) {
        bool fine = options.allow_missing_config;
        if (!fine) {
            BDUPDATE_ASSIGN(fine, may_lack_config(site, database));
        }
        if (!fine)
            return fail(ExitCode::BackupFailed,
                        "config directory " + site.active_config.string() + " does not exist",
                        "check $config_directories in settings.php");
        backup.notes.emplace_back("the site has no active config directory");
        return {};
    }
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(site.active_config));
    BDUPDATE_ASSIGN(const std::vector<config::File> files, directory.image());
    backup.config_files = files.size();
    BDUPDATE_ASSIGN(FileEntry entry, write_config_archive(backup.directory / config_name, files));
    backup.files.push_back(std::move(entry));
    return {};
}

Result<void> write_backup_json(Backup& backup) {
    const std::string text = render_backup_json(backup);
    const std::string name = backup_json_name(backup.id);
    BDUPDATE_TRY(write_file_atomically(backup.directory / name, text, {.sync = false}));
    BDUPDATE_TRY(sync_file(backup.directory / name));
    backup.files.push_back({name, text.size(), sha256_hex(text), 0});
    return {};
}

Result<void> fill(const site::Site& site, db::Database& database, const CreateOptions& options,
                  Backup& backup) {
    // Incomplete: what a kill leaves says so itself. After a power cut, no manifest says the same.
    BDUPDATE_TRY(save_manifest(backup, false));
    BDUPDATE_TRY(archive_config(site, database, options, backup));
    Looking looking;
    if (site.database.driver == site::Driver::Sqlite) {
        BDUPDATE_ASSIGN(looking, copy_sqlite_site(database, options, backup));
    } else {
        BDUPDATE_TRY(dump_mysql(site, database, options, backup));
    }
    BDUPDATE_TRY(write_backup_json(backup));
    BDUPDATE_TRY(check_files(backup, Depth::Contents));
    if (looking.valid()) {
        BDUPDATE_ASSIGN(const auto tables, looking.get());
        for (const auto& table : tables) backup.tables.push_back({table.name, table.rows, false, false});
    }
    // Every file is on the disk; with the manifest their folder is synced, once for all of them.
    backup.complete = true;
    BDUPDATE_TRY(save_manifest(backup));
    return sync_directory(backup.directory.parent_path());
}

}  // namespace

std::uint64_t Backup::bytes() const {
    std::uint64_t sum = 0;
    for (const FileEntry& file : files) sum += file.bytes;
    return sum;
}

std::uint64_t Backup::rows() const {
    std::uint64_t sum = 0;
    for (const TableEntry& table : tables) sum += table.rows;
    return sum;
}

bool Backup::has_config() const {
    return file_of(*this, config_name) != nullptr;
}

bool Backup::has_code() const {
    return file_of(*this, routines_name) != nullptr;
}

Result<Backup> create(const site::Site& site, db::Database& database, const CreateOptions& options) {
    BDUPDATE_TRY(check_place(site, options));
    Backup backup;
    backup.created_ms = wall_milliseconds();
    backup.run = options.run;
    backup.reason = !options.reason.empty() ? options.reason : options.run.empty() ? "hand" : "run";
    backup.site_name = site.name;
    backup.site_fingerprint =
        options.site_fingerprint.empty() ? sha256_hex(database.server().identity) : options.site_fingerprint;
    backup.core_version = site.core_version;
    backup.driver = site.database.driver == site::Driver::Sqlite ? "sqlite" : "mysql";
    backup.server_version = database.server().product + " " + database.server().version;
    backup.tool_version = BDUPDATE_VERSION;
    backup.maintenance_was_on = options.maintenance_was_on;
    backup.maintenance_before = options.maintenance_before;
    BDUPDATE_TRY(make_folder(options.directory, backup));
    auto filled = fill(site, database, options, backup);
    if (filled) return backup;
    Error error = std::move(filled).error();
    std::error_code left;
    fs::remove_all(backup.directory, left);
    if (left)
        error.details.push_back("also: cannot remove " + backup.directory.string() + ": " + left.message());
    return backup_failure(std::move(error));
}

}  // namespace bdupdate::backup
