#include "sqlite_handle.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "bdupdate/base/file.h"
#include "bdupdate/base/unique_fd.h"

namespace bdupdate::db {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t header_bytes = 100;
constexpr std::size_t read_version_at = 19;  // 2 = WAL; see "Database File Format" 1.3
constexpr int copy_attempts = 5;

fs::path beside(const fs::path& database, const char* suffix) {
    return fs::path(database.native() + suffix);
}

SqliteStamp::OneFile stamp_of(const fs::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return {};
    return {true, info.st_size, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec, info.st_ino};
}

/// An URI for sqlite3_open_v2: everything that could mean something in one is escaped.
std::string uri(const fs::path& path, const char* query) {
    static constexpr std::array<char, 17> digits = {"0123456789ABCDEF"};
    std::string text = "file:";
    for (const char c : path.native()) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= '0' && byte <= '9') || c == '/' || c == '.' || c == '-' || c == '_';
        if (plain) {
            text += c;
        } else {
            text += '%';
            text += digits[byte >> 4U];
            text += digits[byte & 15U];
        }
    }
    return text + query;
}

Result<SqliteHandle> open_handle(const fs::path& path, int flags, const char* query,
                                 std::chrono::milliseconds busy) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(uri(path, query).c_str(), &raw,
                                     flags | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE, nullptr);
    SqliteHandle handle(raw);
    if (code != SQLITE_OK) return sqlite_failure(raw, path);
    sqlite3_busy_timeout(raw, static_cast<int>(busy.count()));
    return handle;
}

/// The file itself through SQLite's own descriptor: opening and closing it separately would drop the locks
/// that this process may hold on it through another connection.
sqlite3_file* file_of(sqlite3* handle) {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return file;
}

Result<bool> is_wal(sqlite3* handle, const fs::path& path) {
    sqlite3_file* file = file_of(handle);
    sqlite3_int64 size = 0;
    std::array<char, header_bytes> header{};
    if (file == nullptr || file->pMethods == nullptr || file->pMethods->xFileSize(file, &size) != SQLITE_OK)
        return fail(ExitCode::Preflight, "cannot read SQLite database " + path.string());
    if (size == 0) return false;
    if (size < static_cast<sqlite3_int64>(header_bytes) ||
        file->pMethods->xRead(file, header.data(), static_cast<int>(header.size()), 0) != SQLITE_OK ||
        std::string_view(header.data(), 16) != std::string_view("SQLite format 3\0", 16))
        return fail(ExitCode::Preflight, path.string() + " is not a SQLite database",
                    "check $database in settings.php");
    return header[read_version_at] == 2;
}

Result<void> write_all(int fd, const char* bytes, std::size_t count, const fs::path& path) {
    while (count > 0) {
        const ssize_t written = ::write(fd, bytes, count);
        if (written < 0)
            return fail(ExitCode::Preflight, "cannot write " + path.string() + ": " + errno_text(errno));
        bytes += written;
        count -= static_cast<std::size_t>(written);
    }
    return {};
}

Result<void> copy_database_file(sqlite3* handle, const fs::path& path, int out, const fs::path& target) {
    sqlite3_file* file = file_of(handle);
    sqlite3_int64 size = 0;
    if (file->pMethods->xFileSize(file, &size) != SQLITE_OK)
        return fail(ExitCode::Preflight, "cannot read " + path.string());
    std::vector<char> block(1U << 20U);
    for (sqlite3_int64 at = 0; at < size; at += static_cast<sqlite3_int64>(block.size())) {
        const auto part = std::min<sqlite3_int64>(size - at, static_cast<sqlite3_int64>(block.size()));
        const int code = file->pMethods->xRead(file, block.data(), static_cast<int>(part), at);
        if (code != SQLITE_OK) return fail(ExitCode::Preflight, "cannot read " + path.string());
        BDUPDATE_TRY(write_all(out, block.data(), static_cast<std::size_t>(part), target));
    }
    return {};
}

Result<void> copy_side_file(const fs::path& from, const fs::path& to) {
    if (!stamp_of(from).there) return {};
    BDUPDATE_ASSIGN(const std::string bytes, read_file(from));
    const UniqueFd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    return write_all(out.get(), bytes.data(), bytes.size(), to);
}

Result<void> copy_all_files(sqlite3* immutable, const fs::path& path, const fs::path& target) {
    {
        const UniqueFd out(::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        BDUPDATE_TRY(copy_database_file(immutable, path, out.get(), target));
    }
    BDUPDATE_TRY(copy_side_file(beside(path, "-wal"), beside(target, "-wal")));
    return copy_side_file(beside(path, "-journal"), beside(target, "-journal"));
}

/// Database, WAL and journal in a private directory, taken while nobody wrote; SQLite recovers them there.
Result<SqliteReader> open_copy(sqlite3* immutable, const fs::path& path, std::chrono::milliseconds busy) {
    SqliteReader reader;
    reader.mode = ReadMode::Copied;
    BDUPDATE_ASSIGN(reader.copy, TemporaryDirectory::make());
    const fs::path target = reader.copy.path() / "site.sqlite";
    for (int attempt = 0; attempt < copy_attempts; ++attempt) {
        reader.stamp = SqliteStamp::of(path);
        if (auto copied = copy_all_files(immutable, path, target); !copied) {
            Error error = std::move(copied).error();
            error.hint = "reading this database needs a private copy; TMPDIR says where";
            return fail(std::move(error));
        }
        if (reader.stamp == SqliteStamp::of(path)) {
            BDUPDATE_ASSIGN(reader.handle, open_handle(target, SQLITE_OPEN_READWRITE, "", busy));
            BDUPDATE_TRY(run_sqlite(reader.handle.get(), path, "PRAGMA query_only = 1"));
            return reader;
        }
    }
    return fail(ExitCode::Preflight, path.string() + " is being written all the time; it could not be read",
                "try again in a moment");
}

bool needs_recovery(int code) {
    return (code & 0xff) == SQLITE_READONLY || (code & 0xff) == SQLITE_CANTOPEN;
}

}  // namespace

Result<TemporaryDirectory> TemporaryDirectory::make() {
    std::error_code error;
    const fs::path parent = fs::temp_directory_path(error);
    std::string pattern = (error ? fs::path("/tmp") : parent) / "bdupdate-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr)
        return fail(ExitCode::Preflight,
                    "cannot create a directory in " + parent.string() + ": " + errno_text(errno));
    TemporaryDirectory directory;
    directory.path_ = pattern;
    return directory;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
}

SqliteStamp SqliteStamp::of(const fs::path& database) {
    SqliteStamp stamp;
    stamp.database = stamp_of(database);
    stamp.wal = stamp_of(beside(database, "-wal"));
    stamp.shm = stamp_of(beside(database, "-shm"));
    // A live -shm changes with every reader; that it is there is what counts.
    stamp.shm = {stamp.shm.there, 0, 0, stamp.shm.inode};
    stamp.journal = stamp_of(beside(database, "-journal"));
    return stamp;
}

Result<SqliteReader> open_sqlite_reader(const fs::path& path, std::chrono::milliseconds busy) {
    SqliteReader reader;
    reader.stamp = SqliteStamp::of(path);
    BDUPDATE_ASSIGN(reader.handle, open_handle(path, SQLITE_OPEN_READONLY, "?immutable=1", busy));
    BDUPDATE_ASSIGN(const bool wal, is_wal(reader.handle.get(), path));
    reader.mode = ReadMode::Immutable;
    if (wal && reader.stamp.wal.size == 0 && !(reader.stamp.wal.there && reader.stamp.shm.there))
        return reader;
    if (wal && !reader.stamp.shm.there) return open_copy(reader.handle.get(), path, busy);
    BDUPDATE_ASSIGN(SqliteHandle plain, open_handle(path, SQLITE_OPEN_READONLY, "?mode=ro", busy));
    if (auto looked = run_sqlite(plain.get(), path, "SELECT 1 FROM sqlite_master LIMIT 1"); !looked) {
        if (!needs_recovery(sqlite3_extended_errcode(plain.get()))) return fail(std::move(looked).error());
        plain.reset();
        return open_copy(reader.handle.get(), path, busy);
    }
    reader.handle = std::move(plain);
    reader.mode = ReadMode::Plain;
    return reader;
}

Result<SqliteHandle> open_sqlite_writer(const fs::path& path, std::chrono::milliseconds busy) {
    BDUPDATE_ASSIGN(SqliteHandle handle, open_handle(path, SQLITE_OPEN_READWRITE, "", busy));
    BDUPDATE_ASSIGN([[maybe_unused]] const bool wal, is_wal(handle.get(), path));
    if (sqlite3_db_readonly(handle.get(), "main") == 1)
        return fail(ExitCode::Preflight, "SQLite database " + path.string() + " cannot be written",
                    "check the permissions of the file and of its directory");
    BDUPDATE_TRY(run_sqlite(handle.get(), path, "PRAGMA synchronous = EXTRA"));
    return handle;
}

Result<void> run_sqlite(sqlite3* handle, const fs::path& path, const char* sql) {
    if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return sqlite_failure(handle, path);
    return {};
}

Result<bool> copy_rollback_file(sqlite3* from, const fs::path& path, int out, const fs::path& target) {
    BDUPDATE_TRY(run_sqlite(from, path, "BEGIN"));
    const auto copied = [&]() -> Result<bool> {
        // The first look takes the read lock, and rolls back what a crash left.
        BDUPDATE_TRY(run_sqlite(from, path, "SELECT 1 FROM sqlite_master LIMIT 1"));
        BDUPDATE_ASSIGN(const bool wal, is_wal(from, path));
        if (wal) return false;
        BDUPDATE_TRY(copy_database_file(from, path, out, target));
        return true;
    }();
    auto ended = run_sqlite(from, path, "ROLLBACK");  // nothing was written: lets the lock go
    if (copied && !ended) return fail(std::move(ended).error());
    return copied;
}

Result<void> copy_sqlite(sqlite3* from, sqlite3* to, const fs::path& target, std::chrono::milliseconds busy) {
    const auto until = std::chrono::steady_clock::now() + busy;
    sqlite3_backup* backup = sqlite3_backup_init(to, "main", from, "main");
    if (backup == nullptr) return sqlite_failure(to, target);
    int code = SQLITE_OK;
    // All pages in one step: one read transaction on the source, one write transaction on the target.
    while ((code = sqlite3_backup_step(backup, -1)) == SQLITE_BUSY || code == SQLITE_LOCKED) {
        if (std::chrono::steady_clock::now() > until) break;
        sqlite3_sleep(20);
    }
    sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE) return {};
    return fail(ExitCode::Preflight,
                "cannot copy the SQLite database to " + target.string() + ": " + sqlite3_errstr(code));
}

tl::unexpected<Error> sqlite_failure(sqlite3* handle, const fs::path& path) {
    const std::string words = handle == nullptr ? "out of memory" : sqlite3_errmsg(handle);
    return fail(ExitCode::Preflight, "SQLite database " + path.string() + ": " + words);
}

}  // namespace bdupdate::db
