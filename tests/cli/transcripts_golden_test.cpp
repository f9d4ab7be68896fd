// Exact stdout, stderr and exit code of the program on the example site. BDUPDATE_WRITE_GOLDEN=1 writes the
// files anew: read the difference before it is committed.

#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/program.h"

namespace bdupdate::test {
namespace {

struct Transcripts : testing::Test {
    ExampleSite site;
};

TEST_F(Transcripts, Help) {
    std::string text = site.transcript({"--help"});
    text += site.transcript({"run", "--help"});
    text += site.transcript({"history", "--help"});
    text += site.transcript({"show", "--help"});
    text += site.transcript({"report", "--help"});
    text += site.transcript({"verify", "--help"});
    text += site.transcript({"backup", "--help"});
    text += site.transcript({"backup", "restore", "--help"});
    expect_golden("help", text);
}

TEST_F(Transcripts, AWholeUpdate) {
    std::string text;
    text += site.transcript({"status"});
    text += site.transcript({"status", "--exit-code", "-q"});
    text += site.transcript({"plan"});
    text += site.transcript({"run", "--dry-run"});
    text += site.transcript({"run", "--yes"});
    text += site.transcript({"status", "--exit-code"});
    text += site.transcript({"run", "--yes"});
    text += site.transcript({"backup", "list"});
    text += site.transcript({"backup", "verify"});
    expect_golden("update", text);
}

TEST_F(Transcripts, ThePlansCodeAndGraph) {
    site.sql("UPDATE system SET schema_version = 1000 WHERE name = 'event';");
    site.append("modules/event/event.install", "function event_update_last_removed() {\n  return 1001;\n}\n");
    std::string text;
    text += site.transcript({"plan", "--source", "--module", "newsletter"});
    text += site.transcript({"plan", "--dot"});
    text += site.transcript({"plan", "--dot", "--source"});
    text += site.transcript({"plan", "--dot", "--format", "json"});
    text += site.transcript({"plan", "--source", "--module", "gallery", "--format", "json"});
    expect_golden("plan", text);
}

TEST_F(Transcripts, AFailureAndTheWayOut) {
    site.append("modules/dues/dues.install", failing_update);
    std::string text;
    text += site.transcript({"run", "--yes", "--on-failure", "stop"});
    text += site.transcript({"status", "--exit-code"});
    text += site.transcript({"run", "--yes"});
    text += site.transcript({"recover", "--yes"});
    site.replace("modules/dues/dues.install", "throw new Exception('the bank did not answer');",
                 "return 'Mended.';");
    text += site.transcript({"recover", "--yes"});
    text += site.transcript({"recover", "--yes"});
    expect_golden("failure", text);
}

TEST_F(Transcripts, WhatFailsIsTakenBackAndNotTriedAgainByItself) {
    site.append("modules/dues/dues.install", failing_update);
    const std::string before = site.content();
    std::string text;
    text += site.transcript({"run", "--yes"});
    EXPECT_EQ(site.content(), before);
    text += site.transcript({"run", "--yes"});
    text += site.transcript({"run", "--yes", "--retry", "-q"});
    EXPECT_EQ(site.content(), before);
    site.replace("modules/dues/dues.install", "throw new Exception('the bank did not answer');",
                 "return 'Mended.';");
    text += site.transcript({"run", "--yes", "-q"});
    expect_golden("restore", text);
}

TEST_F(Transcripts, GoingOnWithoutWhatFailed) {
    site.append("modules/dues/dues.install", failing_update);
    site.append("modules/dues/dues.install", R"php(
function dues_update_1008(&$sandbox) {
}
)php");
    std::string text;
    text += site.transcript({"run", "--yes", "--on-failure", "continue"});
    text += site.transcript({"status", "--exit-code"});
    text += site.transcript({"run", "--yes"});
    text += site.transcript({"run", "--yes", "--retry", "--format", "json"});
    expect_golden("continue", text);
}

TEST_F(Transcripts, WhatAnUpdateSaysAndWhyItFails) {
    site.append("modules/dues/dues.install", R"php(
function dues_update_1007(&$sandbox) {
  $sandbox += array('pass' => 0);
  for ($i = 0; $i < 4; ++$i) {
    trigger_error('careful', E_USER_WARNING);
  }
  backdrop_set_message('Pass <em>' . ++$sandbox['pass'] . '</em> was made.');
  watchdog('dues', 'Nobody needs to read this.');
  watchdog('dues', 'Somebody should: %what.', array('%what' => 'arrears'), WATCHDOG_ERROR);
  echo 'printed';
  $sandbox['#finished'] = $sandbox['pass'] / 3;
}
function dues_update_1008(&$sandbox) {
  member_next_number();
}
)php");
    std::filesystem::create_directories(site.root() / "modules/member/includes");
    site.write("modules/member/includes/numbers.inc", "<?php\nfunction member_next_number() {\n}\n");
    std::string text;
    text += site.transcript({"run", "--yes"});
    text += site.transcript({"run", "--yes", "--retry", "--format", "json"});
    site.replace("modules/dues/dues.install", "member_next_number();",
                 "db_query('SELECT * FROM {dues_reminder}');");
    text += site.transcript({"run", "--yes", "--on-failure", "continue"});
    expect_golden("messages", text);
}

TEST_F(Transcripts, TakingBackAndForgettingAStoppedRun) {
    site.append("modules/dues/dues.install", failing_update);
    const std::string before = site.content();
    std::string text;
    text += site.transcript({"run", "--yes", "--on-failure", "stop", "-q"});
    text += site.transcript({"recover", "--yes", "--restore"});
    EXPECT_EQ(site.content(), before);
    text += site.transcript({"recover", "--yes", "--restore"});
    text += site.transcript({"recover", "--yes", "--restore", "--backup", "2026"});
    text += site.transcript({"run", "--yes", "--no-backup", "--retry", "-q"});
    text += site.transcript({"recover", "--yes", "--restore"});
    text += site.transcript({"recover", "--yes", "--forget"});
    text += site.transcript({"run", "--yes", "--no-backup", "--on-failure", "restore"});
    expect_golden("take_back", text);
}

TEST_F(Transcripts, Json) {
    std::string text;
    text += site.transcript({"status", "--format", "json"});
    text += site.transcript({"plan", "--format", "json"});
    text += site.transcript({"run", "--yes", "--format", "json"});
    text += site.transcript({"backup", "list", "--format", "json"});
    expect_golden("json", text);
}

TEST_F(Transcripts, Backups) {
    std::string text;
    text += site.transcript({"backup", "list"});
    text += site.transcript({"backup", "restore", "latest", "--yes"});
    text += site.transcript({"backup", "create"});
    const std::string before = site.content();
    text += site.transcript({"backup", "show"});
    text += site.transcript({"backup", "show", "--format", "json"});
    text += site.transcript({"backup", "verify", "--deep"});
    text += site.transcript({"-q", "run", "--yes", "--no-backup"});
    text += site.transcript({"backup", "restore", "latest"});
    text += site.transcript({"backup", "restore", "latest", "--yes"});
    EXPECT_EQ(site.content(), before);
    text += site.transcript({"backup", "restore", "latest", "--yes", "--no-backup", "--format", "json"});
    EXPECT_EQ(site.content(), before);
    text += site.transcript({"backup", "list"});
    text += site.transcript({"backup", "create"});
    text += site.transcript({"backup", "prune", "--keep", "1"});
    text += site.transcript({"backup", "prune", "--keep", "1", "--format", "json"});
    text += site.transcript({"backup", "export", "latest"});
    text += site.transcript({"backup", "show", "1999"});
    expect_golden("backup", text);
}

TEST_F(Transcripts, Maintenance) {
    std::string text;
    text += site.transcript({"maintenance"});
    text += site.transcript({"maintenance", "on"});
    text += site.transcript({"maintenance", "on", "--yes"});
    text += site.transcript({"maintenance", "on", "--yes"});
    text += site.transcript({"maintenance", "--format", "json"});
    text += site.transcript({"maintenance", "off", "--yes", "--format", "json"});
    text += site.transcript({"maintenance", "perhaps"});
    // Without PHP, and with code that no longer boots.
    site.append("modules/dues/dues.install", "\n$a $b;\n");
    text += site.transcript({"maintenance", "on", "--yes", "--php", "/nonexistent/php"});
    site.append("settings.php", "\n$settings['cache_default_class'] = 'MemcacheStorage';\n");
    text += site.transcript({"maintenance", "off", "--yes"});
    site.sql("DROP TABLE state; DROP TABLE IF EXISTS variable;");
    text += site.transcript({"maintenance"});
    text += site.transcript({"maintenance", "--format", "json"});
    text += site.transcript({"maintenance", "on", "--yes"});
    expect_golden("maintenance", text);
}

TEST_F(Transcripts, MaintenanceIsTheOpenRunsBusiness) {
    site.append("modules/dues/dues.install", failing_update);
    site.transcript({"run", "--yes", "--on-failure", "stop"});
    std::string text;
    text += site.transcript({"maintenance"});
    text += site.transcript({"maintenance", "off", "--yes"});
    expect_golden("maintenance_open_run", text);
}

TEST_F(Transcripts, WhatRunsDid) {
    std::string text;
    text += site.transcript({"history"});
    text += site.transcript({"show"});
    text += site.transcript({"run", "--yes", "-q", "--report", "../run.html"});
    text += site.transcript({"history"});
    text += site.transcript({"show"});
    text += site.transcript({"show", "--patch"});
    site.append("modules/dues/dues.install", failing_update);
    site.transcript({"run", "--yes", "-q"});
    site.transcript({"run", "--yes", "-q", "--retry", "--on-failure", "stop"});
    text += site.transcript({"history"});
    text += site.transcript({"show"});
    site.transcript({"recover", "--yes", "-q", "--restore"});
    site.transcript({"backup", "restore", "latest", "--yes", "-q"});
    text += site.transcript({"history", "--last", "2"});
    text += site.transcript({"show"});
    text += site.transcript({"show", "xyz"});
    text += site.transcript({"show", ""});
    text += site.transcript({"report", "--output", "../report.html"});
    text += site.transcript({"report", "--output", "report.html"});
    text += site.transcript({"report", "--output", "../nowhere/report.html"});
    text += site.transcript({"run", "--yes", "--report", "report.html"});
    expect_golden("history", text);
}

TEST_F(Transcripts, QuietIsSilentOnSuccessAndCompleteOnFailure) {
    std::string text;
    text += site.transcript({"-q", "run", "--yes"});
    site.append("modules/dues/dues.install", failing_update);
    text += site.transcript({"-q", "run", "--yes"});
    expect_golden("quiet", text);
}

TEST_F(Transcripts, Usage) {
    std::string text;
    text += site.transcript({"run"});
    text += site.transcript({"run", "--bogus"});
    text += site.transcript({"nonsense"});
    text += site.transcript({"statsu"});
    text += site.transcript({"run", "--on-failur=stop"});
    text += site.transcript({"backup", "verfiy"});
    text += site.transcript({"backup"});
    text += site.transcript({"backup", "restore"});
    text += site.transcript({"status", "everything"});
    text += site.transcript({"plan", "--module"});
    text += site.transcript({"run", "--yes", "--on-failure", "perhaps"});
    text += site.transcript({"status", "--root", "/"});
    text += site.transcript({"run", "--yes", "--php", "php 'open"});
    expect_golden("usage", text);
}

}  // namespace
}  // namespace bdupdate::test
