// `verify` on a site that somebody broke: what a run made, what stood there before, what no longer boots.

#include <nlohmann/json.hpp>

#include "fault/faulty_update.h"

namespace bdupdate::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Verify : public testing::TestWithParam<Store> {
  protected:
    void SetUp() override {
        if (GetParam() == Store::MariaDb && !MariaDb::available()) GTEST_SKIP() << "no MariaDB server";
        club = std::make_unique<Club>(GetParam());
    }
    [[nodiscard]] bool mysql() const { return GetParam() == Store::MariaDb; }
    void drop_index(const std::string& table, const std::string& name) {
        club->execute(mysql() ? "DROP INDEX " + name + " ON " + table : "DROP INDEX " + table + "_" + name);
    }
    void run_updates() {
        const Completed done = club->run({"run", "--yes", "-q"});
        ASSERT_EQ(done.status.code, 0) << done.err << done.out;
    }
    /// Runs `verify`; "new table thing name aspect" of each difference, or "old …".
    std::vector<std::string> differences() {
        const Completed done = club->run({"verify", "--format", "json"});
        code = done.status.code;
        json = nlohmann::json::parse(done.out, nullptr, false);
        std::vector<std::string> found;
        if (!json.is_object() || !json["tables"].is_object()) {
            ADD_FAILURE() << done.out << done.err;
            return found;
        }
        for (const auto& one : json["tables"]["differences"])
            found.push_back(std::string(one["new"].get<bool>() ? "new " : "old ") +
                            one["table"].get<std::string>() + " " + one["thing"].get<std::string>() + " " +
                            (one["name"].is_string() ? one["name"].get<std::string>() : "") + " " +
                            one["aspect"].get<std::string>());
        return found;
    }
    std::unique_ptr<Club> club;
    nlohmann::json json;
    int code = -1;
};

TEST_P(Verify, ARunThatDidAllItShouldLeavesNoDifference) {
    run_updates();
    const std::string before = club->held(true);
    EXPECT_THAT(differences(), IsEmpty());
    EXPECT_EQ(code, 0);
    EXPECT_EQ(json["tables"]["compared"], 4);
    EXPECT_EQ(club->held(true), before) << "it only looks";
}

TEST_P(Verify, WhatStoodBeforeTheRunIsMentionedAndDoesNotFail) {
    club->execute("ALTER TABLE newsletter_subscriber ADD COLUMN nickname VARCHAR(9)");
    run_updates();
    EXPECT_THAT(differences(), ElementsAre("old newsletter_subscriber column nickname existence"));
    EXPECT_EQ(code, 0);
    EXPECT_EQ(json["verified"], true);
    const Completed strict = club->run({"verify", "--strict"});
    EXPECT_EQ(strict.status.code, 1);
    EXPECT_THAT(strict.out, HasSubstr("not verified: 1 older difference\n"));
}

TEST_P(Verify, WhatAnUpdateMadeOtherwiseThanItIsDeclaredFails) {
    club->replace(
        "modules/event/event.install", "db_add_index('event', 'starts', array('starts'));",
        "db_add_index('event', 'starts', array('starts', 'title')); db_drop_field('event', 'title'); "
        "db_create_table('event_copy', array('fields' => array('id' => array('type' => 'int'))));");
    run_updates();
    EXPECT_THAT(differences(), Contains("new event column title existence"));
    EXPECT_EQ(code, 1);
    EXPECT_THAT(json["tables"]["undeclared"],
                Contains(nlohmann::json({{"table", "event_copy"}, {"new", true}})));
}

TEST_P(Verify, WhatIsDamagedAfterTheRunFailsAlsoWhereTheRunMadeIt) {
    run_updates();
    drop_index("event", "starts");
    club->execute("DROP TABLE gallery_picture");
    EXPECT_THAT(differences(),
                ElementsAre("new event index starts existence", "new gallery_picture table  existence"));
    EXPECT_EQ(code, 1);
    const Completed text = club->run({"verify"});
    EXPECT_EQ(text.status.code, 1);
    EXPECT_THAT(text.out, HasSubstr("    index starts is missing: (starts)\n"));
    EXPECT_THAT(text.out, HasSubstr("    the table is missing\n"));
    EXPECT_THAT(text.out, HasSubstr("not verified: 2 new differences\n"));
}

TEST_P(Verify, AChangedTypeIsNamed) {
    if (!mysql()) GTEST_SKIP() << "SQLite changes no column";
    run_updates();
    club->execute(
        "ALTER TABLE event MODIFY title VARCHAR(100), MODIFY starts BIGINT, MODIFY place VARCHAR(120) NOT "
        "NULL "
        "DEFAULT 'Quay'");
    EXPECT_THAT(differences(), ElementsAre("new event column place default", "new event column starts type",
                                           "new event column starts null", "new event column starts default",
                                           "new event column title type", "new event column title null",
                                           "new event column title default"));
}

TEST_P(Verify, ARunThatWasKilledAndRecoveredIsHeldAgainstWhatWasThereBeforeItBegan) {
    club->execute("ALTER TABLE newsletter_subscriber ADD COLUMN nickname VARCHAR(9)");
    club->replace("modules/event/event.install", "db_add_index('event', 'starts', array('starts'));",
                  "throw new Exception('not today');");
    EXPECT_EQ(club->run({"run", "--yes", "--on-failure", "stop"}).status.code, 1);
    EXPECT_EQ(club->run({"verify"}).status.code, 8);
    club->replace("modules/event/event.install", "throw new Exception('not today');",
                  "db_add_index('event', 'starts', array('starts'));");
    ASSERT_EQ(club->run({"recover", "--yes"}).status.code, 0);
    EXPECT_THAT(differences(), ElementsAre("old newsletter_subscriber column nickname existence"));
    EXPECT_EQ(code, 0);
    drop_index("event_registration", "uid");
    EXPECT_THAT(differences(), Contains("new event_registration index uid existence"))
        << "made before the failure, and gone since";
}

TEST_P(Verify, ARestoreLeavesNothingToCompareWith) {
    club->execute("ALTER TABLE newsletter_subscriber ADD COLUMN nickname VARCHAR(9)");
    run_updates();
    ASSERT_EQ(club->run({"backup", "restore", "latest", "--yes", "--no-backup"}).status.code, 0);
    for (const std::string& one : differences()) EXPECT_EQ(one.rfind("old ", 0), 0U) << one;
    EXPECT_EQ(code, 1) << "everything is pending again";
    EXPECT_TRUE(json["tables"]["since"].is_null());
}

TEST_P(Verify, ASiteThatDoesNotBootIsNotVerified) {
    run_updates();
    club->append("modules/club/club.module", "\nthrow new Exception('no boot today');\n");
    const Completed done = club->run({"verify"});
    EXPECT_EQ(done.status.code, 1);
    EXPECT_THAT(done.out, HasSubstr("no boot today"));
    EXPECT_THAT(done.out, HasSubstr("not verified: 1 error\n"));
}

TEST_P(Verify, AConfigFileThatIsNoneIsNotBootedWith) {
    run_updates();
    std::filesystem::resize_file(club->config() / "club.settings.json", 0);
    const Completed done = club->run({"verify"});
    EXPECT_EQ(done.status.code, 1);
    EXPECT_THAT(done.out, HasSubstr("club.settings.json"));
}

TEST_P(Verify, AHookThatFailsIsToldAndItsTablesAreNotCompared) {
    run_updates();
    club->replace("modules/newsletter/newsletter.install", "  return $schema;",
                  "  return missing_function();");
    EXPECT_THAT(differences(), IsEmpty());
    EXPECT_EQ(code, 0);
    ASSERT_EQ(json["hook_errors"].size(), 1U);
    EXPECT_EQ(json["hook_errors"][0]["module"], "newsletter");
    EXPECT_EQ(json["hook_errors"][0]["enabled"], true);
    EXPECT_EQ(json["tables"]["compared"], 3);
    club->replace("modules/gallery/gallery.install", "  return $schema;", "  return gallery_tables();");
    differences();
    ASSERT_EQ(json["hook_errors"].size(), 2U);
    EXPECT_EQ(json["hook_errors"][1]["enabled"], false) << "its code is not loaded: no fault";
    EXPECT_EQ(json["tables"]["compared"], 2);
}

TEST_P(Verify, NothingThatTheBootWritesStays) {
    run_updates();
    club->append("modules/club/club.install", R"php(
function club_requirements($phase) {
  db_query("UPDATE {state} SET value = 'i:7;'");
  db_create_table('club_scratch', array('fields' => array('id' => array('type' => 'int'))));
  return array();
}
)php");
    const std::string before = club->held(true);
    const Completed done = club->run({"verify"});
    EXPECT_EQ(club->held(true), before);
    EXPECT_EQ(done.status.code, mysql() ? 1 : 0) << done.out << done.err;
    EXPECT_EQ(done.out.find("the site is only looked at") != std::string::npos, mysql())
        << "to make a table commits there";
}

TEST_P(Verify, ASiteThatWasNeverRunLeavesNoTrace) {
    const std::string before = club->held(true);
    for (const std::string& one : differences()) EXPECT_EQ(one.rfind("old ", 0), 0U) << one;
    EXPECT_EQ(code, 1);
    EXPECT_EQ(json["pending"].size(), 16U);
    EXPECT_TRUE(json["tables"]["since"].is_null());
    EXPECT_EQ(club->held(true), before);
    EXPECT_FALSE(std::filesystem::exists(club->state()));
}

TEST_P(Verify, DeclarationsThatMakeNoSenseBreakNothing) {
    run_updates();
    club->append("modules/newsletter/newsletter.install", R"php(
function newsletter_schema_alter(&$schema) {
  $schema = array(
    'odd_1' => 'no table', 'odd_2' => array(), 'odd_3' => array('fields' => 'x', 'primary key' => 'id', 'indexes' => 7),
    7 => array('fields' => array(3 => array('type' => 'int'))),
    'event' => array('fields' => array(
      'id' => array('type' => array(), 'size' => array(), 'length' => 'many', 'default' => array()),
      'title' => 'x', "ÿþ" => array('type' => "ÿ", 'default' => "ÿ"), 'starts' => NULL,
    ), 'unique keys' => array('u' => 'id', 5 => array(array()), 'v' => array(NULL, array('title', 3)))),
  ) + $schema;
}
)php");
    const Completed done = club->run({"verify"});
    EXPECT_EQ(done.status.code, 1) << done.out << done.err;
    EXPECT_THAT(done.out, HasSubstr("new difference"));
    EXPECT_THAT(done.out, HasSubstr("the site boots"));
    differences();
}

INSTANTIATE_TEST_SUITE_P(Stores, Verify, testing::Values(Store::Sqlite, Store::MariaDb),
                         [](const auto& store) {
                             return store.param == Store::MariaDb ? "MariaDb" : "Sqlite";
                         });

}  // namespace
}  // namespace bdupdate::test
