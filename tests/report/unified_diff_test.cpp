#include "../../src/report/unified_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <random>

#include "bdupdate/base/file.h"
#include "bdupdate/base/subprocess.h"
#include "support/temp_directory.h"

namespace bdupdate::report {
namespace {

namespace fs = std::filesystem;

using Side = std::optional<std::string>;

TEST(UnifiedDiff, HasThreeLinesOfContextAndTheNumbersOfLines) {
    const std::string before = "a\nb\nc\nd\ne\nf\ng\nh\n";
    EXPECT_EQ(unified_diff("x.json", before, "a\nb\nc\nd\nE\nf\ng\nh\n"),
              "--- a/x.json\n+++ b/x.json\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n");
}

TEST(UnifiedDiff, FilesThatComeAndGoStandBesideDevNull) {
    EXPECT_EQ(unified_diff("x", std::nullopt, "a\n"), "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n");
    EXPECT_EQ(unified_diff("x", "a\n", std::nullopt), "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
}

TEST(UnifiedDiff, TellsAMissingLineEnd) {
    EXPECT_EQ(unified_diff("x", "a", "b\n"),
              "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n");
}

TEST(UnifiedDiff, WhatIsNoTextHasNone) {
    EXPECT_EQ(unified_diff("x", std::string("a\0b", 3), "b"), std::nullopt);
    EXPECT_EQ(unified_diff("x", "same\n", "same\n"), "");
}

TEST(UnifiedDiff, FilesTooDifferentToCompareAreReplaced) {
    std::string before, after;
    for (int i = 0; i < 3000; ++i) {
        before += "old " + std::to_string(i) + "\n";
        after += "new " + std::to_string(i) + "\n";
    }
    const std::string diff = *unified_diff("x", before, after);
    EXPECT_THAT(diff, testing::StartsWith("--- a/x\n+++ b/x\n@@ -1,3000 +1,3000 @@\n-old 0\n-old 1\n"));
}

/// Lines of a small alphabet, with and without a last line end.
std::string random_text(std::mt19937& random) {
    std::string text;
    const std::size_t lines = random() % 40;
    for (std::size_t i = 0; i < lines; ++i)
        text += std::string(1 + random() % 2, static_cast<char>('a' + random() % 5)) + "\n";
    if (!text.empty() && random() % 3 == 0) text.pop_back();
    return text;
}

struct Applied : testing::Test {
    test::TempDirectory temp;
    fs::path directory = temp.path() / "config";

    void type(const std::vector<std::string>& command, const std::string& input) const {
        SpawnOptions options;
        options.argv = command;
        options.directory = directory;
        const auto done = run_program(options, input);
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_TRUE(done->status.ok()) << done->out << done->err << input;
    }

    /// Old files are written, and what the patch makes of them must be the new ones.
    void try_with(const std::vector<std::string>& command) {
        std::mt19937 random(7);
        for (int round = 0; round < 6; ++round) {
            std::string patch;
            std::map<std::string, Side> wanted;
            for (int i = 0; i < 25; ++i) {
                const std::string name = "file " + std::to_string(i) + (i % 5 == 0 ? "_é\"" : "") + ".json";
                Side before = random_text(random), after = random_text(random);
                if (i % 3 == 0) {  // alike but for a line
                    after = before;
                    after->insert(after->find_last_of('\n', after->size() / 2) + 1, "new\n");
                }
                if (before->empty()) before.reset();
                if (after->empty()) after.reset();
                fs::remove(directory / name);
                if (before) std::ofstream(directory / name) << *before;
                wanted[name] = after;
                patch += *unified_diff(name, before, after);
            }
            type(command, patch);
            for (const auto& [name, after] : wanted) {
                EXPECT_EQ(fs::exists(directory / name), after.has_value()) << name;
                if (after) {
                    EXPECT_EQ(read_file(directory / name).value_or(""), *after) << name;
                }
            }
        }
    }
};

TEST_F(Applied, PatchMakesTheNewFilesOfTheOldOnes) {
    if (!find_program("patch")) GTEST_SKIP() << "no patch on this machine";
    fs::create_directories(directory);
    try_with({"patch", "-p1", "-s", "-E", "--fuzz=0"});
}

TEST_F(Applied, SoDoesGitInAnyDirectory) {
    if (!find_program("git")) GTEST_SKIP() << "no git on this machine";
    fs::create_directories(directory);
    try_with({"git", "apply"});
}

/// Where a config directory mostly lies.
TEST_F(Applied, SoDoesGitBelowTheTopOfAWorkTree) {
    if (!find_program("git")) GTEST_SKIP() << "no git on this machine";
    fs::create_directories(directory);
    type({"git", "init", "-q", temp.path().string()}, "");
    try_with({"git", "apply"});
}

}  // namespace
}  // namespace bdupdate::report
