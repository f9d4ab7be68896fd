// Whole-file copies: what backup and restore do with a SQLite site.

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "bdupdate/base/file.h"
#include "bdupdate/db/sqlite_file.h"
#include "db/sqlite_fixture.h"

namespace bdupdate::db {
namespace {

namespace fs = std::filesystem;

/// In either journal mode, for copies are made in another way.
class SqliteCopy : public SqliteSite, public testing::WithParamInterface<const char*> {
  protected:
    void SetUp() override {
        SqliteSite::SetUp();
        sql(std::string("PRAGMA journal_mode = ") + GetParam());
        sql(backdrop_tables);
    }

    /// About 4 MiB whose rows all have the same `turn`, whenever nobody is in the middle of writing.
    void fill() const {
        sql("CREATE TABLE page (id INTEGER PRIMARY KEY, turn INTEGER, text TEXT);"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
            "INSERT INTO page (turn, text) SELECT 0, hex(randomblob(500)) FROM n");
    }

    [[nodiscard]] fs::path copy() const { return directory_.path() / "copy.sqlite"; }

    static std::string answer(const fs::path& file, const char* question) {
        sqlite3* handle = nullptr;
        EXPECT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
        std::string text;
        const auto take = [](void* to, int count, char** values, char**) {
            for (int i = 0; i < count; ++i) *static_cast<std::string*>(to) += std::string(values[i]) + " ";
            return 0;
        };
        EXPECT_EQ(sqlite3_exec(handle, question, take, &text, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
        sqlite3_close(handle);
        return text;
    }
};

TEST_P(SqliteCopy, LeavesTheMarkOutAndIsAPlainFile) {
    sql("INSERT INTO state VALUES ('a', x'00ff'), ('b', 'x')");
    const auto database = open();
    ASSERT_TRUE(database->create_mark(example_mark()));
    ASSERT_TRUE(database->copy_to(copy()));
    EXPECT_TRUE(database->read_mark()->has_value()) << "the site keeps its mark";
    const auto tables = read_sqlite_file(copy()).value();
    ASSERT_EQ(tables.size(), 7U);
    for (const TableRows& table : tables) {
        EXPECT_NE(table.name, "bdupdate_mark");
        EXPECT_EQ(table.rows, table.name == "state" ? 2U : 0U) << table.name;
    }
    EXPECT_FALSE(fs::exists(copy().string() + "-wal"));
    EXPECT_FALSE(fs::exists(copy().string() + "-journal"));
    EXPECT_EQ(read_file(copy())->at(18), 1) << "rollback journal, not WAL";
    EXPECT_EQ(fs::status(copy()).permissions(), fs::perms(0600));
    EXPECT_FALSE(database->copy_to(copy())) << "never over an existing file";
}

TEST_P(SqliteCopy, IsOfOneMomentWhileOthersWrite) {
    fill();
    const auto database = open();
    std::atomic<bool> done{false};
    std::thread writer([&] {
        sqlite3* handle = nullptr;
        sqlite3_open(path().c_str(), &handle);
        sqlite3_busy_timeout(handle, 5000);
        sqlite3_exec(handle, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
        while (!done) {
            sqlite3_exec(handle, "UPDATE page SET turn = turn + 1", nullptr, nullptr, nullptr);
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        sqlite3_close(handle);
    });
    std::set<std::string> turns;
    for (int round = 0; round < 8; ++round) {
        const auto copied = database->copy_to(copy());
        EXPECT_TRUE(copied) << copied.error().message;
        if (!copied) break;
        EXPECT_TRUE(read_sqlite_file(copy()));
        EXPECT_EQ(answer(copy(), "SELECT COUNT(DISTINCT turn), COUNT(*) FROM page"), "1 4000 ");
        turns.insert(answer(copy(), "SELECT turn FROM page LIMIT 1"));
        fs::remove(copy());
    }
    done = true;
    writer.join();
    EXPECT_GT(turns.size(), 1U) << "the writer was not kept out for good";
}

TEST_P(SqliteCopy, HoldsNothingOfAnOpenTransaction) {
    fill();
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &other), SQLITE_OK);
    // What fits the writer's cache has not reached the file yet.
    ASSERT_EQ(sqlite3_exec(other, "PRAGMA cache_size = 10000; BEGIN; UPDATE page SET turn = 1", nullptr,
                           nullptr, nullptr),
              SQLITE_OK);
    ASSERT_TRUE(open()->copy_to(copy()));
    EXPECT_EQ(answer(copy(), "SELECT COUNT(*) FROM page WHERE turn = 0"), "4000 ");
    sqlite3_close(other);
}

TEST_P(SqliteCopy, WaitsForAWriterThatIsAtTheFileAndGivesUpInTheEnd) {
    if (std::string(GetParam()) == "WAL") GTEST_SKIP() << "readers and writers do not meet there";
    fill();
    const auto database = open();
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
    const auto refused = database->copy_to(copy());
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, testing::HasSubstr("locked"));
    fs::remove(copy());
    ASSERT_EQ(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_TRUE(database->copy_to(copy())) << "the one that failed left no transaction open";
    sqlite3_close(other);
}

TEST_P(SqliteCopy, WhatACrashLeftIsRolledBackFirst) {
    if (std::string(GetParam()) == "WAL") GTEST_SKIP() << "a WAL is never half in the file";
    fill();
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &other), SQLITE_OK);
    // A small cache: most pages are in the file already, and the old ones in the journal.
    ASSERT_EQ(sqlite3_exec(other, "PRAGMA cache_size = 10; BEGIN; UPDATE page SET turn = 1", nullptr, nullptr,
                           nullptr),
              SQLITE_OK);
    const fs::path crashed = directory_.path() / "crashed.sqlite";
    fs::copy_file(path(), crashed);
    fs::copy_file(path().string() + "-journal", crashed.string() + "-journal");
    sqlite3_close(other);
    settings_.database = crashed;
    for (const bool read_only : {true, false}) {
        const auto copied = open(read_only)->copy_to(copy());
        ASSERT_TRUE(copied) << copied.error().message;
        EXPECT_EQ(answer(copy(), "SELECT COUNT(*) FROM page WHERE turn = 0"), "4000 ");
        fs::remove(copy());
    }
}

TEST_P(SqliteCopy, ComesBackWithANewMark) {
    sql("INSERT INTO state VALUES ('a', 'before')");
    const auto database = open();
    ASSERT_TRUE(database->copy_to(copy()));
    sql("DELETE FROM state; CREATE TABLE later (x); INSERT INTO later VALUES (1)");
    Mark mark = example_mark();
    ASSERT_TRUE(database->create_mark(mark));
    mark.state = MarkState::Restoring;
    mark.epoch = 9;
    const auto replaced = database->replace_with(copy(), mark);
    ASSERT_TRUE(replaced) << replaced.error().message;
    EXPECT_EQ(database->count_rows("state").value(), 1U);
    EXPECT_FALSE(database->count_rows("later"));
    EXPECT_EQ(database->read_mark()->value().epoch, 9);
    EXPECT_EQ(database->read_mark()->value().state, MarkState::Restoring);
}

TEST_P(SqliteCopy, DamageIsNoticed) {
    fill();
    ASSERT_TRUE(open()->copy_to(copy()));
    std::string bytes = read_file(copy()).value();
    for (std::size_t i = 40960; i < 40960 + 200; ++i) bytes[i] = '\x55';
    ASSERT_TRUE(write_file_atomically(copy(), bytes));
    EXPECT_FALSE(read_sqlite_file(copy()));
}

INSTANTIATE_TEST_SUITE_P(Journals, SqliteCopy, testing::Values("DELETE", "WAL"),
                         [](const auto& mode) { return std::string(mode.param); });

}  // namespace
}  // namespace bdupdate::db
