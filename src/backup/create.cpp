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
/// A larger SQLite file is stored as it is: compressing takes ten times as long as copying, and the site
/// waits.
constexpr off_t largest_compressed = off_t{64} << 20U;

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

/// Packs the copy; the file is a copy of our own, which nobody else touches.
Result<FileEntry> pack_sqlite(const fs::path& plain, const CreateOptions& options, const fs::path& target) {
    const UniqueFd fd(::open(plain.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0)
        return fail(ExitCode::BackupFailed, "cannot read " + plain.string() + ": " + errno_text(errno));
    BDUPDATE_ASSIGN(const std::unique_ptr<GzipFile> file,
                    GzipFile::create(target, info.st_size > largest_compressed));
    std::vector<char> block(256 * 1024);
    std::uint64_t total = 0;
    for (;;) {
        const ssize_t got = ::read(fd.get(), block.data(), block.size());
        if (got < 0)
            return fail(ExitCode::BackupFailed, "cannot read " + plain.string() + ": " + errno_text(errno));
        if (got == 0) return file->finish();
        total += static_cast<std::uint64_t>(got);
        if (options.progress) options.progress("database", total);
        BDUPDATE_TRY(file->write({block.data(), static_cast<std::size_t>(got)}));
    }
}

Result<void> copy_sqlite_site(db::Database& database, const CreateOptions& options, Backup& backup) {
    const fs::path plain = backup.directory / "db_default.sqlite";
    BDUPDATE_TRY(database.copy_to(plain));
    // SQLite's own check and the counting go on beside the packing.
    auto looking = std::async(std::launch::async, [&plain] { return db::read_sqlite_file(plain); });
    auto packed = pack_sqlite(plain, options, backup.directory / sqlite_name);
    BDUPDATE_ASSIGN(const auto tables, looking.get());
    if (!packed) return fail(packed.error());
    for (const auto& table : tables) backup.tables.push_back({table.name, table.rows, false, false});
    backup.files.push_back(std::move(*packed));
    std::error_code error;
    if (!fs::remove(plain, error)) return fail(ExitCode::BackupFailed, "cannot remove " + plain.string());
    return {};
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
    BDUPDATE_TRY(write_file_atomically(backup.directory / name, text));
    backup.files.push_back({name, text.size(), sha256_hex(text), 0, {}});
    return {};
}

Result<void> fill(const site::Site& site, db::Database& database, const CreateOptions& options,
                  Backup& backup) {
    BDUPDATE_TRY(save_manifest(backup));  // incomplete: what a kill leaves says so itself
    BDUPDATE_TRY(archive_config(site, database, options, backup));
    if (site.database.driver == site::Driver::Sqlite) {
        BDUPDATE_TRY(copy_sqlite_site(database, options, backup));
    } else {
        BDUPDATE_TRY(dump_mysql(site, database, options, backup));
    }
    BDUPDATE_TRY(write_backup_json(backup));
    BDUPDATE_TRY(check_files(backup));
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
