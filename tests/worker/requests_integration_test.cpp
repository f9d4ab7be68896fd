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
