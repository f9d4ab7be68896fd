// What PHP was allowed in a run holds for `recover`, unless that says otherwise.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/program.h"

namespace bdupdate::test {
namespace {

using testing::HasSubstr;

TEST(Limits, OfTheRunHoldForRecoverUnlessItSaysOtherwise) {
    ExampleSite site;
    site.append("modules/dues/dues.install",
                "\nfunction dues_update_1007() {\n"
                "  return ini_get('memory_limit') . strlen(str_repeat('x', 80000000));\n}\n");
    const Completed run = site.run({"run", "--yes", "--on-failure", "stop", "--memory-limit", "64M"});
    EXPECT_EQ(run.status.code, 1);
    EXPECT_THAT(run.err, HasSubstr("Allowed memory size of 67108864 bytes exhausted"));
    EXPECT_THAT(run.err, HasSubstr("bdupdate recover --memory-limit"));
    const Completed alike = site.run({"recover", "--yes"});
    EXPECT_EQ(alike.status.code, 1);
    EXPECT_THAT(alike.err, HasSubstr("67108864"));
    const Completed more = site.run({"recover", "--yes", "--memory-limit", "256M"});
    EXPECT_EQ(more.status.code, 0) << more.err;
    EXPECT_THAT(more.err, HasSubstr("256M80000000"));
}

}  // namespace
}  // namespace bdupdate::test
