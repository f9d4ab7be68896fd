// Restores where other sites and programs use the same database, and the deep look.

#include <gmock/gmock.h>

#include "backup/core_backup_fixture.h"
#include "backup/mysql_fixture.h"
#include "bdupdate/backup/restore.h"

namespace bdupdate::backup {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* system_columns =
    " (filename INT, name INT, type INT, status INT, schema_version INT, weight INT, info INT)";

class Neighbours : public MySqlBackupSite {
  protected:
    void SetUp() override {
        MySqlBackupSite::SetUp();
        if (IsSkipped()) return;
        server().create_database("shared");
        sql(std::string("CREATE TABLE bd_system") + system_columns + "; CREATE TABLE bd_two_system" +
                system_columns +
                "; CREATE TABLE bd_two_node (x INT); INSERT INTO bd_two_node VALUES (1); CREATE TABLE alien "
                "(x INT);"
                "CREATE TABLE bd_node (x INT AUTO_INCREMENT PRIMARY KEY, t VARCHAR(9) COLLATE utf8mb4_bin);"
                "INSERT INTO bd_node (t) VALUES ('a'), ('b')",
            "shared");
        site_.database = server().settings("shared");
        site_.database.prefix = "bd_";
    }
};

TEST_F(Neighbours, OfBackdropsDumpOnlyTheSitesOwnTablesAreLoaded) {
    // Core takes everything that begins with the prefix, the neighbour's tables and our mark too.
    std::string statements;
    for (const char* table : {"bd_node", "bd_two_node", "bdupdate_mark", "bd_bdupdate_mark"})
        statements +=
            std::string("DROP TABLE IF EXISTS `") + table + "`;\nCREATE TABLE `" + table +
            "` ( x INT AUTO_INCREMENT PRIMARY KEY, t VARCHAR(9) ) AUTO_INCREMENT=77;\nINSERT INTO `" + table +
            "` VALUES ('5','old'),('6','it''s \\\\ \\n');\n";
    statements +=
        std::string("DROP TABLE IF EXISTS `bd_system`;\nCREATE TABLE `bd_system`") + system_columns + ";\n";
    write_core_backup(options_.directory, "core", statements);
    const auto found = find(options_.directory, "latest").value();
    const auto database = open(false);
    const auto good = check_restorable(site_, *database, found);
    ASSERT_TRUE(good) << good.error().message;
    for (int times = 0; times < 2; ++times) {
        sql("CREATE TABLE IF NOT EXISTS bd_later (x INT); INSERT INTO bd_node (t) VALUES ('z')", "shared");
        const auto restored = restore_database(site_, *database, found);
        ASSERT_TRUE(restored) << restored.error().message;
        EXPECT_EQ(sql("SHOW TABLES", "shared"), "alien\nbd_node\nbd_system\nbd_two_node\nbd_two_system\n");
        EXPECT_EQ(sql("SELECT x, REPLACE(t, '\\n', 'N') FROM bd_node", "shared"), "5\told\n6\tit's \\ N\n");
        EXPECT_EQ(sql("SELECT x FROM bd_two_node", "shared"), "1\n") << "the neighbour's";
        EXPECT_EQ(sql("SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shared' "
                      "AND TABLE_NAME = "
                      "'bd_node'",
                      "shared"),
                  "77\n");
    }
}

TEST_F(Neighbours, WithoutAPrefixASecondSiteIsARefusal) {
    sql(std::string("CREATE TABLE system") + system_columns, "shared");
    site_.database.prefix = "";
    const auto made = make();
    ASSERT_TRUE(made) << made.error().message;
    const auto refused = check_restorable(site_, *open(false), *made);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::Preflight);
    EXPECT_THAT(refused.error().message, HasSubstr("bd_two_system"));
    EXPECT_FALSE(restore_database(site_, *open(false), *made));
}

TEST_F(Neighbours, BackupOfAnotherPrefixIsRefused) {
    const auto made = make().value();
    site_.database.prefix = "bd_two_";
    const auto refused = check_restorable(site_, *open(false), made);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("no table of this site"));
}

TEST_F(Neighbours, DeepLookLoadsAndCountsAndLeavesNothing) {
    const auto made = make().value();
    sql("REVOKE ALL ON *.* FROM site@localhost");
    sql("GRANT ALL ON shared.* TO site@localhost");
    const auto refused = verify_deep(site_, *open(false), made);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::BackupFailed);
    ASSERT_THAT(refused.error().hint,
                HasSubstr("GRANT ALL ON `bdupdate\\_scratch\\_%`.* TO 'site'@'localhost'"));
    sql(refused.error().hint.substr(0, refused.error().hint.find(", or")));
    const auto good = verify_deep(site_, *open(false), made);
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_EQ(good->rows(), 2U);
    EXPECT_EQ(sql("SHOW DATABASES LIKE 'bdupdate_scratch%'"), "");
    sql("GRANT ALL ON *.* TO site@localhost");
}

TEST_F(Neighbours, ExportIsWhatRestorePhpReads) {
    const auto made = make().value();
    const fs::path target = temporary_.path() / "exported";
    const auto folder = export_to(made, target);
    ASSERT_TRUE(folder) << folder.error().message;
    EXPECT_EQ(folder->filename(), made.id);
    for (const std::string& name : {made.id + ".backup.json", std::string("db_default.sql.gz"),
                                    std::string("config_active.tar.gz"), std::string("manifest.json")})
        EXPECT_TRUE(fs::exists(*folder / name)) << name;
    EXPECT_TRUE(verify(find(target, made.id).value())) << "it is a backup there, too";
    EXPECT_EQ(export_to(made, target).error().code, ExitCode::BackupFailed) << "never over what is there";
    std::ofstream(made.directory / "db_default.sql.gz", std::ios::app) << "x";
    fs::remove_all(target);
    EXPECT_FALSE(export_to(made, target));
    EXPECT_FALSE(fs::exists(target / made.id));
}

}  // namespace
}  // namespace bdupdate::backup
