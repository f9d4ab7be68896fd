// Our tokens against PHP's own tokenizer: over every PHP file of a real core (BDUPDATE_REAL_CORE) and over
// random sources made of nasty fragments.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "bdupdate/php/lexer.h"
#include "php/nasty_source.h"
#include "php/php_peer.h"

namespace bdupdate {
namespace {

std::string our_report(const std::string& source) {
    std::string out;
    for (const php::Token& token : php::tokenize(source)) {
        out += std::to_string(static_cast<int>(token.kind)) + ' ' + std::to_string(token.line) + ' ' +
               std::to_string(token.text.size()) + '\n';
    }
    return out;
}

/// "token 17, PHP: .., ours: .." for the first line in which the reports differ.
std::string first_difference(const std::string& source, const std::string& peer, const std::string& ours) {
    std::size_t at = 0;
    while (at < peer.size() && at < ours.size() && peer[at] == ours[at]) ++at;
    const auto line_of = [at](const std::string& text) {
        const std::size_t from = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
        return text.substr(from, text.find('\n', at) - from);
    };
    return "PHP: " + line_of(peer) + "\nours: " + line_of(ours) + "\nsource:\n" + source.substr(0, 2000);
}

std::size_t expect_same_tokens(const std::vector<std::string>& sources) {
    const std::vector<std::string> peer = test::ask_peer("php/tokens_peer.php", sources);
    EXPECT_EQ(peer.size(), sources.size());
    std::size_t tokens = 0;
    int shown = 0;
    for (std::size_t i = 0; i < std::min(peer.size(), sources.size()); ++i) {
        const std::string ours = our_report(sources[i]);
        tokens += static_cast<std::size_t>(std::count(ours.begin(), ours.end(), '\n'));
        if (peer[i] == ours) continue;
        ADD_FAILURE() << "source " << i << '\n' << first_difference(sources[i], peer[i], ours);
        if (++shown == 5) break;
    }
    return tokens;
}

TEST(TokensVersusPhp, EveryFileOfARealCoreGivesTheSameTokens) {
    BDUPDATE_SKIP_WITHOUT_PHP();
    const std::vector<test::CoreFile> files = test::real_core_files();
    if (files.empty()) GTEST_SKIP() << "BDUPDATE_REAL_CORE is not set to the core directory of a Backdrop";
    std::vector<std::string> sources;
    for (const test::CoreFile& file : files) sources.push_back(file.source);
    const std::size_t tokens = expect_same_tokens(sources);
    std::cout << files.size() << " files, " << tokens << " tokens\n";
    EXPECT_GT(tokens, 100U * files.size());
}

TEST(TokensVersusPhp, NastySourcesGiveTheSameTokens) {
    BDUPDATE_SKIP_WITHOUT_PHP();
    test::NastySource generator(20261122);
    std::vector<std::string> sources;
    for (int i = 0; i < 6000; ++i) sources.push_back(generator.make());
    for (int i = 0; i < 1000; ++i) sources.push_back(generator.make_halting());
    const std::size_t tokens = expect_same_tokens(sources);
    std::cout << sources.size() << " sources, " << tokens << " tokens\n";
}

TEST(TokensVersusPhp, TheLexerLeapsOverABlockToTheSamePlaceAsTokenByToken) {
    test::NastySource generator(7);
    std::size_t blocks = 0;
    for (int i = 0; i < 20000; ++i) {
        const std::string source = generator.make();
        php::Lexer leaping(source);
        php::Token token{};
        while (leaping.next(token) && token.text != "{") {
        }
        if (token.text != "{" || token.kind != php::TokenKind::Operator) continue;
        php::Lexer walking = leaping;
        php::Imbalance imbalance;
        if (!leaping.skip_block(imbalance)) continue;
        for (int depth = 1; depth > 0 && walking.next(token);) {
            if (token.kind == php::TokenKind::Operator)
                depth += token.text == "{" ? 1 : token.text == "}" ? -1 : 0;
        }
        ++blocks;
        ASSERT_EQ(leaping.offset(), walking.offset()) << source;
        php::Token after_leap{};
        php::Token after_walk{};
        ASSERT_EQ(leaping.next(after_leap), walking.next(after_walk));
        ASSERT_EQ(after_leap.line, after_walk.line) << source;
    }
    EXPECT_GT(blocks, 500U);
}

}  // namespace
}  // namespace bdupdate
