// `mark` on each kind of database, and killed at each of its writes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "bdupdate/base/file.h"
#include "fault/club.h"
#include "support/mariadb.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;

class Mark : public testing::TestWithParam<Store> {
  protected:
    void SetUp() override {
        if (GetParam() == Store::MariaDb && !MariaDb::available()) GTEST_SKIP() << "no MariaDB server";
        club = std::make_unique<Club>(GetParam());
    }
    [[nodiscard]] std::string number() const {
        return club->rows("SELECT schema_version FROM system WHERE name = 'dues'");
    }
    /// Everything in the site but that number.
    std::string the_rest() const {
        const std::string now = number();
        club->execute("UPDATE system SET schema_version = 0 WHERE name = 'dues'");
        std::string text = club->held(true);
        club->execute("UPDATE system SET schema_version = " + now + " WHERE name = 'dues'");
        return text;
    }
    [[nodiscard]] Completed run(const std::vector<std::string>& arguments, const std::string& name = {},
                                const std::string& value = {}) const {
        if (name.empty()) return club->run(arguments);
        return club->run(
            arguments,
            {{"LD_PRELOAD", BDUPDATE_KILL_AT}, {"ASAN_OPTIONS", "verify_asan_link_order=0"}, {name, value}});
    }
    /// How many writes this command makes.
    [[nodiscard]] int writes_of(const std::vector<std::string>& arguments) const {
        const fs::path file = club->state().parent_path() / "writes";
        EXPECT_EQ(run(arguments, "KILL_COUNT", file.string()).status.code, 0);
        const auto count = read_file(file);
        return count ? std::stoi(*count) : 0;
    }
    /// Killed at that write, the site is as before but for the number, nobody waits for a recovery, and the
    /// same command typed again does it.
    void kill_at(const std::vector<std::string>& mark, int write, const std::string& expected) {
        SCOPED_TRACE("write " + std::to_string(write));
        EXPECT_EQ(run(mark, "KILL_AT", std::to_string(write)).status.signal, SIGKILL);
        EXPECT_THAT(number(), AnyOf("1004", "1005"));
        EXPECT_EQ(first_difference(expected, the_rest()), "");
        EXPECT_EQ(run({"status", "--exit-code"}).status.code, 3);
        const Completed again = run(mark);
        EXPECT_EQ(again.status.code, 0) << again.err;
        EXPECT_EQ(number(), "1005");
        EXPECT_EQ(run({"recover", "--yes"}).status.code, 0);
        EXPECT_EQ(first_difference(expected, the_rest()), "");
        EXPECT_EQ(number(), "1005");
        club->renew();
    }
    /// BDUPDATE_EVERY_WRITE=1 tries them all.
    static int every(int usual) {
        return std::getenv("BDUPDATE_EVERY_WRITE") != nullptr ? 1 : std::max(usual, 1);
    }
    std::unique_ptr<Club> club;
};

TEST_P(Mark, SetsTheNumberAndNothingElseAfterABackup) {
    const std::string before = the_rest();
    const Completed done = run({"mark", "dues=1005", "--yes"});
    EXPECT_EQ(done.status.code, 0) << done.err;
    EXPECT_THAT(done.out, HasSubstr("dues is at 1005 now (before: 1004); pending then: dues_update_1006"));
    EXPECT_EQ(number(), "1005");
    EXPECT_EQ(first_difference(before, the_rest()), "");
    EXPECT_EQ(run({"backup", "verify"}).status.code, 0);
    EXPECT_THAT(run({"history"}).out, HasSubstr("updated  marked dues=1005 (before: 1004)"));
    EXPECT_EQ(run({"backup", "restore", "latest", "--yes"}).status.code, 0);
    EXPECT_EQ(number(), "1004");
}

TEST_P(Mark, MakesTheTableOfABareSiteThatHasNone) {
    club->execute("DROP TABLE system");
    EXPECT_EQ(run({"mark", "dues=1004", "--yes"}).status.code, 0);
    const Completed more = run({"mark", "gallery=1001", "--yes"});
    EXPECT_EQ(more.status.code, 0) << more.err;
    const char* table = GetParam() == Store::Sqlite ? "\"schema\"" : "`schema`";
    EXPECT_EQ(club->rows(std::string("SELECT name, schema_version FROM ") + table + " ORDER BY name"),
              "dues|1004\ngallery|1001");
    EXPECT_THAT(run({"status"}).out, HasSubstr("3 updates pending in 2 modules"));
}

TEST_P(Mark, KilledAtAnyWriteItIsDoneOrNot) {
    club->keep();
    const std::string before = the_rest();
    const std::vector<std::string> mark = {"mark", "dues=1005", "--yes", "--no-backup"};
    const int writes = writes_of(mark);
    ASSERT_GT(writes, 3);
    club->renew();
    // The number and the journal's last word are among the last.
    for (int write = 1; write <= writes; write += write < writes - 5 ? every(writes / 10) : 1)
        kill_at(mark, write, before);
}

TEST_P(Mark, KilledWhileItBacksUpItIsDoneOrNot) {
    club->keep();
    const std::string before = the_rest();
    const std::vector<std::string> mark = {"mark", "dues=1005", "--yes"};
    const int writes = writes_of(mark);
    ASSERT_GT(writes, 10);
    club->renew();
    for (int write = 2; write <= writes; write += every(writes / 8)) kill_at(mark, write, before);
}

INSTANTIATE_TEST_SUITE_P(Stores, Mark, testing::Values(Store::Sqlite, Store::MariaDb), [](const auto& store) {
    return store.param == Store::Sqlite ? std::string("SQLite") : std::string("MariaDb");
});

}  // namespace
}  // namespace bdupdate::test
