#include "bdupdate/journal/journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "bdupdate/base/file.h"
#include "bdupdate/base/subprocess.h"
#include "support/temp_directory.h"

namespace bdupdate::journal {
namespace {

namespace fs = std::filesystem;

struct JournalTest : testing::Test {
    test::TempDirectory temp;
    fs::path file = temp.path() / "journal.sqlite";
    Journal book = std::move(Journal::open(file).value());

    static journal::Run sample(const std::string& id) {
        journal::Run run;
        run.id = id;
        run.started_ms = 1'700'000'000'000;
        run.options = {{"on-failure", "stop"}, {"module", "a,b"}};
        run.docroot = "/srv/site";
        run.maintenance_before = std::string("b:0;\0x", 6);
        return run;
    }
};

TEST_F(JournalTest, ARunComesBackAsItWasWritten) {
    ASSERT_TRUE(book.add_run(sample("r1")));
    const journal::Run run = book.run("r1").value().value();
    EXPECT_EQ(run.options.at("module"), "a,b");
    EXPECT_EQ(run.maintenance_before, std::string("b:0;\0x", 6));
    EXPECT_EQ(run.state, RunState::Running);
    EXPECT_FALSE(run.ended_ms);
    EXPECT_FALSE(book.run("other").value());
}

TEST_F(JournalTest, CallsTogetherHappenAllOrNotAtAll) {
    ASSERT_TRUE(book.add_run(sample("r1")));
    const auto calls = [&](bool well) -> Result<void> {
        BDUPDATE_TRY(book.set_backup("r1", "2026"));
        BDUPDATE_TRY(book.put_image("r1", 0, {}));
        return well ? Result<void>() : fail(ExitCode::Held, "no");
    };
    EXPECT_FALSE(book.together([&] { return calls(false); }));
    EXPECT_EQ(book.run("r1").value()->backup, "");
    EXPECT_FALSE(book.has_image("r1", 0).value());
    EXPECT_TRUE(book.together([&] { return calls(true); }));
    EXPECT_EQ(book.run("r1").value()->backup, "2026");
    EXPECT_TRUE(book.has_image("r1", 0).value());
}

TEST_F(JournalTest, ANewOneLeavesNothingBesideIt) {
    for (const auto& entry : fs::directory_iterator(temp.path()))
        EXPECT_EQ(entry.path().filename().string().find(".new-"), std::string::npos) << entry.path();
    struct stat info {};
    ASSERT_EQ(::stat(file.c_str(), &info), 0);
    EXPECT_EQ(info.st_nlink, 1U);
}

TEST_F(JournalTest, AbsentMaintenanceIsNotAnEmptyValue) {
    journal::Run run = sample("r1");
    run.maintenance_before.reset();
    ASSERT_TRUE(book.add_run(run));
    EXPECT_FALSE(book.run("r1").value()->maintenance_before);
}

TEST_F(JournalTest, OnlyFinishedAndClosedRunsAreNotOpen) {
    ASSERT_TRUE(book.add_run(sample("r1")));
    for (const RunState state : {RunState::Running, RunState::Stopped, RunState::Finishing}) {
        ASSERT_TRUE(book.set_state("r1", state, "so"));
        EXPECT_TRUE(book.open_run().value()) << to_string(state);
    }
    for (const RunState state : {RunState::Finished, RunState::Closed}) {
        ASSERT_TRUE(book.set_state("r1", state, "so"));
        EXPECT_FALSE(book.open_run().value()) << to_string(state);
        EXPECT_TRUE(book.run("r1").value()->ended_ms);
    }
}

TEST_F(JournalTest, PlansAreNumberedWithinTheirRun) {
    ASSERT_TRUE(book.add_run(sample("r1")));
    const std::vector<Step> steps = {
        {"a", "1000", "a_update_1000", "Adds.", "a.install", 7, {}, false},
        {"b", "01001", "b_update_01001", "", "b.install", 9, {"a_update_1000", "c_update_1"}, true}};
    EXPECT_EQ(book.add_plan("r1", steps).value(), 1);
    EXPECT_EQ(book.add_plan("r1", {}).value(), 2);
    EXPECT_EQ(book.add_plan("r2", {}).value(), 1);
    const auto back = book.plan("r1", 1).value();
    ASSERT_EQ(back.size(), 2U);
    EXPECT_EQ(back[1].number, "01001");
    EXPECT_EQ(back[1].after, steps[1].after);
    EXPECT_TRUE(back[1].last_of_module);
    EXPECT_TRUE(book.plan("r1", 2).value().empty());
}

config::File file_of(const std::string& path, std::optional<std::string> content) {
    return {path, std::move(content), 0640, 33, 34};
}

TEST_F(JournalTest, AnImageIsTheNewestStateOfEachPath) {
    ASSERT_TRUE(
        book.put_image("r", 0, {file_of("a.json", "0"), file_of("b.json", "0"), file_of("c.json", "")}));
    ASSERT_TRUE(book.put_image("r", 2, {file_of("a.json", "2"), file_of("b.json", std::nullopt)}));
    ASSERT_TRUE(book.put_image("r", 5, {file_of("b.json", "5"), file_of("d.json", "5")}));
    const auto names = [this](std::int64_t k) {
        std::string text;
        const auto files = book.image("r", k).value();
        for (const auto& f : files) text += f.path + "=" + f.content.value() + " ";
        return text;
    };
    EXPECT_EQ(names(0), "a.json=0 b.json=0 c.json= ");
    EXPECT_EQ(names(1), names(0));
    EXPECT_EQ(names(2), "a.json=2 c.json= ");
    EXPECT_EQ(names(9), "a.json=2 b.json=5 c.json= d.json=5 ");
    ASSERT_TRUE(book.drop_images_above("r", 4));
    EXPECT_EQ(names(9), "a.json=2 c.json= ");
    EXPECT_EQ(book.image("r", 9).value()[0].mode, 0640U);
    EXPECT_EQ(book.image("r", 9).value()[0].gid, 34U);
}

TEST_F(JournalTest, WithoutImageZeroThereIsNoImage) {
    ASSERT_TRUE(book.put_image("r", 1, {file_of("a.json", "1")}));
    const auto image = book.image("r", 1);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, ExitCode::NeedsHands);
}

TEST_F(JournalTest, PassesKeepTheirMessagesInOrder) {
    Pass pass;
    pass.seq = 3;
    pass.step = 1;
    pass.function = "a_update_1000";
    pass.finished = 0.25;
    pass.messages = {{"php", "first"}, {"status", "second"}};
    ASSERT_TRUE(book.add_pass("r", pass));
    ASSERT_TRUE(book.add_pass("r", pass));
    const auto passes = book.passes("r").value();
    ASSERT_EQ(passes.size(), 2U);
    EXPECT_EQ(passes[1].messages, pass.messages);
    EXPECT_DOUBLE_EQ(passes[1].finished, 0.25);
}

TEST_F(JournalTest, ItIsReadableByItsOwnerOnly) {
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(JournalTest, WhatAKilledProcessWroteIsThere) {
    ASSERT_TRUE(book.add_run(sample("r1")));
    // The file as a second process finds it while the first never closed: WAL included.
    fs::copy(file, temp.path() / "copy");
    fs::copy(temp.path() / "journal.sqlite-wal", temp.path() / "copy-wal");
    auto copy = Journal::open(temp.path() / "copy").value();
    EXPECT_TRUE(copy.run("r1").value());
}

TEST_F(JournalTest, AForeignFormatIsNamed) {
    { Journal closed = std::move(book); }
    std::ofstream(temp.path() / "garbage") << std::string(4096, 'x');
    const auto garbage = Journal::open(temp.path() / "garbage");
    ASSERT_FALSE(garbage);
    EXPECT_NE(garbage.error().message.find("garbage"), std::string::npos);
}

TEST_F(JournalTest, WhatAPassChangedComesBack) {
    ASSERT_TRUE(book.add_run(sample("r1")));
    Pass pass;
    pass.seq = 1;
    pass.schema_changes = {{"t", "table", "", std::nullopt, "InnoDB"},
                           {"t", "column", "c", "int", std::nullopt}};
    pass.rows = {{"t", 1, 2, 3}};
    ASSERT_TRUE(book.add_pass("r1", pass));
    const Pass back = book.passes("r1").value().front();
    ASSERT_EQ(back.schema_changes.size(), 2U);
    EXPECT_EQ(back.schema_changes[0].after, "InnoDB");
    EXPECT_FALSE(back.schema_changes[0].before);
    EXPECT_EQ(back.schema_changes[1].name, "c");
    ASSERT_EQ(back.rows.size(), 1U);
    EXPECT_EQ(back.rows[0].deleted, 3);
    ASSERT_TRUE(book.add_phase("r1", {"backing up", 5}));
    EXPECT_EQ(book.phases("r1").value().front().what, "backing up");
    EXPECT_TRUE(book.phases("r2").value().empty());
}

TEST_F(JournalTest, ChangesOfConfigAreToldPassByPass) {
    ASSERT_TRUE(book.put_image("r1", 0, {{"a.json", "1"}, {"b.json", "1"}, {"c.json", "1"}}));
    ASSERT_TRUE(book.put_image("r1", 2, {{"a.json", "2"}, {"b.json", std::nullopt}}));
    ASSERT_TRUE(book.put_image("r1", 3, {{"a.json", "3"}, {"b.json", "1"}, {"d.json", "new"}}));
    ASSERT_TRUE(book.put_surroundings("r1", 1, {{"/srv/settings.php", "secret"}}));
    std::vector<std::string> told;
    const auto changes = book.config_changes("r1").value();
    for (const ConfigChange& change : changes)
        told.push_back(std::to_string(change.seq) + " " + change.path + " " + change.before.value_or("-") +
                       " " + change.after.value_or("-"));
    EXPECT_EQ(told, (std::vector<std::string>{"2 a.json 1 2", "3 a.json 2 3", "2 b.json 1 -", "3 b.json - 1",
                                              "3 d.json - new"}));
    ASSERT_TRUE(book.drop_images_above("r1", 0));
    EXPECT_TRUE(book.config_changes("r1").value().empty());
}

/// As programs wrote it before they kept details.
struct OldJournal : JournalTest {
    void SetUp() override {
        ASSERT_TRUE(book.add_run(sample("r1")));
        Pass pass;
        pass.seq = 1;
        pass.function = "a_update_1001";
        pass.step = 0;
        pass.committed = true;
        ASSERT_TRUE(book.add_pass("r1", pass));
        { Journal closed = std::move(book); }
        const auto done = run_program({.argv = {"sqlite3", "-bail", file.string()}},
                                      "DROP TABLE schema_change; DROP TABLE rows_touched; DROP TABLE phase; "
                                      "PRAGMA user_version = 1;");
        ASSERT_TRUE(done && done->status.ok());
    }
};

TEST_F(OldJournal, IsReadAsItIs) {
    Journal old = std::move(*Journal::open_read_only(file).value());
    EXPECT_EQ(old.passes("r1").value().size(), 1U);
    EXPECT_TRUE(old.phases("r1").value().empty());
    EXPECT_EQ(old.progress().value().at("r1").updates, 1U);
}

TEST_F(OldJournal, IsBroughtUpToDateByWhoWritesIntoIt) {
    Journal old = std::move(Journal::open(file).value());
    Pass pass;
    pass.rows = {{"t", 1, 0, 0}};
    ASSERT_TRUE(old.add_pass("r1", pass));
    ASSERT_TRUE(old.add_phase("r1", {"checking", 5}));
    EXPECT_EQ(old.passes("r1").value().size(), 2U);
    EXPECT_EQ(old.passes("r1").value()[1].rows.size(), 1U);
    EXPECT_TRUE(Journal::open(file));
}

TEST_F(OldJournal, OneOfAFutureFormatIsRefusedByBoth) {
    ASSERT_TRUE(run_program({.argv = {"sqlite3", file.string()}}, "PRAGMA user_version = 99;"));
    EXPECT_FALSE(Journal::open(file));
    EXPECT_FALSE(Journal::open_read_only(file));
}

TEST_F(JournalTest, ReadingLeavesNoTrace) {
    ASSERT_TRUE(book.add_run(sample("r1")));
    { Journal closed = std::move(book); }
    const auto count = [this] {
        return std::distance(fs::directory_iterator(temp.path()), fs::directory_iterator());
    };
    ASSERT_EQ(count(), 1);
    {
        auto reader = Journal::open_read_only(file).value();
        ASSERT_TRUE(reader);
        EXPECT_TRUE(reader->run("r1").value());
        EXPECT_EQ(count(), 1);
    }
    EXPECT_EQ(count(), 1);
    EXPECT_FALSE(Journal::open_read_only(temp.path() / "missing").value());
}

TEST_F(JournalTest, WhatStandsAroundTheConfigIsKeptApartFromItByTheSameNumbers) {
    ASSERT_TRUE(book.add_run(sample("r1")));
    ASSERT_TRUE(book.put_image("r1", 0, {{"a.json", "{}", 0644, 1, 2}}));
    ASSERT_TRUE(book.put_surroundings(
        "r1", 0, {{"/srv/settings.php", "old", 0640, 1, 2}, {"/srv/active/", std::nullopt, 0, 0, 0}}));
    ASSERT_TRUE(book.put_surroundings(
        "r1", 1, {{"/srv/settings.php", "new", 0640, 1, 2}, {"/srv/active/", "", 0, 0, 0}}));
    ASSERT_TRUE(book.put_image("r1", 1, {{"b.json", "{}", 0644, 1, 2}}));  // takes nothing of the above away
    EXPECT_EQ(book.image("r1", 1)->size(), 2U);
    const auto before = book.surroundings("r1", 0).value(), after = book.surroundings("r1", 7).value();
    ASSERT_EQ(before.size(), 2U);
    EXPECT_FALSE(before[0].content);
    EXPECT_EQ(before[1].content, "old");
    EXPECT_EQ(after[0].content, "");
    EXPECT_EQ(after[1].content, "new");
    ASSERT_TRUE(book.drop_images_above("r1", 0));
    EXPECT_EQ(book.surroundings("r1", 7).value()[1].content, "old");
}

TEST_F(JournalTest, TablesAreKeptOfTheNewestRunOnlyAndTheFirstPictureOfARunStays) {
    schema::Tables first, second;
    first["a"].columns["x"].type = "int";
    second["b"].indexes["i"] = {true, "", {"x"}};
    EXPECT_FALSE(book.kept_tables().value());
    ASSERT_TRUE(book.keep_tables_before("r1", first));
    ASSERT_TRUE(book.keep_tables_before("r1", second)) << "as `recover` would";
    EXPECT_EQ(book.kept_tables().value()->before, first);
    EXPECT_FALSE(book.kept_tables().value()->after);
    ASSERT_TRUE(book.keep_tables_after("r1", second));
    EXPECT_EQ(book.kept_tables().value()->after, second);
    ASSERT_TRUE(book.keep_tables_before("r2", second));
    EXPECT_EQ(book.kept_tables().value()->run, "r2");
    EXPECT_EQ(book.kept_tables().value()->before, second);
    EXPECT_FALSE(book.kept_tables().value()->after) << "that was of another run";
    ASSERT_TRUE(book.forget_tables());
    EXPECT_FALSE(book.kept_tables().value());
}

}  // namespace
}  // namespace bdupdate::journal
