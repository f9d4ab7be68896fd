// What a person sees: transcripts on a pseudo terminal of a given width. Lines stand as they stay on the
// screen; the live line, which depends on time, is looked at apart. BDUPDATE_WRITE_GOLDEN=1 writes the files
// anew.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "bdupdate/base/text.h"
#include "bdupdate/report/layout.h"
#include "support/golden.h"
#include "support/program.h"

namespace bdupdate::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// Descriptions that are not as wide as they have bytes, blocked and missing modules, and no description.
constexpr const char* strange_updates = R"php(

/**
 * 会費の計算を正確な数値に変更し、年間合計を保存します。支払いの記録はそのまま残ります。
 */
function dues_update_1007() {
}

/**
 * Größenänderung der Gebühren: Beträge über tausend Euro passen jetzt auch in die Tabelle 👩‍👧‍👦 hinein.
 */
function dues_update_1008() {
}

function dues_update_1009() {
}
function gallery_update_last_removed() {
  return 1000;
}
)php";

/// A function for updates that are to last until the test lets them go on, or gives up.
constexpr const char* patience = R"php(
function dues_wait_for($name) {
  touch(BACKDROP_ROOT . '/' . $name . '-begun');
  for ($i = 0; $i < 6000 && !file_exists(BACKDROP_ROOT . '/' . $name); ++$i) {
    usleep(10000);
  }
}
)php";

struct OnATerminal : testing::Test {
    ExampleSite site;

    /// Until an update waits for that name: the line that announces a pass is there before the pass begins.
    void wait_until_begun(const std::string& name) const {
        for (int i = 0; i < 6000 && !std::filesystem::exists(site.root() / (name + "-begun")); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    void let_go_on(const std::string& name) { site.write(name, ""); }

    void make_it_strange() {
        site.append("modules/dues/dues.install", strange_updates);
        site.append("modules/event/event.install",
                    "function event_update_last_removed() {\n  return 1001;\n}\n");
        site.sql(
            "UPDATE system SET schema_version = 1000 WHERE name = 'event';"
            "UPDATE system SET status = 1 WHERE name = 'guestbook';");
    }
};

TEST_F(OnATerminal, AWholeUpdate) {
    std::string text;
    text += site.terminal_transcript({"status"}, columns(100));
    text += site.terminal_transcript({"plan"}, columns(100));
    text += site.terminal_transcript({"run"}, columns(100, {{go_on, "n\n"}}));
    text += site.terminal_transcript({"run"}, columns(100, {{go_on, "y\n"}}));
    text += site.terminal_transcript({"run"}, columns(100));
    text += site.terminal_transcript({"status"}, columns(100));
    text += site.terminal_transcript({"recover"}, columns(100));
    expect_golden("terminal_update", text);
}

TEST_F(OnATerminal, Verify) {
    site.sql("ALTER TABLE newsletter_subscriber ADD COLUMN nickname VARCHAR(9);");
    site.run({"run", "--yes"});
    site.sql("DROP INDEX event_starts; DROP TABLE gallery_picture;");
    site.append(
        "modules/newsletter/newsletter.install",
        "function newsletter_schema_alter(&$schema) {\n"
        "  $schema['event']['fields']['place']['length'] = 255;\n"
        "  $schema['event']['fields']['a_longer_description'] = array('type' => 'varchar', 'length' => 255,"
        "\n    'not null' => TRUE, 'default' => 'nothing is known of it');\n}\n");
    std::string text = site.terminal_transcript({"verify"}, columns(100));
    text += site.terminal_transcript({"verify", "--strict"}, columns(60), true);
    expect_golden("terminal_verify", text);
}

TEST_F(OnATerminal, NarrowAndWide) {
    make_it_strange();
    std::string text;
    for (const int width : {60, 200}) {
        text += site.terminal_transcript({"status"}, columns(width));
        text += site.terminal_transcript({"plan"}, columns(width));
        text += site.terminal_transcript({"run"}, columns(width, {{go_on, "\n"}}));
    }
    text += site.terminal_transcript({"run"}, columns(60, {{go_on, "yes\n"}}));
    expect_golden("terminal_widths", text);
}

TEST_F(OnATerminal, ColourStandsWhereItMeansSomething) {
    make_it_strange();
    std::string text;
    text += site.terminal_transcript({"status"}, columns(100), true);
    text += site.terminal_transcript({"plan", "--module", "dues"}, columns(100), true);
    text += site.terminal_transcript({"run", "--module", "dues"}, columns(100, {{go_on, "y\n"}}), true);
    text += site.terminal_transcript({"status", "--color", "never"}, columns(100), true);
    text += site.terminal_transcript({"status", "--site", "nowhere"}, columns(100), true);
    expect_golden("terminal_colour", text);
}

TEST_F(OnATerminal, NoColourWhereTheEnvironmentRefusesIt) {
    EXPECT_THAT(site.on_terminal({"status"}, columns(100)).raw, HasSubstr("\x1b[1m"));
    EXPECT_THAT(site.on_terminal({"status"}, columns(100), {{"NO_COLOR", "1"}}).raw, Not(HasSubstr("\x1b")));
    EXPECT_THAT(site.on_terminal({"status", "--color", "always"}, columns(100), {{"NO_COLOR", "1"}}).raw,
                HasSubstr("\x1b[1m"));
    EXPECT_THAT(site.run({"status", "--color", "always"}).out, HasSubstr("\x1b[1m"));
    EXPECT_THAT(site.run({"status"}).out, Not(HasSubstr("\x1b")));
}

TEST_F(OnATerminal, NoEscapeSequencesWhereTheTerminalHasNone) {
    const TerminalRun done = site.on_terminal({"run"}, columns(80, {{go_on, "y\n"}}), {{"TERM", "dumb"}});
    EXPECT_EQ(done.status.code, 0) << done.text;
    EXPECT_THAT(done.raw, Not(HasSubstr("\x1b")));
}

TEST_F(OnATerminal, NoLineOfALookIsWiderThanTheTerminal) {
    make_it_strange();
    for (const int width : {40, 60, 80, 133, 200}) {
        for (const char* command : {"status", "plan"}) {
            const TerminalRun done = site.on_terminal({command, "--color", "never"}, columns(width));
            for (const std::string_view line : split(done.text, '\n')) {
                // A path stays whole, to be copied.
                if (line.find('/') != std::string_view::npos) continue;
                EXPECT_LE(report::display_width(line), static_cast<std::size_t>(width))
                    << command << ": " << line;
            }
        }
    }
}

TEST_F(OnATerminal, AFailureAsksWhatIsToFollow) {
    site.append("modules/dues/dues.install", failing_update);
    const std::string before = site.content();
    std::string text;
    text += site.terminal_transcript(
        {"run"}, columns(100, {{go_on, "y\n"}, {"[r/s/g] ", "x\n"}, {"[r/s/g] ", "r\n"}}));
    EXPECT_EQ(site.content(), before);
    text += site.terminal_transcript({"run"}, columns(100));
    text += site.terminal_transcript({"run", "--retry"}, columns(100, {{go_on, "y\n"}, {"[r/s/g] ", "s\n"}}));
    text += site.terminal_transcript({"status"}, columns(100));
    text += site.terminal_transcript({"plan"}, columns(100));
    text += site.terminal_transcript({"recover"}, columns(100, {{go_on, "n\n"}}));
    text += site.terminal_transcript({"recover"}, columns(100, {{go_on, "y\n"}, {"[r/s/g] ", "g\n"}}));
    text += site.terminal_transcript({"status"}, columns(100));
    expect_golden("terminal_failure", text);
}

TEST_F(OnATerminal, CtrlCStopsAfterThePassAndSaysHowToGoOn) {
    // Its third and its fifth pass end when the test says so: when it has seen what it waits for.
    site.append("modules/dues/dues.install", patience + std::string(R"php(
/**
 * Takes its time.
 */
function dues_update_1007(&$sandbox) {
  $sandbox += array('pass' => 0);
  if ($sandbox['pass'] == 2 || $sandbox['pass'] == 4) {
    dues_wait_for('pass-' . ($sandbox['pass'] + 1));
  }
  $sandbox['#finished'] = ++$sandbox['pass'] / 8;
}
)php"));
    const TerminalRun stopped = site.on_terminal(
        {"run"},
        columns(80, {{go_on, "y\n"},
                     {"dues_update_1007  pass 3, 25 %", "\x03", [this] { wait_until_begun("pass-3"); }},
                     {"stopping after this pass", "", [this] { let_go_on("pass-3"); }}}));
    EXPECT_EQ(stopped.status.code, 130);
    EXPECT_THAT(stopped.live, Contains(HasSubstr("Takes its time.")));
    EXPECT_THAT(stopped.text, HasSubstr("bdupdate recover goes on from there"));
    for (const std::string& line : stopped.live) EXPECT_LT(report::display_width(line), 80U) << line;
    // Passes are counted by this call.
    const TerminalRun recovered = site.on_terminal(
        {"recover"},
        columns(80, {{go_on, "y\n"}, {"dues_update_1007  pass 2", "", [this] { let_go_on("pass-5"); }}}));
    EXPECT_EQ(recovered.status.code, 0) << recovered.text;
}

TEST_F(OnATerminal, TheLiveLineKeepsTimeWhileAnUpdateWorks) {
    site.append("modules/dues/dues.install",
                patience + std::string("function dues_update_1007() {\n  dues_wait_for('2-s');\n}\n"));
    const TerminalRun done = site.on_terminal(
        {"run", "--yes"}, columns(60, {{"dues_update_1007  1 s", ""},
                                       {"dues_update_1007  2 s", "", [this] { let_go_on("2-s"); }}}));
    EXPECT_EQ(done.status.code, 0) << done.text;
}

TEST_F(OnATerminal, AQuestionIsSeenAlsoWithQuietAndWithStdoutElsewhere) {
    std::string text;
    text += site.terminal_transcript({"run", "-q"}, columns(100, {{go_on, "n\n"}}));
    TerminalOptions piped = columns(100, {{go_on, "y\n"}});
    piped.stdout_elsewhere = true;
    text += site.terminal_transcript({"run", "--module", "gallery"}, piped);
    text += site.terminal_transcript({"run", "-q"}, columns(100, {{go_on, "y\n"}}));
    expect_golden("terminal_quiet", text);
}

TEST_F(OnATerminal, Backups) {
    std::string text;
    text += site.terminal_transcript({"backup", "list"}, columns(100));
    text += site.terminal_transcript({"backup", "create"}, columns(100));
    text += site.terminal_transcript({"backup", "list"}, columns(100));
    text += site.terminal_transcript({"backup", "show"}, columns(100));
    text += site.terminal_transcript({"backup", "verify"}, columns(100));
    text += site.terminal_transcript({"backup", "verify", "--deep"}, columns(100));
    text += site.terminal_transcript({"backup", "restore", "latest"}, columns(100, {{go_on, "n\n"}}));
    text += site.terminal_transcript({"backup", "restore", "latest"}, columns(100, {{go_on, "y\n"}}));
    text += site.terminal_transcript({"backup", "list"}, columns(100));
    text += site.terminal_transcript({"backup", "create"}, columns(100));
    text += site.terminal_transcript({"backup", "prune", "--keep", "1"}, columns(100));
    text += site.terminal_transcript({"backup", "export", "latest"}, columns(100));
    expect_golden("terminal_backup", text);
}

TEST_F(OnATerminal, MaintenanceAndErrors) {
    std::string text;
    text += site.terminal_transcript({"maintenance"}, columns(100));
    text += site.terminal_transcript({"maintenance", "on"}, columns(100));
    text += site.terminal_transcript({"status"}, columns(100));
    text += site.terminal_transcript({"maintenance", "off"}, columns(100));
    text += site.terminal_transcript({"run", "--bogus"}, columns(100));
    text += site.terminal_transcript({"nonsense"}, columns(100));
    text += site.terminal_transcript({"status", "--root", "/"}, columns(100));
    text += site.terminal_transcript({"run", "--php", "/nonexistent/php"}, columns(100));
    site.append("modules/dues/dues.install", "\n$a $b {\n");
    text += site.terminal_transcript({"run"}, columns(100));
    text += site.terminal_transcript({"status"}, columns(100));
    expect_golden("terminal_errors", text);
}

TEST_F(OnATerminal, WhatAnUpdateSaysCannotSpeakToTheTerminal) {
    site.append("modules/dues/dues.install",
                "function dues_update_1007() {\n  return \"a\\x1b]0;title\\x07b\\xc2\\x9b2Jc\\rd\";\n}\n");
    const TerminalRun done = site.on_terminal({"run", "--yes"}, columns(100));
    EXPECT_EQ(done.status.code, 0);
    EXPECT_THAT(done.text, HasSubstr("dues_update_1007"));
    EXPECT_THAT(done.raw, Not(HasSubstr("\x1b]")));
    EXPECT_THAT(done.raw, Not(HasSubstr("\xc2\x9b")));
}

}  // namespace
}  // namespace bdupdate::test
