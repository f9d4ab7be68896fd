#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <set>

#include "bdupdate/php/interpreter.h"
#include "bdupdate/php/lexer.h"
#include "php/php_peer.h"
#include "php/random_settings.h"
#include "support/temp_directory.h"

namespace bdupdate::php {
namespace {

/// Sees no file and no variable of the environment.
class EmptyWorld : public World {
  public:
    bool file_exists(const std::filesystem::path& /*path*/) override { return false; }
    bool is_dir(const std::filesystem::path& /*path*/) override { return false; }
    bool is_readable(const std::filesystem::path& /*path*/) override { return false; }
    std::optional<std::string> read(const std::filesystem::path& /*path*/) override { return std::nullopt; }
    std::optional<std::string> environment(const std::string& /*name*/) override { return std::nullopt; }
};

/// The message of the syntax error that we see, or "ok".
std::string judged(const std::string& source) {
    EmptyWorld world;
    EvaluateOptions options;
    options.file = "settings.php";
    const auto result = evaluate_file(source, options, world);
    return result ? "ok" : result.error().message;
}

std::vector<std::string> snippet_sources() {
    std::ifstream in(std::string(BDUPDATE_SOURCE_DIR) + "/tests/php/settings_snippets.txt");
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("=== ", 0) == 0)
            out.emplace_back("<?php\n");
        else if (line.rfind("--- ", 0) != 0)
            out.back() += line + "\n";
    }
    return out;
}

/// One or two tokens dropped, doubled, replaced or put in.
std::string mutated(const std::string& source, std::mt19937& random) {
    static const std::vector<std::string> pool = {
        "{",      "}",      "(",          ")",        ";",      ",",       "=",      "=>",     "?",
        ":",      "::",     "->",         "[",        "]",      "&",       "'x'",    "1",      "$a",
        "foo",    "if",     "else",       "function", "as",     "new",     "static", "fn",     "match",
        "...",    "!",      ".",          "-",        "++",     "use",     "array",  "list",   "return",
        "echo",   "case",   "default",    "catch",    "try",    "\\",      "$",      "@",      "clone",
        "print",  "and",    "instanceof", "?->",      "??",     "\"$a[\"", "const",  "global", "unset(",
        "isset(", "endif;", "while",      "for",      "switch", "while("};
    std::vector<std::string> tokens;
    for (const Token& token : tokenize(source)) tokens.emplace_back(token.text);
    for (int i = 1 + static_cast<int>(random() % 2); i > 0; --i) {
        const auto at = static_cast<std::ptrdiff_t>(1 + random() % (tokens.size() - 1));
        const std::string other = " " + pool[random() % pool.size()] + " ";
        switch (random() % 4) {
            case 0:
                if (tokens.size() > 3) tokens.erase(tokens.begin() + at);
                break;
            case 1:
                tokens.insert(tokens.begin() + at, tokens[random() % tokens.size()]);
                break;
            case 2:
                tokens[static_cast<std::size_t>(at)] = other;
                break;
            default:
                tokens.insert(tokens.begin() + at, other);
        }
    }
    std::string out;
    for (const std::string& token : tokens) out += token;
    return out;
}

/// What the parser takes may still be refused by the compiler: `f()++`.
bool compiles(const std::string& source) {
    const test::TempDirectory directory;
    const std::filesystem::path file = directory.path() / "source.php";
    std::ofstream(file, std::ios::binary) << source;
    SpawnOptions options;
    options.argv = {"php", "-l", file.string()};
    const auto done = run_program(options);
    return done && done->status.ok();
}

TEST(SyntaxAgainstPhp, WhatWeRefuseIsRefusedByPhpToo) {
    BDUPDATE_SKIP_WITHOUT_PHP();
    std::mt19937 random(7);
    std::vector<std::string> sources = snippet_sources();
    ASSERT_GT(sources.size(), 150U);
    for (std::uint32_t i = 0; i < 200; ++i) sources.push_back(test::RandomSettings(i).file());
    const std::size_t whole = sources.size();
    for (std::size_t i = 0; i < 6000; ++i) sources.push_back(mutated(sources[random() % whole], random));
    const std::vector<std::string> answers = test::ask_peer("php/syntax_peer.php", sources);
    ASSERT_EQ(answers.size(), sources.size());
    std::size_t refused = 0;
    std::size_t missed = 0;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const std::string ours = judged(sources[i]);
        const bool accepted = answers[i] == "ok\n";
        EXPECT_TRUE(!accepted || ours == "ok" || !compiles(sources[i])) << ours << "\n" << sources[i];
        if (accepted) continue;
        (ours == "ok" ? missed : refused) += 1;
    }
    RecordProperty("refused", static_cast<int>(refused));
    RecordProperty("missed", static_cast<int>(missed));
    // class bodies are not looked into, and an include of nothing ends an evaluation before later errors are
    // seen
    EXPECT_LT(missed * 20, refused) << missed << " of " << refused + missed << " syntax errors are not seen";
}

TEST(SyntaxAgainstPhp, EveryFileOfCoreIsTaken) {
    BDUPDATE_SKIP_WITHOUT_PHP();
    const auto files = test::real_core_files();
    if (files.empty()) GTEST_SKIP() << "BDUPDATE_REAL_CORE names no Backdrop";
    std::vector<std::string> sources;
    for (const auto& file : files) sources.push_back(file.source);
    const auto answers = test::ask_peer("php/syntax_peer.php", sources);
    ASSERT_EQ(answers.size(), files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string ours = judged(files[i].source);
        EXPECT_TRUE(answers[i] != "ok\n" || ours == "ok") << ours << "\n" << files[i].path;
    }
}

}  // namespace
}  // namespace bdupdate::php
