#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/unique_fd.h"
#include "connection.h"
#include "schema.h"

namespace bdupdate::journal {

namespace fs = std::filesystem;

Journal::Journal(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

namespace {

Result<void> execute(sqlite3* handle, const char* sql) {
    if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return fail(sqlite_error(handle));
    return {};
}

Result<std::int64_t> user_version(sqlite3* handle) {
    Statement statement(handle, "PRAGMA user_version");
    BDUPDATE_TRY(statement.row());
    return statement.number(0);
}

/// The format of a journal that has one; an error for those that this program does not know.
Result<std::int64_t> known_version(sqlite3* handle, const fs::path& file) {
    BDUPDATE_ASSIGN(const auto version, user_version(handle));
    if (version >= oldest_schema_number && version <= schema_number) return version;
    return fail(ExitCode::Preflight,
                "the journal " + file.string() + " has format " + std::to_string(version) +
                    ", this program knows " + std::to_string(schema_number),
                "it was written by another version of bdupdate: use that one, or another --state-dir");
}

/// Two that start at the same moment may both find an empty, or an old, file: the second one waits, and looks
/// again.
Result<void> bring_up_to_date(sqlite3* handle, const fs::path& file) {
    BDUPDATE_ASSIGN(const auto version, user_version(handle));
    if (version == schema_number) return {};
    BDUPDATE_ASSIGN(Transaction transaction, Transaction::begin(handle));
    BDUPDATE_ASSIGN(std::int64_t meanwhile, user_version(handle));
    std::string sql;
    if (meanwhile == 0) {
        sql = schema_sql;
        meanwhile = 1;
    }
    if (meanwhile == 1) {
        sql += details_sql;
        meanwhile = 2;
    }
    if (sql.empty()) {
        BDUPDATE_TRY(known_version(handle, file));
        return {};
    }
    sql += "PRAGMA user_version = " + std::to_string(schema_number) + ";";
    BDUPDATE_TRY(execute(handle, sql.c_str()));
    return transaction.commit();
}

/// Going over to WAL needs the file alone, and SQLite does not wait for that.
Result<void> use_wal(sqlite3* handle) {
    constexpr int attempts = 200;
    for (int i = 1;; ++i) {
        auto done = execute(handle, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        if (done || sqlite3_errcode(handle) != SQLITE_BUSY || i == attempts) return done;
        sqlite3_sleep(10);
    }
}

Result<void> fill_new(const fs::path& fresh) {
    sqlite3* raw = nullptr;
    sqlite3_open_v2(fresh.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    auto done = execute(raw, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
    if (done) done = bring_up_to_date(raw, fresh);
    if (done) done = execute(raw, "PRAGMA journal_mode = WAL");
    sqlite3_close_v2(raw);
    return done;
}

/// A new journal is made under another name without waiting for the disk at each step, synced, and then put
/// in its place: it is there as a whole or not at all. Of two that do so at the same moment the first one
/// wins. Where this does not work (a file system without links), SQLite makes it in its place.
void make_new(const fs::path& file) {
    if (::access(file.c_str(), F_OK) == 0 || errno != ENOENT) return;
    const fs::path fresh = file.string() + ".new-" + random_hex(6);
    if (fill_new(fresh)) {
        const UniqueFd fd(::open(fresh.c_str(), O_RDONLY | O_CLOEXEC));
        if (fd && ::fsync(fd.get()) == 0) static_cast<void>(::link(fresh.c_str(), file.c_str()));
    }
    ::unlink(fresh.c_str());
}

}  // namespace

Result<Journal> Journal::open(const fs::path& file) {
    // SQLite creates files with the umask's mode; the journal holds config, and config may hold secrets.
    const mode_t before = ::umask(0077);
    make_new(file);
    sqlite3* raw = nullptr;
    const int status =
        sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    auto connection = std::make_unique<Connection>();
    connection->handle.reset(raw);
    Result<void> prepared = {};
    if (status != SQLITE_OK) {
        prepared =
            fail(ExitCode::Preflight, "cannot open the journal " + file.string() + ": " + sqlite3_errmsg(raw),
                 "choose another --state-dir, or mend its permissions");
    } else {
        sqlite3_busy_timeout(raw, 10'000);
        prepared = use_wal(raw);
    }
    if (prepared) prepared = bring_up_to_date(raw, file);
    ::umask(before);
    if (!prepared) return fail(prepared.error());
    // SQLite syncs the directory with the first commit, for the WAL that is made with it.
    return Journal(std::move(connection));
}

Result<std::optional<Journal>> Journal::open_read_only(const fs::path& file) {
    std::error_code error;
    if (!fs::exists(file, error)) return std::optional<Journal>();
    // Without a WAL file nothing is being written: immutable then leaves no -shm behind.
    const bool quiet = !fs::exists(file.string() + "-wal", error);
    const std::string uri = "file:" + file.string() + (quiet ? "?immutable=1" : "?mode=ro");
    sqlite3* raw = nullptr;
    const int status = sqlite3_open_v2(uri.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
    auto connection = std::make_unique<Connection>();
    connection->handle.reset(raw);
    if (status != SQLITE_OK)
        return fail(ExitCode::Preflight,
                    "cannot read the journal " + file.string() + ": " + sqlite3_errmsg(raw));
    sqlite3_busy_timeout(raw, 2'000);
    BDUPDATE_ASSIGN(const auto version, known_version(raw, file));
    connection->has_details = version >= 2;
    return std::optional<Journal>(Journal(std::move(connection)));
}

}  // namespace bdupdate::journal
