#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "php/evaluate_peer.h"
#include "php/random_settings.h"
#include "support/temp_directory.h"

namespace bdupdate::php {
namespace {

namespace fs = std::filesystem;

struct Snippet {
    std::string title;
    std::string source;
    std::set<std::string> unknown;  ///< variables that are expected not to be known
};

void add_names(const std::string& text, std::set<std::string>& names) {
    std::istringstream words(text);
    for (std::string word; words >> word;) names.insert(word);
}

std::vector<Snippet> snippets() {
    std::ifstream in(std::string(BDUPDATE_SOURCE_DIR) + "/tests/php/settings_snippets.txt");
    std::vector<Snippet> out;
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("=== ", 0) == 0) {
            Snippet& snippet = out.emplace_back();
            const std::size_t list = line.back() == ']' ? line.rfind('[') : std::string::npos;
            snippet.title = line.substr(4, list - 4);
            if (list != std::string::npos)
                add_names(line.substr(list + 1, line.size() - list - 2), snippet.unknown);
            snippet.source = "<?php\n";
        } else if (line.rfind("--- also unknown:", 0) == 0) {
            add_names(line.substr(17), out.back().unknown);
        } else {
            out.back().source += line + "\n";
        }
    }
    return out;
}

void write_helpers(const fs::path& directory) {
    test::write(directory / "local.php",
                "<?php $from_local = basename(__DIR__) !== '';\n$local_line = __LINE__;");
    test::write(directory / "value.php", "<?php return ['k' => 'from value'];");
    test::write(directory / "count.php", "<?php $n++; return 'counted';");
    test::write(directory / "changes.php", "<?php $v = $v . ' and after';");
    test::write(directory / "sub/inner.php", "<?php return basename(__FILE__);");
    test::write(directory / "sub/outer.php", "<?php include 'beside.php';");
    test::write(directory / "sub/beside.php", "<?php $from_beside = 1;");
    test::write(directory / "secret.txt", "s3cret\n");
    test::write(directory / "data.json", "{\"host\": \"db\", \"list\": [1, 2]}");
}

class AgainstPhp : public ::testing::Test {
  protected:
    void SetUp() override {
        BDUPDATE_SKIP_WITHOUT_PHP();
        ::setenv("BDU_SET", "set value", 1);
        ::setenv("BDU_EMPTY", "", 1);
        ::setenv(
            "BDU_JSON",
            "eyJkYiI6W3sidXNlcm5hbWUiOiJ1IiwicGFzc3dvcmQiOiJwIiwiaG9zdCI6ImgiLCJwYXRoIjoibmFtZSJ9XX0=", 1);
        ::unsetenv("BDU_NOT_SET");
        ::unsetenv("IS_DDEV_PROJECT");
        ::unsetenv("DDEV_PHP_VERSION");
        directory_ = fs::canonical(temp_.path());
        write_helpers(directory_);
    }
    fs::path put(const std::string& name, const std::string& source) {
        test::write(directory_ / name, source);
        return directory_ / name;
    }
    test::TempDirectory temp_;
    fs::path directory_;
};

TEST_F(AgainstPhp, SnippetsAreEqualOrUnknownAsListed) {
    const std::vector<Snippet> all = snippets();
    ASSERT_GT(all.size(), 150U);
    std::vector<fs::path> files;
    for (std::size_t i = 0; i < all.size(); ++i)
        files.push_back(put("s" + std::to_string(i) + ".php", all[i].source));
    const auto answers = test::variables_by_php(files, directory_);
    ASSERT_EQ(answers.size(), all.size());
    std::size_t known = 0;
    std::size_t unknown = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        SCOPED_TRACE(all[i].title + "\n" + all[i].source);
        EXPECT_EQ(answers[i].error, "");
        const auto ours = test::evaluate_like_peer(files[i], all[i].source, directory_);
        ASSERT_TRUE(ours) << ours.error().message;
        for (const auto& [name, theirs] : answers[i].variables) {
            const Value mine = ours->get(name);
            EXPECT_TRUE(test::agrees(mine, theirs))
                << "$" << name << ": ours " << serialize(mine) << ", PHP's " << serialize(theirs);
            const Unknown* why = mine.unknown_inside();
            EXPECT_EQ(why != nullptr, all[i].unknown.count(name) > 0)
                << "$" << name << " " << (why ? why->why : "");
            (why != nullptr ? unknown : known) += 1;
        }
        for (const auto& [name, mine] : ours->variables) {
            const bool absent = answers[i].variables.count(name) == 0 && name[0] != '_';
            EXPECT_TRUE(!absent || mine.is_null() || mine.unknown())
                << "$" << name << " is " << serialize(mine);
        }
    }
    RecordProperty("known", static_cast<int>(known));
    RecordProperty("unknown", static_cast<int>(unknown));
    EXPECT_GT(known, 600U);
}

TEST_F(AgainstPhp, RandomFilesAreEqualOrUnknown) {
    const char* wanted = std::getenv("BDUPDATE_RANDOM_FILES");
    const std::size_t count = wanted != nullptr ? std::strtoul(wanted, nullptr, 10) : 2000;
    const char* given = std::getenv("BDUPDATE_RANDOM_SEED");
    const auto seed = static_cast<std::uint32_t>(given != nullptr ? std::strtoul(given, nullptr, 10) : 1);
    std::vector<fs::path> files;
    std::vector<std::string> sources;
    for (std::size_t i = 0; i < count; ++i) {
        sources.push_back(test::RandomSettings(seed * 1000003U + static_cast<std::uint32_t>(i)).file());
        files.push_back(put("r" + std::to_string(i) + ".php", sources.back()));
    }
    const auto answers = test::variables_by_php(files, directory_);
    ASSERT_EQ(answers.size(), count);
    std::size_t known = 0;
    std::size_t unknown = 0;
    std::size_t died = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto ours = test::evaluate_like_peer(files[i], sources[i], directory_);
        ASSERT_TRUE(ours) << sources[i] << ours.error().message;
        if (!answers[i].error.empty()) {
            ++died;
            continue;
        }
        for (const auto& [name, theirs] : answers[i].variables) {
            const Value mine = ours->get(name);
            ASSERT_TRUE(test::agrees(mine, theirs))
                << sources[i] << "$" << name << ": ours " << serialize(mine) << ", PHP's "
                << serialize(theirs) << "\nfile " << i;
            (mine.unknown_inside() != nullptr ? unknown : known) += 1;
        }
        for (const auto& [name, mine] : ours->variables) {
            const bool absent = answers[i].variables.count(name) == 0;
            ASSERT_TRUE(!absent || mine.is_null() || mine.unknown())
                << sources[i] << "$" << name << " is " << serialize(mine);
        }
    }
    RecordProperty("known", static_cast<int>(known));
    RecordProperty("unknown", static_cast<int>(unknown));
    RecordProperty("died", static_cast<int>(died));
    EXPECT_GT(known, count / 2) << unknown << " unknown, " << died << " died";
}

}  // namespace
}  // namespace bdupdate::php
