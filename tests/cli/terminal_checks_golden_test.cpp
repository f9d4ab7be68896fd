// What a person sees of the commands that check and look back (see terminal_golden_test.cpp), and of doctor
// without a terminal, too. What doctor says of the machine is left out.

#include <gtest/gtest.h>

#include <regex>

#include "support/golden.h"
#include "support/program.h"

namespace bdupdate::test {
namespace {

/// Without what depends on this machine's file systems, PHPs and their numbers.
std::string of_the_site(std::string text) {
    const std::pair<std::regex, const char*> rules[] = {
        {std::regex(R"re((\{[a-z]+\})?(warning|ok):(\{/\})? (state|php): [^\n]*\n(  [^\n]*\n)*)re"), ""},
        {std::regex(R"re([0-9]+ warnings?\n)re"), "WARNINGS\n"},
        {std::regex(R"re(PHP [0-9.]+)re"), "PHP VERSION"}};
    for (const auto& [pattern, words] : rules) text = std::regex_replace(text, pattern, words);
    return text;
}

struct ChecksOnATerminal : testing::Test {
    ExampleSite site;
};

TEST_F(ChecksOnATerminal, Lint) {
    std::string text = site.terminal_transcript({"lint", "."}, columns(100));
    site.append("modules/dues/dues.install", R"php(
function dues_update_1007(&$sandbox) {
  $sandbox['#finished'] = $sandbox['done'] / $sandbox['max'];
}

/**
 * Comes from another branch.
 */
function dues_update_8001() {
  node_save($node);
}
)php");
    text += site.terminal_transcript({"lint", "modules"}, columns(100), true);
    text += site.terminal_transcript({"lint", "modules", "--ignore", "api"}, columns(60));
    text += site.terminal_transcript({"lint"}, columns(60));
    expect_golden("terminal_lint", text);
}

TEST_F(ChecksOnATerminal, Doctor) {
    const std::vector<std::string> doctor = {"doctor", "--php", "env php"};
    std::string text = site.transcript(doctor) + site.terminal_transcript(doctor, columns(100));
    site.append("settings.php", "\n$settings['update_free_access'] = TRUE;\n");
    site.append("modules/event/event.install", "function event_update_last_removed() {\n  return 1001;\n}\n");
    site.sql("UPDATE system SET schema_version = 1000 WHERE name = 'event';");
    site.terminal_transcript({"backup", "create"}, columns(100));
    text += site.terminal_transcript({"doctor", "--php", "env php", "-v"}, columns(60), true);
    site.append("modules/dues/dues.install", "function dues_update_40000() {\n}\n");
    text += site.transcript(doctor) + site.terminal_transcript(doctor, columns(100), true);
    expect_golden("terminal_doctor", of_the_site(text));
}

TEST_F(ChecksOnATerminal, Mark) {
    std::string text = site.terminal_transcript({"mark", "dues=1005"}, columns(100, {{go_on, "n\n"}}));
    text += site.terminal_transcript({"mark", "dues=1005"}, columns(100, {{go_on, "y\n"}}));
    text += site.terminal_transcript({"mark", "dues=1005"}, columns(100));
    text +=
        site.terminal_transcript({"mark", "dues=1001", "--no-backup"}, columns(60, {{go_on, "y\n"}}), true);
    text += site.terminal_transcript({"mark", "dues=1007"}, columns(60), true);
    expect_golden("terminal_mark", text);
}

TEST_F(ChecksOnATerminal, WhatRunsDid) {
    std::string text = site.terminal_transcript({"history"}, columns(100));
    site.terminal_transcript({"run", "--yes"}, columns(100));
    site.append("modules/dues/dues.install",
                "function dues_update_1007() {\n  throw new Exception('the bank did not answer');\n}\n");
    site.terminal_transcript({"run", "--yes"}, columns(100));
    for (const int width : {100, 60}) {
        text += site.terminal_transcript({"history"}, columns(width), true);
        text += site.terminal_transcript({"show"}, columns(width), true);
    }
    site.sql("UPDATE system SET schema_version = 1006 WHERE name = 'dues';");
    text += site.terminal_transcript({"history", "--last", "1"}, columns(60));
    text += site.terminal_transcript({"report", "--output", "../report.html"}, columns(60));
    text += site.terminal_transcript({"show", "xyz"}, columns(60), true);
    expect_golden("terminal_history", text);
}

}  // namespace
}  // namespace bdupdate::test
