// What the program says about an update that failed: the real words of PHP and of the database servers lead
// to the hint, to the module that defines what was missing, and into the site's own log.

#include "fault/faulty_update.h"

namespace bdupdate::test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// `words`: part of the hint.
const std::vector<Fault> anywhere = {
    {"MissingTable", "db_query('SELECT * FROM {no_such_table}');", "table no_such_table is missing"},
    {"MissingColumn", "db_query('SELECT no_such_column FROM {event}');", "column no_such_column is missing"},
    {"DuplicateKey", "db_query('INSERT INTO {event} (id, title) SELECT id, title FROM {event}');",
     "allows one"},
    {"TableExists", "db_query('CREATE TABLE {event} (id INTEGER)');", "made before"},
    {"ColumnExists", "db_query('ALTER TABLE {event} ADD title INTEGER');", "made before"},
    {"TableExistsByApi",
     "db_create_table('event', array('fields' => array('id' => array('type' => 'int'))));", "made before"},
    {"ClassNotFound", "new NoSuchClassAtAll();", "no file of this site's code defines NoSuchClassAtAll"},
    {"FunctionOfAModule", "guestbook_shelf_open();",
     "guestbook_shelf_open() is defined in modules/shelf/shelf.pages.inc; module shelf is not installed"},
    {"FileOfAModuleThatIsNotLoaded", "new DuesLedger();",
     "DuesLedger is defined in modules/dues/ledger.inc; module dues is enabled, but that file is not loaded "
     "by itself"},
    {"OutOfMemory",
     "ini_set('memory_limit', '32M'); $all = array(); while (TRUE) { $all[] = str_repeat('x', 1000000); }",
     "--memory-limit"},
    {"OutOfTime", "set_time_limit(1); while (TRUE) {}", "set_time_limit()"},
    {"DivisionByZero", "$none = 0; $done = 1 / $none;", "divides by a number that is 0"},
};

class Advice : public FaultyUpdate {
  protected:
    void prepare_all(Store store, const std::vector<Fault>& faults) {
        prepare(store, faults);
        club->renew();
        std::filesystem::create_directories(club->root() / "modules/shelf");
        club->write("modules/shelf/shelf.module", "<?php\n");
        club->write("modules/shelf/shelf.pages.inc", "<?php\nfunction guestbook_shelf_open() {}\n");
        club->write("modules/dues/ledger.inc", "<?php\nclass DuesLedger {}\n");
        club->keep();
    }
    void expect_words(const Fault& fault) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, fault.name);
        choose(fault);
        const Completed failed = run_with(fault, "stop");
        EXPECT_EQ(failed.status.code, 1) << failed.out;
        EXPECT_THAT(failed.err, HasSubstr(fault.words));
    }
};

TEST_F(Advice, FitsTheWordsOfPhpAndSqlite) {
    prepare_all(Store::Sqlite, anywhere);
    for (const Fault& fault : anywhere) expect_words(fault);
}

const std::vector<Fault> on_mariadb = {
    {"MissingTable", "db_query('SELECT * FROM {no_such_table}');", "table no_such_table is missing"},
    {"MissingColumn", "db_query('SELECT no_such_column FROM {event}');", "column no_such_column is missing"},
    {"DuplicateKey", "db_query('INSERT INTO {event} (id, title) SELECT id, title FROM {event}');",
     "allows one"},
    {"TableExists", "db_query('CREATE TABLE {event} (id INTEGER)');", "made before"},
    {"ColumnExists", "db_query('ALTER TABLE {event} ADD title INTEGER');", "made before"},
    {"GoneAway", "db_query('KILL CONNECTION_ID()');", "wait_timeout"},
    {"Packet",
     "db_query('SELECT 1 FROM {event} WHERE title = :t', array(':t' => str_repeat('x', 70000000)));",
     "max_allowed_packet"},
    {"TooLong", "db_query('UPDATE {event} SET title = :t', array(':t' => str_repeat('x', 70000)));",
     "does not fit its column"},
    {"AccessDenied", "db_query('CREATE DATABASE bdupdate_not_allowed');", "grant the database account"},
};

TEST_F(Advice, FitsTheWordsOfMariaDb) {
    if (!MariaDb::available()) GTEST_SKIP() << "no MariaDB server";
    prepare_all(Store::MariaDb, on_mariadb);
    for (const Fault& fault : on_mariadb) expect_words(fault);
}

TEST_F(Advice, OfUpdatesThatWereLeftOutStandsAtTheEnd) {
    club = std::make_unique<Club>(Store::Sqlite);
    club->add_update(1007, "db_query('SELECT * FROM {no_such_table}');");
    const Completed done = club->run({"run", "--yes", "--on-failure", "continue", "--format", "json"});
    EXPECT_THAT(done.out, HasSubstr("\"hint\":\"table no_such_table is missing"));
}

TEST_F(Advice, OfUpdatesWithoutWhichNothingCouldRunStandsThereToo) {
    club = std::make_unique<Club>(Store::Sqlite);
    club->only_update(1007, "db_query('SELECT * FROM {no_such_table}');");
    club->add_update(1008, "");
    const Completed done = club->run({"run", "--yes", "--on-failure", "continue"});
    EXPECT_EQ(done.status.code, 1);
    EXPECT_THAT(done.err, HasSubstr("error: nothing can run without dues_update_1007"));
    EXPECT_THAT(done.err, HasSubstr("dues_update_1007 failed: PDOException"));
    EXPECT_THAT(done.err, HasSubstr("hint: table no_such_table is missing"));
}

constexpr const char* log_table =
    "CREATE TABLE watchdog (wid INTEGER PRIMARY KEY, uid INTEGER, type VARCHAR(64), message TEXT, variables "
    "BLOB, "
    "severity INTEGER, link VARCHAR(255), location TEXT, referer TEXT, hostname VARCHAR(128), timestamp "
    "INTEGER);"
    "INSERT INTO system (filename, name, type, owner, status, bootstrap, schema_version, weight, info) "
    "VALUES "
    "('modules/dblog/dblog.module', 'dblog', 'module', '', 1, 0, 0, 0, '');";

class SiteLog : public FaultyUpdate {
  protected:
    const Fault fault = {
        "Exception",
        "db_query(\"INSERT INTO {watchdog} (wid, type, message, variables) VALUES (1, 'club', 'x', '')\"); "
        "throw new Exception('the river is too low');",
        "too low"};
    void prepare_log(Store store) {
        std::string setup = log_table;
        if (store == Store::MariaDb)
            setup.replace(setup.find("PRIMARY KEY"), 11, "AUTO_INCREMENT PRIMARY KEY");
        prepare(store, {fault});
        club->renew();
        club->execute(setup);
        std::filesystem::create_directories(club->root() / "modules/dblog");
        club->write("modules/dblog/dblog.module", "<?php\n");
        club->keep();
        before = club->held();
    }
    std::string entries() const { return club->rows("SELECT type, message, severity FROM watchdog"); }
    void expect_one_entry() const {
        EXPECT_EQ(entries(), "update|%update failed: @error|3");
        EXPECT_THAT(club->rows("SELECT variables FROM watchdog"),
                    HasSubstr("s:7:\"%update\";s:16:\"dues_update_1007\";s:6:\"@error\";"));
        EXPECT_THAT(club->rows("SELECT variables FROM watchdog"), HasSubstr("the river is too low"));
    }
};

TEST_F(SiteLog, GetsTheFailureAndKeepsItThroughTheRestore) {
    for (const Store store : {Store::Sqlite, Store::MariaDb}) {
        if (store == Store::MariaDb && !MariaDb::available()) continue;
        prepare_log(store);
        choose(fault);
        const Completed failed = run_with(fault, "restore");
        EXPECT_EQ(failed.status.code, 1) << failed.err;
        expect_one_entry();
        club->execute("DELETE FROM watchdog");
        EXPECT_EQ(first_difference(before, club->held()), "");
    }
}

TEST_F(SiteLog, GetsTheFailureOnceWhereTheRunStopsAndIsTakenBackLater) {
    prepare_log(Store::Sqlite);
    choose(fault);
    EXPECT_EQ(run_with(fault, "stop").status.code, 1);
    expect_one_entry();
    const Completed back = club->run({"recover", "--yes", "--restore"});
    EXPECT_EQ(back.status.code, 0) << back.err;
    expect_one_entry();
    club->execute("DELETE FROM watchdog");
    EXPECT_EQ(first_difference(before, club->held()), "");
}

TEST_F(SiteLog, IsLeftAloneWhereItsModuleIsDisabledOrItsTableIsAnothers) {
    prepare_log(Store::Sqlite);
    choose(fault);
    club->execute("UPDATE system SET status = 0 WHERE name = 'dblog'");
    EXPECT_EQ(run_with(fault, "restore").status.code, 1);
    EXPECT_EQ(entries(), "");
    choose(fault);
    club->execute("ALTER TABLE watchdog DROP COLUMN hostname");
    const Completed failed = run_with(fault, "restore");
    EXPECT_EQ(failed.status.code, 1);
    EXPECT_THAT(failed.err, Not(HasSubstr("watchdog")));
    EXPECT_EQ(entries(), "");
}

class Vanished : public FaultyUpdate {};

TEST_F(Vanished, RowsOfATableAreNamedAtTheEnd) {
    for (const Store store : {Store::Sqlite, Store::MariaDb}) {
        if (store == Store::MariaDb && !MariaDb::available()) continue;
        club = std::make_unique<Club>(store);
        club->execute(
            "CREATE TABLE alias (id INTEGER); INSERT INTO alias VALUES (1), (2), (3);"
            "CREATE TABLE odd (id INTEGER); INSERT INTO odd VALUES (1);"
            "CREATE TABLE flood (id INTEGER); INSERT INTO flood VALUES (1);");
        club->only_update(
            1007, "db_query('DELETE FROM {alias}'); db_query('DELETE FROM {flood}'); db_drop_table('odd');");
        const Completed done = club->run({"run", "--yes"});
        EXPECT_EQ(done.status.code, 0) << done.err;
        EXPECT_THAT(done.out,
                    HasSubstr("tables that had rows before the run are empty now: alias (3 rows)\n"));
        EXPECT_THAT(done.out, HasSubstr("dropped or renamed: odd (1 row)\n"));
    }
}

}  // namespace
}  // namespace bdupdate::test
