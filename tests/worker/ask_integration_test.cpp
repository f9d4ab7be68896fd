#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "bdupdate/worker/ask.h"
#include "support/temp_directory.h"
#include "worker/bare_site.h"

namespace bdupdate::worker {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

class Ask : public testing::Test {
  protected:
    /// Writes a PHP file with a function probe() and asks it.
    Result<std::string> ask(const std::string& body, const std::string& before = {}) {
        const auto file = directory_.path() / "probe.install";
        std::ofstream(file) << "<?php\n" << before << "\nfunction probe() {\n" << body << "\n}\n";
        Options options;
        options.boot_timeout = std::chrono::seconds(20);
        return ask_function(options, directory_.path(), file, "probe");
    }
    /// A program in the place of PHP.
    Options instead_of_php(const std::string& script) {
        const auto file = directory_.path() / "php";
        std::ofstream(file) << "#!/bin/sh\n" << script << "\n";
        ::chmod(file.c_str(), 0700);
        Options options;
        options.php = {file.string()};
        options.boot_timeout = std::chrono::milliseconds(500);
        return options;
    }
    test::TempDirectory directory_;
};

TEST_F(Ask, TellsTheVersion) {
    const auto version = ask_version(Options{});
    ASSERT_TRUE(version) << version.error().message;
    EXPECT_THAT(*version, testing::ContainsRegex("^[78]\\."));
}

TEST_F(Ask, ArraysComeAsObjectsInOrder) {
    EXPECT_EQ(ask("return array('b' => array(1001 => array('a' => 7)), 'a' => array(5));").value(),
              "{\"b\":{\"1001\":{\"a\":7}},\"a\":{\"0\":5}}");
    EXPECT_EQ(ask("return 7078;").value(), "7078");
}

TEST_F(Ask, OutputOfTheFileIsNoAnswer) {
    EXPECT_EQ(ask("echo 'x'; return 1;", "echo \"rubbish\\n\";").value(), "1");
}

TEST_F(Ask, ExitExceptionAndFatalAreErrorsWithTheirWords) {
    EXPECT_THAT(ask("exit;").error().message, HasSubstr("probe(): it called exit()"));
    EXPECT_THAT(ask("throw new Exception('not now');").error().message, HasSubstr("Exception: not now"));
    EXPECT_THAT(ask("return 1;", "class A implements Missing {}").error().message, HasSubstr("Missing"));
    EXPECT_THAT(ask("", "if (").error().message, HasSubstr("ParseError"));
}

TEST_F(Ask, SettingsComeAsTheFileLeavesThem) {
    const auto file = directory_.path() / "settings.php";
    std::ofstream(file) << "<?php\n$database = 'mysql://a:b@localhost/' . str_repeat('x', 3);\n";
    const auto answer = ask_settings(Options{}, directory_.path(), file);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_THAT(*answer, HasSubstr("\"database\":\"mysql://a:b@localhost/xxx\""));
}

TEST_F(Ask, SettingsThatEndPhpAreAUsageError) {
    const auto file = directory_.path() / "settings.php";
    std::ofstream(file) << "<?php\nexit('maintenance');\n";
    const auto answer = ask_settings(Options{}, directory_.path(), file);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ExitCode::Usage);
    EXPECT_THAT(answer.error().message, HasSubstr("it called exit()"));
}

TEST_F(Ask, AFileThatIsGoneIsNamed) {
    const auto answer =
        ask_function(Options{}, directory_.path(), directory_.path() / "gone.install", "probe");
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("gone.install"));
}

TEST_F(Ask, MissingPhpIsNamed) {
    Options options;
    options.php = {"no-such-php"};
    const auto version = ask_version(options);
    ASSERT_FALSE(version);
    EXPECT_EQ(version.error().code, ExitCode::Preflight);
    EXPECT_EQ(version.error().message, "no-such-php: not found in PATH");
}

TEST_F(Ask, OldPhpIsNamed) {
    const auto version = ask_version(instead_of_php("printf '\\n@bdupdate-too-old 5.6.40\\n'"));
    ASSERT_FALSE(version);
    EXPECT_THAT(version.error().message, StartsWith("PHP 5.6.40 is too old"));
}

TEST_F(Ask, WhatIsNoPhpIsQuoted) {
    const auto version = ask_version(instead_of_php("echo I am no PHP; exit 3"));
    ASSERT_FALSE(version);
    EXPECT_EQ(version.error().message, "php ended without an answer (exit code 3)");
    EXPECT_THAT(version.error().details, Contains("I am no PHP"));
}

TEST_F(Ask, SilenceEndsAtTheDeadline) {
    const auto version = ask_version(instead_of_php("exec sleep 60"));
    ASSERT_FALSE(version);
    EXPECT_THAT(version.error().message, HasSubstr("did not answer within 500 ms"));
}

TEST_F(Ask, WorkerOnWhatIsNoPhpFailsWithAHint) {
    const test::BareSite site("");
    const auto shake = site.worker(instead_of_php("echo Welcome; cat > /dev/null"))->start();
    ASSERT_FALSE(shake);
    EXPECT_EQ(shake.error().code, ExitCode::Preflight);
    EXPECT_THAT(shake.error().message, HasSubstr("does not start as PHP"));
    EXPECT_THAT(shake.error().hint, HasSubstr("--php"));
    EXPECT_THAT(shake.error().details, Contains("Welcome"));
}

TEST_F(Ask, WorkerWithRubbishAroundTheProtocolWorks) {
    const test::BareSite site("function probe_update_1001() { return 'fine'; }");
    Options options = instead_of_php("echo motd; echo warning >&2; php \"$@\"; echo bye");
    options.boot_timeout = std::chrono::seconds(20);
    std::unique_ptr<Worker> worker;
    EXPECT_EQ(test::run_update(site, worker, options).result, "fine");
    EXPECT_TRUE(worker->commit(test::BareSite::key(1), test::last_commit()));
    worker->quit();
    EXPECT_EQ(site.mark(), "1|done");
}

}  // namespace
}  // namespace bdupdate::worker
