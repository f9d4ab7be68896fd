#include "bdupdate/backup/restore.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "bdupdate/base/file.h"
#include "client.h"
#include "config_archive.h"
#include "manifest.h"
#include "scratch.h"

namespace bdupdate::backup {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> restore_failure(Error error, bool changed) {
    error.code = ExitCode::NeedsHands;
    error.details.emplace_back(changed ? "the database may be half restored: it can be restored again"
                                       : "nothing was changed yet");
    return fail(std::move(error));
}

constexpr std::chrono::seconds session_timeout{60};

/// What of a backup belongs to this site. Backdrop's own dumps hold more, where another site's prefix begins
/// as this one's does, and a mark that stood in the database; ours do not.
Result<std::set<std::string>> own_tables(db::Database& database, const Backup& backup) {
    std::vector<std::string> names;
    for (const TableEntry& table : backup.tables) names.push_back(table.name);
    BDUPDATE_ASSIGN(const std::vector<std::string> foreign, database.foreign_names(names));
    std::set<std::string> own(names.begin(), names.end());
    for (const std::string& name : foreign) own.erase(name);
    if (own.empty())
        return fail(ExitCode::Preflight, "backup " + backup.id + " holds no table of this site",
                    "look at the table prefix in settings.php");
    if (!foreign.empty() && backup.maker == Maker::Bdupdate && backup.driver != "sqlite")
        return fail(ExitCode::Preflight,
                    "backup " + backup.id + " holds table " + foreign.front() + ", which is not this site's",
                    "it was made of a site with another table prefix");
    return own;
}

/// Everything of ours that has to go first, so that nothing later than the backup stays.
Result<std::vector<std::string>> tables_to_drop(const site::Site& site, db::Database& database,
                                                const std::set<std::string>& own,
                                                const RestoreOptions& options) {
    std::set<std::string> known(options.also_drop.begin(), options.also_drop.end());
    known.insert(own.begin(), own.end());
    BDUPDATE_ASSIGN(const auto tables, database.tables());
    std::vector<std::string> names;
    for (const auto& table : tables)
        if (!site.database.prefix.empty() || known.count(table.name) != 0) names.push_back(table.name);
    return names;
}

Result<void> restore_mysql(const site::Site& site, db::Database& database, const Backup& backup,
                           const RestoreOptions& options, bool& changed) {
    BDUPDATE_TRY(find_client({"mariadb", "mysql"}, ExitCode::NeedsHands));
    BDUPDATE_ASSIGN(const std::set<std::string> own, own_tables(database, backup));
    const auto is_own = [&own](const std::string& table) { return own.count(table) != 0; };
    BDUPDATE_ASSIGN(const std::vector<std::string> names, tables_to_drop(site, database, own, options));
    LoadOptions load;
    BDUPDATE_ASSIGN(load.keep_definers, database.may_set_definer());
    load.progress = options.progress;
    load.keep = is_own;
    // A restore that was killed may have left its session at work.
    const std::string lock = database.worker_lock_name("restore");
    BDUPDATE_TRY(database.end_session(0, lock, session_timeout));
    BDUPDATE_ASSIGN(const bool locks, database.pass_lock(lock, session_timeout));
    if (locks) load.lock_name = lock;
    changed = true;
    BDUPDATE_TRY(database.drop_tables(names));
    for (const char* name : {dump_name, routines_name})
        if (const FileEntry* entry = file_of(backup, name); entry != nullptr)
            BDUPDATE_TRY(load_dump(site.database, backup, *entry, load));
    return compare_rows(database, backup, ExitCode::NeedsHands, is_own);
}

/// A copy of the backup's file, for a restore writes into it.
Result<void> copy_checked(const Backup& backup, const fs::path& target, const RestoreOptions& options) {
    const UniqueFd out(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!out)
        return fail(ExitCode::NeedsHands, "cannot create " + target.string() + ": " + errno_text(errno));
    const fs::path path = backup.directory / sqlite_name;
    const FileEntry* entry = file_of(backup, sqlite_name);
    const std::uint64_t expected = entry == nullptr ? 0 : entry->bytes;
    std::uint64_t total = 0;
    BDUPDATE_ASSIGN(const FileEntry found, read_plain(path, [&](std::string_view bytes) -> Result<void> {
                        total += bytes.size();
                        if (options.progress) options.progress("database", total, expected);
                        while (!bytes.empty()) {
                            const ssize_t written = ::write(out.get(), bytes.data(), bytes.size());
                            if (written < 0)
                                return fail(ExitCode::NeedsHands,
                                            "cannot write " + target.string() + ": " + errno_text(errno));
                            bytes.remove_prefix(static_cast<std::size_t>(written));
                        }
                        return {};
                    }));
    if (entry == nullptr || entry->sha256 != found.sha256) return changed_meanwhile(path);
    return {};
}

Result<void> restore_sqlite(db::Database& database, const Backup& backup, const RestoreOptions& options,
                            bool& changed) {
    BDUPDATE_ASSIGN(const std::optional<db::Mark> mark, database.read_mark());
    if (!mark)
        return fail(ExitCode::NeedsHands,
                    "there is no mark in the database: a restore must leave one, for it may be killed");
    BDUPDATE_ASSIGN(const std::set<std::string> own, own_tables(database, backup));
    BDUPDATE_ASSIGN(const Scratch scratch, Scratch::make(backup.directory.parent_path()));
    const fs::path plain = scratch.path() / "site.sqlite";
    BDUPDATE_TRY(copy_checked(backup, plain, options));
    changed = true;
    BDUPDATE_TRY(database.replace_with(plain, *mark));
    return compare_rows(database, backup, ExitCode::NeedsHands,
                        [&own](const std::string& table) { return own.count(table) != 0; });
}

/// What stands against restoring this backup here; nothing was changed yet.
Result<void> check_fits(const site::Site& site, db::Database& database, const Backup& backup) {
    const bool sqlite = site.database.driver == site::Driver::Sqlite;
    if (file_of(backup, sqlite ? sqlite_name : dump_name) == nullptr)
        return fail(ExitCode::Preflight,
                    "backup " + backup.id + " was made of another kind of database (" + backup.driver + ")");
    BDUPDATE_TRY(own_tables(database, backup));
    // Whose a table is cannot be told without a prefix, once there are two sites.
    if (!site.database.prefix.empty()) return {};
    BDUPDATE_ASSIGN(const std::vector<std::string> others, database.other_prefixes());
    if (others.empty()) return {};
    return fail(ExitCode::Preflight,
                "this site has no table prefix, and another site (table " + others.front() +
                    "system) lives in the same database: a restore could not tell whose a table is",
                "move one of them to a database of its own");
}

}  // namespace

Result<Backup> check_restorable(const site::Site& site, db::Database& database, const Backup& backup) {
    auto checked = verify_checksums(backup);
    if (!checked) {
        checked.error().hint = "nothing was touched; take another one of `bdupdate backup list`";
        return checked;
    }
    Backup good = std::move(*checked);
    BDUPDATE_TRY(check_fits(site, database, good));
    if (site.config_in_database || site.active_config.empty() || good.has_config() ||
        good.driver == "sqlite" || good.maker == Maker::Bdupdate)
        return good;
    return fail(ExitCode::Preflight,
                "backup " + good.id + " holds no config files, and this site keeps its config in files",
                "restore it with core's restore.php, or by hand");
}

Result<void> restore_database(const site::Site& site, db::Database& database, const Backup& backup,
                              const RestoreOptions& options) {
    bool changed = false;
    const auto good = options.verified ? Result<Backup>(backup) : verify_checksums(backup);
    if (!good) return restore_failure(good.error(), changed);
    if (auto fits = check_fits(site, database, *good); !fits) return restore_failure(fits.error(), changed);
    auto done = site.database.driver == site::Driver::Sqlite
                    ? restore_sqlite(database, *good, options, changed)
                    : restore_mysql(site, database, *good, options, changed);
    if (!done) return restore_failure(std::move(done).error(), changed);
    return {};
}

Result<std::vector<config::File>> config_files(const Backup& backup) {
    const FileEntry* entry = file_of(backup, config_name);
    if (entry == nullptr) return std::vector<config::File>();
    BDUPDATE_ASSIGN(ConfigArchive archive, read_config_archive(backup.directory / config_name));
    if (!entry->sha256.empty() && archive.entry.sha256 != entry->sha256)
        return fail(ExitCode::BackupFailed,
                    (backup.directory / config_name).string() + " is damaged: its checksum is another");
    return std::move(archive.files);
}

Result<std::vector<config::File>> config_after(const Backup& backup, const std::vector<config::File>& now) {
    BDUPDATE_ASSIGN(std::vector<config::File> files, config_files(backup));
    if (backup.maker == Maker::Bdupdate) return files;
    // Backdrop's archive holds *.json alone: what else stands there (.htaccess, README) is none of its
    // business.
    for (const config::File& file : now)
        if (fs::path(file.path).extension() != ".json") files.push_back(file);
    return files;
}

Result<std::size_t> restore_config(const site::Site& site, const Backup& backup,
                                   const std::optional<fs::path>& aside) {
    if (file_of(backup, config_name) == nullptr) return std::size_t{0};
    auto directory = config::ConfigDirectory::open(site.active_config);
    auto done = [&]() -> Result<std::size_t> {
        if (!directory) return fail(directory.error());
        BDUPDATE_ASSIGN(const auto now, directory->image());
        BDUPDATE_ASSIGN(const auto files, config_after(backup, now));
        return directory->make_equal(files, aside);
    }();
    if (done) return done;
    Error error = std::move(done).error();
    error.code = ExitCode::NeedsHands;
    return fail(std::move(error));
}

}  // namespace bdupdate::backup
