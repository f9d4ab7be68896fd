// The worker on a bare site with SQLite: every way a pass can end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "bdupdate/base/digest.h"
#include "worker/bare_site.h"

namespace bdupdate::worker {
namespace {

using std::chrono::milliseconds;
using test::BareSite;
using test::run_update;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string update(const std::string& body, const std::string& before = {}) {
    return before + "\n/**\n * Probes.\n */\nfunction probe_update_1001(&$sandbox) {\n" + body + "\n}\n";
}

const std::string writes =
    "db_update('item')->fields(array('name' => 'changed'))->condition('id', 1)->execute();";

/// What must be true after every undone pass.
void expect_untouched(const BareSite& site) {
    EXPECT_EQ(site.mark(), "0|done");
    EXPECT_EQ(site.schema_version(), "1000");
    EXPECT_EQ(site.query("SELECT name FROM item WHERE id = 1"), "one");
}

std::vector<std::string> texts(const std::vector<Message>& messages, const std::string& kind) {
    std::vector<std::string> result;
    for (const Message& message : messages)
        if (message.kind == kind) result.push_back(message.counted_text());
    return result;
}

TEST(Handshake, TellsWhatPhpSees) {
    const BareSite site(update(""));
    auto worker = site.worker();
    const auto shake = worker->start();
    ASSERT_TRUE(shake) << shake.error().message;
    EXPECT_EQ(shake->mark_run, BareSite::run);
    EXPECT_EQ(shake->config_hash, sha256_hex("system.core.json 3\n"));
    EXPECT_GT(shake->pid, 0);
    EXPECT_GT(shake->start_time, 0U);
    worker->quit();
    expect_untouched(site);
}

TEST(Boot, ReportsFacts) {
    const BareSite site(update("",
                               "function probe_update_last_removed() { return 999; }\n"
                               "function probe_update_dependencies() { return array('probe' => array(1001 => "
                               "array('other' => 1000))); }"));
    auto worker = site.worker();
    ASSERT_TRUE(worker->start());
    ASSERT_TRUE(worker->begin(BareSite::key(1)));
    const auto report = worker->boot();
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_THAT(report->facts.modules, SizeIs(1));
    const plan::ModuleFacts& probe = report->facts.modules[0];
    EXPECT_EQ(probe.name, "probe");
    EXPECT_EQ(probe.schema_version, 1000);
    EXPECT_TRUE(probe.enabled);
    EXPECT_EQ(probe.code, scan::CodeState::Present);
    EXPECT_EQ(probe.last_removed, 999);
    ASSERT_THAT(probe.updates, SizeIs(1));
    EXPECT_EQ(probe.updates[0].number, "1001");
    EXPECT_EQ(probe.updates[0].description, "Probes.");
    EXPECT_EQ(probe.updates[0].file, site.root() / "modules/probe/probe.install");
    EXPECT_GT(probe.updates[0].line, 1);
    ASSERT_THAT(report->facts.dependencies, SizeIs(1));
    EXPECT_EQ(report->facts.dependencies[0].other_number, "1000");
}

TEST(Boot, WithoutAnUpdateCanBeCommitted) {
    const BareSite site(update(""));
    auto worker = test::booted(site);
    const auto done = worker->commit(BareSite::key(1), Commit{});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(site.mark(), "1|done");
    EXPECT_EQ(site.schema_version(), "1000");
}

TEST(Pass, WritesNumberAndMarkInOneCommit) {
    const BareSite site(update(writes + " return 'All <em>done</em> &amp; well<br>really';"));
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(site, worker);
    ASSERT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_EQ(report.finished, 1.0);
    EXPECT_EQ(report.result, "All done & well\nreally");
    EXPECT_FALSE(report.split);
    EXPECT_GT(report.memory_bytes, 0U);
    // Until the commit nobody else sees anything of it.
    expect_untouched(site);
    const auto done = worker->commit(BareSite::key(1), test::last_commit());
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->schema_hash, sha256_hex("probe=1001\n"));
    EXPECT_EQ(site.mark(), "1|done");
    EXPECT_EQ(site.schema_version(), "1001");
    EXPECT_EQ(site.query("SELECT name FROM item WHERE id = 1"), "changed");
    EXPECT_EQ(site.query("SELECT schema_hash FROM bdupdate_mark"), done->schema_hash);
    worker->quit();
}

TEST(Pass, WithoutCommitIsUndoneWhenTheWorkerGoes) {
    const BareSite site(update(writes));
    std::unique_ptr<Worker> worker;
    ASSERT_EQ(run_update(site, worker).failure, Failure::None);
    worker->quit();
    expect_untouched(site);
}

TEST(Pass, HandsItsSandboxToTheNextOne) {
    const BareSite site(
        update("if (!isset($sandbox['bag'])) { $sandbox['bag'] = new ArrayObject(array(0)); }\n"
               "$sandbox['bag'][] = count($sandbox['bag']);\n"
               "db_insert('item')->fields(array('name' => 'new ' . count($sandbox['bag'])))->execute();\n"
               "$sandbox['#finished'] = (count($sandbox['bag']) - 1) / 3;\n"
               "return 'bag of ' . count($sandbox['bag']);"));
    std::unique_ptr<Worker> worker;
    PassReport report = run_update(site, worker);
    for (std::int64_t seq = 1; seq < 3; ++seq) {
        ASSERT_EQ(report.failure, Failure::None) << report.error;
        EXPECT_DOUBLE_EQ(report.finished, static_cast<double>(seq) / 3);
        EXPECT_THAT(report.sandbox, HasSubstr("ArrayObject"));
        EXPECT_EQ(report.result, "");
        Commit commit;
        commit.sandbox = report.sandbox;
        ASSERT_TRUE(worker->commit(BareSite::key(seq), commit));
        EXPECT_EQ(site.query("SELECT sandbox FROM bdupdate_mark"), report.sandbox);
        ASSERT_TRUE(worker->begin(BareSite::key(seq + 1)));
        report = worker->pass(BareSite::step("1001"), report.sandbox);
    }
    EXPECT_EQ(report.finished, 1.0);
    EXPECT_EQ(report.sandbox, "");
    EXPECT_EQ(report.result, "bag of 4");
    ASSERT_TRUE(worker->commit(BareSite::key(3), test::last_commit()));
    EXPECT_EQ(site.query("SELECT COUNT(*) FROM item"), "5");
}

TEST(Pass, GoesOnInAnotherWorkerWithTheSameSandbox) {
    const BareSite site(
        update("$sandbox['n'] = isset($sandbox['n']) ? $sandbox['n'] + 1 : 1;\n"
               "$sandbox['#finished'] = $sandbox['n'] / 2; return 'n=' . $sandbox['n'];"));
    std::unique_ptr<Worker> worker;
    const PassReport first = run_update(site, worker);
    Commit commit;
    commit.sandbox = first.sandbox;
    ASSERT_TRUE(worker->commit(BareSite::key(1), commit));
    worker->quit();
    worker = site.worker();
    ASSERT_TRUE(worker->start());
    ASSERT_TRUE(worker->begin(BareSite::key(2)));
    ASSERT_TRUE(worker->boot());
    EXPECT_EQ(worker->pass(BareSite::step("1001"), first.sandbox).result, "n=2");
}

struct Ending {
    const char* name;
    std::string body;
    Failure failure;
    std::string words;
};

class UndonePass : public testing::TestWithParam<Ending> {};

TEST_P(UndonePass, LeavesNoTraceAndSaysWhy) {
    const BareSite site(update(writes + "\n" + GetParam().body));
    std::unique_ptr<Worker> worker;
    Options options;
    options.memory_limit = "64M";
    const PassReport report = run_update(site, worker, options);
    EXPECT_EQ(report.failure, GetParam().failure) << report.error;
    EXPECT_THAT(report.error, HasSubstr(GetParam().words));
    worker->discard();
    expect_untouched(site);
}

INSTANTIATE_TEST_SUITE_P(
    Endings, UndonePass,
    testing::Values(
        Ending{"Exception", "throw new BackdropUpdateException('no good');", Failure::Exception,
               "BackdropUpdateException: no good (modules/probe/probe.install:"},
        Ending{"TypeError", "strlen(array());", Failure::Exception, "TypeError: "},
        Ending{"DivisionByZero", "$sandbox['max'] = 0; $sandbox['#finished'] = intdiv(1, $sandbox['max']);",
               Failure::Exception, "DivisionByZeroError"},
        Ending{"UndefinedFunction", "no_such_thing();", Failure::Exception,
               "undefined function no_such_thing()"},
        Ending{"Exit", "exit(0);", Failure::Exit, "the update called exit()"},
        Ending{"ExitInOpenTransaction", "$t = db_transaction(); db_delete('item')->execute(); exit();",
               Failure::Exit, "the update called exit()"},
        Ending{"Fatal", "eval('function probe_update_1001() {}');", Failure::Fatal, "Cannot redeclare"},
        Ending{"Memory", "$s = ''; while (true) { $s .= str_repeat('x', 1 << 20); }", Failure::Fatal,
               "Allowed memory size"},
        Ending{"Killed", "posix_kill(posix_getpid(), 9);", Failure::Died, "killed by signal 9"},
        Ending{"Crash", "posix_kill(posix_getpid(), 11);", Failure::Died, "killed by signal 11"},
        Ending{"ShutdownFunctionsWriteNothing",
               "register_shutdown_function(function () { db_delete('item')->execute(); }); exit;",
               Failure::Exit, "exit"},
        Ending{"FinishedIsNoNumber", "$sandbox['#finished'] = 'soon';", Failure::Exception,
               "#finished is no number: 'soon'"},
        Ending{"ClosureInSandbox", "$sandbox['f'] = function () {}; $sandbox['#finished'] = 0.5;",
               Failure::Exception, "the sandbox cannot be kept until the next pass"},
        Ending{"SwallowedRollback",
               "try { db_query('INSERT OR ROLLBACK INTO {item} (id) VALUES (1)'); } catch (Exception $e) {} "
               "try { " +
                   writes + " } catch (Exception $e) {}",
               Failure::TransactionLost, "the server has undone the transaction"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Pass, ThatTakesTooLongIsKilled) {
    const BareSite site(update(writes + " while (true) { sleep(1); }"));
    std::unique_ptr<Worker> worker;
    Options options;
    options.pass_timeout = milliseconds(400);
    const PassReport report = run_update(site, worker, options);
    EXPECT_EQ(report.failure, Failure::Timeout);
    EXPECT_THAT(report.error, HasSubstr("did not answer within 400 ms"));
    EXPECT_LT(report.elapsed, milliseconds(5000));
    expect_untouched(site);
}

TEST(Pass, ThatPrintsWithoutEndIsKilledToo) {
    const BareSite site(update("while (true) { fwrite(STDERR, str_repeat('x', 10000)); }"));
    std::unique_ptr<Worker> worker;
    Options options;
    options.pass_timeout = milliseconds(400);
    EXPECT_EQ(run_update(site, worker, options).failure, Failure::Timeout);
}

TEST(Pass, IsAbortedOnRequest) {
    const BareSite site(update(writes + " sleep(60);"));
    Options options;
    bool wanted = false;
    options.aborted = [&wanted] { return wanted; };
    auto worker = test::booted(site, options);
    wanted = true;
    const PassReport report = worker->pass(BareSite::step("1001"), "");
    EXPECT_EQ(report.failure, Failure::Died);
    EXPECT_EQ(report.error, "aborted");
    expect_untouched(site);
}

TEST(Pass, MayPrintMegabytes) {
    const BareSite site(
        update("for ($i = 0; $i < 300; $i++) { echo str_repeat('o', 65536); "
               "fwrite(STDERR, str_repeat('e', 65536)); fwrite(STDOUT, str_repeat('d', 65536)); }\n" +
               writes));
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(site, worker);
    EXPECT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_THAT(texts(report.messages, "output"), Contains(HasSubstr("more bytes left out")));
    EXPECT_TRUE(worker->commit(BareSite::key(1), test::last_commit()));
}

TEST(Pass, FindsItsStandardInputAtTheEnd) {
    const BareSite site(
        update("return json_encode(array(file_get_contents('php://stdin'), shell_exec('cat'), "
               "shell_exec('read x; echo $?')));"));
    std::unique_ptr<Worker> worker;
    Options options;
    options.pass_timeout = milliseconds(20'000);
    const PassReport report = run_update(site, worker, options);
    EXPECT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_EQ(report.result, "[\"\",null,\"1\\n\"]");
    // Nothing of the protocol was eaten.
    EXPECT_TRUE(worker->commit(BareSite::key(1), test::last_commit()));
}

TEST(Pass, OutputNeverBreaksTheProtocol) {
    const BareSite site(update(
        "echo \"one\\n\\ntwo\"; fwrite(STDOUT, '@bdupdate:0000 {\"id\":4}' . \"\\n\" . '{\"id\":4}');\n"
        "fwrite(STDOUT, 'no line end');"));
    std::unique_ptr<Worker> worker;
    std::vector<std::string> talk;
    Options options;
    options.talk = [&talk](std::string_view line) { talk.emplace_back(line); };
    const PassReport report = run_update(site, worker, options);
    EXPECT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_THAT(texts(report.messages, "output"), testing::ElementsAre("one", "two"));
    EXPECT_THAT(talk, Contains("@bdupdate:0000 {\"id\":4}"));
    EXPECT_THAT(talk, Contains("{\"id\":4}no line end"));
}

TEST(Pass, SurvivesAChildThatKeepsThePipesOpen) {
    const BareSite site(
        update(writes + " $child = proc_open('sleep 30', array(), $pipes); posix_kill(posix_getpid(), 9);"));
    std::unique_ptr<Worker> worker;
    Options options;
    options.pass_timeout = milliseconds(20'000);
    const PassReport report = run_update(site, worker, options);
    EXPECT_EQ(report.failure, Failure::Died);
    EXPECT_LT(report.elapsed, milliseconds(10'000));
    worker->discard();
    expect_untouched(site);
}

TEST(Pass, CollectsMessagesAndWarnings) {
    const BareSite site(
        update("backdrop_set_message('Look at <a href=\"/x\">this</a>', 'warning');\n"
               "for ($i = 0; $i < 3; $i++) { echo @$quiet['a'], $loud[1]; }"));
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(site, worker);
    ASSERT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_THAT(texts(report.messages, "warning"), testing::ElementsAre("Look at this"));
    EXPECT_THAT(texts(report.messages, "php"),
                Contains(AllOf(HasSubstr("$loud"), HasSubstr("modules/probe/probe.install:"),
                               HasSubstr("(3 times)"))));
    EXPECT_THAT(texts(report.messages, "php"), testing::Not(Contains(HasSubstr("quiet"))));
}

TEST(Pass, ResultsAreTextAsCoreShowsThem) {
    const std::pair<const char*, const char*> cases[] = {
        {"TRUE", "1"},
        {"FALSE", ""},
        {"'0'", ""},
        {"NULL", ""},
        {"array(1)", "Array"},
        {"array()", ""},
        {"5", "5"},
        {"'a < b and x<5'", "a < b and x<5"},
        {"'<ul><li>one</li><li>two</li></ul>'", "- one\n- two"},
        {"\"\\xff!\"", "\xef\xbf\xbd!"}};
    for (const auto& [value, text] : cases) {
        const BareSite site(update("return " + std::string(value) + ";"));
        std::unique_ptr<Worker> worker;
        EXPECT_EQ(run_update(site, worker).result, text) << value;
    }
}

TEST(Pass, WithFinishedAboveOneIsDone) {
    const BareSite site(update("$sandbox['#finished'] = 7; $sandbox['f'] = function () {};"));
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(site, worker);
    EXPECT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_EQ(report.finished, 7.0);
}

TEST(Pass, OfAFunctionThatIsGoneFails) {
    const BareSite site(update(""));
    auto worker = test::booted(site);
    const PassReport report = worker->pass(BareSite::step("1002"), "");
    EXPECT_EQ(report.failure, Failure::MissingFunction);
    EXPECT_THAT(report.error, HasSubstr("probe_update_1002()"));
}

TEST(Pass, TraceLeadsToTheUpdate) {
    const BareSite site(
        update("probe_deeper(1);", "function probe_deeper($x) { throw new Exception('deep'); }"));
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(site, worker);
    ASSERT_THAT(report.trace, SizeIs(2));
    EXPECT_THAT(report.trace[0],
                AllOf(HasSubstr("modules/probe/probe.install:"), HasSubstr("probe_deeper()")));
    EXPECT_THAT(report.trace[1], HasSubstr("probe_update_1001()"));
}

TEST(Pass, TakesInTheCodeOfModulesThatTheUpdateEnabled) {
    const BareSite site(update("update_module_enable(array('later'));",
                               "function probe_update_1002() { return later_word() . later_number(); }"));
    test::detail::write(site.root() / "modules/later/later.info",
                        "name = Later\ntype = module\nbackdrop = 1.x\n");
    test::detail::write(site.root() / "modules/later/later.module",
                        "<?php function later_word() { return 'here '; }");
    test::detail::write(site.root() / "modules/later/later.install",
                        "<?php function later_number() { return 7; } function later_update_1000() {}");
    std::unique_ptr<Worker> worker;
    const PassReport first = run_update(site, worker);
    ASSERT_EQ(first.failure, Failure::None) << first.error;
    EXPECT_FALSE(first.modules_disabled);
    ASSERT_TRUE(worker->commit(BareSite::key(1), test::last_commit()));
    ASSERT_TRUE(worker->begin(BareSite::key(2)));
    const PassReport second = worker->pass(BareSite::step("1002"), "");
    EXPECT_EQ(second.failure, Failure::None) << second.error;
    EXPECT_EQ(second.result, "here 7");
    ASSERT_TRUE(worker->commit(BareSite::key(2), test::last_commit()));
    // Its own updates are pending, which the next plan needs to know.
    const auto facts = worker->facts();
    ASSERT_TRUE(facts) << facts.error().message;
    const auto& modules = facts->facts.modules;
    const auto later = std::find_if(modules.begin(), modules.end(),
                                    [](const plan::ModuleFacts& module) { return module.name == "later"; });
    ASSERT_NE(later, modules.end());
    EXPECT_THAT(later->updates, SizeIs(1));
}

TEST(Pass, WhoseUpdateEnablesAModuleWithBrokenCodeFails) {
    const BareSite site(update("update_module_enable(array('later'));"));
    test::detail::write(site.root() / "modules/later/later.info",
                        "name = Later\ntype = module\nbackdrop = 1.x\n");
    test::detail::write(site.root() / "modules/later/later.module", "<?php function later_word( {");
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(site, worker);
    EXPECT_EQ(report.failure, Failure::Exception);
    EXPECT_THAT(report.error, HasSubstr("modules/later/later.module"));
    EXPECT_EQ(site.query("SELECT COUNT(*) FROM system WHERE name = 'later'"), "0");
}

TEST(Pass, SaysThatItsUpdateDisabledModules) {
    const BareSite site(update("db_update('system')->fields(array('status' => 0))->execute();"));
    std::unique_ptr<Worker> worker;
    EXPECT_TRUE(run_update(site, worker).modules_disabled);
}

}  // namespace
}  // namespace bdupdate::worker
