#include "bdupdate/run/preflight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes.h"
#include "support/temp_directory.h"

namespace bdupdate::run {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

FreeSpace volume(std::uint64_t device, std::uint64_t bytes, std::uint64_t inodes = 1000) {
    return {device, bytes, inodes, true};
}

TEST(CheckSpace, DemandsOnOneFileSystemAddUp) {
    const std::vector<Demand> demands = {{"/a", 600, 1, "the backup"}, {"/b", 600, 1, "the journal"}};
    const auto one = check_space(demands, [](const auto&) { return Result<FreeSpace>(volume(1, 1000)); });
    ASSERT_THAT(one, SizeIs(1));
    EXPECT_TRUE(one[0].refuses);
    EXPECT_THAT(one[0].error.message, HasSubstr("the backup and the journal may need"));
    EXPECT_FALSE(one[0].error.hint.empty());
    const auto two = check_space(
        demands, [](const auto& path) { return Result<FreeSpace>(volume(path == "/a" ? 1 : 2, 1000)); });
    EXPECT_THAT(two, IsEmpty());
}

TEST(CheckSpace, InodesCountWhereTheFileSystemCountsThem) {
    const std::vector<Demand> demands = {{"/a", 1, 50, "the backup"}};
    FreeSpace space = volume(1, 1000, 10);
    const auto few = check_space(demands, [&](const auto&) { return Result<FreeSpace>(space); });
    ASSERT_THAT(few, SizeIs(1));
    EXPECT_THAT(few[0].error.message, HasSubstr("10 inodes left"));
    space.counts_inodes = false;
    EXPECT_THAT(check_space(demands, [&](const auto&) { return Result<FreeSpace>(space); }), IsEmpty());
}

TEST(CheckSpace, WhatCannotBeToldIsNoReasonToRefuse) {
    const auto found = check_space({{"/a", 1000, 1, "the backup"}}, [](const auto&) {
        return Result<FreeSpace>(fail(ExitCode::Preflight, "no idea"));
    });
    EXPECT_THAT(found, IsEmpty());
}

TEST(CheckSpace, APathThatDoesNotExistYetIsJudgedByItsParent) {
    const test::TempDirectory temp;
    const auto here = free_space(temp.path()), there = free_space(temp.path() / "not/yet/there");
    ASSERT_TRUE(here && there);
    EXPECT_EQ(here->device, there->device);
    EXPECT_GT(here->bytes, 0U);
}

struct TalkativeDatabase : test::FakeDatabase {
    std::vector<std::string> missing;
    Capacity sizes;
    std::vector<std::string> others;
    std::vector<Table> all;
    Result<std::vector<std::string>> missing_privileges() override { return missing; }
    Result<Capacity> capacity() override { return sizes; }
    Result<std::vector<std::string>> other_prefixes() override { return others; }
    Result<std::vector<Table>> tables() override { return all; }
};

struct OnGround : testing::Test {
    test::TempDirectory temp;
    TalkativeDatabase database;
    site::Site site;
    bool backup = true;
    std::int64_t newest = 0;

    OnGround() {
        site.database.database = "club";
        site.config_in_database = true;
        site.settings_file = temp.path() / "settings.php";
    }
    std::vector<Finding> look() {
        return preflight(
            {site, database, temp.path(), temp.path() / "backups", backup, {}, newest, 1'000'000'000});
    }
};

TEST_F(OnGround, NothingIsFoundOnSolidGround) {
    EXPECT_THAT(look(), IsEmpty());
}

TEST_F(OnGround, EverythingIsFoundAtOnceEachWithAHint) {
    database.missing = {"ALTER", "INDEX"};
    database.sizes.packet_bytes = 1 << 20;
    database.sizes.largest_row = 700'000;
    database.sizes.largest_row_table = "field_data_body";
    database.others = {"old_"};
    database.all = {{"counter", "MyISAM", false}, {"system", "InnoDB", false}, {"v", "", true}};
    newest = 1'000'000'000 + 3'600'000;
    const auto found = look();
    ASSERT_THAT(found, SizeIs(5));
    for (const Finding& finding : found) EXPECT_FALSE(finding.error.hint.empty()) << finding.error.message;
    EXPECT_THAT(found[0].error.message, HasSubstr("lacks ALTER, INDEX on database club"));
    EXPECT_THAT(found[1].error.message, HasSubstr("field_data_body"));
    EXPECT_THAT(found[2].error.message, HasSubstr("1 table is not InnoDB: counter (MyISAM)"));
    EXPECT_FALSE(found[2].refuses);
    EXPECT_THAT(found[3].error.message, HasSubstr("prefix \"old_\""));
    EXPECT_THAT(found[4].error.message, HasSubstr("the clock went back"));
    EXPECT_FALSE(found[4].refuses);
}

TEST_F(OnGround, WithoutABackupNothingIsSaidOfItsRestore) {
    backup = false;
    database.sizes.packet_bytes = 1 << 20;
    database.sizes.largest_row = 700'000;
    database.others = {"old_"};
    const auto found = look();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_FALSE(found[0].refuses);
}

TEST_F(OnGround, ASiteWithAPrefixMayHaveNeighbours) {
    site.database.prefix = "new_";
    database.others = {"old_"};
    EXPECT_THAT(look(), IsEmpty());
}

TEST_F(OnGround, ADatabaseLargerThanTheDiskIsRefused) {
    database.sizes.data_bytes = std::uint64_t{1} << 60U;
    const auto found = look();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_TRUE(found[0].refuses);
    EXPECT_THAT(found[0].error.message, HasSubstr("the backup"));
}

}  // namespace
}  // namespace bdupdate::run
