#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "bdupdate/base/error.h"

namespace bdupdate::db {

struct CloseSqlite {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using SqliteHandle = std::unique_ptr<sqlite3, CloseSqlite>;

/// Removes a directory with what is in it when it goes.
class TemporaryDirectory {
  public:
    static Result<TemporaryDirectory> make();
    TemporaryDirectory() = default;
    TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::move(other.path_)) {
        other.path_.clear();
    }
    TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept {
        std::swap(path_, other.path_);
        return *this;
    }
    ~TemporaryDirectory();
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// What the three files of a database look like from outside: tells that somebody wrote meanwhile.
struct SqliteStamp {
    struct OneFile {
        bool there = false;
        std::int64_t size = 0, mtime_ns = 0;
        std::uint64_t inode = 0;
        bool operator==(const OneFile&) const = default;
    };
    OneFile database, wal, shm, journal;
    bool operator==(const SqliteStamp&) const = default;
    static SqliteStamp of(const std::filesystem::path& database);
};

/// How a database is read without leaving a trace.
enum class ReadMode {
    Plain,      ///< SQLite's own read-only mode: rollback journal, or a WAL whose -shm is there already
    Immutable,  ///< WAL mode, nothing in the WAL: SQLite would create -wal and -shm, so it is told to look at
                ///< the file alone
    Copied,     ///< a WAL without -shm, or the journal of a crash: read from a private copy, where SQLite may
                ///< recover it
};

struct SqliteReader {
    TemporaryDirectory copy;  ///< declared first: goes after the handle
    SqliteHandle handle;
    ReadMode mode = ReadMode::Plain;
    SqliteStamp stamp;
};

/// Opens for reading only; no file appears or changes beside the database. `path` has no links left in it.
Result<SqliteReader> open_sqlite_reader(const std::filesystem::path& path, std::chrono::milliseconds busy);

/// Opens an existing database for writing: synchronous EXTRA (as FULL, and the journal's removal is synced
/// too).
Result<SqliteHandle> open_sqlite_writer(const std::filesystem::path& path, std::chrono::milliseconds busy);

/// Runs statements that need no values.
Result<void> run_sqlite(sqlite3* handle, const std::filesystem::path& path, const char* sql);

/// Copies a whole database into the file behind `out`, byte for byte: a third of the time of the backup API,
/// and as safe while the journal is a rollback journal, for this connection's read lock keeps every writer
/// away from the file until the copy is done. A database in WAL mode is left alone (false): its pages are in
/// two files.
Result<bool> copy_rollback_file(sqlite3* from, const std::filesystem::path& path, int out,
                                const std::filesystem::path& target);

/// Copies a whole database by SQLite's backup API; waits for locks up to `busy`.
Result<void> copy_sqlite(sqlite3* from, sqlite3* to, const std::filesystem::path& target,
                         std::chrono::milliseconds busy);

tl::unexpected<Error> sqlite_failure(sqlite3* handle, const std::filesystem::path& path);

}  // namespace bdupdate::db
