// The test of the pages can fail: each kind of untruth is found.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docs/comparison.h"
#include "docs/recipe.h"
#include "support/temp_directory.h"

namespace bdupdate::docs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string differs(const std::string& shown, const std::string& output) {
    Names names;
    return difference(shown, output, names);
}

TEST(ShownOutput, FitsWhereOnlyTimesIdsAndGapsDiffer) {
    EXPECT_EQ(differs(" 1/16  a_update_1  39 ms\n", " 1/16  a_update_1  1.2 s\n"), "");
    EXPECT_EQ(differs("run 1234abcd of anna on host stands", "run 99990000 of root on box stands"), "");
    EXPECT_EQ(differs("a  b\n^C\nc\n", "a    b\nc\n"), "");
    EXPECT_NE(differs("a b\n", "a c\n"), "");
    EXPECT_NE(differs("a\n", "a\nb\n"), "");
    EXPECT_NE(differs("a\nb\n", "a\n"), "");
    EXPECT_NE(differs("", "a\n"), "");
}

TEST(ShownOutput, ElisionsStandForLinesAndForTheRestOfOne) {
    EXPECT_EQ(differs("a\n…\nc\n", "a\nb\nb\nc\n"), "");
    EXPECT_EQ(differs("a\n…\nc\n", "a\nc\n"), "");
    EXPECT_EQ(differs("a…\n", "abc\n"), "");
    EXPECT_NE(differs("a\n…\nc\n", "a\nb\n"), "");
    EXPECT_NE(differs("b…\n", "abc\n"), "");
}

TEST(ShownOutput, TeachesNamesThatLaterCommandsUse) {
    Names names;
    EXPECT_EQ(difference("backed up 2026-01-01T00-00-00\n", "backed up 2027-02-02T11-11-11-2\n", names), "");
    EXPECT_EQ(with_names("show 2026-01-01T00-00-00", names), "show 2027-02-02T11-11-11-2");
}

TEST(ShownOutput, IsRewrittenWithItsElisions) {
    EXPECT_EQ(rewritten("a 1 ms\n…\nd\nold\n", "a 2 ms\nb\nc\nd\nnew\n"), "a 1 ms\n…\nd\nnew");
    EXPECT_EQ(rewritten("…\nd\nold\n", "b\nd\nnew\n"), "…\nd\nnew");
    EXPECT_EQ(rewritten("a\n…\n", "x\nb\n"), "x\nb");
    EXPECT_EQ(rewritten("old\n…\nz\n", "a\nb\nz\n"), "a\nb\nz");
}

TEST(Page, IsReadFromTopToBottom) {
    const auto items = read_page(
        "words\n<!-- test: file /srv/x -->\n```php\ncode\n```\n<!-- test: not run: needs "
        "docker\nls\n-->\nend\n");
    ASSERT_THAT(items, SizeIs(5));
    EXPECT_EQ(std::get<Directive>(items[1]).argument, "/srv/x");
    EXPECT_EQ(std::get<Block>(items[2]).text, "code\n");
    EXPECT_EQ(std::get<Block>(items[2]).line, 3);
    EXPECT_EQ(std::get<Directive>(items[3]).verb, "not run");
    EXPECT_EQ(std::get<Directive>(items[3]).argument, "needs docker");
    EXPECT_EQ(std::get<Directive>(items[3]).shell, "ls\n");
    EXPECT_EQ(std::get<Prose>(items[4]).text, "end\n");
}

TEST(Page, ItsCommandsAreThoseBehindAPrompt) {
    const auto commands = commands_of({"console", "$ cat <<E\n> x\n> E\nx\n\n$ true\n", 10});
    ASSERT_THAT(commands, SizeIs(2));
    EXPECT_EQ(commands[0].text, "cat <<E\nx\nE");
    EXPECT_EQ(commands[0].expected, "x\n\n");
    EXPECT_EQ(commands[0].first, 14);
    EXPECT_EQ(commands[1].text, "true");
}

TEST(Recipe, CommandLinesAreFoundWhereverTheyStand) {
    EXPECT_THAT(command_lines("15 7 * * *  root  bdupdate --root /x status >/tmp/a 2>&1 || cat"),
                ElementsAre("bdupdate --root /x status"));
    EXPECT_THAT(command_lines("if bdupdate --root \"$docroot\" run --yes; then (bdupdate plan)"),
                ElementsAre("bdupdate --root \"1\" run --yes", "bdupdate plan"));
    EXPECT_THAT(command_lines("docker/bdupdate.txt /etc/bdupdate/x BDUPDATE_ROOT"), IsEmpty());
}

TEST(Recipe, WhatNobodyUnderstandsIsFound) {
    const test::TempDirectory temp;
    const std::string here = temp.path();
    EXPECT_THAT(complaints(Block{"sh", "bdupdate status --exit-code\n", 1}, here), IsEmpty());
    EXPECT_THAT(complaints(Block{"sh", "bdupdate status --exit-cod\n", 1}, here),
                ElementsAre(HasSubstr("--exit-cod")));
    EXPECT_THAT(complaints(Block{"sh", "if true\n", 1}, here), Not(IsEmpty()));
    EXPECT_THAT(complaints(Block{"yaml", "a: [1\n", 1}, here), SizeIs(1));
    EXPECT_THAT(complaints(Block{"yaml", "a:\n  - run: |\n      if true\n", 1}, here), Not(IsEmpty()));
    EXPECT_THAT(complaints(Block{"php", "function (", 1}, here), SizeIs(1));
    EXPECT_THAT(complaints(Prose{"Type `bdupdate staus` now", 1}, here), SizeIs(1));
}

}  // namespace
}  // namespace bdupdate::docs
