// The worker's other requests than passes, on a bare site with SQLite.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/bare_site.h"

namespace bdupdate::worker {
namespace {

using test::BareSite;
using testing::IsEmpty;

const std::string nothing = "function probe_update_1001() {}";

void expect_untouched(const BareSite& site) {
    EXPECT_EQ(site.mark(), "0|done");
    EXPECT_EQ(site.schema_version(), "1000");
    EXPECT_EQ(site.query("SELECT name FROM item WHERE id = 1"), "one");
}

TEST(Begin, RefusesAMarkThatWasMoved) {
    const BareSite site(nothing);
    for (const char* const change : {"epoch = 2", "run = 'other'", "seq = 5", "state = 'restoring'"}) {
        auto worker = site.worker();
        ASSERT_TRUE(worker->start());
        static_cast<void>(site.query("UPDATE bdupdate_mark SET " + std::string(change)));
        const auto begun = worker->begin(BareSite::key(1));
        ASSERT_FALSE(begun) << change;
        EXPECT_EQ(begun.error().code, ExitCode::Interrupted) << change;
        static_cast<void>(
            site.query("UPDATE bdupdate_mark SET run = 'feed', epoch = 1, seq = 0, state = 'done'"));
    }
}

TEST(Begin, TogetherWithThePassSaysThatItDidNotComeToTheUpdate) {
    const BareSite site(
        "function probe_update_1001(&$sandbox) { $sandbox['#finished'] = 0.5; db_query('DELETE FROM "
        "{item}'); }");
    std::unique_ptr<Worker> worker;
    Commit commit;
    commit.sandbox = test::run_update(site, worker, {}).sandbox;
    ASSERT_TRUE(worker->commit(BareSite::key(1), commit));
    static_cast<void>(site.query("UPDATE bdupdate_mark SET epoch = 2"));
    static_cast<void>(site.query("INSERT INTO item (id, name) VALUES (77, 'later')"));
    ASSERT_TRUE(worker->begin(BareSite::key(2)));
    const PassReport report = worker->pass(BareSite::step("1001"), commit.sandbox);
    EXPECT_FALSE(report.begun);
    EXPECT_TRUE(report.interrupted);
    EXPECT_THAT(report.error, testing::HasSubstr("the mark"));
    EXPECT_EQ(site.query("SELECT name FROM item WHERE id = 77"), "later");
}

// What is written ahead of commit() must not stand without it.
TEST(Commit, ThatIsExpectedButNeverComesLeavesNothing) {
    for (const bool comes : {false, true}) {
        const BareSite site(nothing);
        auto worker = test::booted(site, {});
        worker->expect_commit(test::last_commit());
        EXPECT_EQ(worker->pass(BareSite::step("1001"), "").failure, Failure::None);
        if (comes)
            EXPECT_TRUE(worker->commit(BareSite::key(1), test::last_commit()));
        else
            worker->quit();
        EXPECT_EQ(site.query("SELECT schema_version FROM system WHERE name = 'probe'"),
                  comes ? "1001" : "1000");
        EXPECT_EQ(site.mark(), comes ? "1|done" : "0|done");
    }
}

TEST(Commit, NumberThatIsNotStoredFailsAheadToo) {
    const BareSite site(nothing);
    static_cast<void>(
        site.query("CREATE TRIGGER no AFTER UPDATE OF schema_version ON system BEGIN "
                   "UPDATE system SET schema_version = 1000; END"));
    auto worker = test::booted(site, {});
    worker->expect_commit(test::last_commit());
    EXPECT_EQ(worker->pass(BareSite::step("1001"), "").failure, Failure::None);
    const auto committed = worker->commit(BareSite::key(1), test::last_commit());
    ASSERT_FALSE(committed);
    EXPECT_THAT(committed.error().message, testing::HasSubstr("1001 of probe was not stored"));
}

TEST(Commit, NumberThatIsNotStoredFails) {
    const BareSite site(nothing);
    static_cast<void>(
        site.query("CREATE TRIGGER no AFTER UPDATE OF schema_version ON system BEGIN "
                   "UPDATE system SET schema_version = 1000; END"));
    std::unique_ptr<Worker> worker;
    ASSERT_EQ(test::run_update(site, worker).failure, Failure::None);
    Commit commit = test::last_commit();
    const auto done = worker->commit(BareSite::key(1), commit);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ExitCode::UpdateFailed);
    worker->discard();
    expect_untouched(site);
}

TEST(Flush, WorksInAProcessOfItsOwn) {
    const BareSite site(nothing);
    auto worker = site.worker();
    ASSERT_TRUE(worker->start());
    const auto flushed = worker->flush();
    ASSERT_TRUE(flushed) << flushed.error().message;
    EXPECT_THAT(*flushed, IsEmpty());
    worker->quit();
    expect_untouched(site);
}

TEST(Flush, OfABareSiteWorksInTheProcessThatRanTheUpdates) {
    const BareSite site(nothing);
    static_cast<void>(
        site.query("CREATE TABLE cache (cid TEXT, data BLOB, expire INT, created INT, serialized INT)"));
    static_cast<void>(site.query("INSERT INTO cache (cid) VALUES ('stale')"));
    std::unique_ptr<Worker> worker;
    ASSERT_EQ(test::run_update(site, worker).failure, Failure::None);
    ASSERT_TRUE(worker->flushes_anywhere());
    ASSERT_TRUE(worker->commit(BareSite::key(1), test::last_commit()));
    const auto flushed = worker->flush();
    ASSERT_TRUE(flushed) << flushed.error().message;
    worker->quit();
    EXPECT_EQ(site.query("SELECT COUNT(*) FROM cache"), "0");
    EXPECT_EQ(site.mark(), "1|done");
}

TEST(Discard, MayBeRepeated) {
    const BareSite site(nothing);
    auto worker = site.worker();
    ASSERT_TRUE(worker->start());
    worker->discard();
    worker->discard();
    worker->quit();
    EXPECT_EQ(worker->pass(BareSite::step("1001"), "").failure, Failure::Died);
}

}  // namespace
}  // namespace bdupdate::worker
