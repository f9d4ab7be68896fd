#include "bdupdate/report/events.h"

#include <gtest/gtest.h>

namespace bdupdate::report {
namespace {

using std::chrono::milliseconds;

Live update_at_work() {
    Live live;
    live.what = "member_update_1002";
    live.description = "Give every member a number.\nIn ten passes.";
    live.index = 7;
    live.total = 16;
    return live;
}

TEST(LiveLine, TellsOnlyWhatIsKnown) {
    EXPECT_EQ(live_line(update_at_work()), "7/16  member_update_1002 …  Give every member a number.");
}

TEST(LiveLine, OfAnUpdateTellsPassPercentTimeAndWhatIsLeft) {
    Live live = update_at_work();
    live.pass = 4;
    live.finished = 0.4;
    live.elapsed = milliseconds(12'400);
    EXPECT_EQ(live_line(live),
              "7/16  member_update_1002  pass 4, 40 %, 12 s, about 19 s left  Give every member a number.");
}

TEST(LiveLine, GuessesNothingFromTheFirstMoments) {
    Live live = update_at_work();
    live.finished = 0.4;
    live.elapsed = milliseconds(1500);
    EXPECT_EQ(live_line(live).find("left"), std::string::npos);
    live.elapsed = milliseconds(60'000);
    live.finished = 0.001;
    EXPECT_EQ(live_line(live).find("left"), std::string::npos);
}

TEST(LiveLine, OfABackupTellsBytesAndWhatIsLeft) {
    Live live;
    live.what = "backing up database";
    live.bytes = 30 << 20;
    live.bytes_expected = 120 << 20;
    live.elapsed = live.moving = milliseconds(5000);
    EXPECT_EQ(live_line(live),
              "backing up database  30.0 MiB of about 120.0 MiB, 25 %, 5 s, about 15 s left");
    live.bytes_expected = 0;
    EXPECT_EQ(live_line(live), "backing up database  30.0 MiB, 5 s");
}

TEST(LiveLine, OfARestoreGuessesFromTheTimeThatBytesTook) {
    Live live;
    live.what = "restoring database";
    live.bytes = 60 << 20;
    live.bytes_expected = 120 << 20;
    live.elapsed = milliseconds(60'000);  // tables were dropped first
    live.moving = milliseconds(4000);
    EXPECT_EQ(live_line(live),
              "restoring database  60.0 MiB of about 120.0 MiB, 50 %, 1 min 0 s, about 4 s left");
}

TEST(LiveLine, NeverTellsOfMoreThanAll) {
    Live live;
    live.what = "backing up database";
    live.bytes = 130 << 20;
    live.bytes_expected = 120 << 20;
    live.elapsed = milliseconds(5000);
    EXPECT_EQ(live_line(live), "backing up database  130.0 MiB of about 120.0 MiB, 100 %, 5 s");
}

TEST(StepLine, StandsInColumnsAndWrapsWhatAnUpdateSaid) {
    journal::Step step, longer;
    step.function = "dues_update_1";
    longer.function = "member_update_1002";
    journal::Pass pass;
    pass.result = "1000 members got a number that is theirs.";
    const RunColumns columns = run_columns({step, longer});
    Style style;
    EXPECT_EQ(step_line(step, pass, 10, milliseconds(336), 1, 2, columns, style),
              "1/2  dues_update_1        336 ms  10 passes; 1000 members got a number that is theirs.");
    style.width = 60;
    EXPECT_EQ(step_line(step, pass, 10, milliseconds(336), 1, 2, columns, style),
              "1/2  dues_update_1        336 ms  10 passes; 1000 members\n"
              "                    got a number that is theirs.");
    pass.result.clear();
    EXPECT_EQ(step_line(longer, pass, 1, milliseconds(1234), 2, 2, columns, style),
              "2/2  member_update_1002    1.2 s");
}

}  // namespace
}  // namespace bdupdate::report
