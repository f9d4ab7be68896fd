#include "bdupdate/scan/info_file.h"

#include <gtest/gtest.h>

namespace bdupdate::scan {
namespace {

std::string text_at(const php::Array& info, const char* key) {
    const php::Value* value = info.find(php::Key(key));
    return value == nullptr ? "(absent)" : value->to_string();
}

TEST(InfoFile, ReadsPlainAndQuotedValues) {
    const php::Array info = parse_info("name = Node type\ndescription = \"A \\\"b\\\" = c\"\nx='y z'\n");
    EXPECT_EQ(text_at(info, "name"), "Node type");
    EXPECT_EQ(text_at(info, "description"), "A \"b\" = c");
    EXPECT_EQ(text_at(info, "x"), "y z");
}

TEST(InfoFile, BracketsMakeArrays) {
    const php::Array info = parse_info("dependencies[] = field\ndependencies[] = text\na[b][c] = 1\n");
    const php::Array* needed = info.find(php::Key("dependencies"))->array();
    ASSERT_EQ(needed->size(), 2U);
    EXPECT_EQ(needed->entries()[1].second.to_string(), "text");
    EXPECT_EQ(text_at(*info.find(php::Key("a"))->array()->find(php::Key("b"))->array(), "c"), "1");
}

TEST(InfoFile, ASemicolonIsACommentAtTheStartOfALineOnly) {
    const php::Array info = parse_info("; name = no\nname = a ; b\n");
    EXPECT_EQ(text_at(info, "name"), "a ; b");
    EXPECT_EQ(info.size(), 1U);
}

TEST(InfoFile, ASectionSwallowsTheNextKey) {
    const php::Array info = parse_info("backdrop = 1.x\n[modules]\nname = X\ntype = module\n");
    EXPECT_EQ(text_at(info, "backdrop"), "1.x");
    EXPECT_EQ(text_at(info, "name"), "(absent)");
    EXPECT_EQ(text_at(info, "type"), "module");
}

TEST(InfoFile, AKeyWithoutAValueTakesTheNextLine) {
    const php::Array info = parse_info("version =\nbackdrop = 1.x\n");
    EXPECT_EQ(text_at(info, "version"), "backdrop = 1.x");
    EXPECT_EQ(text_at(info, "backdrop"), "(absent)");
}

TEST(InfoFile, TheNameOfAConstantIsReplaced) {
    const php::Array info = parse_info("version = BACKDROP_VERSION\nhidden = TRUE\nother = NO_SUCH\n",
                                       {{"BACKDROP_VERSION", php::Value("1.34.3")}});
    EXPECT_EQ(text_at(info, "version"), "1.34.3");
    EXPECT_NE(info.find(php::Key("hidden"))->boolean(), nullptr);
    EXPECT_EQ(text_at(info, "other"), "NO_SUCH");
}

TEST(InfoFile, LinesOfWindowsAreLinesToo) {
    const php::Array info = parse_info("name = X\r\nbackdrop = 1.x\r\n");
    EXPECT_EQ(text_at(info, "name"), "X");
    EXPECT_EQ(text_at(info, "backdrop"), "1.x");
}

}  // namespace
}  // namespace bdupdate::scan
