// What a MariaDB server does to a pass: cut connections, restarts, deadlocks, schema changes that commit. And
// the restore after it, killed at its worst moment.

#include <csignal>
#include <thread>

#include "fault/faulty_update.h"

namespace bdupdate::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class Server : public FaultyUpdate {
  protected:
    void SetUp() override {
        if (!MariaDb::available()) GTEST_SKIP() << "no MariaDB server here";
    }
    /// The run goes on by itself: the pass is repeated and succeeds.
    void expect_repeat(const Fault& fault) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, fault.name);
        choose(fault);
        const Completed done = run_with(fault, "stop");
        EXPECT_EQ(done.status.code, 0) << done.err << done.out;
        EXPECT_THAT(done.err, HasSubstr("is repeated"));
        expect_updated();
    }
    /// Nothing of a split pass can stay: whatever the policy says, the site is as before the run.
    void expect_restored(const Fault& fault) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, fault.name);
        choose(fault);
        const Completed failed = run_with(fault, "stop");
        EXPECT_EQ(failed.status.code, 1) << failed.err << failed.out;
        EXPECT_THAT(failed.err, HasSubstr(fault.words));
        expect_as_before();
        mend();
        // What failed is not tried again by itself, for the code is the same.
        EXPECT_EQ(club->run({"run", "--yes"}).status.code, 1);
        expect_as_before();
        const Completed again = club->run({"run", "--yes", "--retry"});
        EXPECT_EQ(again.status.code, 0) << again.err;
        expect_updated();
    }
};

/// A second connection, as other programs have them; $pdo is it.
#define OTHER_CONNECTION                                                                             \
    "$o = Database::getConnection()->getConnectionOptions(); $pdo = new PDO('mysql:unix_socket=' . " \
    "$o['unix_socket'] . ';dbname=' . $o['database'], 'root', '', array(PDO::ATTR_ERRMODE => "       \
    "PDO::ERRMODE_EXCEPTION)); "
#define CUT \
    OTHER_CONNECTION "$id = db_query('SELECT CONNECTION_ID()')->fetchField(); $pdo->exec(\"KILL $id\"); "
#define SWALLOW_ALL                                                                                         \
    "for ($i = 1; $i <= 4; ++$i) { try { db_query('UPDATE {event} SET starts = starts + 1 WHERE id = :i', " \
    "array(':i' => $i)); } "                                                                                \
    "catch (Exception $e) {} } "

TEST_F(Server, ThatCutsTheConnectionOnceMakesThePassRepeat) {
    const std::vector<Fault> faults = {
        {"Thrown", CUT "unlink($flag); db_query('SELECT COUNT(*) FROM {users}');"},
        {"Swallowed", CUT "unlink($flag); " SWALLOW_ALL},
    };
    prepare(Store::MariaDb, faults);
    for (const Fault& fault : faults) expect_repeat(fault);
}

TEST_F(Server, ThatCutsTheConnectionAlwaysStopsTheRun) {
    const std::vector<Fault> faults = {
        {"Thrown", CUT "db_query('SELECT COUNT(*) FROM {users}');", "gone away"},
        {"Swallowed", CUT SWALLOW_ALL, "gone away"},
        {"Unnoticed", CUT, "gone away"},
    };
    prepare(Store::MariaDb, faults);
    for (const Fault& fault : faults) expect_stop_and_recovery(fault);
}

/// The other one has changed more rows, so the server undoes the worker's transaction, mark included.
#define DEADLOCK                                                                                            \
    OTHER_CONNECTION                                                                                        \
    "db_query('UPDATE {dues_payment} SET paid = paid WHERE id = 1'); "                                      \
    "$other = mysqli_connect(NULL, 'root', '', $o['database'], 0, $o['unix_socket']); "                     \
    "mysqli_query($other, 'BEGIN'); mysqli_query($other, 'UPDATE users SET created = created + 1'); "       \
    "mysqli_query($other, 'UPDATE dues_payment SET paid = 2 WHERE id = 1', MYSQLI_ASYNC); usleep(200000); " \
    "try { db_query('UPDATE {users} SET status = 7 WHERE uid = 1'); } catch (PDOException $e) {} "          \
    "mysqli_close($other); "

TEST_F(Server, WhoseDeadlockIsSwallowedCommitsNothingByHalves) {
    const std::vector<Fault> once = {{"Once", "unlink($flag); " DEADLOCK SWALLOW_ALL}};
    const std::vector<Fault> always = {{"Always", DEADLOCK SWALLOW_ALL, "Deadlock"}};
    prepare(Store::MariaDb, {once[0], always[0]});
    expect_repeat(once[0]);
    expect_stop_and_recovery(always[0]);
}

TEST_F(Server, ThatCommitsASchemaChangeOfASucceedingPassLosesNothing) {
    // Not a fault, but the way most updates are written; the table stays out of the comparison by being
    // dropped again.
    const std::vector<Fault> fine = {
        {"Alter",
         "db_add_field('event', 'extra', array('type' => 'int', 'not null' => TRUE, 'default' => 0)); "
         "db_query('UPDATE {event} SET extra = 1'); db_drop_field('event', 'extra');"},
        {"Create",
         "db_create_table('extra', array('fields' => array('id' => array('type' => 'serial', 'not null' => "
         "TRUE)), "
         "'primary key' => array('id'))); db_drop_table('extra');"},
        {"Truncate", "db_truncate('cache_page')->execute();"},
        {"TransactionOfItsOwn",
         "$t = db_transaction(); db_add_index('event', 'extra', array('starts')); db_drop_index('event', "
         "'extra'); unset($t);"},
    };
    prepare(Store::MariaDb, fine);
    for (const Fault& fault : fine) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, fault.name);
        choose(fault);
        const Completed done = run_with(fault, "stop");
        EXPECT_EQ(done.status.code, 0) << done.err << done.out;
        expect_updated();
    }
}

#define ADD_FIELD \
    "db_add_field('event', 'extra', array('type' => 'int', 'not null' => TRUE, 'default' => 0)); "
#define ADD_TABLE                                                                                       \
    "db_create_table('extra', array('fields' => array('id' => array('type' => 'serial', 'not null' => " \
    "TRUE)), 'primary key' "                                                                            \
    "=> array('id'))); "

TEST_F(Server, ThatCommittedASchemaChangeOfAFailingPassIsRestored) {
    const std::vector<Fault> faults = {
        {"Alter", ADD_FIELD "throw new Exception('too late');", "too late"},
        {"NewTable", ADD_TABLE "db_query('INSERT INTO {extra} VALUES (1)'); throw new Exception('too late');",
         "too late"},
        {"Exit", ADD_FIELD "exit(0);", "exit()"},
        {"Killed", ADD_TABLE "posix_kill(posix_getpid(), 9);", "killed by signal 9"},
        {"ConnectionCut", ADD_FIELD CUT "db_query('SELECT 1');", "gone away"},
        {"OwnTransactionRolledBack",
         "$t = db_transaction(); db_query('UPDATE {event} SET starts = 1'); " ADD_FIELD
         "db_query('UPDATE {event} SET starts = 2'); @$t->rollback(); throw new Exception('after the "
         "rollback');",
         "after the rollback"},
    };
    prepare(Store::MariaDb, faults);
    for (const Fault& fault : faults) expect_restored(fault);
}

TEST_F(Server, ThatCommittedASchemaChangeWithoutABackupNeedsHandsAndSaysWhere) {
    const Fault fault = {"Alter", ADD_FIELD "throw new Exception('too late');", "too late", {"--no-backup"}};
    prepare(Store::MariaDb, {fault});
    choose(fault);
    const Completed failed = run_with(fault, "stop");
    EXPECT_EQ(failed.status.code, 7) << failed.err << failed.out;
    EXPECT_THAT(failed.err, HasSubstr("dues_update_1007"));
    EXPECT_THAT(failed.err, HasSubstr("--forget"));
    EXPECT_EQ(club->run({"run", "--yes"}).status.code, 8);
    EXPECT_EQ(club->run({"recover", "--yes"}).status.code, 7);
}

/// What core does, too: its own rollback fails silently after a schema change, and the update goes on.
TEST_F(Server, WhoseRolledBackTransactionWasCommittedBeforeGoesOn) {
    const Fault fault = {"Rollback",
                         "$t = db_transaction(); db_query('UPDATE {event} SET starts = 1'); " ADD_FIELD
                         "@$t->rollback(); unset($t); "
                         "db_drop_field('event', 'extra');"};
    prepare(Store::MariaDb, {fault});
    choose(fault);
    const Completed done = run_with(fault, "stop");
    EXPECT_EQ(done.status.code, 0) << done.err << done.out;
    EXPECT_EQ(titles(), "pass 1\npass 2\npass 3\nNight on the river");
    EXPECT_EQ(club->rows("SELECT DISTINCT starts FROM event"), "1");
}

TEST_F(Server, ThatIsRestartedInAPassIsRecoveredFrom) {
    const Fault fault = {"Restart",
                         "touch($flag . '.waiting'); while (!file_exists($flag . '.restarted')) { "
                         "usleep(10000); clearstatcache(); } "
                         "db_query('SELECT COUNT(*) FROM {users}');",
                         "gone away"};
    prepare(Store::MariaDb, {fault});
    MariaDb::instance().run("", "SET GLOBAL innodb_flush_log_at_trx_commit = 1");
    for (const int signal : {SIGTERM, SIGKILL}) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, signal);
        choose(fault);
        const std::filesystem::path waiting = broken().string() + ".waiting",
                                    restarted = broken().string() + ".restarted";
        Subprocess run = club->start({"run", "--yes", "--on-failure", "stop"});
        for (int i = 0; i < 3000 && !std::filesystem::exists(waiting); ++i) std::this_thread::sleep_for(10ms);
        ASSERT_TRUE(std::filesystem::exists(waiting));
        MariaDb::instance().restart(signal);
        std::ofstream(restarted) << "\n";
        EXPECT_NE(run.wait().code, 0);
        EXPECT_EQ(titles(), "pass 1\nSprint regatta\nCleaning the boats\nNight on the river");
        EXPECT_EQ(club->run({"status", "--exit-code"}).status.code, 8);
        expect_recovery();
        std::filesystem::remove(waiting);
        std::filesystem::remove(restarted);
    }
}

/// A restore that was killed when it had dropped everything: nothing is left of the site but the mark.
TEST_F(Server, WithoutASingleTableOfTheSiteIsStillRecovered) {
    const Fault fault = {"Killed", ADD_TABLE "posix_kill(posix_getppid(), 9); sleep(600);"};
    prepare(Store::MariaDb, {fault});
    choose(fault);
    EXPECT_EQ(run_with(fault, "stop").status.signal, 9);
    EXPECT_EQ(club->rows("SELECT state FROM bdupdate_mark"), "open");
    // The worker's session ends by itself; then what a restore does first.
    for (int i = 0;
         i < 500 &&
         club->rows("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'site'") != "0";
         ++i)
        std::this_thread::sleep_for(10ms);
    club->execute("UPDATE bdupdate_mark SET state = 'restoring', after_restore = 'rerun'");
    std::string drops;
    for (const char* table : {"system", "state", "variable", "semaphore", "cache", "cache_page", "users",
                              "event", "newsletter_subscriber", "dues_payment", "gallery_image", "extra"})
        drops += std::string("DROP TABLE `") + table + "`;";
    club->execute(drops);
    const Completed status = club->run({"status", "--exit-code"});
    EXPECT_EQ(status.status.code, 8) << status.err;
    const Completed refused = club->run({"run", "--yes"});
    EXPECT_EQ(refused.status.code, 8) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("bdupdate recover"));
    expect_recovery();
}

}  // namespace
}  // namespace bdupdate::test
