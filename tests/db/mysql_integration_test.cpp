#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/unique_fd.h"
#include "db/mysql_fixture.h"

namespace bdupdate::db {
namespace {

using test::MariaDb;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

TEST_F(MySqlSite, ModulesComeInCoresOrderNotSorted) {
    for (const bool tcp : {false, true}) {
        const auto database = try_open(settings(tcp));
        ASSERT_TRUE(database) << database.error().message;
        const auto rows = (*database)->modules().value();
        std::string order;
        for (const ModuleRow& row : rows)
            order += row.name + "\t" + std::to_string(row.schema_version) + "\n";
        EXPECT_EQ(order, sql("SELECT name, schema_version FROM system WHERE type = 'module'"));
        // Fewer or more columns walk another index here: the very reason for asking to the letter.
        EXPECT_NE(sql("SELECT name FROM system WHERE type = 'module'"), "system\nnode\nZoo\noff\n");
        EXPECT_EQ(rows.size(), 4U);
        EXPECT_THAT((*database)->hook_order().value(), ElementsAre("system", "node", "Zoo"));
        EXPECT_EQ((*database)->server().product, "MariaDB");
    }
}

TEST_F(MySqlSite, WhatWasAskedWhileOpeningIsAnsweredOnceAndThenAskedAgain) {
    const auto database = try_open(settings()).value();
    EXPECT_EQ(database->modules()->front().schema_version, 1080);
    EXPECT_FALSE(database->has_mark_table().value());
    sql("UPDATE system SET schema_version = 1004 WHERE name = 'system'; CREATE TABLE bdupdate_mark (x INT)");
    EXPECT_EQ(database->modules()->front().schema_version, 1004);
    EXPECT_TRUE(database->has_mark_table().value());
    EXPECT_EQ(database->hook_order()->size(), 3U);
}

TEST_F(MySqlSite, OpeningGoesOnBehindAQuestionThatFails) {
    sql("DROP TABLE state");  // the third of what is asked in one packet
    const auto database = try_open(settings()).value();
    EXPECT_EQ(database->modules()->size(), 4U);
    EXPECT_FALSE(database->maintenance()->supported);
    EXPECT_THAT(database->server().identity, HasSubstr("database=site_db prefix="));
    EXPECT_FALSE(database->has_mark_table().value());
}

TEST_F(MySqlSite, IdentityIsTheSameBySocketAndTcp) {
    const auto socket = try_open(settings(false)).value()->server().identity;
    EXPECT_EQ(socket, try_open(settings(true)).value()->server().identity);
    EXPECT_THAT(socket, HasSubstr("database=site_db prefix="));
    EXPECT_THAT(socket, Not(HasSubstr(MariaDb::password())));
}

TEST_F(MySqlSite, PrefixIsPutBeforeEveryTable) {
    server().create_database("prefixed");
    server().run("prefixed", with_prefix(backdrop_tables, "bd_"));
    server().run("prefixed", with_prefix(backdrop_tables, "bd_two_"));
    server().run("prefixed",
                 "CREATE VIEW bd_view AS SELECT name FROM bd_system; CREATE TABLE alien (x INT);"
                 "CREATE TABLE bd_bdupdate_mark (x INT)");
    site::DatabaseSettings prefixed = server().settings("prefixed");
    prefixed.prefix = "bd_";
    const auto database = try_open(prefixed).value();
    EXPECT_EQ(database->modules()->size(), 4U);
    std::string names;
    const auto tables = database->tables().value();
    for (const auto& table : tables)
        names += table.name + ":" + table.engine + (table.is_view ? "view" : "") + " ";
    EXPECT_EQ(names,
              "bd_batch:InnoDB bd_cache:InnoDB bd_cache_fake:InnoDB bd_queue:InnoDB bd_semaphore:InnoDB "
              "bd_state:InnoDB bd_system:InnoDB bd_view:view ");
    EXPECT_THAT(database->other_prefixes().value(), ElementsAre("bd_two_"));
    EXPECT_THAT(database->cache_tables().value(), ElementsAre("bd_cache")) << "cache_fake has other columns";

    prefixed.prefix = "nothing_";
    const auto missing = try_open(prefixed);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ExitCode::Preflight);
    EXPECT_THAT(missing.error().message, HasSubstr("nothing_system"));
    EXPECT_THAT(missing.error().hint, HasSubstr("bd_"));
}

TEST_F(MySqlSite, WrongPasswordNamesServerAndUserButNeverThePassword) {
    for (const bool tcp : {false, true}) {
        site::DatabaseSettings wrong = settings(tcp);
        wrong.password = "Wrong-Pa55word";
        const auto refused = try_open(wrong);
        ASSERT_FALSE(refused);
        const Error& error = refused.error();
        EXPECT_EQ(error.code, ExitCode::Preflight);
        EXPECT_THAT(error.message,
                    HasSubstr(tcp ? "127.0.0.1:" + std::to_string(server().port()) : wrong.unix_socket));
        EXPECT_THAT(error.message, HasSubstr("'site'@"));
        EXPECT_THAT(error.message + error.hint, Not(HasSubstr("Wrong-Pa55word")));
    }
}

TEST_F(MySqlSite, UnknownDatabaseAndMissingTableAreNamed) {
    site::DatabaseSettings other = settings();
    other.database = "no_such_db";
    EXPECT_THAT(try_open(other).error().message, HasSubstr("no_such_db"));
    server().create_database("empty_db");
    const auto empty = try_open(server().settings("empty_db"));
    ASSERT_FALSE(empty);
    EXPECT_THAT(empty.error().message, HasSubstr("table system is missing"));
}

TEST_F(MySqlSite, UnreachableServerIsNamedWithHostAndPort) {
    site::DatabaseSettings gone = settings(true);
    gone.port = 1;
    const auto closed = try_open(gone);
    ASSERT_FALSE(closed);
    EXPECT_THAT(closed.error().message, HasSubstr("127.0.0.1:1"));
    EXPECT_THAT(closed.error().hint, HasSubstr("--db-host"));
    gone = settings();
    gone.unix_socket = "/nonexistent/mysqld.sock";
    EXPECT_THAT(try_open(gone).error().message, HasSubstr("/nonexistent/mysqld.sock"));
    gone = settings(true);
    gone.host = "no-such-host.invalid";
    EXPECT_THAT(try_open(gone).error().message, HasSubstr("no-such-host.invalid"));
}

TEST_F(MySqlSite, SilentServerIsGivenUpAfterTheTimeout) {
    const UniqueFd silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(silent.get(), generic, size), 0);
    ASSERT_EQ(::listen(silent.get(), 4), 0);
    ASSERT_EQ(::getsockname(silent.get(), generic, &size), 0);
    site::DatabaseSettings mute = settings(true);
    mute.port = ntohs(address.sin_port);
    const auto start = Monotonic::now();
    EXPECT_FALSE(try_open(mute, true, 1s));
    EXPECT_LT(Monotonic::now() - start, 10s);
}

TEST_F(MySqlSite, ReadOnlyConnectionRefusesWritesAndSoDoesItsServerSession) {
    const auto database = open(true);
    EXPECT_FALSE(database->create_mark(example_mark()));
    EXPECT_FALSE(database->set_maintenance("b:1;"));
    EXPECT_FALSE(database->set_schema_version("node", 1));
    EXPECT_FALSE(database->drop_tables({"state"}));
    EXPECT_FALSE(database->raise_epoch());
    EXPECT_EQ(sql("SELECT COUNT(*) FROM state"), "0\n");
}

TEST_F(MySqlSite, MaintenanceIsWrittenAndItsCachedCopyDropped) {
    sql("INSERT INTO cache (cid, data) VALUES ('states', 'x'), ('kept', 'x')");
    const auto database = open();
    ASSERT_TRUE(database->set_maintenance("b:1;"));
    EXPECT_EQ(sql("SELECT name, value FROM state"), "maintenance_mode\tb:1;\n");
    EXPECT_EQ(sql("SELECT cid FROM cache"), "kept\n");
    EXPECT_TRUE(database->set_maintenance("b:1;")) << "the same value again";
    ASSERT_TRUE(database->set_maintenance(std::nullopt));
    EXPECT_EQ(sql("SELECT COUNT(*) FROM state"), "0\n");
    sql("DROP TABLE cache");
    EXPECT_TRUE(database->set_maintenance("b:0;")) << "a cache kept elsewhere";
}

TEST_F(MySqlSite, UnfinishedUpdateBatchIsFound) {
    const auto database = open(true);
    EXPECT_FALSE(database->unfinished_batch()->has_value());
    sql("INSERT INTO queue (name, data) VALUES ('b', CONCAT(0x00ff, 's:13:\"update_do_one\"'))");
    EXPECT_EQ(database->unfinished_batch()->value().where, "table queue, item_id 1");
}

TEST_F(MySqlSite, SchemaVersionIsWrittenToTheModuleAlone) {
    sql("INSERT INTO system (filename, name, type, schema_version) VALUES ('x', 'node', 'theme', 3)");
    const auto database = open();
    ASSERT_TRUE(database->set_schema_version("node", 1006));
    EXPECT_EQ(sql("SELECT type, schema_version FROM system WHERE name = 'node' ORDER BY type"),
              "module\t1006\ntheme\t3\n");
    EXPECT_FALSE(database->set_schema_version("node", 40000)) << "SMALLINT: refused, not cut";
    EXPECT_FALSE(database->set_schema_version("it's", 1));
}

TEST_F(MySqlSite, DroppingTablesIgnoresForeignKeysAndMissingNames) {
    sql("CREATE TABLE parent (id INT PRIMARY KEY); CREATE TABLE child (p INT, FOREIGN KEY (p) REFERENCES "
        "parent (id));"
        "CREATE VIEW looker AS SELECT * FROM child; CREATE TABLE `we``ird.name` (x INT)");
    const auto database = open();
    const auto dropped = database->drop_tables({"parent", "looker", "child", "we`ird.name", "never_there"});
    ASSERT_TRUE(dropped) << dropped.error().message;
    EXPECT_EQ(sql("SHOW TABLES LIKE '%e%r'"), "");
    EXPECT_EQ(sql("SHOW TABLES LIKE 'we%'"), "");
}

TEST_F(MySqlSite, StoredCodeIsCounted) {
    sql("CREATE TRIGGER guard BEFORE INSERT ON state FOR EACH ROW SET NEW.name = LOWER(NEW.name);"
        "CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1;");
    const auto code = open(true)->stored_code().value();
    EXPECT_EQ(code.triggers, 1U);
    EXPECT_EQ(code.routines, 1U);
}

TEST_F(MySqlSite, LogTakesAnEntryOnceAndAnyBytes) {
    server().run(
        name_of_database,
        "CREATE TABLE watchdog (wid INT NOT NULL AUTO_INCREMENT PRIMARY KEY, uid INT NOT NULL, type "
        "VARCHAR(64) NOT "
        "NULL, message LONGTEXT NOT NULL, variables LONGBLOB NOT NULL, severity TINYINT UNSIGNED NOT NULL, "
        "link "
        "VARCHAR(255), location TEXT NOT NULL, referer TEXT, hostname VARCHAR(128) NOT NULL, timestamp INT "
        "NOT NULL);"
        "INSERT INTO system (filename, name, type, status, schema_version, weight) VALUES ('dblog', 'dblog', "
        "'module', 1, 0, 0)");
    const auto database = open();
    const LogEntry entry{"update",
                         "%update failed: @error",
                         {{"%update", "a_update_1"}, {"@error", "\xf0\x9f\x98\x80 \xff'\\"}},
                         3,
                         99};
    EXPECT_TRUE(database->write_log(entry).value());
    EXPECT_TRUE(database->write_log(entry).value());
    LogEntry later = entry;
    later.time = 100;
    EXPECT_TRUE(database->write_log(later).value());
    EXPECT_EQ(
        server().query(name_of_database, "SELECT type, severity, timestamp, HEX(variables) FROM watchdog"),
        "update\t3\t99\t613A323A7B733A373A2225757064617465223B733A31303A22615F7570646174655F31223B733A363A224"
        "06572726F"
        "72223B733A383A22F09F988020FF275C223B7D\nupdate\t3\t100\t613A323A7B733A373A2225757064617465223B733A31"
        "303A22615"
        "F7570646174655F31223B733A363A22406572726F72223B733A383A22F09F988020FF275C223B7D\n");
    server().run(name_of_database, "UPDATE system SET status = 0 WHERE name = 'dblog'");
    EXPECT_FALSE(database->write_log(later).value());
    server().run(name_of_database, "DROP TABLE watchdog");
    EXPECT_FALSE(database->write_log(later).value());
}

TEST_F(MySqlSite, AnAccountWithAnotherLoginMethodIsNoWrongPassword) {
    try {
        server().run("", "INSTALL SONAME 'auth_ed25519'");
    } catch (const std::runtime_error& problem) {
        GTEST_SKIP() << problem.what();
    }
    server().run("", std::string("CREATE OR REPLACE USER ed@localhost IDENTIFIED VIA ed25519 USING ") +
                         "PASSWORD('secret'); GRANT ALL ON " + name_of_database + ".* TO ed@localhost");
    auto account = settings();
    account.username = "ed";
    account.password = "secret";
    // As in a program that has libmariadb linked in, and no plugins beside it.
    ::setenv("MARIADB_PLUGIN_DIR", "/nonexistent", 1);
    const auto database = try_open(account);
    ::unsetenv("MARIADB_PLUGIN_DIR");
    ASSERT_FALSE(database);
    EXPECT_THAT(database.error().message,
                HasSubstr("wants the login method client_ed25519 of its account ed"));
    EXPECT_THAT(database.error().hint, HasSubstr("login method"));
    EXPECT_TRUE(try_open(account)) << "libmariadb's own, where it is installed";
}

}  // namespace
}  // namespace bdupdate::db
