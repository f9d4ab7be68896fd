// `doctor` on the example site. What depends on the machine (its file systems, its PHPs) is left out here.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/program.h"

namespace bdupdate::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct DoctorTest : testing::Test {
    ExampleSite site;
    int code = 0;

    /// "about: message" of all findings of a severity.
    std::vector<std::string> found(const std::string& severity, std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"doctor", "--format", "json"});
        const Completed done = site.run(more);
        code = done.status.code;
        std::vector<std::string> result;
        const auto json = nlohmann::json::parse(done.out, nullptr, false);
        EXPECT_TRUE(json.is_object()) << done.out << done.err;
        if (!json.is_object()) return result;
        EXPECT_EQ(json.begin().key(), "errors") << "sorted by this parser; the text begins with schema";
        EXPECT_EQ(done.out.rfind("{\n  \"schema\": 1,", 0), 0U);
        for (const auto& finding : json["findings"]) {
            const std::string about = finding["about"];
            if (finding["severity"] == severity && about != "state" && about != "php")
                result.push_back(about + ": " + finding["message"].get<std::string>());
        }
        return result;
    }
};

TEST_F(DoctorTest, ASiteThatIsFine) {
    const std::string before = site.content();
    EXPECT_THAT(found("error"), IsEmpty());
    EXPECT_EQ(code, 0);
    EXPECT_THAT(found("warning"), testing::ElementsAre("backups: there is no backup yet"));
    EXPECT_THAT(found("ok"), Contains(HasSubstr("boot: the site boots for updates")));
    EXPECT_EQ(site.content(), before);
    EXPECT_FALSE(std::filesystem::exists(site.state())) << "it leaves no trace";
    site.run({"backup", "create"});
    EXPECT_THAT(found("warning"), IsEmpty());
    EXPECT_THAT(found("ok"), Contains("backups: the newest backup is less than a day old"));
}

TEST_F(DoctorTest, WhatSettingsLeaveOpen) {
    site.append("settings.php",
                "\n$settings['update_free_access'] = TRUE;\n$settings['restore_free_access'] = TRUE;\n");
    std::filesystem::permissions(site.root() / "settings.php", std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    const auto warnings = found("warning", {"--backup-days", "0"});
    EXPECT_EQ(code, 0);
    EXPECT_THAT(warnings, testing::ElementsAre(HasSubstr("update_free_access is on"),
                                               HasSubstr("restore_free_access is on"),
                                               HasSubstr("writable for everybody")));
}

TEST_F(DoctorTest, WhatABootWouldFindIsTakenBack) {
    site.append("modules/club/club.install", R"php(
function club_requirements($phase) {
  db_query("UPDATE {state} SET value = 'changed'");
  return array('bank' => array('title' => 'Bank', 'value' => 'closed', 'severity' => REQUIREMENT_ERROR));
}
)php");
    const std::string before = site.content();
    EXPECT_THAT(found("error"), testing::ElementsAre("requirements: Bank: closed"));
    EXPECT_EQ(code, 5);
    EXPECT_EQ(site.content(), before);
    EXPECT_THAT(found("error", {"--no-boot"}), IsEmpty());
    EXPECT_EQ(code, 0);
}

TEST_F(DoctorTest, ASiteThatDoesNotBoot) {
    site.append("modules/dues/dues.module", "\nthrow new Exception('no luck');\n");
    EXPECT_THAT(found("error"), testing::ElementsAre(HasSubstr("boot: ")));
    EXPECT_EQ(code, 5);
}

TEST_F(DoctorTest, AnInterruptedRunComesFirst) {
    site.append("modules/dues/dues.install", "\nfunction dues_update_1007() { throw new Exception('x'); }\n");
    site.run({"run", "--yes", "--on-failure", "stop"});
    EXPECT_THAT(found("error"),
                testing::ElementsAre(HasSubstr("an interrupted run must be recovered first")));
    EXPECT_EQ(code, 8);
}

TEST_F(DoctorTest, AMissingModuleIsAWarningUntilOneKnowsOfIt) {
    std::filesystem::remove_all(site.root() / "modules/event");
    EXPECT_THAT(found("warning"), Contains(HasSubstr("event is enabled")));
    EXPECT_THAT(found("warning", {"--acknowledge", "event"}), Not(Contains(HasSubstr("event is enabled"))));
}

TEST_F(DoctorTest, PreflightIsAskedAlsoWhereNothingIsPending) {
    site.run({"run", "--yes"});
    site.write("config/active/broken.json", "");
    EXPECT_THAT(found("error"), Contains(HasSubstr("broken.json")));
    EXPECT_EQ(code, 5);
}

}  // namespace
}  // namespace bdupdate::test
