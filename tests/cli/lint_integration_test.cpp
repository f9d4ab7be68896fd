// `lint --against` on a real repository of git.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "bdupdate/base/subprocess.h"
#include "support/temp_directory.h"

namespace bdupdate::test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct LintAgainst : testing::Test {
    TempDirectory temp;

    void SetUp() override {
        if (!find_program("git")) GTEST_SKIP() << "no git here";
        git({"init", "-q"});
        write("foo/foo.install",
              "<?php\n/** a */\nfunction foo_update_1000() {}\n/** b */\nfunction foo_update_1002() {}\n");
        write("bar/bar.install", "<?php\n/** a */\nfunction bar_update_1000() {}\n");
        commit();
        git({"tag", "1.0"});
    }
    void write(const std::string& file, const std::string& text) {
        std::filesystem::create_directories((temp.path() / file).parent_path());
        std::ofstream(temp.path() / file) << text;
    }
    Completed run(const std::vector<std::string>& command) {
        SpawnOptions options;
        options.argv = command;
        options.directory = temp.path();
        options.environment = {{"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_NOSYSTEM", "1"}};
        auto done = run_program(options);
        EXPECT_TRUE(done) << command.front();
        return done ? *done : Completed{};
    }
    void git(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"git", "-c", "user.name=a", "-c", "user.email=a@b.c"});
        const Completed done = run(arguments);
        EXPECT_TRUE(done.status.ok()) << done.err;
    }
    void commit() {
        git({"add", "-A"});
        git({"commit", "-q", "-m", "x"});
    }
    Completed lint(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {BDUPDATE_BINARY, "lint"});
        return run(arguments);
    }
};

TEST_F(LintAgainst, NothingChangedNothingFound) {
    const Completed done = lint({".", "--against", "1.0"});
    EXPECT_EQ(done.status.code, 0) << done.err;
    EXPECT_EQ(done.out, "2 .install files: nothing to mend\n");
}

TEST_F(LintAgainst, AnUpdateInBetweenIsFoundInFilesAndDirectories) {
    write("foo/foo.install",
          "<?php\n/** a */\nfunction foo_update_1000() {}\n/** c */\nfunction foo_update_1001() "
          "{}\n/** b */\nfunction foo_update_1002() {}\n");
    for (const char* path : {".", "foo", "foo/foo.install"}) {
        const Completed done = lint({path, "--against", "1.0"});
        EXPECT_EQ(done.status.code, 1) << done.err;
        EXPECT_THAT(done.out, HasSubstr("foo/foo.install:5: error:")) << path;
        EXPECT_THAT(done.out, HasSubstr("[renumbered]"));
    }
    commit();
    EXPECT_EQ(lint({".", "--against", "HEAD"}).status.code, 0) << "released by now";
    EXPECT_EQ(lint({".", "--against", "HEAD~1"}).status.code, 1);
}

TEST_F(LintAgainst, AFileThatIsGoneIsFoundAndOneThatMovedIsNot) {
    std::filesystem::remove(temp.path() / "bar/bar.install");
    const Completed gone = lint({".", "--against", "1.0"});
    EXPECT_EQ(gone.status.code, 1);
    EXPECT_THAT(gone.out,
                HasSubstr("bar/bar.install:1: error: the file was released with 1 update and is gone"));
    write("contrib/bar/bar.install", "<?php\n/** a */\nfunction bar_update_1000() {}\n");
    EXPECT_EQ(lint({".", "--against", "1.0"}).status.code, 0);
}

TEST_F(LintAgainst, ANewFileHasNothingToCompareWith) {
    write("new/new.install", "<?php\n/** a */\nfunction new_update_1000() {}\n");
    EXPECT_EQ(lint({".", "--against", "1.0"}).status.code, 0);
}

TEST_F(LintAgainst, WhatGitDoesNotKnowIsAUsageError) {
    const Completed unknown = lint({".", "--against", "2.0"});
    EXPECT_EQ(unknown.status.code, 2);
    EXPECT_THAT(unknown.err, HasSubstr("git knows no revision 2.0"));
    const Completed option = lint({".", "--against=--output=evil"});
    EXPECT_EQ(option.status.code, 2);
    EXPECT_FALSE(std::filesystem::exists(temp.path() / "evil"));
    std::filesystem::rename(temp.path() / ".git", temp.path() / "elsewhere");
    const Completed none = lint({".", "--against", "1.0"});
    EXPECT_EQ(none.status.code, 2);
    EXPECT_THAT(none.err, HasSubstr("--against needs git"));
}

}  // namespace
}  // namespace bdupdate::test
