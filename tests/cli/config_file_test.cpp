// The form of config files: docs/config-file.md.
#include "../../src/cli/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdupdate::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ConfigFile parsed(const std::string& text) {
    auto file = parse_config("/etc/test.conf", text);
    EXPECT_TRUE(file) << file.error().message;
    return file.value_or(ConfigFile{});
}

std::string refusal(const std::string& text) {
    const auto file = parse_config("/etc/test.conf", text);
    if (file) return "not refused";
    EXPECT_EQ(file.error().code, ExitCode::Usage);
    return file.error().message;
}

/// section key=value|value, one a line
std::string told(const std::string& text) {
    std::string result;
    for (const ConfigEntry& entry : parsed(text).entries) {
        for (const std::string& name : entry.section) result += "<" + name + ">";
        result += entry.key + "=";
        for (const std::string& value : entry.values) result += value + "|";
        result += "\n";
    }
    return result;
}

TEST(ConfigFile, TakesIniAndToml) {
    EXPECT_EQ(told("php = docker exec -i web php\n"
                   "yes=true\n"
                   "[run]\n"
                   "  on-failure = \"stop\"\n"
                   "skip = [\"a\", 'b', c]\n"),
              "php=docker exec -i web php|\nyes=true|\n<run>on-failure=stop|\n<run>skip=a|b|c|\n");
}

TEST(ConfigFile, CommentsBeginAtAWordAndEndWithTheLine) {
    EXPECT_EQ(
        told("# one\n; two\nroot = /srv/a#b ; three\nphp = \"p # q\" # four\n\n[run] # five\nretry = yes"),
        "root=/srv/a#b|\nphp=p # q|\n<run>retry=yes|\n");
}

TEST(ConfigFile, SectionsAndKeysAreSplitAtDotsOutsideOfQuotes) {
    EXPECT_EQ(told("[site.\"www.example.com\".run]\non-failure = stop\n[backup.prune]\nkeep = 3\n"
                   "[site.club]\nrun.retry = true\n"),
              "<site><www.example.com><run>on-failure=stop|\n<backup><prune>keep=3|\n<site><club><run>retry="
              "true|\n");
}

TEST(ConfigFile, ListsMayTakeSeveralLines) {
    EXPECT_EQ(told("skip = [ # those\n  a,\n  \"b,c\", # and\n]\nyes = true"), "skip=a|b,c|\nyes=true|\n");
}

TEST(ConfigFile, QuotesAndEscapes) {
    EXPECT_EQ(told(R"(php = "a \"b\" \\c"
root = 'c:\d'
)"),
              "php=a \"b\" \\c|\nroot=c:\\d|\n");
}

TEST(ConfigFile, ErrorsNameFileAndLine) {
    EXPECT_THAT(refusal("yes = true\nphp"), HasSubstr("/etc/test.conf:2: a = is missing after php"));
    EXPECT_THAT(refusal("\n\n[run"), HasSubstr("/etc/test.conf:3: a ] is missing"));
    EXPECT_THAT(refusal("php = \"a"), HasSubstr("/etc/test.conf:1: a quote is not closed"));
    EXPECT_THAT(refusal("php = \"a\nb\""), HasSubstr(":1: a quote is not closed"));
    EXPECT_THAT(refusal("php = \"a\" b"), HasSubstr(":1: text after the end"));
    EXPECT_THAT(refusal("[run] x"), HasSubstr(":1: text after the end"));
    EXPECT_THAT(refusal("skip = [a,\nb\n"), HasSubstr("a list without its ]"));
    EXPECT_THAT(refusal("php = \"\\x\""), HasSubstr("a backslash"));
    EXPECT_THAT(refusal("= 4"), HasSubstr(":1: a name is missing"));
    EXPECT_THAT(refusal("[]"), HasSubstr(":1: a name is missing"));
}

TEST(ConfigFile, EveryBeginningOfAFileIsReadOrRefused) {
    const std::string whole = "a = \"b\\\"c\" # d\n[site.\"x.y\".run]\nk = ['l', m,\n n]\n'o' = p\n";
    for (std::size_t size = 0; size <= whole.size(); ++size)
        static_cast<void>(parse_config("/etc/test.conf", whole.substr(0, size)));
    EXPECT_EQ(parsed(whole).entries.size(), 3U);
}

TEST(ConfigFile, SectionsOfSites) {
    const ConfigFile file = parsed(
        "php = php8.2\n[site.club]\nroot = ../srv/club\nuser = www-data\n[site.club.run]\nretry = true\n"
        "[site.two]\nroot = /srv/multi\nsite = two.example.com\n");
    const auto sections = site_sections(file);
    ASSERT_TRUE(sections);
    ASSERT_EQ(sections->size(), 2U);
    const SiteSection& club = sections->at(0);
    EXPECT_EQ(club.name, "club");
    EXPECT_EQ(club.root, "/srv/club") << "relative to the file";
    EXPECT_EQ(club.line, 3);
    ASSERT_EQ(club.entries.size(), 2U);
    EXPECT_EQ(club.entries[0].key, "user");
    EXPECT_THAT(club.entries[1].section, ElementsAre("run"));
    EXPECT_EQ(sections->at(1).site, "two.example.com");
    EXPECT_FALSE(site_sections(parsed("[site]\nroot = /x")));
}

TEST(ConfigFile, LiesWhereNoVisitorReadsIt) {
    EXPECT_EQ(default_config_file(0, {{"HOME", "/root"}}), "/etc/bdupdate.conf");
    EXPECT_EQ(default_config_file(7, {{"HOME", "/h/me"}}), "/h/me/.config/bdupdate/config");
    EXPECT_EQ(default_config_file(7, {{"HOME", "/h/me"}, {"XDG_CONFIG_HOME", "/c"}}), "/c/bdupdate/config");
    EXPECT_EQ(default_config_file(7, {{"XDG_CONFIG_HOME", "relative"}}), std::nullopt);
}

}  // namespace
}  // namespace bdupdate::cli
