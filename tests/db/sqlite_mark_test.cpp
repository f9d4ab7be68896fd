#include <gmock/gmock.h>
#include <unistd.h>

#include <thread>

#include "bdupdate/base/file.h"
#include "bdupdate/db/sqlite_file.h"
#include "db/sqlite_fixture.h"

// The mark and the lock.

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

TEST_F(SqliteSite, VerbsTogetherAreOneCommitSchemaChangesIncluded) {
    sql(backdrop_tables);
    const auto database = open();
    const auto before = database->maintenance()->value;
    const auto beginning = [&](bool well) -> Result<void> {
        BDUPDATE_TRY(database->create_mark(example_mark()));
        BDUPDATE_TRY(database->set_maintenance("s:3:\"new\";"));
        EXPECT_TRUE(database->read_mark()->has_value());
        EXPECT_FALSE(open()->has_mark_table().value()) << "others see it with the commit";
        return well ? Result<void>() : fail(ExitCode::Held, "no");
    };
    const auto refused = database->together([&] { return beginning(false); });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::Held);
    EXPECT_FALSE(database->has_mark_table().value());
    EXPECT_EQ(database->maintenance()->value, before);
    ASSERT_TRUE(database->together([&] { return beginning(true); }));
    EXPECT_TRUE(open()->read_mark()->has_value());
    EXPECT_EQ(open()->maintenance()->value, "s:3:\"new\";");
    EXPECT_FALSE(database->together([&]() -> Result<void> {
        BDUPDATE_TRY(database->drop_mark());
        return fail(ExitCode::Held, "no");
    }));
    EXPECT_TRUE(open()->read_mark()->has_value());
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

}  // namespace
}  // namespace bdupdate::db
