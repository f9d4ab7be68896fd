#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <tuple>

#include "bdupdate/base/file.h"
#include "bdupdate/db/database.h"
#include "support/temp_directory.h"

// Reading a SQLite site leaves no trace, whatever state its files are in, and still reads what is committed.

namespace bdupdate::db {
namespace {

namespace fs = std::filesystem;

/// Name -> bytes, mtime and inode of every file: what "no trace" means.
using Picture = std::map<std::string, std::tuple<std::string, std::int64_t, std::uint64_t>>;

Picture picture(const fs::path& directory) {
    Picture result;
    for (const auto& entry : fs::directory_iterator(directory)) {
        struct stat info {};
        ::stat(entry.path().c_str(), &info);
        result[entry.path().filename()] = {read_file(entry.path()).value(),
                                           info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec,
                                           info.st_ino};
    }
    return result;
}

void exec(sqlite3* handle, const char* sql) {
    char* words = nullptr;
    ASSERT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, &words), SQLITE_OK) << words;
}

class SqliteTrace : public ::testing::Test {
  protected:
    /// A bare site with module `node` at 1000, in this journal mode, closed.
    void make_site(const std::string& journal_mode) {
        sqlite3* handle = open();
        exec(handle, ("PRAGMA journal_mode = " + journal_mode).c_str());
        exec(handle, "CREATE TABLE schema (name TEXT PRIMARY KEY, schema_version INTEGER)");
        exec(handle, "INSERT INTO schema VALUES ('node', 1000)");
        sqlite3_close(handle);
    }

    sqlite3* open() const {
        sqlite3* handle = nullptr;
        EXPECT_EQ(sqlite3_open(path().c_str(), &handle), SQLITE_OK);
        return handle;
    }

    /// Runs SQL in a child that dies without closing anything: what kill -9 leaves behind.
    void crash_after(const char* sql) const {
        const pid_t child = ::fork();
        if (child == 0) {
            sqlite3* handle = nullptr;
            sqlite3_open(path().c_str(), &handle);
            const int code = sqlite3_exec(handle, sql, nullptr, nullptr, nullptr);
            ::_exit(code == SQLITE_OK ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_EQ(status, 0);
    }

    [[nodiscard]] fs::path path() const { return directory_.path() / "si te%?#.sqlite"; }

    [[nodiscard]] Result<std::unique_ptr<Database>> read() const {
        site::DatabaseSettings settings;
        settings.driver = site::Driver::Sqlite;
        settings.database = path();
        return open_database(settings, site::Kind::Bare);
    }

    /// What a read-only opening sees, while the directory must stay as it is to the byte.
    void expect_traceless(int schema_version) const {
        const Picture before = picture(directory_.path());
        {
            const auto database = read();
            ASSERT_TRUE(database) << database.error().message;
            const auto modules = (*database)->modules();
            ASSERT_TRUE(modules) << modules.error().message;
            ASSERT_EQ(modules->size(), 1U);
            EXPECT_EQ(modules->front().schema_version, schema_version);
            EXPECT_EQ(picture(directory_.path()), before) << "while open";
        }
        EXPECT_EQ(picture(directory_.path()), before) << "after closing";
    }

    test::TempDirectory directory_;
};

TEST_F(SqliteTrace, RollbackJournalSiteIsReadWithoutTrace) {
    make_site("DELETE");
    expect_traceless(1000);
}

TEST_F(SqliteTrace, ClosedWalSiteGetsNoSideFilesByReading) {
    make_site("WAL");
    ASSERT_FALSE(fs::exists(path().string() + "-wal"));
    expect_traceless(1000);
}

TEST_F(SqliteTrace, WalOfALiveWriterIsReadInPlace) {
    make_site("WAL");
    sqlite3* writer = open();
    exec(writer, "UPDATE schema SET schema_version = 1001");
    ASSERT_TRUE(fs::exists(path().string() + "-shm"));
    {
        const auto database = read();
        ASSERT_TRUE(database);
        EXPECT_EQ((*database)->modules()->front().schema_version, 1001);
        // A live WAL is followed, not frozen.
        exec(writer, "UPDATE schema SET schema_version = 1002");
        EXPECT_EQ((*database)->modules()->front().schema_version, 1002);
    }
    EXPECT_TRUE(fs::exists(path().string() + "-wal")) << "closing the reader must not checkpoint";
    sqlite3_close(writer);
}

TEST_F(SqliteTrace, WalAndShmOfADeadWriterStayWhenTheirLastReaderCloses) {
    make_site("WAL");
    crash_after("UPDATE schema SET schema_version = 1004");
    const Picture before = picture(directory_.path());
    ASSERT_EQ(before.size(), 3U);
    { EXPECT_EQ(read().value()->modules()->front().schema_version, 1004); }
    Picture after = picture(directory_.path());
    ASSERT_EQ(after.size(), 3U);
    // The index in -shm is SQLite's to rebuild; database and WAL are data.
    after[path().filename().string() + "-shm"] = before.at(path().filename().string() + "-shm");
    EXPECT_EQ(after, before);
}

TEST_F(SqliteTrace, WalWithoutShmIsReadWithItsContent) {
    make_site("WAL");
    crash_after("UPDATE schema SET schema_version = 1007");
    fs::remove(path().string() + "-shm");
    ASSERT_GT(fs::file_size(path().string() + "-wal"), 0U);
    expect_traceless(1007);
}

TEST_F(SqliteTrace, EmptyWalWithoutShmIsReadWithoutTrace) {
    make_site("WAL");
    ASSERT_TRUE(write_file_atomically(path().string() + "-wal", ""));
    expect_traceless(1000);
}

TEST_F(SqliteTrace, StaleShmWithoutWalIsReadWithoutTrace) {
    make_site("WAL");
    ASSERT_TRUE(write_file_atomically(path().string() + "-shm", std::string(32768, '\0')));
    expect_traceless(1000);
}

TEST_F(SqliteTrace, HotJournalIsRolledBackInACopyOnly) {
    make_site("DELETE");
    // A tiny cache makes the open transaction spill into the file, so that the journal is needed.
    crash_after(
        "PRAGMA cache_size = 1; BEGIN; UPDATE schema SET schema_version = 9999; CREATE TABLE junk (x);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)"
        "INSERT INTO junk SELECT randomblob(4000) FROM n;");
    ASSERT_GT(fs::file_size(path().string() + "-journal"), 0U);
    expect_traceless(1000);
}

TEST_F(SqliteTrace, ReaderOfAFrozenWalFollowsALaterWriter) {
    make_site("WAL");
    const auto database = read();
    ASSERT_TRUE(database);
    EXPECT_EQ((*database)->modules()->front().schema_version, 1000);
    sqlite3* writer = open();
    exec(writer, "UPDATE schema SET schema_version = 1003");
    EXPECT_EQ((*database)->modules()->front().schema_version, 1003);
    sqlite3_close(writer);
    EXPECT_EQ((*database)->modules()->front().schema_version, 1003);
}

TEST_F(SqliteTrace, ReadOnlyDirectoryIsReadInEveryMode) {
    for (const char* mode : {"DELETE", "WAL"}) {
        fs::remove(path());
        make_site(mode);
        fs::permissions(path(), fs::perms(0444));
        fs::permissions(directory_.path(), fs::perms(0555));
        // Root may write anywhere: read as an ordinary user in a child.
        const pid_t child = ::fork();
        if (child == 0) {
            if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(9);
            const auto database = read();
            ::_exit(database && (*database)->modules()->front().schema_version == 1000 ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        fs::permissions(directory_.path(), fs::perms(0755));
        EXPECT_EQ(status, 0) << mode;
    }
}

TEST_F(SqliteTrace, ReadingDropsNoLockOfTheOwnProcess) {
    make_site("DELETE");
    sqlite3* writer = open();
    exec(writer, "BEGIN IMMEDIATE");
    { ASSERT_TRUE(read()); }
    // Were the POSIX lock gone, another process could take it now.
    const pid_t child = ::fork();
    if (child == 0) {
        sqlite3* other = nullptr;
        sqlite3_open(path().c_str(), &other);
        ::_exit(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_BUSY ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    exec(writer, "ROLLBACK");
    sqlite3_close(writer);
}

}  // namespace
}  // namespace bdupdate::db
