#include "bdupdate/plan/numbering.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace bdupdate::plan {

TEST(Numbering, LegacyNumbersComeBeforeAllOthers) {
    std::vector<int> numbers = {9001, 1000, 8999, 6001, 7000, 1, 9000, 7999};
    std::sort(numbers.begin(), numbers.end(), [](int a, int b) { return order_key(a) < order_key(b); });
    EXPECT_EQ(numbers, (std::vector<int>{7000, 7999, 8999, 1, 1000, 6001, 9000, 9001}));
}

TEST(Numbering, LegacyNumbersAreComparedWithoutTheirSevenThousand) {
    EXPECT_EQ(compare_value(7000), 0);
    EXPECT_EQ(compare_value(8999), 1999);
    EXPECT_EQ(compare_value(9000), 9000);
    EXPECT_EQ(compare_value(6999), 6999);
}

TEST(Numbering, StoredNumbersOfDrupal6CountAsZero) {
    EXPECT_EQ(effective_schema(6000), 0);
    EXPECT_EQ(effective_schema(6999), 0);
    EXPECT_EQ(effective_schema(5999), 5999);
    EXPECT_EQ(effective_schema(7001), 1);
}

TEST(Numbering, LastRemovedBlocksWhatIsBelowIt) {
    EXPECT_TRUE(blocked_by_last_removed(1002, 1003));
    EXPECT_FALSE(blocked_by_last_removed(1003, 1003));
    EXPECT_FALSE(blocked_by_last_removed(0, 0));
}

TEST(Numbering, LegacyLastRemovedLiesBeforeNativeNumbers) {
    EXPECT_FALSE(blocked_by_last_removed(1000, 7078));
    EXPECT_TRUE(blocked_by_last_removed(7077, 7078));
    EXPECT_TRUE(blocked_by_last_removed(0, 7078));
    EXPECT_FALSE(blocked_by_last_removed(100, 7078));
    EXPECT_TRUE(blocked_by_last_removed(1000, 9000));
}

TEST(Numbering, NumbersAreReadFromDigitsOnly) {
    EXPECT_EQ(parse_number("01000").value, 1000);
    EXPECT_TRUE(parse_number("-5").numeric);
    EXPECT_EQ(parse_number("-5").value, -5);
    EXPECT_FALSE(parse_number("").numeric);
    EXPECT_FALSE(parse_number("-").numeric);
    EXPECT_FALSE(parse_number("1000a").numeric);
}

TEST(Numbering, NumbersThatNoIntegerHoldsStayLarge) {
    EXPECT_GT(parse_number("99999999999999999999999999").value, highest_number);
}

TEST(Numbering, NumbersAreComparedByValueAndOtherTextAsText) {
    EXPECT_EQ(compare_numbers(parse_number("01000"), parse_number("1000")), 0);
    EXPECT_EQ(compare_numbers(parse_number("999"), parse_number("1000")), -1);
    EXPECT_EQ(compare_numbers(parse_number("x"), parse_number("1000")), 1);
    EXPECT_EQ(compare_numbers(parse_number("1000"), parse_number("x")), -1);
}

}  // namespace bdupdate::plan
