#include <fcntl.h>

#include "bdupdate/base/file.h"
#include "bdupdate/db/sqlite_file.h"
#include "sqlite_database.h"

// Whole-file copies: what backup and restore do with a SQLite site.

namespace bdupdate::db {

namespace fs = std::filesystem;

namespace {

/// A handle on a file of our own that nobody else has open: speed over durability: whoever needs it to last
/// syncs it.
Result<SqliteHandle> open_scratch(const fs::path& path, bool create) {
    sqlite3* raw = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    SqliteHandle handle(raw);
    if (code != SQLITE_OK) return sqlite_failure(raw, path);
    BDUPDATE_TRY(run_sqlite(raw, path, "PRAGMA synchronous = OFF"));
    return handle;
}

}  // namespace

Result<void> SqliteDatabase::copy_to(const fs::path& file) {
    // Created by ourselves: private from the first byte, and never over something that is there.
    const UniqueFd made(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!made) return fail(ExitCode::Preflight, "cannot create " + file.string() + ": " + errno_text(errno));
    BDUPDATE_TRY(file_->refresh());
    BDUPDATE_ASSIGN(const bool copied, copy_rollback_file(file_->handle(), file_->path(), made.get(), file));
    {
        BDUPDATE_ASSIGN(const SqliteHandle copy, open_scratch(file, true));
        if (!copied) BDUPDATE_TRY(copy_sqlite(file_->handle(), copy.get(), file, file_->busy()));
        const std::string drop = "DROP TABLE IF EXISTS " + connection_.quoted(mark_table());
        BDUPDATE_TRY(run_sqlite(copy.get(), file, drop.c_str()));
        BDUPDATE_TRY(run_sqlite(copy.get(), file, "PRAGMA journal_mode = DELETE"));
    }
    BDUPDATE_ASSIGN(const bool changed, file_->refresh());
    if (changed) {
        fs::remove(file);
        return fail(ExitCode::Preflight, connection_.place() + " was written while it was copied",
                    "try again in a moment");
    }
    return {};
}

Result<void> SqliteDatabase::replace_with(const fs::path& file, const Mark& mark) {
    BDUPDATE_TRY(writable("the whole database"));
    BDUPDATE_ASSIGN(const std::vector<std::string> others, other_prefixes());
    BDUPDATE_ASSIGN(const std::vector<Table> all, all_tables());
    for (const Table& table : all)
        if (table.name != mark_table() && !is_ours(table.name, others)) return replace_own_tables(file);
    {
        // The mark goes into the scratch copy first: database and mark then change together, in one
        // transaction.
        site::DatabaseSettings scratch = settings_;
        scratch.database = file.string();
        OpenOptions options;
        options.read_only = false;
        options.allow_missing_schema = true;
        BDUPDATE_ASSIGN(const std::unique_ptr<Database> copy,
                        SqliteDatabase::open(scratch, site::Kind::Bare, options));
        BDUPDATE_TRY(copy->drop_mark());
        BDUPDATE_TRY(copy->create_mark(mark));
    }
    BDUPDATE_ASSIGN(const SqliteHandle source, open_scratch(file, false));
    return copy_sqlite(source.get(), file_->handle(), file_->path(), file_->busy());
}

Result<void> make_sqlite_file(const fs::path& path, const std::string& statements) {
    const UniqueFd made(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!made) return fail(ExitCode::Preflight, "cannot create " + path.string() + ": " + errno_text(errno));
    BDUPDATE_ASSIGN(const SqliteHandle handle, open_scratch(path, false));
    return run_sqlite(handle.get(), path, statements.c_str());
}

Result<std::vector<TableRows>> read_sqlite_file(const fs::path& path) {
    const auto busy = std::chrono::milliseconds(1000);
    BDUPDATE_ASSIGN(const std::unique_ptr<SqliteConnection> file, SqliteConnection::open(path, true, busy));
    BDUPDATE_ASSIGN(const std::vector<Row> check, file->query("PRAGMA quick_check(1)"));
    if (check.empty() || check.front()[0] != "ok")
        return fail(ExitCode::Preflight, path.string() + " is damaged: " +
                                             (check.empty() ? "no answer" : check.front()[0].value_or("")));
    BDUPDATE_ASSIGN(const std::vector<Row> names,
                    file->query("SELECT name FROM sqlite_master WHERE type = 'table' "
                                "AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"));
    std::vector<TableRows> tables;
    for (const Row& row : names) {
        const std::string name = row[0].value_or("");
        BDUPDATE_ASSIGN(const std::vector<Row> count,
                        file->query("SELECT COUNT(*) FROM " + file->quoted_exactly(name)));
        tables.push_back({name, std::stoull(count.front()[0].value_or("0"))});
    }
    return tables;
}

}  // namespace bdupdate::db
