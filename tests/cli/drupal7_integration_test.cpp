// Sites of Drupal 7: recognised, planned by Drupal's rules, and run on a stand-in for Drupal over a SQLite
// file. The real thing does not fit into a test; docs/drupal7.md says how it was tried.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bdupdate/base/file.h"
#include "support/program.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* modules_sql =
    "DELETE FROM system; INSERT INTO system (filename, name, type, status, schema_version, weight, info) "
    "VALUES ('modules/system/system.module', 'system', 'module', 1, 7084, 0, ''),"
    "('sites/all/modules/boat/boat.module', 'boat', 'module', 1, 7100, 0, ''),"
    "('sites/all/modules/crew/crew.module', 'crew', 'module', 1, 0, 0, ''),"
    "('profiles/rowing/rowing.profile', 'rowing', 'module', 1, 0, 1000, '');"
    "INSERT INTO variable VALUES ('install_profile', 's:6:\"rowing\";');";

struct Drupal7 : testing::Test {
    ExampleSite site;

    Drupal7() {
        const fs::path here = fs::path(BDUPDATE_SOURCE_DIR) / "tests/cli/stand_in_drupal7.php";
        for (const char* file : {"update", "common", "file", "entity", "unicode", "install", "batch"})
            plant("includes/" + std::string(file) + ".inc", "<?php\n");
        plant("includes/bootstrap.inc", read_file(here).value());
        module("modules/system/system",
               "function system_update_7085() { variable_set('done', array('s')); }");
        module(
            "sites/all/modules/boat/boat",
            "function boat_update_6101() {}\nfunction boat_update_1001() {}\nfunction boat_update_7100() {}\n"
            "function boat_update_7101() {\n"
            "  db_query('ALTER TABLE {club_boat} ADD COLUMN length INT');\n"
            "  variable_set('maintenance_mode', FALSE);\n"
            "  drupal_set_message('boats have a length');\n"
            "  $GLOBALS['fails'] = file_exists(DRUPAL_ROOT . '/fail');\n"
            "  if ($GLOBALS['fails']) { throw new Exception('the boat leaks'); }\n}");
        module("sites/all/modules/crew/crew",
               "function crew_update_7000(&$sandbox) {\n"
               "  $sandbox += array('n' => 0);\n  db_query('INSERT INTO {club_boat} (name) VALUES (:n)', "
               "array(':n' => 'crew ' . ++$sandbox['n']));\n"
               "  $sandbox['#finished'] = $sandbox['n'] / 3;\n  return 'three crews';\n}");
        module("profiles/rowing/rowing", "function rowing_update_7000() {}");
        plant("profiles/rowing/rowing.profile", "<?php\n");
        settings("'prefix' => ''");
        site.sql(modules_sql);
        site.sql("CREATE TABLE club_boat (name TEXT); DROP TABLE state; CREATE TABLE state (mine TEXT);");
    }

    void plant(const std::string& path, const std::string& content) {
        fs::create_directories((site.root() / path).parent_path());
        site.write(path, content);
    }
    void module(const std::string& path, const std::string& install) {
        plant(path + ".info", "name = x\ncore = 7.x\n");
        plant(path + ".module", "<?php\n");
        plant(path + ".install", "<?php\n" + install + "\n");
    }
    void settings(const std::string& prefix) {
        plant("sites/default/settings.php",
              "<?php\n$databases['default']['default'] = array('driver' => 'sqlite', 'database' => "
              "'site.sqlite', " +
                  prefix + ");\n$drupal_hash_salt = 'x';\n");
    }
    std::string query(const std::string& sql) {
        return run_program({.argv = {"sqlite3", (site.root() / "site.sqlite").string(), sql}})->out;
    }
};

TEST_F(Drupal7, IsNamedWithItsVersionAndPlannedByItsOwnNumbers) {
    const Completed status = site.run({"status"});
    EXPECT_EQ(status.status.code, 0) << status.err;
    EXPECT_THAT(status.out, HasSubstr("Drupal 7.103"));
    EXPECT_THAT(status.out, HasSubstr("4 updates pending")) << status.out;
    const Completed plan = site.run({"plan"});
    for (const char* update :
         {"system_update_7085", "boat_update_7101", "crew_update_7000", "rowing_update_7000"})
        EXPECT_THAT(plan.out, HasSubstr(update));
    EXPECT_THAT(plan.out, Not(HasSubstr("boat_update_6101")));
    EXPECT_THAT(plan.out, Not(HasSubstr("boat_update_1001")));
}

TEST_F(Drupal7, RunsAsItsUpdatePhpDoes) {
    const Completed done = site.run({"run", "--yes"});
    EXPECT_EQ(done.status.code, 0) << done.err;
    EXPECT_THAT(done.err + done.out, HasSubstr("boats have a length"));
    EXPECT_EQ(query("SELECT name, schema_version FROM system ORDER BY name"),
              "boat|7101\ncrew|7000\nrowing|7000\nsystem|7085\n");
    EXPECT_EQ(query("SELECT count(*), count(length) FROM club_boat"), "3|0\n");
    EXPECT_EQ(query("SELECT value FROM variable WHERE name = 'booted'"), "s:21:\"prepared update false\";\n");
    EXPECT_EQ(query("SELECT value FROM variable WHERE name = 'maintenance_mode'"), "b:0;\n");
    EXPECT_EQ(query("SELECT count(*) FROM sqlite_master WHERE name = 'bdupdate_mark'"), "0\n");
    EXPECT_THAT(site.run({"status"}).out, HasSubstr("nothing pending"));
}

TEST_F(Drupal7, IsAsBeforeWhenAnUpdateFails) {
    site.write("fail", "");
    const std::string before = query(".dump");
    const Completed done = site.run({"run", "--yes"});
    EXPECT_EQ(done.status.code, 1) << done.err;
    EXPECT_THAT(done.err, HasSubstr("the boat leaks"));
    EXPECT_EQ(query(".dump"), before);
}

TEST_F(Drupal7, GoesOnBehindTheLastWholePassWithoutAnyConfigFiles) {
    site.write("fail", "");
    const Completed stopped = site.run({"run", "--yes", "--on-failure", "stop"});
    EXPECT_EQ(stopped.status.code, 1) << stopped.err;
    EXPECT_EQ(query("SELECT value FROM variable WHERE name = 'maintenance_mode'"), "b:1;\n");
    fs::remove(site.root() / "fail");
    const Completed recovered = site.run({"recover", "--yes"});
    EXPECT_EQ(recovered.status.code, 0) << recovered.err;
    EXPECT_EQ(query("SELECT sum(schema_version) FROM system"), "28186\n");
    EXPECT_EQ(query("SELECT count(*) FROM club_boat"), "3\n");
}

TEST_F(Drupal7, MaintenanceModeIsItsVariable) {
    EXPECT_EQ(site.run({"maintenance", "on", "--yes"}).status.code, 0);
    EXPECT_EQ(query("SELECT value FROM variable WHERE name = 'maintenance_mode'"), "b:1;\n");
    EXPECT_THAT(site.run({"maintenance"}).out, HasSubstr("is on"));
}

TEST_F(Drupal7, OverADatabaseOfDrupal6IsRefused) {
    site.sql("UPDATE system SET schema_version = 6055 WHERE name = 'system'");
    const std::string before = query(".dump");
    const Completed done = site.run({"run", "--yes"});
    EXPECT_EQ(done.status.code, 5);
    EXPECT_THAT(done.err, HasSubstr("database of Drupal 6"));
    EXPECT_EQ(query(".dump"), before);
}

TEST_F(Drupal7, WithAPrefixOnSqliteIsRefused) {
    settings("'prefix' => 'd7_'");
    const Completed done = site.run({"status"});
    EXPECT_EQ(done.status.code, 5);
    EXPECT_THAT(done.err, HasSubstr("in another file each"));
}

}  // namespace
}  // namespace bdupdate::test
