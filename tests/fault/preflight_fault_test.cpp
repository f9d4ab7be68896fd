// What preflight finds on a real site, before anything is touched.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fault/club.h"
#include "support/mariadb.h"

namespace bdupdate::test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct PreflightOnMariaDb : testing::Test {
    void SetUp() override {
        if (!MariaDb::available()) GTEST_SKIP() << "no MariaDB server";
        club = std::make_unique<Club>(Store::MariaDb);
    }
    std::unique_ptr<Club> club;
};

TEST_F(PreflightOnMariaDb, FindsEverythingAtOnceAndTouchesNothing) {
    MariaDb::instance().run("",
                            "REVOKE ALL ON club.* FROM site@localhost; GRANT SELECT, INSERT, UPDATE, DELETE, "
                            "CREATE, DROP ON club.* TO site@localhost");
    club->execute("CREATE TABLE counter (n INT) ENGINE=MyISAM; CREATE TABLE old_system LIKE system;");
    club->append("modules/dues/dues.install", "\n$a $b;\n");
    const std::string before = club->held(true);
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"run", "--yes"}, {"run", "--dry-run"}}) {
        const Completed done = club->run(command);
        EXPECT_EQ(done.status.code, 5) << done.err;
        EXPECT_THAT(done.err, HasSubstr("the database account lacks ALTER, INDEX on database club"));
        EXPECT_THAT(done.err, HasSubstr("warning: 1 table is not InnoDB: counter (MyISAM)"));
        EXPECT_THAT(done.err, HasSubstr("another site with prefix \"old_\""));
        const bool asks_php = command.back() == "--yes";
        EXPECT_THAT(done.err, asks_php ? testing::Matcher<std::string>(HasSubstr("dues.install"))
                                       : testing::Matcher<std::string>(Not(HasSubstr("dues.install"))));
        EXPECT_EQ(club->held(true), before);
    }
    MariaDb::instance().create_database("club");
}

TEST_F(PreflightOnMariaDb, ARowThatNoPacketHoldsIsRefusedUnlessThereIsNoBackup) {
    club->execute(
        "CREATE TABLE large (b LONGBLOB); INSERT INTO large VALUES (REPEAT('x', 3000000)); ANALYZE TABLE "
        "large;");
    MariaDb::instance().run("", "SET GLOBAL max_allowed_packet = 4194304");
    const Completed refused = club->run({"run", "--yes"});
    const Completed fine = club->run({"run", "--yes", "--no-backup"});
    MariaDb::instance().run("", "SET GLOBAL max_allowed_packet = 16777216");
    EXPECT_EQ(refused.status.code, 5) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("a row of large has 2.9 MiB"));
    EXPECT_EQ(fine.status.code, 0) << fine.err;
    EXPECT_THAT(fine.err, HasSubstr("warning: max_allowed_packet"));
}

TEST(PreflightLimits, MemoryAndTimeLimitsNameTheUpdateAndTheLimit) {
    Club club(Store::Sqlite);
    club.only_update(1007,
                     "  if (getenv('EAT')) { $a = str_repeat('x', 200000000); return strlen($a); }\n"
                     "  pcntl_async_signals(TRUE); pcntl_signal(SIGTERM, SIG_IGN);\n"
                     "  while (TRUE) { usleep(100000); }");
    const std::string before = club.held();
    const Completed memory = club.run({"run", "--yes", "--memory-limit", "64M"}, {{"EAT", "1"}});
    EXPECT_EQ(memory.status.code, 1) << memory.err;
    EXPECT_THAT(memory.err, HasSubstr("dues_update_1007"));
    EXPECT_THAT(memory.err, HasSubstr("Allowed memory size of 67108864 bytes"));
    EXPECT_EQ(club.held(), before);
    const Completed hanging = club.run({"run", "--yes", "--retry", "--pass-timeout", "2"});
    EXPECT_EQ(hanging.status.code, 1) << hanging.err;
    EXPECT_THAT(hanging.err, HasSubstr("dues_update_1007"));
    EXPECT_THAT(hanging.err, HasSubstr("did not answer within 2"));
    EXPECT_EQ(club.held(), before);
}

TEST_F(PreflightOnMariaDb, AWorkerThatHangsInTheServerIsEndedAtItsTimeLimit) {
    club->only_update(1007, "  db_query(\"SELECT SLEEP(120)\");");
    const std::string before = club->held();
    const Completed hanging = club->run({"run", "--yes", "--pass-timeout", "2"});
    EXPECT_EQ(hanging.status.code, 1) << hanging.err;
    EXPECT_THAT(hanging.err, HasSubstr("did not answer within 2"));
    EXPECT_EQ(club->held(), before);
    EXPECT_THAT(MariaDb::instance().query("", "SHOW PROCESSLIST"), Not(HasSubstr("SLEEP(120)")));
}

}  // namespace
}  // namespace bdupdate::test
