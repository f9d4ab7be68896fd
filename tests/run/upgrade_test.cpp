#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "../../src/run/site_files.h"
#include "fakes.h"
#include "support/temp_directory.h"

// The way from Drupal 7, with everything faked but the files.

namespace bdupdate::run {
namespace {

namespace fs = std::filesystem;
using test::FakeSite;
using test::FakeWorkers;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using worker::UpgradeStep;

constexpr const char* shipped_settings =
    "<?php\n$database = array('database' => 'd');\n"
    "$config_directories['active'] = 'files/config_' . md5(serialize($database)) . '/active';\n"
    "$config_directories['staging'] = 'files/config_' . md5(serialize($database)) . '/staging';\n";

struct UpgradeTest : testing::Test {
    test::TempDirectory temp;
    fs::path docroot = fs::canonical(temp.path()) / "docroot";
    FakeSite fake;
    site::Site site;
    journal::Paths paths{temp.path() / "state"};
    std::optional<journal::Journal> book;
    Listener deaf;
    std::optional<Context> context;
    Options options;

    UpgradeTest() {
        fs::create_directories(docroot / "files");
        fs::create_directories(docroot / "core/includes");
        put("core/includes/module.inc",
            "<?php\nfunction backdrop_merged_modules() {\n  return array();\n}\n");
        put("settings.php", shipped_settings);
        site.kind = site::Kind::Backdrop;
        site.docroot = docroot;
        site.conf_path = ".";
        site.core_version = "1.34.3";
        site.settings_file = docroot / "settings.php";
        site.database.database = "d";
        read_settings();
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
                    "user",
                    {},
                    {},
                    [this] {
                        read_settings();
                        return Result<void>();
                    }});
        options.backup = false;
        add_module("system", 7084, {"1000", "1001"});
        fake.upgrade = [this](UpgradeStep step) -> Result<worker::UpgradeReport> {
            if (step == UpgradeStep::First) make_directories();
            if (step == UpgradeStep::Info) add_module("views", 0, {"1000"});
            return worker::UpgradeReport{};
        };
    }

    void put(const std::string& path, const std::string& content) const {
        std::ofstream(docroot / path, std::ios::binary) << content;
    }
    std::string settings() const { return read_file(docroot / "settings.php").value(); }

    /// As far as it matters here: the names that were chosen, else the default ones.
    void read_settings() {
        const std::string text = settings();
        const std::size_t at = text.find("'./files/config_");
        const std::string name = at == std::string::npos
                                     ? "config_default"
                                     : text.substr(at + 9, std::string("config_").size() + 32);
        site.active_config = docroot / "files" / name / "active";
        site.staging_config = docroot / "files" / name / "staging";
        fake.config = site.active_config;
    }
    /// What core does in the first step, under the names that settings.php has by then.
    void make_directories() {
        read_settings();
        for (const fs::path& directory : {site.active_config, site.staging_config}) {
            fs::create_directories(directory);
            std::ofstream(directory / "README.md") << "about";
        }
    }
    void add_module(const std::string& name, int at, const std::vector<std::string>& numbers) {
        fake.database.committed.push_back({name, at, true, 0, ""});
        for (const std::string& number : numbers)
            fake.functions.push_back({name, number, name + "_update_" + number, "", name + ".install", 1});
    }
    Need need() {
        Need result;
        result.view.plan = plan::make_plan(fake.facts()).value();
        result.view.drupal7 = 7084;
        return result;
    }
    Outcome run_now() { return execute(*context, options, need()).value(); }
    std::vector<std::string> in_files() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(docroot / "files")) names.push_back(entry.path());
        return names;
    }
};

TEST_F(UpgradeTest, TheStepsComeBeforeTheFirstUpdateAndBringTheirModules) {
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::Updated) << (outcome.error ? outcome.error->message : "");
    EXPECT_THAT(fake.calls, ElementsAre("first", "info", "dependencies", "boot", "system_update_1000",
                                        "views_update_1000", "system_update_1001", "flush"));
    EXPECT_FALSE(fake.database.has_table);
    EXPECT_THAT(settings(), HasSubstr("$config_directories['active'] = './files/config_"));
    EXPECT_THAT(settings(), testing::Not(HasSubstr("md5(")));
}

TEST_F(UpgradeTest, TheFirstPassIsOpenForEverybodyWhileTheyRun) {
    fake.upgrade = [this](UpgradeStep) -> Result<worker::UpgradeReport> {
        EXPECT_EQ(fake.database.mark_row->seq, 1);
        EXPECT_EQ(fake.database.mark_row->state, db::MarkState::Open);
        make_directories();
        return worker::UpgradeReport{};
    };
    EXPECT_EQ(run_now().end, End::Updated);
}

TEST_F(UpgradeTest, ANativeSiteTakesNoSuchStep) {
    make_directories();
    fake.database.committed[0].schema_version = 0;
    EXPECT_EQ(run_now().end, End::Updated);
    EXPECT_EQ(fake.calls.front(), "boot");
}

TEST_F(UpgradeTest, ANativeSiteWithoutItsConfigDirectoryIsRefused) {
    fake.database.committed[0].schema_version = 0;
    const auto outcome = execute(*context, options, need());
    ASSERT_FALSE(outcome);
    EXPECT_THAT(outcome.error().message, HasSubstr("does not exist"));
    EXPECT_FALSE(fake.database.has_table);
}

TEST_F(UpgradeTest, AStepThatFailsWithoutABackupNeedsHands) {
    fake.upgrade = [](UpgradeStep) -> Result<worker::UpgradeReport> {
        return fail(ExitCode::UpdateFailed, "no table today");
    };
    const Outcome outcome = run_now();
    EXPECT_EQ(outcome.end, End::NeedsHands);
    EXPECT_EQ(outcome.code, ExitCode::NeedsHands);
    EXPECT_EQ(fake.database.mark_row->state, db::MarkState::Open);
    const auto recovered = recover(*context, {});
    ASSERT_FALSE(recovered);
    EXPECT_EQ(recovered.error().code, ExitCode::NeedsHands);
}

TEST_F(UpgradeTest, RequirementsThatAreNotMetEndTheStepsUnlessTheyAreIgnored) {
    fake.upgrade = [this](UpgradeStep) -> Result<worker::UpgradeReport> {
        make_directories();
        worker::UpgradeReport report;
        report.requirements.push_back({worker::Requirement::Severity::Error, "php", "PHP", "5", "too old"});
        return report;
    };
    const Outcome refused = run_now();
    EXPECT_THAT(refused.error->message, HasSubstr("requirements"));
    EXPECT_THAT(fake.calls, ElementsAre("first"));
    EXPECT_TRUE(recover(*context, {recovery::Wish::Forget, ""}));
    fake.calls.clear();
    options.ignore_requirements = {"php"};
    EXPECT_EQ(run_now().end, End::Updated);
}

TEST_F(UpgradeTest, AKilledRunGoesOnBehindTheStepsAndWithTheirDirectory) {
    fake.updates["system_update_1001"] = [this](worker::PassReport& report, const std::string&) {
        report.failure = worker::Failure::Died;
        fake.database.session_lingers = true;  // what became of the pass is not known: as after a kill
    };
    EXPECT_EQ(run_now().end, End::Interrupted);
    fake.database.session_lingers = false;
    fake.updates.clear();
    fake.calls.clear();
    fs::remove(site.active_config / "README.md");
    std::ofstream(site.active_config / "half.json") << "{";
    const auto outcome = recover(*context, {});
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->end, End::Updated);
    EXPECT_THAT(fake.calls, ElementsAre("boot", "system_update_1001", "flush"));
    EXPECT_TRUE(fs::exists(site.active_config / "README.md"));
    EXPECT_FALSE(fs::exists(site.active_config / "half.json"));
}

TEST_F(UpgradeTest, AKillBeforeAnythingWasForeseenGoesOnFromTheBeginning) {
    ASSERT_TRUE(book->add_run({.id = "r", .options = options.journalled()}));
    ASSERT_TRUE(book->put_image("r", 0, {}));
    db::Mark mark;
    mark.run = "r";
    mark.step = -1;
    mark.state = db::MarkState::Done;
    mark.site_fingerprint = sha256_hex(fake.database.server().identity);
    ASSERT_TRUE(fake.database.create_mark(mark));
    const auto outcome = recover(*context, {});
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->end, End::Updated);
    EXPECT_EQ(fake.calls.front(), "first");
}

TEST_F(UpgradeTest, AKillBeforeTheMarkLeavesNothingToPutBack) {
    ASSERT_TRUE(book->add_run({.id = "r"}));
    ASSERT_TRUE(book->put_image("r", 0, {}));
    ASSERT_TRUE(foresee_site_files(*context, "r"));
    ASSERT_TRUE(put_site_files(*context, "r", 0));
    EXPECT_EQ(settings(), shipped_settings);
    EXPECT_THAT(in_files(), IsEmpty());
}

struct SiteFilesTest : UpgradeTest {
    SiteFilesTest() {
        static_cast<void>(book->add_run({.id = "r"}));
        static_cast<void>(book->put_image("r", 0, {}));
    }
    void step_forward() {
        ASSERT_TRUE(foresee_site_files(*context, "r"));
        ASSERT_TRUE(put_settings(*context, "r", 1));
        make_directories();
        auto directory = config::ConfigDirectory::open(site.active_config);
        ASSERT_TRUE(book->put_image("r", 1, directory->image().value()));
    }
};

TEST_F(SiteFilesTest, UndoingRemovesDirectoriesThatAppearedAndPutsSettingsBack) {
    fs::permissions(docroot / "settings.php", fs::perms(0640));
    step_forward();
    ASSERT_THAT(in_files(), SizeIs(1));
    ASSERT_NE(settings(), shipped_settings);
    ASSERT_TRUE(put_site_files(*context, "r", 0));
    EXPECT_EQ(settings(), shipped_settings);
    EXPECT_EQ(fs::status(docroot / "settings.php").permissions(), fs::perms(0640));
    EXPECT_THAT(in_files(), IsEmpty());
    EXPECT_EQ(site.active_config, docroot / "files/config_default/active");
    ASSERT_TRUE(put_site_files(*context, "r", 0)) << "it can be repeated";
}

TEST_F(SiteFilesTest, WhatWasInThoseDirectoriesIsKeptAside) {
    step_forward();
    std::ofstream(site.active_config / "system.core.json") << "{\"mine\":1}";
    ASSERT_TRUE(put_site_files(*context, "r", 0));
    EXPECT_EQ(read_file(paths.aside("r") / "system.core.json").value(), "{\"mine\":1}");
}

TEST_F(SiteFilesTest, ADirectoryThatWasThereBeforeStays) {
    make_directories();
    put("files/config_default/active/mine.json", "{}");
    ASSERT_TRUE(book->put_image("r", 0, config::ConfigDirectory::open(site.active_config)->image().value()));
    ASSERT_TRUE(foresee_site_files(*context, "r"));
    ASSERT_TRUE(put_settings(*context, "r", 1));
    EXPECT_EQ(settings(), shipped_settings) << "core leaves the names of directories that exist";
    put("files/config_default/active/new.json", "{}");
    ASSERT_TRUE(put_site_files(*context, "r", 0));
    EXPECT_TRUE(fs::exists(docroot / "files/config_default/active/mine.json"));
    EXPECT_FALSE(fs::exists(docroot / "files/config_default/active/new.json"));
}

TEST_F(SiteFilesTest, ANameThatTheSiteChoseIsKeptAndItsDirectoryGoesAgain) {
    put("settings.php", "<?php\n$config_directories['active'] = '../outside/active';\n");
    site.active_config = temp.path() / "outside" / "active";
    site.staging_config.clear();
    context->read_settings_again = {};
    const std::string before = settings();
    ASSERT_TRUE(foresee_site_files(*context, "r"));
    ASSERT_TRUE(put_settings(*context, "r", 1));
    EXPECT_EQ(settings(), before);
    fs::create_directories(site.active_config);
    ASSERT_TRUE(put_site_files(*context, "r", 0));
    EXPECT_FALSE(fs::exists(temp.path() / "outside"));
}

TEST_F(SiteFilesTest, WhatSomebodyElsePutThereIsNotRemoved) {
    step_forward();
    fs::create_directories(site.active_config / ".git");
    ASSERT_TRUE(put_site_files(*context, "r", 0));
    EXPECT_EQ(settings(), shipped_settings);
    EXPECT_THAT(in_files(), SizeIs(1));
}

TEST_F(SiteFilesTest, GoingForwardMakesADirectoryThatGotLost) {
    step_forward();
    const fs::path active = site.active_config;
    fs::remove_all(active.parent_path());
    put("settings.php", shipped_settings);
    read_settings();
    ASSERT_TRUE(put_site_files(*context, "r", 1));
    EXPECT_EQ(site.active_config, active);
    EXPECT_EQ(read_file(active / "README.md").value(), "about");
}

TEST_F(SiteFilesTest, WhatAKilledWriterLeftOfSettingsIsRemoved) {
    step_forward();
    put(".bdupdate-0123456789abcdef.php", "<?php $secret");
    ASSERT_TRUE(put_site_files(*context, "r", 0));
    EXPECT_FALSE(fs::exists(docroot / ".bdupdate-0123456789abcdef.php"));
}

TEST_F(SiteFilesTest, SettingsBehindALinkAreWrittenWhereTheyAre) {
    fs::rename(docroot / "settings.php", docroot / "shared.php");
    fs::create_symlink("shared.php", docroot / "settings.php");
    step_forward();
    EXPECT_TRUE(fs::is_symlink(docroot / "settings.php"));
    EXPECT_NE(read_file(docroot / "shared.php").value(), shipped_settings);
    ASSERT_TRUE(put_site_files(*context, "r", 0));
    EXPECT_EQ(read_file(docroot / "shared.php").value(), shipped_settings);
}

struct ForeseenTest : UpgradeTest {
    View view() {
        fs::create_directories(docroot / "core/modules");
        return look(site, fake.database, {}).value();
    }
};

TEST_F(ForeseenTest, ADatabaseBelow7078IsRefusedWhateverElseIsPending) {
    for (const int number : {7000, 7069, 7077}) {
        fake.database.committed[0].schema_version = number;
        const View seen = view();
        ASSERT_THAT(seen.obstacles, SizeIs(1)) << number;
        EXPECT_THAT(seen.obstacles[0].message, HasSubstr(std::to_string(number)));
        const auto need = assess({site, fake.database, paths, {}, {}, &*book, nullptr}, options);
        ASSERT_TRUE(need && need->refusal());
        EXPECT_EQ(need->refusal()->error.code, ExitCode::Preflight);
    }
    fake.database.committed[0].schema_version = 7078;
    EXPECT_THAT(view().obstacles, IsEmpty());
}

TEST_F(ForeseenTest, AVisitOfUpdatePhpIsRecognisedAndTheWayOutNamed) {
    fake.database.states["update_backdrop_requirements"] = "b:1;";
    site.database.prefix = "x_";
    ASSERT_THAT(view().obstacles, SizeIs(1));
    EXPECT_THAT(view().obstacles[0].hint,
                HasSubstr("DELETE FROM `x_state` WHERE name = 'update_backdrop_requirements'"));
    add_module("views", 0, {});  // whoever may run updates has been there: this goes on well
    EXPECT_THAT(view().obstacles, IsEmpty());
}

TEST_F(ForeseenTest, WhatIsNotKnownYetIsSaidAndPartsOfDrupalAreNoAlarm) {
    add_module("overlay", 0, {});
    add_module("forum", 7012, {});
    const View seen = view();
    EXPECT_THAT(seen.notes, SizeIs(2));
    std::map<std::string, plan::ModuleProblem> problems;
    for (const plan::ModuleNote& note : seen.plan.modules) problems[note.module] = note.problem;
    EXPECT_EQ(problems.at("overlay"), plan::ModuleProblem::Orphan);
    EXPECT_EQ(problems.at("forum"), plan::ModuleProblem::Missing);
    fake.database.committed[0].schema_version = 1000;
    EXPECT_THAT(view().notes, IsEmpty());
}

TEST_F(ForeseenTest, OptionsThatLeaveAnUpgradeHalfDoneAreToldOf) {
    options.clear_caches = false;
    const auto need = assess({site, fake.database, paths, {}, {}, &*book, nullptr}, options);
    ASSERT_TRUE(need && need->refusal());
    EXPECT_THAT(need->refusal()->error.hint, HasSubstr("--no-cache-clear"));
}

}  // namespace
}  // namespace bdupdate::run
