#include <gmock/gmock.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "backup/mysql_fixture.h"

namespace bdupdate::backup {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

std::string gunzip(const fs::path& path) {
    SpawnOptions options;
    options.argv = {"gunzip", "-c", path};
    const auto done = run_program(options);
    EXPECT_TRUE(done && done->status.ok());
    return done->out;
}

/// PATH of this process for as long as it lives.
class Path {
  public:
    explicit Path(const std::string& value) : before_(std::getenv("PATH")) {
        ::setenv("PATH", value.c_str(), 1);
    }
    Path(const Path&) = delete;
    Path& operator=(const Path&) = delete;
    ~Path() { ::setenv("PATH", before_.c_str(), 1); }

  private:
    std::string before_;
};

TEST_F(MySqlBackupSite, PlainGunzipIntoTheClientGivesAnEqualDatabase) {
    sql(with_code());
    const auto made = make();
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(verify(*made));
    server().create_database("other_db");
    sql(gunzip(made->directory / "db_default.sql.gz"), "other_db");
    sql(gunzip(made->directory / "db_default.routines.sql.gz"), "other_db");
    sql("TRUNCATE cache_page");  // what the backup leaves out
    EXPECT_EQ(difference(dump("other_db"), dump("site_db")), "");
    EXPECT_EQ(sql("SHOW TABLES LIKE 'bdupdate%'", "other_db"), "");
    EXPECT_EQ(sql("SELECT COUNT(*) FROM cache_own", "other_db"), "1\n")
        << "only tables of core's shape are caches";
}

TEST_F(MySqlBackupSite, RowsAreCountedRightForEveryTable) {
    const auto made = make().value();
    std::size_t checked = 0;
    for (const TableEntry& table : made.tables) {
        std::string quoted = table.name;
        if (const auto at = quoted.find('`'); at != std::string::npos) quoted.insert(at, 1, '`');
        const std::string rows = sql("SELECT COUNT(*) FROM `" + quoted + "`");
        EXPECT_EQ(table.is_view, table.name == "a_view");
        EXPECT_EQ(table.data_left_out, table.name == "cache" || table.name == "cache_page") << table.name;
        if (!table.is_view && !table.data_left_out) {
            EXPECT_EQ(std::to_string(table.rows) + "\n", rows) << table.name;
            ++checked;
        }
    }
    EXPECT_EQ(checked, 9U);
}

TEST_F(MySqlBackupSite, DumpIsReadableByRestorePhp) {
    // Its reader takes a line that ends in ";" as the end of a statement, and knows no DELIMITER.
    sql(with_code());
    const auto made = make().value();
    const std::string text = gunzip(made.directory / "db_default.sql.gz");
    EXPECT_THAT(text, Not(HasSubstr("DELIMITER")));
    EXPECT_THAT(text, Not(HasSubstr("LOCK TABLES")));
    EXPECT_THAT(gunzip(made.directory / "db_default.routines.sql.gz"), HasSubstr("DELIMITER"));
}

TEST_F(MySqlBackupSite, OnlyTablesOfTheOwnPrefixAreDumped) {
    server().create_database("shared");
    std::string own = tables();
    for (const std::string prefix : {"bd_", "bd_two_"})
        for (const char* table : {"system", "weird_thing"})
            sql(std::string("CREATE TABLE ") + prefix + table +
                    " (filename INT, name INT, type INT, status INT, schema_version INT, weight INT, info "
                    "INT)",
                "shared");
    sql("CREATE TABLE alien (x INT)", "shared");
    site_.database = server().settings("shared");
    site_.database.prefix = "bd_";
    const auto made = make().value();
    std::vector<std::string> names;
    for (const TableEntry& table : made.tables) names.push_back(table.name);
    EXPECT_THAT(names, ::testing::ElementsAre("bd_system", "bd_weird_thing"));
    EXPECT_THAT(gunzip(made.directory / "db_default.sql.gz"), Not(HasSubstr("alien")));
}

TEST_F(MySqlBackupSite, PasswordIsInNoArgumentNoEnvironmentAndNoFileLeft) {
    std::atomic<bool> stop{false};
    std::atomic<int> seen{0};
    std::string leak;
    std::thread watcher([&] {
        while (!stop) {
            std::error_code error;
            for (const auto& process : fs::directory_iterator("/proc", error)) {
                const auto argv = read_file(process.path() / "cmdline");
                if (!argv || argv->find("mariadb-dump") == std::string::npos) continue;
                ++seen;
                const auto environment = read_file(process.path() / "environ");
                for (const std::string& text : {*argv, environment.value_or("")})
                    if (text.find("#secret") != std::string::npos) leak = text;
            }
        }
    });
    Result<Backup> made = make();
    for (int i = 0; i < 20 && seen == 0; ++i) made = make();
    stop = true;
    watcher.join();
    ASSERT_TRUE(made);
    EXPECT_GT(seen, 0);
    EXPECT_EQ(leak, "");
    for (const auto& entry : fs::recursive_directory_iterator(options_.directory))
        EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr(".cnf")));
}

TEST_F(MySqlBackupSite, MissingClientProgramsAreSaidWithTheWaysOut) {
    const auto database = open();
    const Path nothing(temporary_.path().string());
    const auto refused = create(site_, *database, options_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::BackupFailed);
    EXPECT_THAT(refused.error().message, HasSubstr("mariadb-dump"));
    EXPECT_THAT(refused.error().hint, HasSubstr("mariadb-client"));
    EXPECT_TRUE(fs::is_empty(options_.directory)) << "no partial folder";
}

/// A dump program that goes wrong in a way of its own.
class FakeDump {
  public:
    FakeDump(const fs::path& directory, const std::string& script)
        : path_((write(directory, script), directory.string() + ":" + std::getenv("PATH"))) {}

  private:
    static void write(const fs::path& directory, const std::string& script) {
        std::ofstream(directory / "mariadb-dump") << "#!/bin/sh\n" << script << "\n";
        fs::permissions(directory / "mariadb-dump", fs::perms(0755));
    }
    Path path_;
};

TEST_F(MySqlBackupSite, FailingDumpIsReportedWithItsWords) {
    const FakeDump fake(temporary_.path(), "echo 'Got error: 1142: SELECT command denied' >&2; exit 2");
    const auto refused = make();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::BackupFailed);
    EXPECT_THAT(refused.error().message, HasSubstr("SELECT command denied"));
    EXPECT_TRUE(fs::is_empty(options_.directory));
}

TEST_F(MySqlBackupSite, DumpCutShortWithExitCodeZeroIsNoticed) {
    const FakeDump fake(temporary_.path(), "exec /usr/bin/mariadb-dump \"$@\" | head -c 3000");
    const auto refused = make();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("cut short"));
    EXPECT_TRUE(fs::is_empty(options_.directory));
}

TEST_F(MySqlBackupSite, DumpWithoutOneOfTheTablesIsNoticed) {
    const FakeDump fake(temporary_.path(),
                        "/usr/bin/mariadb-dump \"$@\" | sed 's/CREATE TABLE `weird`/CREATE TABLE `x`/'");
    const auto refused = make();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("table weird is missing in the dump"));
}

TEST_F(MySqlBackupSite, RoutinesTheAccountMayNotReadAreNotedAndTriggersKept) {
    sql(with_code("root@localhost"));
    const auto made = make();
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_THAT(made->notes, Contains(HasSubstr("stored routines are left out")));
    EXPECT_THAT(gunzip(made->directory / "db_default.routines.sql.gz"), HasSubstr("guard"));
    EXPECT_TRUE(verify(*made));
}

TEST_F(MySqlBackupSite, BackupLeavesNoLockBehind) {
    const auto database = open();
    ASSERT_TRUE(create(site_, *database, options_));
    EXPECT_NO_THROW(
        sql("SET lock_wait_timeout = 1; ALTER TABLE weird ADD z INT; ALTER TABLE system ADD z INT"));
    EXPECT_EQ(sql("SELECT COUNT(*) FROM information_schema.INNODB_TRX"), "0\n");
}

}  // namespace
}  // namespace bdupdate::backup
