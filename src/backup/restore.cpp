#include "bdupdate/backup/restore.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"
#include "client.h"
#include "config_archive.h"
#include "definer_filter.h"
#include "gzip.h"
#include "manifest.h"

namespace bdupdate::backup {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> restore_failure(Error error, bool changed) {
    error.code = ExitCode::NeedsHands;
    error.details.emplace_back(changed ? "the database may be half restored: it can be restored again"
                                       : "nothing was changed yet");
    return fail(std::move(error));
}

/// A private directory for what a restore needs for a moment: next to the backups, where there is room for
/// such things.
class Scratch {
  public:
    static Result<Scratch> make(const fs::path& parent) {
        std::string pattern = parent / ".restore-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr)
            return fail(ExitCode::NeedsHands,
                        "cannot create a directory in " + parent.string() + ": " + errno_text(errno));
        return Scratch(pattern);
    }
    Scratch(Scratch&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
    Scratch& operator=(Scratch&&) = delete;
    ~Scratch() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    [[nodiscard]] const fs::path& path() const { return path_; }

  private:
    explicit Scratch(fs::path path) : path_(std::move(path)) {}
    fs::path path_;
};

/// Everything of ours that has to go first, so that nothing later than the backup stays.
Result<std::vector<std::string>> tables_to_drop(const site::Site& site, db::Database& database,
                                                const Backup& backup, const RestoreOptions& options) {
    std::set<std::string> known(options.also_drop.begin(), options.also_drop.end());
    for (const TableEntry& table : backup.tables) known.insert(table.name);
    BDUPDATE_ASSIGN(const auto tables, database.tables());
    std::vector<std::string> names;
    for (const auto& table : tables)
        if (!site.database.prefix.empty() || known.count(table.name) != 0) names.push_back(table.name);
    return names;
}

Result<void> load(const site::Site& site, const fs::path& dump, const fs::path& scratch, bool keep_definers,
                  const RestoreOptions& options) {
    BDUPDATE_ASSIGN(const std::string program, find_client({"mariadb", "mysql"}, ExitCode::NeedsHands));
    BDUPDATE_ASSIGN(const OptionFile option_file, OptionFile::write(scratch, site.database));
    // --binary-mode: a backslash or a \r in the data is data, never a command of the client.
    BDUPDATE_ASSIGN(
        Subprocess child,
        Subprocess::spawn(client_command({program, option_file.argument(), "--batch", "--binary-mode",
                                          "--default-character-set=utf8mb4",
                                          "--max-allowed-packet=1073741824", site.database.database})));
    std::uint64_t total = 0;
    return feed_child(child, program, ExitCode::NeedsHands, [&](const Sink& write) -> Result<void> {
        DefinerFilter filter(write);
        const Sink sink = [&](std::string_view bytes) -> Result<void> {
            total += bytes.size();
            if (options.progress) options.progress("database", total);
            return keep_definers ? write(bytes) : filter.feed(bytes);
        };
        if (auto read = read_gzip(dump, sink); !read) return fail(std::move(read).error());
        return filter.finish();
    });
}

Result<void> compare_rows(db::Database& database, const Backup& backup) {
    for (const TableEntry& table : backup.tables) {
        if (table.is_view) continue;
        BDUPDATE_ASSIGN(const std::uint64_t rows, database.count_rows(table.name));
        if (rows != table.rows)
            return fail(ExitCode::NeedsHands, "table " + table.name + " has " + std::to_string(rows) +
                                                  " rows after the restore instead of " +
                                                  std::to_string(table.rows));
    }
    return {};
}

Result<void> restore_mysql(const site::Site& site, db::Database& database, const Backup& backup,
                           const RestoreOptions& options, bool& changed) {
    BDUPDATE_TRY(find_client({"mariadb", "mysql"}, ExitCode::NeedsHands).map([](const std::string&) {}));
    BDUPDATE_ASSIGN(const Scratch scratch, Scratch::make(backup.directory.parent_path()));
    BDUPDATE_ASSIGN(const std::vector<std::string> names, tables_to_drop(site, database, backup, options));
    BDUPDATE_ASSIGN(const bool definers, database.may_set_definer());
    changed = true;
    BDUPDATE_TRY(database.drop_tables(names));
    BDUPDATE_TRY(load(site, backup.directory / dump_name, scratch.path(), definers, options));
    if (file_of(backup, routines_name) != nullptr)
        BDUPDATE_TRY(load(site, backup.directory / routines_name, scratch.path(), definers, options));
    return compare_rows(database, backup);
}

Result<void> restore_sqlite(db::Database& database, const Backup& backup, const RestoreOptions& options,
                            bool& changed) {
    BDUPDATE_ASSIGN(const std::optional<db::Mark> mark, database.read_mark());
    if (!mark)
        return fail(ExitCode::NeedsHands,
                    "there is no mark in the database: a restore must leave one, for it may be killed");
    BDUPDATE_ASSIGN(const Scratch scratch, Scratch::make(backup.directory.parent_path()));
    const fs::path plain = scratch.path() / "site.sqlite";
    const UniqueFd out(::open(plain.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    std::uint64_t total = 0;
    BDUPDATE_ASSIGN([[maybe_unused]] const FileEntry entry,
                    read_gzip(backup.directory / sqlite_name, [&](std::string_view bytes) -> Result<void> {
                        total += bytes.size();
                        if (options.progress) options.progress("database", total);
                        while (!bytes.empty()) {
                            const ssize_t written = ::write(out.get(), bytes.data(), bytes.size());
                            if (written < 0)
                                return fail(ExitCode::NeedsHands,
                                            "cannot write " + plain.string() + ": " + errno_text(errno));
                            bytes.remove_prefix(static_cast<std::size_t>(written));
                        }
                        return {};
                    }));
    changed = true;
    BDUPDATE_TRY(database.replace_with(plain, *mark));
    return compare_rows(database, backup);
}

}  // namespace

Result<void> restore_database(const site::Site& site, db::Database& database, const Backup& backup,
                              const RestoreOptions& options) {
    bool changed = false;
    if (auto good = verify(backup); !good) return restore_failure(std::move(good).error(), changed);
    const bool sqlite = site.database.driver == site::Driver::Sqlite;
    if (file_of(backup, sqlite ? sqlite_name : dump_name) == nullptr)
        return restore_failure(
            {ExitCode::NeedsHands,
             "backup " + backup.id + " was made of another kind of database (" + backup.driver + ")",
             {},
             {}},
            changed);
    auto done = sqlite ? restore_sqlite(database, backup, options, changed)
                       : restore_mysql(site, database, backup, options, changed);
    if (!done) return restore_failure(std::move(done).error(), changed);
    return {};
}

Result<std::vector<config::File>> config_files(const Backup& backup) {
    const FileEntry* entry = file_of(backup, config_name);
    if (entry == nullptr) return std::vector<config::File>();
    BDUPDATE_ASSIGN(ConfigArchive archive, read_config_archive(backup.directory / config_name));
    if (archive.entry.sha256 != entry->sha256)
        return fail(ExitCode::BackupFailed,
                    (backup.directory / config_name).string() + " is damaged: its checksum is another");
    return std::move(archive.files);
}

Result<std::size_t> restore_config(const site::Site& site, const Backup& backup,
                                   const std::optional<fs::path>& aside) {
    if (file_of(backup, config_name) == nullptr) return std::size_t{0};
    auto files = config_files(backup);
    auto directory = config::ConfigDirectory::open(site.active_config);
    Result<std::size_t> done =
        files && directory ? directory->make_equal(*files, aside)
                           : Result<std::size_t>(tl::unexpect, files ? directory.error() : files.error());
    if (done) return done;
    Error error = std::move(done).error();
    error.code = ExitCode::NeedsHands;
    return fail(std::move(error));
}

}  // namespace bdupdate::backup
