// The rows of the recovery table that need a server: SQLite takes schema changes back with the pass, and has
// no sessions. See recovery_table_fault_test.cpp.

#include <csignal>
#include <thread>

#include "bdupdate/base/clock.h"
#include "fault/recovery_table.h"

namespace bdupdate::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class RecoveryTableOnMariaDb : public RecoveryTable {
  protected:
    void SetUp() override {
        if (!MariaDb::available()) GTEST_SKIP() << "no MariaDB server here";
    }
};

constexpr const char* add_field =
    "db_add_field('event', 'extra', array('type' => 'int', 'not null' => TRUE, 'default' => 0)); ";

TEST_F(RecoveryTableOnMariaDb, RunKilledInAPassGoesOnFromThePassBeforeWithItsSandbox) {
    const Fault fault = killer("Killed");
    prepare(Store::MariaDb, {fault});
    run_killed_by(fault);
    EXPECT_EQ(position(), "1 done, running");
    mend();
    expect_done({"recover", "--yes"}, {"1 pass of the run stands in the database", "updated:"});
    expect_closed_updated();
    EXPECT_EQ(journal("SELECT seq FROM pass WHERE function = 'dues_update_1007' AND committed"), "1\n2\n3");
}

// What a run on SQLite writes in one commit, the server commits in several.

TEST_F(RecoveryTableOnMariaDb, MarksTableWithoutARowIsARunThatHadNotBegun) {
    prepare(Store::MariaDb, {});
    kill_at("empty, running", anything_but({"none, unknown", "none, running"}), false);
    expect_refused({"run", "--yes"}, 8, {"bdupdate recover"});
    expect_done({"recover", "--yes"}, {"the site is exactly as before the run"});
    expect_closed_as_before();
}

TEST_F(RecoveryTableOnMariaDb, RunKilledBeforeItsEndGoesOnToIt) {
    prepare(Store::MariaDb, {});
    kill_at("3 done, finishing", one_of({"none, finishing", "none, finished"}), true);
    expect_done({"recover", "--yes"},
                {"3 passes of the run stand in the database", "maintenance mode is off"});
    expect_closed_updated();
}

TEST_F(RecoveryTableOnMariaDb, RunKilledBehindASchemaChangeIsRestoredAndRunAgain) {
    const Fault fault = killer("Altered", add_field);
    prepare(Store::MariaDb, {fault});
    run_killed_by(fault);
    EXPECT_EQ(position(), "2 open, running");
    EXPECT_EQ(club->rows("SHOW COLUMNS FROM event LIKE 'extra'").substr(0, 5), "extra");
    expect_refused({"recover", "--yes", "--resume"}, 7, {"pass 2 was committed in part", "without --resume"});
    mend();
    expect_done({"recover", "--yes"}, {"pass 2 was committed in part, by a schema change or into tables "
                                       "without transactions: the backup from before the run is "
                                       "restored, and the run begins again",
                                       "updated:"});
    expect_closed_updated();
}

TEST_F(RecoveryTableOnMariaDb, RunKilledBehindASchemaChangeCanBeTakenBack) {
    const Fault fault = killer("Altered", add_field);
    prepare(Store::MariaDb, {fault});
    run_killed_by(fault);
    expect_done({"recover", "--yes", "--restore"}, {"the backup from before the run is restored"});
    expect_closed_as_before();
}

constexpr const char* myisam = "ALTER TABLE event ENGINE = MyISAM";

TEST_F(RecoveryTableOnMariaDb, PassOfASiteWithTablesWithoutTransactionsIsOpenWhenItIsKilled) {
    const Fault fault = killer("Killed");
    prepare(Store::MariaDb, {fault}, myisam);
    run_killed_by(fault);
    EXPECT_EQ(position(), "2 open, running");
    EXPECT_EQ(titles(), "pass 1\npass 2\nCleaning the boats\nNight on the river") << "nobody rolls it back";
    mend();
    expect_done({"recover", "--yes"}, {"into tables without transactions", "the run begins again"});
    expect_closed_updated();
}

TEST_F(RecoveryTableOnMariaDb, PassOfASiteWithTablesWithoutTransactionsIsRestoredWhenItFails) {
    const std::vector<Fault> faults = {
        {"Exception", "throw new Exception('the river is too low');", "the river is too low"},
        {"Altered", "db_add_field('event', 'extra', array('type' => 'int')); exit(0);", "exit()"}};
    prepare(Store::MariaDb, faults, myisam);
    for (const Fault& fault : faults) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, fault.name);
        choose(fault);
        const Completed failed = run_with(fault, "stop");
        EXPECT_EQ(failed.status.code, 1) << failed.err << failed.out;
        EXPECT_THAT(failed.err, HasSubstr(fault.words));
        EXPECT_THAT(failed.out + failed.err, HasSubstr("the site is as before the run"));
        expect_closed_as_before();
    }
}

/// The other connection has changed more rows, so the server undoes the worker's transaction; the hook
/// swallows that and goes on.
constexpr const char* deadlock =
    "$o = Database::getConnection()->getConnectionOptions(); "
    "db_query('UPDATE {dues_payment} SET paid = paid WHERE id = 1'); "
    "$other = mysqli_connect(NULL, 'root', '', $o['database'], 0, $o['unix_socket']); "
    "mysqli_query($other, 'BEGIN'); mysqli_query($other, 'UPDATE users SET created = created + 1'); "
    "mysqli_query($other, 'UPDATE dues_payment SET paid = 2 WHERE id = 1', MYSQLI_ASYNC); usleep(200000); "
    "try { db_query('UPDATE {users} SET status = 7 WHERE uid = 1'); } catch (PDOException $e) {} "
    "mysqli_close($other); try { db_query('UPDATE {event} SET title = 7'); } catch (Exception $e) {} ";

TEST_F(RecoveryTableOnMariaDb, SwallowedDeadlockOfASiteWithTablesWithoutTransactionsIsNoticed) {
    const Fault fault = {"Deadlock", deadlock};
    // A table that the pass leaves alone: a transaction that wrote to such a table wins deadlocks.
    prepare(Store::MariaDb, {fault}, "ALTER TABLE newsletter_subscriber ENGINE = MyISAM");
    choose(fault);
    const Completed failed = run_with(fault, "stop");
    EXPECT_EQ(failed.status.code, 1) << failed.err << failed.out;
    EXPECT_THAT(failed.err, HasSubstr("Deadlock"));
    expect_closed_as_before();
}

TEST_F(RecoveryTableOnMariaDb, SchemaChangeWithoutABackupNeedsHandsAndNamesTheTables) {
    const Fault fault = killer("Altered", add_field);
    prepare(Store::MariaDb, {fault});
    run_killed_by(fault, {"--no-backup"});
    EXPECT_EQ(position(), "2 open, running");
    for (const std::vector<std::string>& way : {std::vector<std::string>{"recover", "--yes"},
                                                {"recover", "--yes", "--resume"},
                                                {"recover", "--yes", "--restore"}}) {
        expect_refused(
            way, 7, {"pass 2 was committed in part", "tables that changed since the run began: ", "event"});
    }
    expect_done({"recover", "--yes", "--forget"},
                {"the run is forgotten", "lost: pass 2 stays in the database in part",
                 "lost: dues_update_1007 was between two passes", "for there is no backup",
                 "maintenance mode is on"});
    EXPECT_EQ(position(), "none, closed");
    EXPECT_EQ(club->rows("SHOW COLUMNS FROM event LIKE 'extra'").substr(0, 5), "extra") << "left as it is";
}

/// Killed twice while another session stands in the way of its DROP, whose own session then outlives it, and
/// again at its writes.
TEST_F(RecoveryTableOnMariaDb, RestoreKilledHalfDoneIsRepeatedAndTheRunBeginsAgain) {
    const Fault fault = killer("Altered", add_field);
    prepare(Store::MariaDb, {fault});
    run_killed_by(fault);
    mend();
    SpawnOptions client;
    client.argv = {"mariadb",
                   "--no-defaults",
                   "-uroot",
                   "-S",
                   MariaDb::instance().socket().string(),
                   "club",
                   "-e",
                   "LOCK TABLES users READ; SELECT SLEEP(60)"};
    auto reader = Subprocess::spawn(client);
    ASSERT_TRUE(reader);
    const auto number_of = [this](const char* where) {
        return club->rows(std::string("SELECT COUNT(*) FROM information_schema.processlist WHERE ") + where);
    };
    for (int i = 0; i < 500 && number_of("info LIKE '%SLEEP(60)%' AND state = 'User sleep'") != "1"; ++i)
        std::this_thread::sleep_for(10ms);
    for (int kills = 0; kills < 2; ++kills) {
        Subprocess recovery = club->start({"recover", "--yes"});
        for (int i = 0;
             i < 1000 && number_of("user = 'site' AND state LIKE 'Waiting for table metadata%'") == "0"; ++i)
            std::this_thread::sleep_for(10ms);
        recovery.kill(SIGKILL);
        EXPECT_EQ(recovery.wait().signal, SIGKILL);
        EXPECT_EQ(position(), "2 restoring, running");
    }
    expect_refused({"recover", "--yes", "--resume"}, 7,
                   {"a restore was interrupted", "recover without --resume repeats the restore"});
    reader->kill(SIGKILL);
    reader->wait();
    const std::string id = club->rows(
        "SELECT id FROM information_schema.processlist WHERE info LIKE "
        "'%SLEEP(60)%' AND user = 'root' AND id <> CONNECTION_ID()");
    if (!id.empty()) MariaDb::instance().run("", "KILL " + id);
    // Nothing holds it up now: killed ever later, until it has dropped tables and not brought all back.
    const auto half_done = [&] { return club->rows("SHOW TABLES LIKE 'users'").empty(); };
    for (long at = 10; !half_done(); at += 5) {
        const Completed killed = club->run({"recover", "--yes"}, kill_before_write(at));
        ASSERT_EQ(killed.status.signal, SIGKILL) << killed.err << killed.out;
    }
    EXPECT_EQ(position(), "2 restoring, running");
    expect_done({"recover", "--yes"},
                {"a restore was interrupted: it is repeated, and the run begins again", "updated:"});
    expect_closed_updated();
}

/// The server does not see that its client is gone as long as it is at work.
TEST_F(RecoveryTableOnMariaDb, SessionOfTheWorkerThatOutlivesItIsKilledFirst) {
    const Fault fault = {"Busy",
                         "exec('(sleep 0.2; kill -9 ' . posix_getppid() . ') > /dev/null 2>&1 &'); "
                         "db_query(\"SELECT BENCHMARK(1000000000000, SHA2('x', 512))\"); sleep(600);"};
    prepare(Store::MariaDb, {fault});
    run_killed_by(fault);
    const auto at_work = [this] {
        return club->rows(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'site' AND info LIKE "
            "'%BENCHMARK%'");
    };
    EXPECT_EQ(at_work(), "1") << "it holds the mark's row";
    mend();
    const auto began = Monotonic::now();
    expect_done({"recover", "--yes"}, {"1 pass of the run stands in the database"});
    EXPECT_LT(Monotonic::now() - began, 20s);
    EXPECT_EQ(at_work(), "0");
    expect_closed_updated();
}

}  // namespace
}  // namespace bdupdate::test
