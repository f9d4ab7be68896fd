// Several sites that share code: what happens to one never touches another. docs/multisite.md.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "bdupdate/base/subprocess.h"
#include "support/mariadb.h"
#include "support/temp_directory.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* sites_tables = R"sql(
CREATE TABLE PREFIXsystem (filename VARCHAR(255) PRIMARY KEY, name VARCHAR(255), type VARCHAR(12), owner VARCHAR(255) DEFAULT '',
  status INT, bootstrap INT DEFAULT 0, schema_version SMALLINT DEFAULT -1, weight INT DEFAULT 0, info BLOB);
CREATE TABLE PREFIXstate (name VARCHAR(128) PRIMARY KEY, value LONGBLOB NOT NULL);
CREATE TABLE PREFIXthing (id INT PRIMARY KEY, title VARCHAR(50));
INSERT INTO PREFIXthing VALUES (1, 'before');
INSERT INTO PREFIXsystem (filename, name, type, status, schema_version) VALUES ('modules/shared/shared.module', 'shared', 'module', 1, 1000);
)sql";

constexpr const char* shared_install = R"php(<?php
/**
 * Renames things.
 */
function shared_update_1001() {
  db_query("UPDATE {thing} SET title = 'renamed'");
  config_set('shared.settings', 'renamed', 1);
}
/**
 * Adds a column, and fails where a file says so.
 */
function shared_update_1002() {
  if (config_get('shared.settings', 'broken') == 2) {
    throw new Exception('broken at once');
  }
  db_add_field('thing', 'extra', array('type' => 'int', 'not null' => TRUE, 'default' => 7));
  if (config_get('shared.settings', 'broken')) {
    throw new Exception('broken here');
  }
}
)php";

/// Two sites `one` and `two` on the test's MariaDB. A docroot each, without core, with the same modules/
/// behind a link.
class SharedModules : public testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        if (!MariaDb::available()) GTEST_SKIP() << "no MariaDB server here";
        put("shared/shared/shared.info", "name = Shared\nbackdrop = 1.x\ntype = module\n");
        put("shared/shared/shared.module", "<?php\n");
        put("shared/shared/shared.install", shared_install);
        for (const std::string name : {"one", "two"}) {
            const std::string database = one_database() ? "ms_both" : "ms_" + name;
            if (name == "one" || !one_database()) MariaDb::instance().create_database(database);
            std::string sql = sites_tables;
            for (std::size_t at = 0; (at = sql.find("PREFIX", at)) != std::string::npos;)
                sql.replace(at, 6, prefix(name));
            MariaDb::instance().run(database, sql);
            put(name + "/settings.php",
                "<?php\n$database = array('driver' => 'mysql', 'database' => '" + database +
                    "', 'username' => 'root', 'password' => '', 'host' => 'localhost', 'unix_socket' => '" +
                    MariaDb::instance().socket().string() + "', 'prefix' => '" + prefix(name) +
                    "');\n$config_directories['active'] = './config';\n");
            put(name + "/config/shared.settings.json", "{\n    \"broken\": 0\n}\n");
            fs::create_directory_symlink("../shared", temp_.path() / name / "modules");
        }
    }
    static bool one_database() { return GetParam(); }
    static std::string prefix(const std::string& name) { return one_database() ? name + "_" : ""; }
    static std::string database(const std::string& name) { return one_database() ? "ms_both" : "ms_" + name; }

    void put(const std::string& file, const std::string& text) const {
        fs::create_directories((temp_.path() / file).parent_path());
        std::ofstream(temp_.path() / file) << text;
    }
    [[nodiscard]] Completed bdupdate(const std::string& name, std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {BDUPDATE_BINARY, "--root", (temp_.path() / name).string(),
                                             "--state-dir", (temp_.path() / "state").string()});
        auto done = run_program({.argv = arguments});
        return done ? *done : Completed{};
    }
    /// Rows, columns, last number, tables and config of a site.
    [[nodiscard]] std::string held(const std::string& name) const {
        const std::string p = prefix(name);
        std::string text;
        for (const std::string& query : {"SELECT * FROM " + p + "thing", "SHOW COLUMNS FROM " + p + "thing",
                                         "SELECT name, schema_version, status FROM " + p + "system",
                                         "SELECT name, value FROM " + p + "state",
                                         "SHOW TABLES LIKE '" + (p.empty() ? "%" : name + "\\_%") + "'"})
            text += MariaDb::instance().query(database(name), query) + "--\n";
        std::ifstream config(temp_.path() / name / "config/shared.settings.json");
        return text + std::string(std::istreambuf_iterator<char>(config), {});
    }
    TempDirectory temp_;
};

TEST_P(SharedModules, EachSiteIsUpdatedByItself) {
    const std::string two = held("two");
    const Completed done = bdupdate("one", {"run", "--yes"});
    ASSERT_EQ(done.status.code, 0) << done.out << done.err;
    EXPECT_THAT(held("one"), HasSubstr("renamed\t7"));
    EXPECT_EQ(held("two"), two);
    EXPECT_EQ(bdupdate("two", {"status", "--exit-code"}).status.code, 3);
    EXPECT_EQ(bdupdate("two", {"run", "--yes"}).status.code, 0);
    EXPECT_THAT(held("two"), HasSubstr("renamed\t7"));
}

TEST_P(SharedModules, FailedSiteIsTakenBackAndTheOtherOneIsNotTouched) {
    ASSERT_EQ(bdupdate("one", {"run", "--yes"}).status.code, 0);
    const std::string one = held("one");
    put("two/config/shared.settings.json", "{\n    \"broken\": 1\n}\n");
    const std::string two = held("two");
    const Completed failed = bdupdate("two", {"run", "--yes"});
    EXPECT_EQ(failed.status.code, 1) << failed.out << failed.err;
    EXPECT_THAT(failed.out + failed.err, HasSubstr("broken here"));
    EXPECT_EQ(held("one"), one);
    EXPECT_EQ(held("two"), two);
}

TEST_P(SharedModules, SiteIsUpdatedWhileTheOtherOneWaitsForRecover) {
    put("two/config/shared.settings.json", "{\n    \"broken\": 2\n}\n");
    ASSERT_EQ(bdupdate("two", {"run", "--yes", "--on-failure", "stop"}).status.code, 1);
    EXPECT_EQ(bdupdate("two", {"status", "--exit-code"}).status.code, 8);
    const Completed done = bdupdate("one", {"run", "--yes"});
    EXPECT_EQ(done.status.code, 0) << done.out << done.err;
    const std::string one = held("one");
    EXPECT_THAT(one, HasSubstr("renamed\t7"));
    const Completed back = bdupdate("two", {"recover", "--yes", "--restore"});
    EXPECT_EQ(back.status.code, 0) << back.out << back.err;
    EXPECT_THAT(held("two"), HasSubstr("before"));
    EXPECT_THAT(held("two"), Not(HasSubstr("extra")));
    EXPECT_EQ(held("one"), one);
}

INSTANTIATE_TEST_SUITE_P(Databases, SharedModules, testing::Bool(), [](const auto& chosen) {
    return std::string(chosen.param ? "OneWithTwoPrefixes" : "OneEach");
});

/// A docroot with a core (as far as reading needs one) and two sites below sites/.
class OneDocroot : public SharedModules {
  protected:
    void SetUp() override {
        SharedModules::SetUp();
        if (IsSkipped()) return;
        put("www/core/includes/bootstrap.inc", "<?php\ndefine('BACKDROP_VERSION', '1.34.3');\n");
        put("www/core/includes/module.inc",
            "<?php\nfunction backdrop_merged_modules() {\n  return array('old');\n}\n");
        put("www/sites/sites.php",
            "<?php\n$sites['one.example.com'] = 'one';\n$sites['two.example.com'] = 'two';\n");
        fs::create_directories(temp_.path() / "www/sites");
        fs::create_directory_symlink("../shared", temp_.path() / "www/modules");
        for (const std::string name : {"one", "two"}) {
            fs::copy(temp_.path() / name, temp_.path() / "www/sites" / name,
                     fs::copy_options::recursive | fs::copy_options::copy_symlinks);
            fs::remove(temp_.path() / "www/sites" / name / "modules");
        }
    }
};

TEST_P(OneDocroot, CommandsThatAreToldNameTheSite) {
    MariaDb::instance().run(database("two"), "UPDATE " + prefix("two") + "system SET schema_version = 1002");
    const Completed one = bdupdate("www", {"status", "--site", "http://one.example.com/"});
    EXPECT_EQ(one.status.code, 0) << one.err;
    EXPECT_THAT(one.out, HasSubstr("www/sites/one  Backdrop 1.34.3"));
    EXPECT_THAT(one.out, HasSubstr("shared  at 1000"));
    EXPECT_THAT(one.out, HasSubstr("hint: bdupdate --site one run\n"));
    const Completed two = bdupdate("www", {"status", "--site", "two", "--exit-code"});
    EXPECT_EQ(two.status.code, 0) << two.out << two.err;
    EXPECT_THAT(two.out, HasSubstr("nothing pending"));
    const Completed as_json = bdupdate("www", {"status", "--site", "two", "--format", "json"});
    EXPECT_THAT(as_json.out, HasSubstr("\"site\": \"sites/two\""));
    EXPECT_EQ(bdupdate("www", {"status"}).status.code, 2);
}

TEST_P(OneDocroot, AllSitesInOneCommand) {
    MariaDb::instance().run(database("two"), "UPDATE " + prefix("two") + "system SET schema_version = 1002");
    const Completed status = bdupdate("www", {"status", "--all-sites", "--exit-code", "--jobs", "2"});
    EXPECT_EQ(status.status.code, 3) << status.out << status.err;
    EXPECT_THAT(status.out, HasSubstr("two  ok       nothing pending\n"));
    EXPECT_THAT(status.out, HasSubstr("one  pending  2 updates pending"));
    EXPECT_THAT(status.out,
                HasSubstr("hint: bdupdate --root " + (temp_.path() / "www").string() + " --site one run\n"));
    EXPECT_EQ(bdupdate("www", {"maintenance", "on", "--all-sites"}).status.code, 2) << "nobody was asked";
    EXPECT_EQ(bdupdate("www", {"maintenance", "on", "--all-sites", "--yes"}).status.code, 0);
    for (const std::string name : {"one", "two"})
        EXPECT_THAT(held(name), HasSubstr("maintenance_mode\tb:1;"));
    EXPECT_EQ(bdupdate("www", {"status", "--all-sites", "--site", "one"}).status.code, 2);
}

INSTANTIATE_TEST_SUITE_P(Databases, OneDocroot, testing::Values(true));

}  // namespace
}  // namespace bdupdate::test
