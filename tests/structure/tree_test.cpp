// The rules of docs/architecture.md, held against this very tree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "structure/include_rules.h"

namespace bdupdate::structure {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

const fs::path top = BDUPDATE_SOURCE_DIR;

std::string read(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::vector<fs::path> files_below(const std::vector<std::string>& folders) {
    std::vector<fs::path> result;
    for (const std::string& folder : folders)
        if (fs::exists(top / folder))
            for (const auto& entry : fs::recursive_directory_iterator(top / folder))
                if (entry.is_regular_file()) result.push_back(entry.path());
    return result;
}

std::vector<fs::path> cpp_files(const std::vector<std::string>& folders) {
    std::vector<fs::path> result;
    for (const fs::path& file : files_below(folders))
        if (file.extension() == ".h" || file.extension() == ".cpp") result.push_back(file);
    return result;
}

std::string in_tree(const fs::path& file) {
    return file.lexically_relative(top).generic_string();
}

TEST(Tree, EveryIncludeFollowsTheArchitecture) {
    std::vector<std::string> all;
    std::size_t files = 0;
    for (const fs::path& file : cpp_files({"include", "src"})) {
        ++files;
        for (std::string& sentence : violations(in_tree(file), read(file)))
            all.push_back(std::move(sentence));
    }
    EXPECT_GT(files, 50U) << "the tree was not found";
    EXPECT_THAT(all, IsEmpty());
}

TEST(Tree, TheCommandLineParserIsKnownToTheParsingOfOptionsAlone) {
    std::vector<std::string> users;
    for (const fs::path& file : cpp_files({"include", "src"}))
        for (const Include& include : includes_of(read(file)))
            if (include.target.rfind("CLI/", 0) == 0) users.push_back(in_tree(file));
    for (const std::string& user : users) EXPECT_THAT(user, testing::StartsWith("src/cli/parse")) << user;
}

TEST(Tree, EveryHeaderGuardsItself) {
    for (const fs::path& file : cpp_files({"include", "src", "tests"}))
        if (file.extension() == ".h") {
            EXPECT_NE(read(file).find("#pragma once\n"), std::string::npos) << in_tree(file);
        }
}

/// Everything that people wrote: sources, documents, scripts.
std::vector<fs::path> all_files() {
    auto files = files_below({"include", "src", "tests", "docs", "scripts", "cmake", ".ci"});
    for (const auto& entry : fs::directory_iterator(top))
        if (entry.is_regular_file() && entry.path().filename() != ".git") files.push_back(entry.path());
    return files;
}

TEST(Tree, EveryDocumentThatIsNamedExists) {
    const std::regex name("docs/[a-z0-9-]+\\.md");
    for (const fs::path& file : all_files()) {
        const std::string text = read(file);
        for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it)
            EXPECT_TRUE(fs::exists(top / it->str())) << in_tree(file) << " names " << it->str();
    }
}

/// A path of the machine that something was written on is of no use on any other.
TEST(Tree, NoFileNamesAWorkplace) {
    const std::vector<std::string> places = {std::string("/wo") + "rk/", std::string("/ho") + "me/"};
    for (const fs::path& file : all_files()) {
        const std::string text = read(file);
        for (const std::string& place : places)
            for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at + 1)) {
                // Part of a longer relative path, such as frame-work/work/, is nobody's home.
                const bool absolute = at == 0 || std::string_view(" \t\n\"'`=:(<,").find(text[at - 1]) !=
                                                     std::string_view::npos;
                EXPECT_FALSE(absolute) << in_tree(file) << " holds a path below " << place;
            }
    }
}

}  // namespace
}  // namespace bdupdate::structure
