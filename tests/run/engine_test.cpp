#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../src/run/failed_plan.h"
#include "fakes.h"
#include "support/temp_directory.h"

namespace bdupdate::run {
namespace {

using test::FakeSite;
using test::FakeWorkers;
using testing::ElementsAre;
using testing::HasSubstr;

struct Hearing : Listener {
    std::vector<PlanDifference> differences;
    void plan_differs(const PlanDifference& difference) override { differences.push_back(difference); }
};

struct RunTest : testing::Test {
    test::TempDirectory temp;
    FakeSite fake;
    site::Site site;
    journal::Paths paths{temp.path() / "state"};
    std::optional<journal::Journal> book;
    Listener deaf;
    std::optional<Context> context;
    Options options;

    RunTest() {
        std::filesystem::create_directories(temp.path() / "docroot" / "modules");
        fake.config = temp.path() / "config";
        std::filesystem::create_directories(fake.config);
        write("system.core.json", "{}");
        site.kind = site::Kind::Bare;
        site.docroot = temp.path() / "docroot";
        site.conf_path = ".";
        site.active_config = fake.config;
        static_cast<void>(make_private_directory(paths.state_dir));
        book = std::move(journal::Journal::open(paths.journal()).value());
        context.emplace(
            Context{site,
                    fake.database,
                    *book,
                    paths,
                    {},
                    [this](const std::string&, const std::string&) -> std::unique_ptr<worker::WorkerFactory> {
                        return std::make_unique<FakeWorkers>(fake);
                    },
                    deaf,
                    "host",
                    "user"});
        options.backup = false;
        add_module("a", 1000, {"1001", "1002"});
    }

    void write(const std::string& name, const std::string& content) {
        ASSERT_TRUE(write_file_atomically(fake.config / name, content, {.mode = 0644, .sync = false}));
    }
    std::string read(const std::string& name) { return read_file(fake.config / name).value_or("(gone)"); }

    void add_module(const std::string& name, int at, const std::vector<std::string>& numbers) {
        fake.database.committed.push_back({name, at, true, 0, ""});
        for (const std::string& number : numbers)
            fake.functions.push_back({name, number, name + "_update_" + number, "", name + ".install", 1});
    }

    Need need() {
        Need result;
        result.view.plan = plan::make_plan(fake.facts(), options.selection).value();
        result.stamp = code_stamp(site);
        return result;
    }
    Result<Outcome> recover_now() { return recover(*context, {}); }
    Outcome run_now() { return execute(*context, options, need()).value(); }
    void run_with(Listener& listener, const Need& what) {
        Context hearing{site,     fake.database, *book, paths, {}, context->make_workers,
                        listener, "host",        "user"};
        ASSERT_EQ(execute(hearing, options, what).value().end, End::Updated);
    }
    int number_of(const std::string& module) {
        for (const auto& row : fake.database.committed)
            if (row.name == module) return row.schema_version;
        return -2;
    }
    static void fail_pass(worker::PassReport& report, worker::Failure failure = worker::Failure::Exception) {
        report.failure = failure;
        report.error = "boom";
    }
};

TEST_F(RunTest, BootBelongsToThePassOfTheFirstUpdateAndTheFlushIsAnotherProcess) {
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Updated);
    EXPECT_EQ(outcome.updates, 2U);
    EXPECT_THAT(fake.calls, ElementsAre("boot", "a_update_1001", "a_update_1002", "flush"));
    EXPECT_THAT(fake.flushed_by, ElementsAre(2));
    EXPECT_EQ(number_of("a"), 1002);
    EXPECT_FALSE(fake.database.has_table);
    EXPECT_EQ(fake.database.maintenance_value, "b:0;");
    EXPECT_EQ(book->run(outcome.run).value()->state, journal::RunState::Finished);
}

TEST_F(RunTest, ABootedSiteThatPlansAsItsFilesPromisedIsNotWorthAWord) {
    Hearing hearing;
    run_with(hearing, need());
    EXPECT_TRUE(hearing.differences.empty());
}

TEST_F(RunTest, WhereTheBootedSitePlansOtherwiseItIsToldAndItsPlanRuns) {
    Hearing hearing;
    const Need before = need();
    fake.functions.pop_back();
    add_module("late", 0, {"1000"});
    run_with(hearing, before);
    ASSERT_EQ(hearing.differences.size(), 1U);
    EXPECT_THAT(hearing.differences[0].added, ElementsAre("late_update_1000"));
    EXPECT_THAT(hearing.differences[0].missing, ElementsAre("a_update_1002"));
    EXPECT_FALSE(hearing.differences[0].reordered_from);
    EXPECT_THAT(fake.calls, ElementsAre("boot", "a_update_1001", "late_update_1000", "flush"));
}

TEST_F(RunTest, AnotherOrderOfTheSameUpdatesIsADifference) {
    Hearing hearing;
    add_module("b", 1000, {"1001"});
    Need before = need();
    std::reverse(before.view.plan.steps.begin(), before.view.plan.steps.end());
    run_with(hearing, before);
    ASSERT_EQ(hearing.differences.size(), 1U);
    EXPECT_EQ(hearing.differences[0].reordered_from, fake.calls.at(1));
}

TEST_F(RunTest, UpdatesThatAnUpdateBringsInAreNoDifference) {
    Hearing hearing;
    fake.updates["a_update_1002"] = [this](worker::PassReport&, const std::string&) {
        add_module("late", 0, {"1000"});
    };
    run_with(hearing, need());
    EXPECT_TRUE(hearing.differences.empty());
    EXPECT_EQ(number_of("late"), 1000);
}

TEST_F(RunTest, MaintenanceThatWasOnStaysOn) {
    fake.database.maintenance_value = "i:1;";
    EXPECT_TRUE(run_now().maintenance_on);
    EXPECT_EQ(fake.database.maintenance_value, "i:1;");
}

TEST_F(RunTest, AFailureBeforeAnyCommitLeavesTheSiteAsItWas) {
    fake.updates["a_update_1001"] = [this](worker::PassReport& report, const std::string&) {
        write("new.json", "{}");
        write("system.core.json", "{\"changed\": 1}");
        fail_pass(report);
    };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Untouched);
    EXPECT_EQ(outcome.code, ExitCode::UpdateFailed);
    EXPECT_THAT(outcome.error->message, HasSubstr("a_update_1001 failed: boom"));
    EXPECT_EQ(read("system.core.json"), "{}");
    EXPECT_EQ(read("new.json"), "(gone)");
    EXPECT_FALSE(fake.database.has_table);
    EXPECT_FALSE(fake.database.maintenance_value);
    EXPECT_EQ(book->run(outcome.run).value()->state, journal::RunState::Closed);
}

TEST_F(RunTest, AFailureLaterStopsAfterTheLastCommittedPass) {
    fake.updates["a_update_1001"] = [this](worker::PassReport&, const std::string&) {
        write("kept.json", "{}");
    };
    fake.updates["a_update_1002"] = [this](worker::PassReport& report, const std::string&) {
        write("kept.json", "[]");
        fail_pass(report);
    };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Stopped);
    EXPECT_EQ(outcome.remaining, 1U);
    EXPECT_EQ(number_of("a"), 1001);
    EXPECT_EQ(read("kept.json"), "{}");
    EXPECT_TRUE(outcome.maintenance_on);
    EXPECT_EQ(fake.database.mark_row->seq, 1);
    EXPECT_EQ(fake.database.ended_sessions, 1);
}

TEST_F(RunTest, RecoverGoesOnWithTheFailedUpdateOnceItIsMended) {
    fake.updates["a_update_1002"] = [](worker::PassReport& report, const std::string&) { fail_pass(report); };
    ASSERT_EQ(run_now().end, End::Stopped);
    fake.updates.clear();
    fake.calls.clear();
    write("mended.json", "{}");
    const auto outcome = recover_now();
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->end, End::Updated);
    EXPECT_THAT(fake.calls, ElementsAre("boot", "a_update_1002", "flush"));
    EXPECT_EQ(number_of("a"), 1002);
    EXPECT_EQ(read("mended.json"), "{}");
    EXPECT_FALSE(fake.database.maintenance_value == "b:1;");
}

TEST_F(RunTest, RecoverGoesOnWithTheSandboxBetweenTwoPasses) {
    int signal = 0;
    std::vector<std::string> sandboxes;
    fake.updates["a_update_1001"] = [&](worker::PassReport& report, const std::string& sandbox) {
        sandboxes.push_back(sandbox);
        report.finished = sandbox == "two" ? 1 : 0.5;
        report.sandbox = sandbox.empty() ? "one" : "two";
        if (sandbox.empty()) signal = 2;
    };
    options.stop_signal = [&] { return signal; };
    const Outcome stopped = run_now();
    EXPECT_EQ(stopped.end, End::Stopped);
    EXPECT_EQ(stopped.code, ExitCode::Interrupt);
    EXPECT_EQ(recover_now()->end, End::Updated);
    EXPECT_THAT(sandboxes, ElementsAre("", "one", "two"));
}

TEST_F(RunTest, RecoverRefusesWhenSomebodyElseRanUpdates) {
    fake.updates["a_update_1002"] = [](worker::PassReport& report, const std::string&) { fail_pass(report); };
    ASSERT_EQ(run_now().end, End::Stopped);
    ASSERT_TRUE(fake.database.set_schema_version("a", 1002));
    const auto outcome = recover_now();
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ExitCode::Interrupted);
}

TEST_F(RunTest, RecoverRefusesWhenTheFunctionVanished) {
    fake.updates["a_update_1002"] = [](worker::PassReport& report, const std::string&) { fail_pass(report); };
    ASSERT_EQ(run_now().end, End::Stopped);
    fake.functions.pop_back();
    const auto outcome = recover_now();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->end, End::Stopped);
    EXPECT_EQ(outcome->code, ExitCode::Interrupted);
    EXPECT_THAT(outcome->error->message, HasSubstr("a_update_1002"));
}

TEST_F(RunTest, RecoverAcceptsAMarkThatABootWithoutUpdatesLeft) {
    // The last update changed the modules, so one more boot looked for updates and found none; then the flush
    // failed.
    fake.updates["a_update_1002"] = [](worker::PassReport& report, const std::string&) {
        report.modules_disabled = true;
    };
    fake.flush_failures = 2;
    ASSERT_EQ(run_now().end, End::Stopped);
    ASSERT_EQ(fake.database.mark_row->seq, 3);
    const auto outcome = recover_now();
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->end, End::Updated);
    EXPECT_EQ(outcome->updates, 0U);
    EXPECT_EQ(std::count(fake.calls.begin(), fake.calls.end(), "a_update_1001"), 1);
}

TEST_F(RunTest, RecoverThatIsItselfInterruptedDoesNotRunFinishedUpdatesAgain) {
    fake.flush_failures = 4;
    ASSERT_EQ(run_now().end, End::Stopped);
    ASSERT_EQ(recover_now()->end, End::Stopped);
    EXPECT_EQ(recover_now()->end, End::Updated);
    EXPECT_EQ(std::count(fake.calls.begin(), fake.calls.end(), "a_update_1001"), 1);
}

TEST_F(RunTest, ALostTransactionIsRepeatedThreeTimesAtMost) {
    int losses = 3;
    fake.updates["a_update_1001"] = [&](worker::PassReport& report, const std::string&) {
        if (losses-- > 0) fail_pass(report, worker::Failure::TransactionLost);
    };
    EXPECT_EQ(run_now().end, End::Updated);
    fake.database.committed[0].schema_version = 1000;
    losses = 4;
    EXPECT_EQ(run_now().end, End::Untouched);
}

TEST_F(RunTest, AnExceptionIsNotRepeated) {
    fake.updates["a_update_1001"] = [](worker::PassReport& report, const std::string&) { fail_pass(report); };
    run_now();
    EXPECT_THAT(fake.calls, ElementsAre("boot", "a_update_1001"));
}

TEST_F(RunTest, AFailureAfterASchemaChangeNeedsHands) {
    fake.updates["a_update_1001"] = [](worker::PassReport& report, const std::string&) {
        report.split = true;
        fail_pass(report);
    };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::NeedsHands);
    EXPECT_EQ(outcome.code, ExitCode::NeedsHands);
    EXPECT_TRUE(fake.database.has_table);
}

TEST_F(RunTest, UpdatesThatAnUpdateBringsInRunToo) {
    fake.updates["a_update_1002"] = [this](worker::PassReport& report, const std::string&) {
        add_module("late", 0, {"1000"});
        report.modules_disabled = true;
    };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.updates, 3U);
    EXPECT_THAT(fake.calls,
                ElementsAre("boot", "a_update_1001", "a_update_1002", "boot", "late_update_1000", "flush"));
}

TEST_F(RunTest, AnUpdateThatStaysPendingForeverEndsTheRun) {
    fake.updates["a_update_1002"] = [this](worker::PassReport&, const std::string&) {
        const std::string name = "m" + std::to_string(fake.database.committed.size());
        add_module(name, 0, {"1000"});
        fake.updates[name + "_update_1000"] = fake.updates["a_update_1002"];
    };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Stopped);
    EXPECT_THAT(outcome.error->message, HasSubstr("still pending"));
}

TEST_F(RunTest, AnUpdateWithoutProgressIsEnded) {
    options.stuck_after = 5;
    fake.updates["a_update_1001"] = [](worker::PassReport& report, const std::string&) {
        report.finished = 0;
        report.sandbox = "same";
    };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Stopped);
    EXPECT_THAT(outcome.error->message, HasSubstr("makes no progress"));
    EXPECT_LT(fake.calls.size(), 12U);
}

TEST_F(RunTest, RequirementsStopTheRunWithNothingTouched) {
    fake.requirements = {{worker::Requirement::Severity::Error, "php", "PHP", "5.3", "too old"}};
    const Outcome refused = run_now();
    EXPECT_EQ(refused.end, End::Untouched);
    EXPECT_EQ(refused.code, ExitCode::Preflight);
    EXPECT_THAT(refused.error->hint, HasSubstr("--ignore-requirement php"));
    options.ignore_requirements = {"php"};
    EXPECT_EQ(run_now().end, End::Updated);
}

TEST_F(RunTest, AnotherDatabaseThanTheOneBackedUpIsRefused) {
    fake.sees_other_database = true;
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Untouched);
    EXPECT_EQ(outcome.code, ExitCode::Preflight);
    EXPECT_THAT(outcome.error->message, HasSubstr("another database"));
}

TEST_F(RunTest, ACommitWhoseAnswerWasLostStandsAndTheRunGoesOn) {
    fake.commit_errors = {"lost answer"};
    fake.updates["a_update_1001"] = [this](worker::PassReport&, const std::string&) {
        write("kept.json", "{}");
    };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Updated);
    EXPECT_EQ(outcome.updates, 2U);
    EXPECT_EQ(read("kept.json"), "{}");
    EXPECT_THAT(fake.calls, ElementsAre("boot", "a_update_1001", "boot", "a_update_1002", "flush"));
}

TEST_F(RunTest, ARunThatWasRecoveredElsewhereTouchesNothingAnyMore) {
    fake.updates["a_update_1001"] = [this](worker::PassReport& report, const std::string&) {
        fail_pass(report);
        ++fake.database.mark_row->epoch;
        write("theirs.json", "{}");
    };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Interrupted);
    EXPECT_EQ(outcome.code, ExitCode::Interrupted);
    EXPECT_TRUE(fake.database.has_table) << "the mark is theirs now";
    EXPECT_EQ(read("theirs.json"), "{}");
    EXPECT_EQ(fake.database.maintenance_value, "b:1;");
}

TEST_F(RunTest, WhereTheWorkersSessionDoesNotEndTheRunIsLeftForRecover) {
    write("mine.json", "{}");
    fake.updates["a_update_1001"] = [this](worker::PassReport& report, const std::string&) {
        fail_pass(report);
        write("mine.json", "[]");
        fake.database.session_lingers = true;
    };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Interrupted);
    EXPECT_EQ(outcome.code, ExitCode::UpdateFailed);
    EXPECT_TRUE(fake.database.has_table);
    // Not a clean stop: recover must take the half-written file back instead of taking it over.
    EXPECT_EQ(book->run(outcome.run).value()->state, journal::RunState::Running);
    fake.database.session_lingers = false;
    fake.updates.clear();
    EXPECT_EQ(recover_now()->end, End::Updated);
    EXPECT_EQ(read("mine.json"), "{}");
}

TEST_F(RunTest, ContinueLeavesOutWhatFailedAndWhatNeedsIt) {
    options.on_failure = FailurePolicy::Continue;
    add_module("b", 1000, {"1001"});
    fake.updates["a_update_1001"] = [](worker::PassReport& report, const std::string&) { fail_pass(report); };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Partly);
    EXPECT_EQ(outcome.code, ExitCode::UpdateFailed);
    EXPECT_THAT(fake.calls, ElementsAre("boot", "a_update_1001", "boot", "b_update_1001", "flush"));
    ASSERT_EQ(outcome.failures.size(), 1U);
    EXPECT_EQ(outcome.failures[0].function, "a_update_1001");
    EXPECT_EQ(outcome.failures[0].error, "boom");
    EXPECT_EQ(number_of("a"), 1000);
    EXPECT_EQ(number_of("b"), 1001);
    EXPECT_FALSE(fake.database.has_table);
    EXPECT_EQ(book->run(outcome.run).value()->outcome, "updated without a_update_1001");
}

TEST_F(RunTest, ContinueWithNothingLeftLeavesTheSiteUntouched) {
    options.on_failure = FailurePolicy::Continue;
    fake.updates["a_update_1001"] = [](worker::PassReport& report, const std::string&) { fail_pass(report); };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Untouched);
    EXPECT_EQ(outcome.code, ExitCode::UpdateFailed);
    EXPECT_THAT(outcome.error->message, HasSubstr("a_update_1001"));
    EXPECT_FALSE(fake.database.maintenance_value);
}

TEST_F(RunTest, ContinueDoesNotGoOnBehindAnUpdateThatCommittedPasses) {
    options.on_failure = FailurePolicy::Continue;
    add_module("b", 1000, {"1001"});
    fake.updates["a_update_1001"] = [](worker::PassReport& report, const std::string& sandbox) {
        if (!sandbox.empty()) return fail_pass(report);
        report.finished = 0.5;
        report.sandbox = "half";
    };
    EXPECT_EQ(run_now().end, End::Stopped) << "there is no backup to restore";
    EXPECT_THAT(fake.calls, ElementsAre("boot", "a_update_1001", "a_update_1001"));
}

TEST_F(RunTest, ARecoveredContinueRunDoesNotTryAgainWhatItLeftOut) {
    options.on_failure = FailurePolicy::Continue;
    add_module("b", 1000, {"1001", "1002"});
    fake.updates["a_update_1001"] = [](worker::PassReport& report, const std::string&) { fail_pass(report); };
    int signal = 0;
    fake.updates["b_update_1001"] = [&](worker::PassReport&, const std::string&) { signal = 15; };
    options.stop_signal = [&] { return signal; };
    EXPECT_EQ(run_now().code, ExitCode::Terminated);
    fake.calls.clear();
    const auto outcome = recover_now();
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->end, End::Partly);
    EXPECT_EQ(outcome->code, ExitCode::UpdateFailed);
    EXPECT_THAT(fake.calls, ElementsAre("boot", "b_update_1002", "flush"));
    EXPECT_EQ(outcome->failures.at(0).error, "boom");
}

TEST_F(RunTest, SomebodyAtTheTerminalDecides) {
    add_module("b", 1000, {"1001"});
    fake.updates["a_update_1002"] = [](worker::PassReport& report, const std::string&) { fail_pass(report); };
    std::vector<FailureQuestion> asked;
    options.ask_on_failure = [&](const FailureQuestion& question) {
        asked.push_back(question);
        return FailurePolicy::Continue;
    };
    EXPECT_EQ(run_now().end, End::Partly);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_THAT(asked[0].error.message, HasSubstr("a_update_1002 failed: boom"));
    EXPECT_TRUE(asked[0].can_stop && asked[0].can_continue);
    EXPECT_FALSE(asked[0].can_restore) << "there is no backup";
    EXPECT_EQ(asked[0].policy, FailurePolicy::Stop);
}

TEST_F(RunTest, NobodyIsAskedWhereThereIsNoChoice) {
    fake.flush_failures = 2;
    options.ask_on_failure = [](const FailureQuestion&) {
        ADD_FAILURE() << "asked";
        return FailurePolicy::Stop;
    };
    EXPECT_EQ(run_now().end, End::Stopped);
}

TEST_F(RunTest, ASignalBeforeTheFirstPassLeavesTheSiteUntouched) {
    options.stop_signal = [] { return 2; };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Untouched);
    EXPECT_EQ(outcome.code, ExitCode::Interrupt);
    EXPECT_TRUE(fake.calls.empty());
    EXPECT_FALSE(fake.database.has_table);
}

TEST_F(RunTest, FromRunsAppliedUpdatesAgainOnce) {
    fake.database.committed[0].schema_version = 1002;
    options.selection.from = {{"a", "1001"}};
    EXPECT_EQ(run_now().end, End::Updated);
    EXPECT_THAT(fake.calls, ElementsAre("boot", "a_update_1001", "a_update_1002", "flush"));
    EXPECT_EQ(number_of("a"), 1002);
}

TEST_F(RunTest, FromIsNotBegunAnewByRecover) {
    fake.database.committed[0].schema_version = 1002;
    options.selection.from = {{"a", "1001"}};
    options.on_failure = FailurePolicy::Stop;
    fake.updates["a_update_1002"] = [](worker::PassReport& report, const std::string&) { fail_pass(report); };
    EXPECT_EQ(run_now().end, End::Stopped);
    EXPECT_EQ(number_of("a"), 1001);
    fake.updates.clear();
    EXPECT_EQ(recover_now().value().end, End::Updated);
    EXPECT_THAT(fake.calls,
                ElementsAre("boot", "a_update_1001", "a_update_1002", "boot", "a_update_1002", "flush"));
}

TEST_F(RunTest, FromHoldsForModulesThatHadNotBegunWhenAnotherFailed) {
    add_module("b", 1000, {"1001"});
    add_module("c", 1002, {"1001", "1002"});
    options.selection.from = {{"a", "1001"}, {"c", "1001"}};
    fake.database.committed[0].schema_version = 1002;
    options.on_failure = FailurePolicy::Continue;
    fake.updates["b_update_1001"] = [](worker::PassReport& report, const std::string&) { fail_pass(report); };
    EXPECT_EQ(run_now().end, End::Partly);
    for (const char* once :
         {"a_update_1001", "a_update_1002", "b_update_1001", "c_update_1001", "c_update_1002"})
        EXPECT_EQ(std::count(fake.calls.begin(), fake.calls.end(), once), 1) << once;
}

TEST_F(RunTest, WhatFailedIsRememberedUntilPlanOrCodeChange) {
    fake.updates["a_update_1001"] = [](worker::PassReport& report, const std::string&) { fail_pass(report); };
    run_now();
    const auto failed = book->failed_plan().value();
    ASSERT_TRUE(failed);
    EXPECT_THAT(failed->why, HasSubstr("boom"));
    const Need same = need();
    EXPECT_EQ(failed->key, plan_key(same.view.plan, same.stamp));
    EXPECT_FALSE(refuse_known_failure(*book, same));
    Need newer = need();
    newer.stamp = "other code";
    EXPECT_TRUE(refuse_known_failure(*book, newer));
    add_module("b", 1000, {"1001"});
    EXPECT_TRUE(refuse_known_failure(*book, need()));
    fake.updates.clear();
    EXPECT_EQ(run_now().end, End::Updated);
    EXPECT_FALSE(book->failed_plan().value());
}

TEST_F(RunTest, RequirementsThatAreNotMetAreNoFailureOfThePlan) {
    fake.requirements = {{worker::Requirement::Severity::Error, "php", "PHP", "5.3", "too old"}};
    run_now();
    EXPECT_FALSE(book->failed_plan().value());
}

TEST_F(RunTest, ALostLockEndsThePassUncommitted) {
    fake.updates["a_update_1001"] = [this](worker::PassReport&, const std::string&) {
        fake.database.lock_held = false;
    };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Untouched);
    EXPECT_EQ(outcome.code, ExitCode::Held);
    EXPECT_EQ(number_of("a"), 1000);
}

TEST_F(RunTest, AFlushThatFailsOnceIsRepeated) {
    fake.flush_failures = 1;
    EXPECT_EQ(run_now().end, End::Updated);
    EXPECT_THAT(fake.calls, ElementsAre("boot", "a_update_1001", "a_update_1002", "flush", "flush"));
}

TEST_F(RunTest, AFlushThatNeedsNoProcessOfItsOwnIsDoneByTheOneThatRanTheUpdates) {
    fake.flushes_anywhere = true;
    EXPECT_EQ(run_now().end, End::Updated);
    EXPECT_THAT(fake.flushed_by, ElementsAre(1));
    EXPECT_EQ(fake.processes, 1);
}

TEST_F(RunTest, AFlushThatFailsThereIsRepeatedInAFreshProcess) {
    fake.flushes_anywhere = true;
    fake.flush_failures = 1;
    EXPECT_EQ(run_now().end, End::Updated);
    EXPECT_THAT(fake.flushed_by, ElementsAre(1, 2));
    EXPECT_EQ(fake.database.ended_sessions, 1);  // of the first, before the second may begin
}

TEST_F(RunTest, AFlushThatRecoverOnlyHasToRepeatHasAFreshProcess) {
    fake.flushes_anywhere = true;
    fake.flush_failures = 2;
    ASSERT_EQ(run_now().end, End::Stopped);
    EXPECT_THAT(fake.flushed_by, ElementsAre(1, 2));
    const int before = fake.processes;
    EXPECT_EQ(recover_now()->end, End::Updated);
    EXPECT_GT(fake.flushed_by.back(), before);
}

TEST_F(RunTest, AFlushThatFailsTwiceLeavesTheRunOpenForRecover) {
    fake.flush_failures = 2;
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Stopped);
    EXPECT_EQ(outcome.code, ExitCode::UpdateFailed);
    const auto recovered = recover_now();
    EXPECT_EQ(recovered->end, End::Updated);
    EXPECT_EQ(recovered->updates, 0U);
    EXPECT_EQ(recovered->remainder, Outcome::Remainder::FlushAndCheck);
}

TEST_F(RunTest, WhatWasFlushedIsNotFlushedAgainByRecover) {
    fake.after_flush = [this] { fake.database.mark_row->epoch += 5; };  // the end is refused
    ASSERT_EQ(run_now().end, End::Interrupted);
    fake.database.mark_row->epoch -= 5;
    EXPECT_EQ(recover_now()->end, End::Updated);
    EXPECT_EQ(std::count(fake.calls.begin(), fake.calls.end(), "flush"), 1);
}

TEST_F(RunTest, RecoverSaysThatOnlyTidyingUpWasLeft) {
    const Outcome ended = run_now();
    ASSERT_EQ(ended.end, End::Updated);
    db::Mark mark;
    mark.run = ended.run;
    mark.state = db::MarkState::Finishing;
    mark.site_fingerprint = sha256_hex(fake.database.server().identity);
    ASSERT_TRUE(fake.database.create_mark(mark));
    const auto recovered = recover_now();
    EXPECT_EQ(recovered->end, End::Updated);
    EXPECT_EQ(recovered->remainder, Outcome::Remainder::Tidying);
}

/// Each beginning of the verbs that stand together at a run's start and end, as MySQL commits them.
TEST_F(RunTest, WhicheverWriteWasTheLastRecoverLeavesNoneOrAllOfTheRun) {
    bool whole = false;
    for (int writes = 0; !whole; ++writes) {
        SCOPED_TRACE("writes: " + std::to_string(writes));
        ASSERT_LT(writes, 20);
        fake.database.maintenance_value.reset();
        static_cast<void>(fake.database.set_schema_version("a", 1000));
        fake.database.writes_left = writes;
        const auto ended = execute(*context, options, need());
        whole = ended && ended->end == End::Updated;
        fake.database.writes_left.reset();
        const auto recovered = recover_now();
        ASSERT_TRUE(recovered) << recovered.error().message;
        EXPECT_FALSE(fake.database.has_table);
        EXPECT_FALSE(book->open_run().value());
        EXPECT_THAT(number_of("a"), testing::AnyOf(1000, 1002));
        EXPECT_EQ(fake.database.maintenance_value,
                  number_of("a") == 1000 ? std::nullopt : std::optional<std::string>("b:0;"));
    }
}

TEST_F(RunTest, AHeldSiteIsRefusedWithItsHolder) {
    fake.database.locked_by_other = true;
    const auto outcome = execute(*context, options, need());
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, ExitCode::Held);
    EXPECT_THAT(outcome.error().message, HasSubstr("host other"));
    EXPECT_FALSE(fake.database.has_table);
}

TEST_F(RunTest, ARunningCronIsAReasonNotToBeginAndLeavesNoTrace) {
    fake.database.cron_busy = true;
    const auto outcome = execute(*context, options, need());
    ASSERT_FALSE(outcome);
    EXPECT_FALSE(fake.database.has_table);
    EXPECT_FALSE(fake.database.maintenance_value);
}

}  // namespace
}  // namespace bdupdate::run
