// Transcripts of the commands that check (see transcripts_golden_test.cpp).

#include <gtest/gtest.h>

#include <filesystem>

#include "support/golden.h"
#include "support/program.h"

namespace bdupdate::test {
namespace {

struct CheckTranscripts : testing::Test {
    ExampleSite site;
};

TEST_F(CheckTranscripts, Lint) {
    std::string text = site.transcript({"lint", "."});
    site.append("modules/dues/dues.install", R"php(
function dues_update_1007(&$sandbox) {
  $sandbox['#finished'] = $sandbox['done'] / $sandbox['max'];
}

/**
 * Comes from another branch, 100% of it.
 */
function dues_update_8001() {
  node_save($node);
}
)php");
    text += site.transcript({"lint", "modules"});
    text += site.transcript({"lint", "modules/dues/dues.install", "--format", "json"});
    text += site.transcript({"lint", "modules", "--format", "github", "--ignore", "api"});
    text += site.transcript({"lint"});
    text += site.transcript({"lint", "settings.php"});
    text += site.transcript({"lint", "modules/nowhere"});
    text += site.transcript({"lint", "modules", "--ignore", "everything"});
    text += site.transcript({"lint", "--rules"});
    expect_golden("lint", text);
}

TEST_F(CheckTranscripts, UpdatesFromANumberOn) {
    std::string text = site.transcript({"plan", "--from", "dues=1006", "--module", "dues"});
    site.transcript({"run", "--yes"});
    text += site.transcript({"plan", "--from", "dues=1005"});
    text += site.transcript({"run", "--yes", "--from", "dues=1005"});
    text += site.transcript({"status"});
    text += site.transcript({"run", "--yes", "--from", "dues=1999"});
    text += site.transcript({"run", "--yes", "--from", "due=1005"});
    text += site.transcript({"run", "--yes", "--from", "dues"});
    expect_golden("from", text);
}

TEST_F(CheckTranscripts, OnlySomeModules) {
    std::string text = site.transcript({"plan", "--module", "dues"});
    text += site.transcript({"plan", "--skip", "member"});
    text += site.transcript({"run", "--yes", "--module", "dues"});
    text += site.transcript({"run", "--yes", "--module", "dews"});
    text += site.transcript({"run", "--yes", "--skip", "nothing_like_it"});
    expect_golden("selection", text);
}

TEST_F(CheckTranscripts, Mark) {
    std::string text = site.transcript({"mark", "dues=1005"});
    text += site.transcript({"mark", "dues=1005", "--yes"});
    text += site.transcript({"mark", "dues=1005", "--yes"});
    text += site.transcript({"mark", "dues=1004", "--yes", "--format", "json"});
    text += site.transcript({"mark", "dues=1006", "--yes", "--no-backup"});
    text += site.transcript({"mark", "dues=1001", "--yes", "--no-backup"});
    text += site.transcript({"status", "--exit-code", "-q"});
    const std::string before = site.content();
    text += site.transcript({"mark", "dues=1007", "--yes"});
    text += site.transcript({"mark", "dues=40000", "--yes"});
    text += site.transcript({"mark", "dues=-1", "--yes"});
    text += site.transcript({"mark", "due=1005", "--yes"});
    text += site.transcript({"mark", "dues", "--yes"});
    text += site.transcript({"mark"});
    EXPECT_EQ(site.content(), before);
    expect_golden("mark", text);
}

TEST_F(CheckTranscripts, Verify) {
    std::string text = site.transcript({"verify"});
    site.transcript({"run", "--yes"});
    text += site.transcript({"verify"});
    text += site.transcript({"verify", "-q"});
    text += site.transcript({"verify", "--format", "json"});
    site.sql("DROP INDEX event_starts; ALTER TABLE gallery_picture ADD COLUMN thumbnail VARCHAR(255);");
    text += site.transcript({"verify"});
    text += site.transcript({"verify", "-v"});
    text += site.transcript({"verify", "--format", "json", "-q"});
    expect_golden("verify", text);
}

TEST_F(CheckTranscripts, VerifyWithoutAnythingToCompareWith) {
    for (const char* module : {"event", "newsletter", "gallery"})
        site.replace(std::string("modules/") + module + "/" + module + ".install",
                     std::string("function ") + module + "_schema()",
                     "function _nobody_asks_for_" + std::string(module) + "()");
    std::string text = site.transcript({"verify"});
    site.append("modules/dues/dues.install", "function dues_update_1007() { throw new Exception('x'); }\n");
    site.transcript({"run", "--yes", "--on-failure", "stop"});
    text += site.transcript({"verify"});
    expect_golden("verify_nothing", text);
}

TEST_F(CheckTranscripts, MarkMakesTheTableOfABareSite) {
    site.sql("DROP TABLE system;");
    std::string text = site.transcript({"status"});
    text += site.transcript({"mark", "nothing=1", "--yes"});
    text += site.transcript({"mark", "dues=1004", "--yes"});
    text += site.transcript({"mark", "gallery=1002", "--yes"});
    text += site.transcript({"plan"});
    expect_golden("mark_bare", text);
}

TEST_F(CheckTranscripts, MarkLeavesAnOpenRunAlone) {
    site.append("modules/dues/dues.install", "function dues_update_1007() { throw new Exception('x'); }\n");
    site.transcript({"run", "--yes", "--on-failure", "stop"});
    const std::string before = site.content();
    expect_golden("mark_open_run", site.transcript({"mark", "dues=1007", "--yes"}));
    EXPECT_EQ(site.content(), before);
}

TEST_F(CheckTranscripts, WhatOneKnowsOf) {
    std::filesystem::remove_all(site.root() / "modules/event");
    std::string text = site.transcript({"status", "--exit-code"});
    text += site.transcript({"run", "--yes"});
    text += site.transcript({"status", "--exit-code", "--acknowledge", "event"});
    site.write("../bdupdate.ini", "acknowledge = event\n");
    text += site.transcript({"status", "--exit-code", "--config", "../bdupdate.ini"});
    text += site.transcript({"run", "--yes", "--config", "../bdupdate.ini"});
    text += site.transcript({"verify"});
    text += site.transcript({"verify", "-q", "--config", "../bdupdate.ini"});
    expect_golden("acknowledge", text);
}

}  // namespace
}  // namespace bdupdate::test
