#include "sqlite_database.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/identity.h"
#include "bdupdate/base/text.h"

namespace bdupdate::db {

namespace fs = std::filesystem;

namespace {

constexpr auto lock_poll_interval = std::chrono::milliseconds(50);

/// Who holds the lock file, as its holder wrote into it.
std::string read_holder(const fs::path& path) {
    const auto text = read_file(path);
    const std::string line = text ? std::string(trim(*text)) : std::string();
    return line.empty() ? "another process" : line;
}

void write_holder(int fd) {
    const std::string text = holder_text(wall_milliseconds()) + "\n";
    // For people only: the lock itself is the flock, so that a failure here changes nothing.
    if (::ftruncate(fd, 0) == 0) static_cast<void>(::pwrite(fd, text.data(), text.size(), 0) == 0);
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const site::DatabaseSettings& settings, site::Kind kind,
                                              const OpenOptions& options) {
    return SqliteDatabase::open(settings, kind, options);
}

Result<std::unique_ptr<Database>> SqliteDatabase::open(const site::DatabaseSettings& settings,
                                                       site::Kind kind, const OpenOptions& options) {
    std::error_code error;
    const fs::path path = fs::canonical(settings.database, error);
    if (error)
        return fail(ExitCode::Preflight,
                    "cannot open SQLite database " + settings.database + ": " + errno_text(error.value()),
                    "check $database in settings.php");
    if (!fs::is_regular_file(path, error))
        return fail(ExitCode::Preflight, settings.database + " is not a SQLite database file",
                    "check $database in settings.php");
    BDUPDATE_ASSIGN(std::unique_ptr<SqliteConnection> file,
                    SqliteConnection::open(path, options.read_only, options.connect_timeout));
    std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(std::move(file), settings, options));
    database->server_ = {"SQLite", sqlite3_libversion(),
                         "sqlite path=" + path.string() + " prefix=" + settings.prefix};
    BDUPDATE_TRY(database->find_schema_table(kind, options.allow_missing_schema));
    return std::unique_ptr<Database>(std::move(database));
}

Result<void> SqliteDatabase::ping() {
    if (auto answer = connection_.query("SELECT 1"); !answer) return fail(std::move(answer).error());
    return {};
}

Result<std::vector<Database::Table>> SqliteDatabase::all_tables() {
    BDUPDATE_ASSIGN(const std::vector<Row> rows,
                    connection_.query("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') "
                                      "AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"));
    std::vector<Table> all;
    for (const Row& row : rows) all.push_back({row[0].value_or(""), "", row[1].value_or("") == "view"});
    return all;
}

Result<std::vector<std::string>> SqliteDatabase::columns(const std::string& full_name) {
    BDUPDATE_ASSIGN(const std::vector<Row> rows,
                    connection_.query("SELECT name FROM pragma_table_info(?)", {Param::text(full_name)}));
    std::vector<std::string> names;
    for (const Row& row : rows) names.push_back(row[0].value_or(""));
    return names;
}

std::string SqliteDatabase::mark_definition() const {
    return "CREATE TABLE IF NOT EXISTS " + connection_.quoted(mark_table()) +
           " (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), run TEXT NOT NULL, epoch INTEGER NOT NULL, "
           "seq INTEGER NOT NULL, plan INTEGER NOT NULL, step INTEGER NOT NULL, state TEXT NOT NULL, "
           "after_restore TEXT NOT NULL, sandbox BLOB NOT NULL, maintenance_before BLOB NULL, "
           "schema_hash TEXT NOT NULL, state_dir BLOB NOT NULL, host TEXT NOT NULL, user TEXT NOT NULL, "
           "site_fingerprint TEXT NOT NULL, holder TEXT NOT NULL)";
}

Result<Database::LockOutcome> SqliteDatabase::lock(std::chrono::seconds timeout) {
    if (lock_path_.empty())
        return fail(ExitCode::Preflight, "no lock file was named for " + connection_.place());
    const auto until = Monotonic::now() + timeout;
    LockOutcome outcome;
    outcome.taken = static_cast<bool>(lock_);
    if (outcome.taken) return outcome;
    for (;;) {
        bool held_by_other = false;
        auto taken = lock_file(lock_path_, held_by_other);
        if (taken) {
            lock_ = std::move(*taken);
            write_holder(lock_.get());
            outcome.taken = true;
            return outcome;
        }
        if (!held_by_other) return fail(std::move(taken).error());
        if (Monotonic::now() >= until) break;
        std::this_thread::sleep_for(lock_poll_interval);
    }
    outcome.held_by = read_holder(lock_path_);
    return outcome;
}

Result<bool> SqliteDatabase::holds_lock() {
    if (!lock_) return false;
    // A lock on a file that was removed or replaced keeps nobody out.
    struct stat ours {};
    struct stat there {};
    return ::fstat(lock_.get(), &ours) == 0 && ::stat(lock_path_.c_str(), &there) == 0 &&
           ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

Result<void> SqliteDatabase::unlock() {
    lock_.reset();
    return {};
}

Result<Database::StoredCode> SqliteDatabase::stored_code() {
    return StoredCode{};  // triggers are part of the copy
}

Result<Database::Capacity> SqliteDatabase::capacity() {
    BDUPDATE_ASSIGN(
        const std::vector<Row> rows,
        connection_.query("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"));
    Capacity capacity;
    if (!rows.empty()) capacity.data_bytes = std::stoull(rows.front()[0].value_or("0"));
    return capacity;
}

Result<void> SqliteDatabase::drop_tables(const std::vector<std::string>& names) {
    BDUPDATE_TRY(writable("tables"));
    return connection_.transaction([&]() -> Result<void> {
        BDUPDATE_ASSIGN(const std::vector<Table> all, all_tables());
        for (const Table& table : all) {
            if (std::find(names.begin(), names.end(), table.name) == names.end()) continue;
            if (auto gone = connection_.execute(std::string("DROP ") + (table.is_view ? "VIEW " : "TABLE ") +
                                                connection_.quoted_exactly(table.name));
                !gone)
                return fail(std::move(gone).error());
        }
        return {};
    });
}

}  // namespace bdupdate::db
