#include <gmock/gmock.h>

#include "backup/mysql_fixture.h"
#include "bdupdate/backup/restore.h"

namespace bdupdate::backup {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class MySqlRestore : public MySqlBackupSite {
  protected:
    /// What an update may leave: rows, tables, columns, views and triggers that were not there.
    static void change_everything() {
        sql("DELETE FROM weird; DROP TABLE child; DROP TABLE parent; ALTER TABLE latin ADD more INT; DROP "
            "VIEW a_view;"
            "CREATE VIEW a_view AS SELECT 1 AS another; INSERT INTO empty_one VALUES (5); UPDATE system SET "
            "schema_version = 1;"
            "CREATE TABLE weird_child (x INT); DROP TRIGGER guard; DROP FUNCTION twice; INSERT INTO cache "
            "VALUES ('a', '', 0, 0, 0)");
    }
};

TEST_F(MySqlRestore, DatabaseIsAsBeforeAndTheMarkStays) {
    sql(with_code());
    sql("TRUNCATE cache_page");
    const std::string before = dump("site_db");
    const auto made = make().value();
    RestoreOptions options;
    options.also_drop = {"weird_child"};
    sql("GRANT SET USER ON *.* TO site@localhost");  // so that definers come back too
    const auto database = open(false);
    for (int times = 0; times < 2; ++times) {
        change_everything();
        const auto restored = restore_database(site_, *database, made, options);
        ASSERT_TRUE(restored) << restored.error().message;
        EXPECT_EQ(difference(dump("site_db"), before), "");
        EXPECT_EQ(sql("SELECT * FROM bdupdate_mark"), "1\n");
    }
    for (const auto& entry : fs::directory_iterator(options_.directory))
        EXPECT_EQ(entry.path().filename(), made.id) << "no option file is left";
}

TEST_F(MySqlRestore, DefinersThatTheAccountMayNotNameBecomeItsOwn) {
    sql("REVOKE SET USER ON *.* FROM site@localhost");
    sql(with_code());
    const auto made = make().value();
    const auto restored = restore_database(site_, *open(false), made);
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(sql("SELECT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()"),
              "site@localhost\n");
    EXPECT_EQ(sql("SELECT DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"),
              "site@localhost\n");
}

TEST_F(MySqlRestore, WithAnEmptyPrefixStrangersTablesStay) {
    const auto made = make().value();
    sql("CREATE TABLE strangers (x INT); INSERT INTO strangers VALUES (1)");
    ASSERT_TRUE(restore_database(site_, *open(false), made));
    EXPECT_EQ(sql("SELECT x FROM strangers"), "1\n");
}

TEST_F(MySqlRestore, WithAPrefixLaterTablesGoAndNeighboursStay) {
    server().create_database("shared");
    const std::string columns =
        " (filename VARCHAR(50), name INT, type INT, status INT, schema_version INT, weight INT, info INT)";
    sql("CREATE TABLE bd_system" + columns + "; CREATE TABLE bd_two_system" + columns +
            "; CREATE TABLE alien (x INT)",
        "shared");
    site_.database = server().settings("shared");
    site_.database.prefix = "bd_";
    const auto made = make().value();
    sql("CREATE TABLE bd_later (x INT); CREATE TABLE bd_two_later (x INT); INSERT INTO bd_system VALUES "
        "('a',1,1,1,1,1,1)",
        "shared");
    ASSERT_TRUE(restore_database(site_, *open(false), made));
    EXPECT_EQ(sql("SHOW TABLES", "shared"), "alien\nbd_system\nbd_two_later\nbd_two_system\n");
    EXPECT_EQ(sql("SELECT COUNT(*) FROM bd_system", "shared"), "0\n");
}

TEST_F(MySqlRestore, FailingClientIsReportedAndTheRestoreCanBeRepeated) {
    sql("GRANT SET USER ON *.* TO site@localhost");
    const auto made = make().value();
    const std::string before = dump("site_db");
    const auto database = open(false);
    {
        const std::string path = std::getenv("PATH");
        std::ofstream(temporary_.path() / "mariadb")
            << "#!/bin/sh\nhead -c 20000 >/dev/null; echo 'ERROR 1114: full' >&2; exit 1\n";
        fs::permissions(temporary_.path() / "mariadb", fs::perms(0755));
        ::setenv("PATH", (temporary_.path().string() + ":" + path).c_str(), 1);
        const auto failed = restore_database(site_, *database, made);
        ::setenv("PATH", path.c_str(), 1);
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().code, ExitCode::NeedsHands);
        EXPECT_THAT(failed.error().message, HasSubstr("1114"));
        EXPECT_THAT(failed.error().details.back(), HasSubstr("half restored"));
    }
    const auto repeated = restore_database(site_, *database, made);
    ASSERT_TRUE(repeated) << repeated.error().message;
    sql("INSERT INTO cache_page VALUES ('x', 'page', 0, 0, 0)");  // what a backup leaves out
    EXPECT_EQ(difference(dump("site_db"), before), "");
}

TEST_F(MySqlRestore, BackupOfAnotherKindIsRefused) {
    const auto made = make().value();
    const auto database = open(false);
    site_.database.driver = site::Driver::Sqlite;
    const auto refused = restore_database(site_, *database, made);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("another kind of database"));
}

}  // namespace
}  // namespace bdupdate::backup
