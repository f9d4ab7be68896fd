#include <gmock/gmock.h>
#include <unistd.h>

#include <thread>

#include "bdupdate/base/file.h"
#include "bdupdate/db/sqlite_file.h"
#include "db/sqlite_fixture.h"

// The mark, the lock, and whole-file copies.

namespace bdupdate::db {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST_F(SqliteSite, MarkComesBackAsItWasWritten) {
    sql(backdrop_tables);
    const auto database = open();
    EXPECT_FALSE(database->has_mark_table().value());
    EXPECT_FALSE(database->read_mark()->has_value());
    const Mark mark = example_mark();
    ASSERT_TRUE(database->create_mark(mark));
    EXPECT_TRUE(database->has_mark_table().value());
    const Mark read = database->read_mark()->value();
    EXPECT_EQ(read.run, mark.run);
    EXPECT_EQ(read.epoch, 3);
    EXPECT_EQ(read.seq, 7);
    EXPECT_EQ(read.plan, 2);
    EXPECT_EQ(read.step, 5);
    EXPECT_EQ(read.state, MarkState::Done);
    EXPECT_EQ(read.after_restore, "rerun");
    EXPECT_EQ(read.sandbox, mark.sandbox);
    EXPECT_EQ(read.maintenance_before, mark.maintenance_before);
    EXPECT_EQ(read.schema_hash, "feed");
    EXPECT_EQ(read.state_dir, mark.state_dir);
    EXPECT_EQ(read.host, "web1");
    EXPECT_EQ(read.user, "root");
    EXPECT_EQ(read.site_fingerprint, "cafe");
    ASSERT_TRUE(database->drop_mark());
    EXPECT_FALSE(database->has_mark_table().value());
    EXPECT_TRUE(database->drop_mark()) << "dropping twice is no error";
}

TEST_F(SqliteSite, SecondMarkIsRefused) {
    sql(backdrop_tables);
    const auto database = open();
    ASSERT_TRUE(database->create_mark(example_mark()));
    const auto second = database->create_mark(Mark{});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ExitCode::Interrupted);
    EXPECT_THAT(second.error().message, HasSubstr(example_mark().run));
    EXPECT_EQ(database->read_mark()->value().run, example_mark().run);
}

TEST_F(SqliteSite, MarkIsReplacedOnlyFromWhereItIsExpected) {
    sql(backdrop_tables);
    const auto database = open();
    const Mark mark = example_mark();
    ASSERT_TRUE(database->create_mark(mark));
    Mark next = mark;
    next.state = MarkState::Finishing;
    next.maintenance_before.reset();
    ASSERT_TRUE(database->replace_mark(mark, next));
    EXPECT_EQ(database->read_mark()->value().state, MarkState::Finishing);
    EXPECT_FALSE(database->read_mark()->value().maintenance_before.has_value());
    EXPECT_TRUE(database->replace_mark(next, next)) << "writing the same values finds the row too";
    const auto stale = database->replace_mark(mark, next);
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().code, ExitCode::Interrupted);
    EXPECT_THAT(stale.error().message, HasSubstr("finishing"));
}

TEST_F(SqliteSite, RaisedEpochShutsTheOlderRunOut) {
    sql(backdrop_tables);
    const auto database = open();
    const Mark mark = example_mark();
    ASSERT_TRUE(database->create_mark(mark));
    const Mark raised = database->raise_epoch().value();
    EXPECT_EQ(raised.epoch, 4);
    EXPECT_FALSE(database->replace_mark(mark, mark));
    EXPECT_TRUE(database->replace_mark(raised, raised));
    ASSERT_TRUE(database->drop_mark());
    EXPECT_FALSE(database->raise_epoch());
}

TEST_F(SqliteSite, LockExcludesAndNamesItsHolder) {
    sql(backdrop_tables);
    const auto first = open();
    const auto second = open();
    EXPECT_FALSE(first->holds_lock().value());
    ASSERT_TRUE(first->lock(std::chrono::seconds(0))->taken);
    EXPECT_TRUE(first->holds_lock().value());
    const auto refused = second->lock(std::chrono::seconds(0)).value();
    EXPECT_FALSE(refused.taken);
    EXPECT_THAT(refused.held_by, HasSubstr("pid " + std::to_string(::getpid())));
    ASSERT_TRUE(first->unlock());
    EXPECT_TRUE(second->lock(std::chrono::seconds(0))->taken);
    fs::remove(directory_.path() / "lock");
    EXPECT_FALSE(second->holds_lock().value()) << "a removed lock file keeps nobody out";
}

TEST_F(SqliteSite, LockWaitsForItsTurn) {
    sql(backdrop_tables);
    const auto first = open();
    const auto second = open();
    ASSERT_TRUE(first->lock(std::chrono::seconds(0))->taken);
    std::thread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
        static_cast<void>(first->unlock());
    });
    EXPECT_TRUE(second->lock(std::chrono::seconds(5))->taken);
    later.join();
}

TEST_F(SqliteSite, CopyLeavesTheMarkOutAndIsAPlainFile) {
    sql("PRAGMA journal_mode = WAL");
    sql(backdrop_tables);
    sql("INSERT INTO state VALUES ('a', x'00ff'), ('b', 'x')");
    const auto database = open();
    ASSERT_TRUE(database->create_mark(example_mark()));
    const fs::path copy = directory_.path() / "copy.sqlite";
    ASSERT_TRUE(database->copy_to(copy));
    EXPECT_TRUE(database->read_mark()->has_value()) << "the site keeps its mark";
    const auto tables = read_sqlite_file(copy).value();
    ASSERT_EQ(tables.size(), 7U);
    for (const TableRows& table : tables) {
        EXPECT_NE(table.name, "bdupdate_mark");
        EXPECT_EQ(table.rows, table.name == "state" ? 2U : 0U) << table.name;
    }
    EXPECT_FALSE(fs::exists(copy.string() + "-wal"));
    EXPECT_EQ(read_file(copy)->at(18), 1) << "rollback journal, not WAL";
    EXPECT_EQ(fs::status(copy).permissions(), fs::perms(0600));
    EXPECT_FALSE(database->copy_to(copy)) << "never over an existing file";
}

TEST_F(SqliteSite, ReplacingBringsTheCopyBackWithANewMark) {
    for (const char* mode : {"WAL", "DELETE"}) {
        fs::remove(path());
        sql(std::string("PRAGMA journal_mode = ") + mode);
        sql(backdrop_tables);
        sql("INSERT INTO state VALUES ('a', 'before')");
        const auto database = open();
        const fs::path copy = directory_.path() / (std::string(mode) + ".sqlite");
        ASSERT_TRUE(database->copy_to(copy));
        sql("DELETE FROM state; CREATE TABLE later (x); INSERT INTO later VALUES (1)");
        Mark mark = example_mark();
        ASSERT_TRUE(database->create_mark(mark));
        mark.state = MarkState::Restoring;
        mark.epoch = 9;
        const auto replaced = database->replace_with(copy, mark);
        ASSERT_TRUE(replaced) << replaced.error().message;
        EXPECT_EQ(database->count_rows("state").value(), 1U);
        EXPECT_FALSE(database->count_rows("later"));
        EXPECT_EQ(database->read_mark()->value().epoch, 9);
        EXPECT_EQ(database->read_mark()->value().state, MarkState::Restoring);
    }
}

TEST_F(SqliteSite, DamagedCopyIsNoticed) {
    sql("CREATE TABLE t (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
        "INSERT INTO t SELECT hex(randomblob(20)) FROM n");
    std::string bytes = read_file(path()).value();
    for (std::size_t i = 8192; i < 8192 + 200; ++i) bytes[i] = '\x55';
    ASSERT_TRUE(write_file_atomically(path(), bytes));
    EXPECT_FALSE(read_sqlite_file(path()));
}

}  // namespace
}  // namespace bdupdate::db
