// PHP started ahead of a run, for what only it can tell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "bdupdate/base/clock.h"
#include "worker/bare_site.h"

namespace bdupdate::worker {
namespace {

using test::BareSite;
using testing::HasSubstr;

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

TEST(WarmPhp, SaysWhyCoreCannotBeLoadedBeforeAnythingIsDone) {
    const std::map<std::string, std::string> cases = {
        {"function twice() {}\nfunction twice() {}\n", "Cannot redeclare twice()"},
        {"function broken( {\n", "syntax error, unexpected token \"{\""},
    };
    for (const auto& [code, words] : cases) {
        SCOPED_TRACE(code);
        const BareSite bare("");
        test::detail::write(bare.root() / "core/includes/bootstrap.inc", "<?php\n" + code);
        site::Site site = bare.site();
        site.kind = site::Kind::Backdrop;
        WarmPhp warm(site, Options{});
        warm.check({bare.root() / "modules/probe/probe.install"});
        const auto report = warm.answer();
        ASSERT_FALSE(report);
        EXPECT_EQ(report.error().code, ExitCode::Preflight);
        EXPECT_THAT(report.error().message, HasSubstr("PHP cannot load the site's core: "));
        EXPECT_THAT(report.error().message, HasSubstr(words));
        EXPECT_THAT(report.error().message, HasSubstr("core/includes/bootstrap.inc"));
    }
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
