// PHP started ahead of a run, for what only it can tell.
#include <gtest/gtest.h>

#include "bdupdate/base/clock.h"
#include "worker/bare_site.h"

namespace bdupdate::worker {
namespace {

using test::BareSite;

TEST(WarmPhp, SaysTheSameEachTimeItIsAsked) {
    const BareSite site("function probe_update_1001() {\n  $a $b;\n}\n");
    WarmPhp warm(site.site(), Options{});
    warm.check({site.root() / "modules/probe/probe.install"});
    const auto since = Monotonic::now();
    for (int times = 0; times < 2; ++times) {
        const auto report = warm.answer();
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_EQ(report->syntax_errors.size(), 1U);
    }
    EXPECT_LT(Monotonic::now() - since, std::chrono::seconds(60)) << "it waits for no second answer";
}

TEST(WarmPhp, TellsItsVersionWithoutFilesToCheck) {
    const BareSite site("");
    WarmPhp warm(site.site(), Options{});
    const auto report = warm.answer();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->version.find_first_not_of("0123456789."), report->version.find('-'));
}

}  // namespace
}  // namespace bdupdate::worker
