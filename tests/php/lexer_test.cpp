#include "bdupdate/php/lexer.h"

#include <gtest/gtest.h>

#include <string>

namespace bdupdate::php {
namespace {

/// Kind and text of the token that begins right behind "<?php ".
Token first(std::string_view source) {
    static std::string kept;
    kept = "<?php " + std::string(source);
    return tokenize(kept).at(1);
}

TEST(Lexer, AnEmptySourceHasNoTokens) {
    EXPECT_TRUE(tokenize("").empty());
}

TEST(Lexer, TheTokensJoinedAreTheSource) {
    const std::string source = "a<?php $a = \"x{$b[\"y\"]}\"; /* c */ ?>\nb";
    std::string joined;
    for (const Token& token : tokenize(source)) joined += token.text;
    EXPECT_EQ(joined, source);
}

TEST(Lexer, AStringInsideATemplateDoesNotEndIt) {
    EXPECT_EQ(first(R"("{$a["x{$b}"]}" . 1)").text, R"("{$a["x{$b}"]}")");
    EXPECT_EQ(first(R"("{$a["x{$b}"]}" . 1)").kind, TokenKind::Template);
}

TEST(Lexer, ABraceInAStringInATemplateDoesNotEndTheExpression) {
    EXPECT_EQ(first(R"("${a['}']}";)").text, R"("${a['}']}")");
}

TEST(Lexer, AStringWithoutVariablesIsNoTemplate) {
    EXPECT_EQ(first(R"("a \$b { $ 5")").kind, TokenKind::String);
}

TEST(Lexer, TheClosingLabelOfAHeredocMayBeIndentedAndFollowedByCode) {
    const Token token = first("<<<E\n  x\n  EE\n  E . 'y';");
    EXPECT_EQ(token.text, "<<<E\n  x\n  EE\n  E");
    EXPECT_EQ(token.kind, TokenKind::Heredoc);
}

TEST(Lexer, ANowdocInterpolatesNothing) {
    EXPECT_EQ(first("<<<'E'\n{$a\nE;").kind, TokenKind::Heredoc);
}

TEST(Lexer, TruncatedHeredocIsBad) {
    EXPECT_EQ(first("<<<E\n x\n").kind, TokenKind::Bad);
    EXPECT_EQ(first("<<<E\n x\n").text, "<<<E\n x\n");
}

TEST(Lexer, AnUnterminatedStringOrCommentRunsToTheEndAsBad) {
    EXPECT_EQ(first("'a ?> b").kind, TokenKind::Bad);
    EXPECT_EQ(first("\"{$a[").text, "\"{$a[");
    EXPECT_EQ(first("/* a\nb").text, "/* a\nb");
}

TEST(Lexer, TemplatesNestedDeeperThanTheStackAllowsAreBadAndDoNotCrash) {
    std::string deep = "<?php ";
    for (int i = 0; i < 100000; ++i) deep += "\"{$a[";
    EXPECT_EQ(tokenize(deep).back().kind, TokenKind::Bad);
}

TEST(Lexer, ACloseTagEndsALineComment) {
    const std::string source = "<?php // a ?>\nb";
    const auto tokens = tokenize(source);
    ASSERT_EQ(tokens.size(), 4U);
    EXPECT_EQ(tokens[1].text, "// a ");
    EXPECT_EQ(tokens[2].text, "?>\n");
    EXPECT_EQ(tokens[3].kind, TokenKind::InlineHtml);
}

TEST(Lexer, WhatFollowsHaltCompilerIsNoCode) {
    const std::string source = "<?php __halt_compiler(); function a() {";
    EXPECT_EQ(tokenize(source).back().text, " function a() {");
    EXPECT_EQ(tokenize(source).back().kind, TokenKind::InlineHtml);
}

TEST(Lexer, LinesEndAtNewlinesReturnsAndPairsOfThem) {
    const std::string source = "<?php\r\n\n\ra";
    EXPECT_EQ(tokenize(source).back().line, 4U);
}

TEST(Lexer, AnAttributeIsNoCommentExceptBehindAnArrow) {
    EXPECT_EQ(first("#[A]").kind, TokenKind::AttributeStart);
    const std::string source = "<?php $a->#[A]";
    EXPECT_EQ(tokenize(source).back().kind, TokenKind::Comment);
}

TEST(Lexer, ABPrefixBelongsToItsStringExceptBehindAnArrow) {
    EXPECT_EQ(first("b'x'").text, "b'x'");
    const std::string source = "<?php $a->b'x'";
    EXPECT_EQ(tokenize(source).back().text, "'x'");
}

TEST(Lexer, AByteThatPhpDoesNotKnowIsBad) {
    EXPECT_EQ(first("\x01 + 1").text, "\x01");
    EXPECT_EQ(first("\x01 + 1").kind, TokenKind::Bad);
}

class SkippedBlock : public ::testing::Test {
  protected:
    /// Leaps over the first block of the source; the rest behind it, or the imbalance.
    std::string skip(const std::string& source) {
        Lexer lexer(source);
        Token token{};
        while (lexer.next(token) && token.text != "{") {
        }
        ok = lexer.skip_block(imbalance);
        return source.substr(lexer.offset());
    }
    bool ok = false;
    Imbalance imbalance;
};

TEST_F(SkippedBlock, EndsBehindItsOwnBrace) {
    EXPECT_EQ(skip("<?php { if (1) { '}'; } // }\n }rest"), "rest");
    EXPECT_TRUE(ok);
}

TEST_F(SkippedBlock, ABracketThatDoesNotFitIsNamedWithItsLine) {
    skip("<?php {\n f(1];\n }");
    EXPECT_FALSE(ok);
    EXPECT_EQ(imbalance.found, ']');
    EXPECT_EQ(imbalance.opened, '(');
    EXPECT_EQ(imbalance.line, 2U);
}

TEST_F(SkippedBlock, ABraceLeftOpenIsNamedWithItsLine) {
    skip("<?php {\n\n if (1) {\n }\n");
    EXPECT_FALSE(ok);
    EXPECT_EQ(imbalance.found, '\0');
    EXPECT_EQ(imbalance.opened, '{');
    EXPECT_EQ(imbalance.line, 1U);
}

TEST_F(SkippedBlock, AStringLeftOpenIsNamedWithItsLine) {
    skip("<?php {\n\n 'a }\n");
    EXPECT_FALSE(ok);
    EXPECT_EQ(imbalance.opened, '\'');
    EXPECT_EQ(imbalance.line, 3U);
}

}  // namespace
}  // namespace bdupdate::php
