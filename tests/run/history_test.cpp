// What is told of a run afterwards, from the journal alone.

#include "bdupdate/run/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../src/run/schema_watch.h"
#include "support/temp_directory.h"

namespace bdupdate::run {
namespace {

using testing::ElementsAre;
using Result = RunSummary::Result;

struct History : testing::Test {
    test::TempDirectory temp;
    journal::Journal book = std::move(journal::Journal::open(temp.path() / "journal.sqlite").value());
    std::int64_t now = 1000;

    History() {
        EXPECT_TRUE(book.add_run(make("aa11")));
        EXPECT_TRUE(
            book.add_plan("aa11", {{"a", "1001", "a_update_1001", "First.", "a.install", 1, {}, false},
                                   {"a", "1002", "a_update_1002", "Second.", "a.install", 9, {}, true}}));
    }

    static journal::Run make(const std::string& id) {
        journal::Run run;
        run.id = id;
        run.started_ms = 1000;
        return run;
    }

    void pass(std::int64_t seq, const std::string& function, bool committed = true, double finished = 1) {
        journal::Pass pass;
        pass.seq = seq;
        pass.plan = 1;
        pass.step = function == "a_update_1002" ? 1 : 0;
        pass.function = function;
        pass.committed = committed;
        pass.finished = finished;
        pass.started_ms = now;
        pass.elapsed_ms = 10;
        pass.error = committed ? "" : "no";
        pass.messages = {{"status", "said"}};
        pass.rows = {{"t", 1, 0, 2}};
        now += 100;
        ASSERT_TRUE(book.add_pass("aa11", pass));
    }

    RunRecord read() { return read_run(book, *book.run("aa11").value()).value(); }
    std::vector<std::string> told() {
        std::vector<std::string> lines;
        for (const UpdateRecord& update : read().updates)
            lines.push_back(update.function + " " + std::string(to_string(update.state)) + " " +
                            std::to_string(update.passes));
        return lines;
    }
    void end(journal::RunState state, const std::string& outcome) {
        ASSERT_TRUE(book.set_state("aa11", state, outcome));
    }
};

TEST_F(History, PassesOfOneUpdateAreTakenTogether) {
    pass(1, "a_update_1001", true, 0.5);
    pass(2, "a_update_1001");
    pass(3, "a_update_1002");
    ASSERT_TRUE(book.put_image("aa11", 0, {{"x.json", "1"}}));
    ASSERT_TRUE(book.put_image("aa11", 1, {{"x.json", "2"}, {"y.json", "new"}}));
    ASSERT_TRUE(book.put_image("aa11", 2, {{"x.json", "3"}, {"y.json", std::nullopt}}));
    end(journal::RunState::Finished, "updated");
    EXPECT_THAT(told(), ElementsAre("a_update_1001 done 2", "a_update_1002 done 1"));
    const RunRecord record = read();
    const UpdateRecord& first = record.updates[0];
    EXPECT_EQ(first.description, "First.");
    EXPECT_EQ(first.elapsed_ms, 20);
    EXPECT_EQ(first.rows.front().deleted, 4);
    EXPECT_EQ(first.messages.size(), 1U);
    ASSERT_EQ(first.config.size(), 1U) << "what came and went again is no change";
    EXPECT_EQ(first.config[0].before, "1");
    EXPECT_EQ(first.config[0].after, "3");
    EXPECT_EQ(record.config.size(), 1U);
    EXPECT_EQ(record.summary.updates, 2U);
    EXPECT_EQ(record.summary.result, Result::Updated);
}

TEST_F(History, WhatARestoreTookBackIsToldAsThat) {
    pass(1, "a_update_1001");
    pass(2, "a_update_1002", false);
    end(journal::RunState::Closed, "a_update_1002 failed: no");
    EXPECT_THAT(told(), ElementsAre("a_update_1001 taken-back 1", "a_update_1002 failed 1"));
    EXPECT_EQ(read().summary.result, Result::Restored);
    EXPECT_EQ(read().summary.updates, 0U);
}

TEST_F(History, WhatARestoreInTheMiddleTookBackIsNotToldTwice) {
    pass(1, "a_update_1001");
    pass(2, "a_update_1002", true, 0.5);
    pass(1, "a_update_1001");  // from the start again
    pass(2, "a_update_1002");
    EXPECT_THAT(told(), ElementsAre("a_update_1001 done 1", "a_update_1002 done 1"));
    EXPECT_EQ(read().repeated_passes, 2U);
}

TEST_F(History, AnUpdateThatIsTriedAgainFailedBefore) {
    pass(1, "a_update_1001", false);
    pass(1, "a_update_1001");
    EXPECT_THAT(told(),
                ElementsAre("a_update_1001 failed 1", "a_update_1001 done 1", "a_update_1002 waiting 0"));
    EXPECT_EQ(read().repeated_passes, 0U);
}

TEST_F(History, AnOpenRunTellsWhatItHasYetToDo) {
    pass(1, "a_update_1001", true, 0.5);
    end(journal::RunState::Stopped, "asked to stop");
    EXPECT_THAT(told(), ElementsAre("a_update_1001 begun 1", "a_update_1002 waiting 0"));
    EXPECT_EQ(read().summary.result, Result::Stopped);
}

TEST_F(History, APhaseLastsUntilTheNextThingBegins) {
    ASSERT_TRUE(book.add_phase("aa11", {"backing up", 900}));
    pass(1, "a_update_1001");
    ASSERT_TRUE(book.add_phase("aa11", {"checking", 1500}));
    const auto phases = read().phases;
    ASSERT_EQ(phases.size(), 2U);
    EXPECT_EQ(phases[0].elapsed_ms, 100);
    EXPECT_EQ(phases[1].elapsed_ms, 0);
}

TEST_F(History, ANumberSetByHandIsNoRunOfUpdates) {
    journal::Run mark = make("cc33");
    mark.options["mark"] = "dues=1005";
    ASSERT_TRUE(book.add_run(mark));
    ASSERT_TRUE(book.set_state("cc33", journal::RunState::Finished, "marked dues=1005 (before: 1004)"));
    const RunSummary summary = read_history(book, 1).value().front();
    EXPECT_EQ(summary.kind, RunSummary::Kind::Mark);
    EXPECT_EQ(summary.result, Result::Updated);
}

TEST_F(History, ResultsAreToldFromTheStateAndWhatWasCommitted) {
    end(journal::RunState::Closed, "cron is running");
    EXPECT_EQ(read().summary.result, Result::Untouched);
    pass(1, "a_update_1001");
    end(journal::RunState::Closed, "forgotten");
    EXPECT_EQ(read().summary.result, Result::Forgotten);
    end(journal::RunState::Finished, "updated without a_update_1002");
    EXPECT_EQ(read().summary.result, Result::Partly);
    EXPECT_EQ(read_history(book, 9).value().front().result, Result::Partly);
    journal::Run restore = make("bb22");
    restore.options["restore"] = "2026-11-22T10-00-00";
    ASSERT_TRUE(book.add_run(restore));
    ASSERT_TRUE(book.set_state("bb22", journal::RunState::Closed, "restored backup"));
    EXPECT_EQ(read_history(book, 1).value().front().result, Result::Restored);
    EXPECT_EQ(read_history(book, 1).value().front().kind, RunSummary::Kind::Restore);
}

TEST_F(History, ARunIsFoundByTheBeginningOfItsIdIfThatIsEnough) {
    ASSERT_TRUE(book.add_run(make("aa22")));
    EXPECT_EQ(find_run(book, "")->id, "aa22");
    EXPECT_EQ(find_run(book, "AA1")->id, "aa11");
    EXPECT_EQ(find_run(book, "aa").error().code, ExitCode::Usage);
    EXPECT_EQ(find_run(book, "cc").error().code, ExitCode::Usage);
    EXPECT_EQ(find_run(book, "%").error().code, ExitCode::Usage);
}

schema::Table shape(const std::map<std::string, std::string>& types) {
    schema::Table table;
    for (const auto& [name, type] : types) table.columns[name].type = type;
    return table;
}

std::vector<std::string> differences(const schema::Tables& before, const schema::Tables& after) {
    std::vector<std::string> lines;
    for (const journal::SchemaChange& change : schema_changes(before, after))
        lines.push_back(change.table + " " + change.what + " " + change.name + ": " +
                        change.before.value_or("-") + " > " + change.after.value_or("-"));
    return lines;
}

TEST(SchemaChanges, TellColumnsAndTables) {
    EXPECT_THAT(differences({{"t", shape({{"a", "int"}, {"b", "int"}})}, {"same", shape({{"x", "int"}})}},
                            {{"t", shape({{"a", "bigint"}, {"c", "int"}})}, {"same", shape({{"x", "int"}})}}),
                ElementsAre("t column a: int > bigint", "t column b: int > -", "t column c: - > int"));
    EXPECT_THAT(differences({}, {{"t", shape({{"a", "int"}})}}),
                ElementsAre("t table : - > ", "t column a: - > int"));
}

TEST(SchemaChanges, ATableThatIsCalledOtherwiseNowIsRenamed) {
    EXPECT_THAT(differences({{"a", shape({{"x", "int"}})}}, {{"b", shape({{"x", "int"}})}}),
                ElementsAre("b rename : a > b"));
}

TEST(SchemaChanges, WhichOfTwoItWasIsNotGuessed) {
    const auto lines = differences({{"a", shape({{"x", "int"}})}},
                                   {{"b", shape({{"x", "int"}})}, {"c", shape({{"x", "int"}})}});
    EXPECT_THAT(lines, ElementsAre("a table :  > -", "a column x: int > -", "b table : - > ",
                                   "b column x: - > int", "c table : - > ", "c column x: - > int"));
}

}  // namespace
}  // namespace bdupdate::run
