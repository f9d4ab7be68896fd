// Command line, environment, the site's section, config file: who wins. docs/config-file.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "../../src/cli/description.h"
#include "../../src/cli/options.h"
#include "support/temp_directory.h"

namespace bdupdate::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// An option that has a variable.
struct OptionName {
    std::vector<std::string> command;  ///< {}: every command's
    std::string name;                  ///< without dashes, as in a config file
    std::string variable;
    bool flag = false;
};

void collect(const CommandDescription& command, const std::vector<std::string>& path,
             std::vector<OptionName>& all) {
    for (const OptionDescription& option : command.options) {
        const std::string name = option.names.back().substr(2);
        EXPECT_EQ(option.variable.empty(), name == "help" || name == "version") << name;
        if (!option.variable.empty()) all.push_back({path, name, option.variable, option.value.empty()});
    }
    for (const CommandDescription& inner : command.commands) {
        std::vector<std::string> inner_path = path;
        inner_path.push_back(inner.name);
        collect(inner, inner_path, all);
    }
}

std::vector<OptionName> all_options() {
    std::vector<OptionName> all;
    collect(describe_command_line(), {}, all);
    return all;
}

class Settings : public testing::Test {
  protected:
    void SetUp() override {
        clear();
        ::setenv("BDUPDATE_CONFIG", "/dev/null", 1);
    }
    void TearDown() override { clear(); }
    static void clear() {
        for (const OptionName& option : all_options()) ::unsetenv(option.variable.c_str());
    }
    static CommandLine read(const std::vector<std::string>& arguments) {
        std::vector<std::string> words = {"bdupdate"};
        words.insert(words.end(), arguments.begin(), arguments.end());
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        return parse(static_cast<int>(argv.size()), argv.data());
    }
    static CommandLine good(const std::vector<std::string>& arguments) {
        testing::internal::CaptureStderr();
        CommandLine line = read(arguments);
        const std::string told = testing::internal::GetCapturedStderr();
        EXPECT_EQ(line.exit_code, std::nullopt) << told;
        return line;
    }
    /// What is told of a command line that is refused.
    static std::string refusal(const std::vector<std::string>& arguments) {
        testing::internal::CaptureStderr();
        const CommandLine line = read(arguments);
        std::string told = testing::internal::GetCapturedStderr();
        EXPECT_EQ(line.exit_code, 2) << told;
        return told;
    }
    void config(const std::string& text) {
        std::ofstream(file_) << text;
        ::setenv("BDUPDATE_CONFIG", file_.c_str(), 1);
    }
    test::TempDirectory temp_;
    fs::path file_ = temp_.path() / "bdupdate.conf";
};

/// A command line that takes this option.
std::vector<std::string> words_for(const OptionName& option) {
    std::vector<std::string> words =
        option.command.empty() ? std::vector<std::string>{"status"} : option.command;
    const std::string last = words.back();
    if (words.size() == 1 && last == "backup") words.emplace_back("list");
    if (words.front() == "backup" && (last == "restore" || last == "export")) words.emplace_back("latest");
    if (last == "mark") words.emplace_back("node=7");
    return words;
}

TEST_F(Settings, EveryOptionHasAVariableOfItsOwnThatWorks) {
    const auto options = all_options();
    EXPECT_GT(options.size(), 40U);
    std::set<std::string> seen;
    for (const OptionName& option : options) {
        EXPECT_TRUE(seen.insert(option.variable).second) << option.variable << " stands for two options";
        if (option.name == "config" || option.name == "help") continue;
        bool taken = false;
        for (const std::string value : {"true", "7", "json", "auto", "keep", "stop", "node=7"}) {
            if (option.flag && value != "true") continue;
            ::setenv(option.variable.c_str(), value.c_str(), 1);
            if (option.name == "backup") ::setenv("BDUPDATE_RECOVER_RESTORE", "true", 1);
            testing::internal::CaptureStderr();
            const CommandLine line = read(words_for(option));
            testing::internal::GetCapturedStderr();
            const bool of_many =
                option.name == "all-sites" || option.name == "sites-from" || option.name == "jobs";
            taken = taken || (!line.exit_code && (of_many || line.settings.count(option.variable) > 0));
            ::unsetenv(option.variable.c_str());
            ::unsetenv("BDUPDATE_RECOVER_RESTORE");
        }
        EXPECT_TRUE(taken) << option.variable;
    }
}

TEST_F(Settings, EveryOptionIsAKeyOfTheConfigFile) {
    for (const OptionName& option : all_options()) {
        if (option.name == "config") continue;
        std::string section;
        for (const std::string& word : option.command) section += (section.empty() ? "" : ".") + word;
        bool taken = false;
        for (const std::string value : {"true", "7", "json", "auto", "keep", "stop", "node=7"}) {
            ConfigFile file{"f", {{option.command, option.name, {value}, true, 1}}};
            taken = taken || static_cast<bool>(check_config(file));
        }
        EXPECT_TRUE(taken) << "[" << section << "] " << option.name;
    }
}

TEST_F(Settings, CommandLineBeforeEnvironmentBeforeSectionBeforeFileBeforeDefault) {
    EXPECT_EQ(good({"status"}).global.php, "php");
    config("php = of-file\n");
    EXPECT_EQ(good({"status"}).global.php, "of-file");
    config("php = of-file\n[site.club]\nroot = " + temp_.path().string() + "\nphp = of-section\n");
    EXPECT_EQ(good({"status", "--root", temp_.path()}).global.php, "of-section");
    EXPECT_EQ(good({"status", "--root", "/"}).global.php, "of-file");
    ::setenv("BDUPDATE_PHP", "of-environment", 1);
    EXPECT_EQ(good({"status", "--root", temp_.path()}).global.php, "of-environment");
    EXPECT_EQ(good({"status", "--root", temp_.path(), "--php", "typed"}).global.php, "typed");
}

TEST_F(Settings, TheSameOfACommandsOwnOptions) {
    const std::string here = temp_.path().string();
    EXPECT_EQ(good({"run"}).run.run.keep_backups, 5U);
    config("[run]\nkeep-backups = 6\n");
    EXPECT_EQ(good({"updb"}).run.run.keep_backups, 6U);
    config("[run]\nkeep-backups = 6\n[site.club]\nroot = " + here + "\nrun.keep-backups = 7\n");
    EXPECT_EQ(good({"run", "--root", here}).run.run.keep_backups, 7U);
    ::setenv("BDUPDATE_RUN_KEEP_BACKUPS", "8", 1);
    EXPECT_EQ(good({"run", "--root", here}).run.run.keep_backups, 8U);
    EXPECT_EQ(good({"run", "--root", here, "--keep-backups", "9"}).run.run.keep_backups, 9U);
    // One command's options are nobody else's.
    ::setenv("BDUPDATE_RUN_SKIP", "a,b", 1);
    EXPECT_THAT(good({"run"}).run.run.selection.skip_modules, testing::ElementsAre("a", "b"));
    EXPECT_THAT(good({"plan"}).run.run.selection.skip_modules, testing::IsEmpty());
}

TEST_F(Settings, AFlagCanBeOff) {
    config("verbose = true\nyes = on\n[run]\nno-backup = false\n");
    EXPECT_TRUE(good({"run"}).global.verbose);
    EXPECT_TRUE(good({"run"}).global.yes);
    EXPECT_TRUE(good({"run"}).run.run.backup);
    ::setenv("BDUPDATE_YES", "0", 1);
    EXPECT_FALSE(good({"run"}).global.yes);
    ::setenv("BDUPDATE_RUN_NO_BACKUP", "1", 1);
    EXPECT_FALSE(good({"run"}).run.run.backup);
}

TEST_F(Settings, WhatExcludesEachOtherGivesWayToWhatWasSaidNearer) {
    config("sites-from = /nowhere/*\n");
    EXPECT_TRUE(good({"status"}).global.many());
    EXPECT_FALSE(good({"status", "--root", "/"}).global.many());
    config("[recover]\nrestore = true\n");
    EXPECT_EQ(good({"recover"}).recover.wish, recovery::Wish::Restore);
    EXPECT_EQ(good({"recover", "--resume"}).recover.wish, recovery::Wish::Resume);
    config("[recover]\nrestore = true\nresume = true\n");
    EXPECT_THAT(refusal({"recover"}), HasSubstr(":3: resume"));
    config("[recover]\nbackup = latest\n");
    EXPECT_THAT(refusal({"recover"}), HasSubstr("needs --restore"));
}

TEST_F(Settings, ASiteIsCalledByTheNameOfItsSection) {
    fs::create_directories(temp_.path() / "multi/sites/two");
    std::ofstream(temp_.path() / "multi/sites/two/settings.php") << "<?php";
    config(
        "[site.club]\nroot = club\nphp = php-club\n[site.two]\nroot = multi\n"
        "[site.\"three.example.com\"]\nphp = php-three\n");
    CommandLine line = good({"--site", "club", "status"});
    EXPECT_EQ(line.global.root, temp_.path() / "club");
    EXPECT_EQ(line.global.site, "");
    EXPECT_EQ(line.global.php, "php-club");
    line = good({"--site", "two", "status"});
    EXPECT_EQ(line.global.root, temp_.path() / "multi");
    EXPECT_EQ(line.global.site, "two") << "a directory of the multisite";
    line = good({"--site", "three.example.com", "--root", "/srv", "status"});
    EXPECT_EQ(line.global.root, "/srv");
    EXPECT_EQ(line.global.site, "three.example.com");
    EXPECT_EQ(line.global.php, "php-three");
    // The same name elsewhere is another site.
    EXPECT_EQ(good({"--site", "club", "--root", "/", "status"}).global.php, "php");
}

TEST_F(Settings, AnUnknownKeyIsNamedWithFileAndLine) {
    const std::string file = file_.string();
    config("yes = true\n\nphpp = x\n");
    EXPECT_THAT(refusal({"status"}), HasSubstr(file + ":3: unknown key phpp"));
    config("[run]\nkeep = 3\n");
    EXPECT_THAT(refusal({"status"}), HasSubstr(file + ":2: unknown key keep of run"));
    config("[runn]\nkeep = 3\n");
    EXPECT_THAT(refusal({"status"}), HasSubstr(file + ":2: no command runn"));
    config("[site.www.example.com]\nphp = x\n");
    EXPECT_THAT(refusal({"status"}), HasSubstr("put quotes around a name with dots"));
    config("[site.a]\njobs = 2\n");
    EXPECT_THAT(refusal({"status"}), HasSubstr(":2: jobs cannot differ from site to site"));
    config("config = other\n");
    EXPECT_THAT(refusal({"status"}), HasSubstr(":1: unknown key config"));
    config("php = a\nphp = b\n");
    EXPECT_THAT(refusal({"status"}), HasSubstr(":2: php stands in line 1 already"));
}

TEST_F(Settings, AWrongValueIsNamedWithWhereItStands) {
    const std::string file = file_.string();
    for (const auto& [text, told] : std::vector<std::pair<std::string, std::string>>{
             {"format = xml\n", ":1: format: "},
             {"yes = perhaps\n", ":1: yes: 'perhaps' is neither true nor false"},
             {"db-port = 0\n", ":1: db-port: "},
             {"db-port = [1, 2]\n", ":1: db-port: "},
             {"[run]\non-failure = \"give up\"\n", ":2: on-failure: "},
             {"[site.a.run]\nkeep-backups = many\n", ":2: keep-backups: "}}) {
        config(text);
        EXPECT_THAT(refusal({"status"}), HasSubstr(file + told)) << text;
    }
    ::setenv("BDUPDATE_CONFIG", "/dev/null", 1);
    ::setenv("BDUPDATE_DB_PORT", "none", 1);
    EXPECT_THAT(refusal({"status"}), HasSubstr("BDUPDATE_DB_PORT: "));
    ::unsetenv("BDUPDATE_DB_PORT");
    EXPECT_THAT(refusal({"status", "--config", "/nonexistent"}), HasSubstr("/nonexistent"));
}

}  // namespace
}  // namespace bdupdate::cli
