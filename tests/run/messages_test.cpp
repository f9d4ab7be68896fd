#include "../../src/run/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdupdate::run {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Messages, AreCountedOverAllPassesAndStandWhereTheyCameFirst) {
    MessageTally tally;
    tally.add({{"php", "notice: x", 2}, {"status", "hello"}});
    tally.add({{"status", "hello"}, {"php", "notice: x", 3}, {"warning", "hello"}});
    EXPECT_THAT(tally.lines(), ElementsAre(Pair("php", "notice: x (5 times)"),
                                           Pair("status", "hello (2 times)"), Pair("warning", "hello")));
    tally.clear();
    EXPECT_TRUE(tally.lines().empty());
}

TEST(Messages, TooManyAreLeftOutAndCounted) {
    MessageTally tally;
    for (std::size_t i = 0; i < MessageTally::most + 7; ++i) tally.add({{"status", std::to_string(i)}});
    tally.add({{"status", "0"}});
    const auto lines = tally.lines();
    ASSERT_EQ(lines.size(), MessageTally::most + 1);
    EXPECT_EQ(lines.front().second, "0 (2 times)");
    EXPECT_EQ(lines.back().second, "7 more messages left out");
}

TEST(Messages, OfBootsAndFlushesOnlyTroubleIsTold) {
    EXPECT_TRUE(tells_of_trouble({"php", "warning: x"}));
    EXPECT_TRUE(tells_of_trouble({"watchdog error", "x"}));
    EXPECT_FALSE(tells_of_trouble({"watchdog", "x"}));
    EXPECT_FALSE(tells_of_trouble({"status", "x"}));
    EXPECT_FALSE(tells_of_trouble({"output", "x"}));
}

}  // namespace
}  // namespace bdupdate::run
