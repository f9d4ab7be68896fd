// The worker on a bare site with a MariaDB server of its own: what only a server does to a transaction.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/mariadb.h"
#include "worker/bare_site.h"

namespace bdupdate::worker {
namespace {

using test::BareSite;
using test::MariaDb;
using test::run_update;
using testing::HasSubstr;

class MariaDbWorker : public testing::Test {
  protected:
    void SetUp() override {
        if (!MariaDb::available()) GTEST_SKIP() << "no MariaDB server here";
        MariaDb::instance().create_database("probe");
        settings_ = MariaDb::instance().settings("probe");
    }
    [[nodiscard]] BareSite site(const std::string& body) const {
        return BareSite("function probe_update_1001(&$sandbox) {\n" + body + "\n}\n", &settings_);
    }
    /// As recovery's fence (b): a server session outlives its client.
    static void wait_for_sessions_to_end() {
        while (MariaDb::instance().query(
                   "", "SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'probe'")[0] != '0') {
        }
    }

    site::DatabaseSettings settings_;
};

const std::string writes =
    "db_update('item')->fields(array('name' => 'changed'))->condition('id', 1)->execute();";
const std::string schema_change =
    "db_add_field('item', 'extra', array('type' => 'int', 'not null' => TRUE, 'default' => 0));";

TEST_F(MariaDbWorker, RowsAreCommittedTogetherWithMarkAndNumber) {
    const BareSite probe =
        site(writes + " $t = db_transaction(); db_delete('item')->condition('id', 2)->execute(); unset($t);");
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(probe, worker);
    ASSERT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_FALSE(report.split);
    EXPECT_EQ(probe.mark(), "0|done");
    EXPECT_EQ(probe.query("SELECT COUNT(*) FROM item"), "2");
    ASSERT_TRUE(worker->commit(BareSite::key(1), test::last_commit()));
    EXPECT_EQ(probe.mark(), "1|done");
    EXPECT_EQ(probe.schema_version(), "1001");
    EXPECT_EQ(probe.query("SELECT name FROM item"), "changed");
    worker->quit();
}

TEST_F(MariaDbWorker, WhatTheSiteWritesAtTheEndOfTheProcessIsCommittedAsWithoutUs) {
    const BareSite probe = site(writes +
                                "register_shutdown_function(function () { "
                                "db_update('item')->fields(array('name' => 'late'))->execute(); });");
    std::unique_ptr<Worker> worker;
    ASSERT_EQ(run_update(probe, worker).failure, Failure::None);
    ASSERT_TRUE(worker->commit(BareSite::key(1), test::last_commit()));
    EXPECT_EQ(probe.query("SELECT COUNT(*) FROM item WHERE name = 'late'"), "0");
    worker->quit();
    EXPECT_EQ(probe.query("SELECT COUNT(*) FROM item WHERE name = 'late'"), "2");
}

TEST_F(MariaDbWorker, SchemaChangeSplitsThePass) {
    const BareSite probe = site(writes + schema_change);
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(probe, worker);
    ASSERT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_TRUE(report.split);
    // The implicit commit published the mark: whoever finds it knows that a rollback is not enough.
    EXPECT_EQ(probe.mark(), "1|open");
    EXPECT_EQ(probe.query("SELECT name FROM item WHERE id = 1"), "changed");
    ASSERT_TRUE(worker->commit(BareSite::key(1), test::last_commit()));
    EXPECT_EQ(probe.mark(), "1|done");
    EXPECT_EQ(probe.schema_version(), "1001");
    worker->quit();
}

TEST_F(MariaDbWorker, ASplitPassNamesTheTablesThatItChanged) {
    const std::map<std::string, std::optional<std::vector<std::string>>> cases = {
        {schema_change, std::vector<std::string>{"item"}},
        {"db_drop_table('item'); db_create_table('thing', array('fields' => array('id' => array("
         "'type' => 'int'))));",
         std::vector<std::string>{"item", "thing"}},
        {"db_rename_table('item', 'thing');", std::vector<std::string>{"item", "thing"}},
        {"db_query('RENAME TABLE {item} TO {thing}');", std::nullopt},
        {"db_query('CREATE INDEX fresh ON {item} (name)');", std::nullopt},
        {"db_query('CREATE TABLE one (id INT)'); db_query('DROP TABLE one, {item}');", std::nullopt},
        {"db_query('ALTER TABLE {item} ADD fresh INT, RENAME TO {thing}');", std::nullopt}};
    for (const auto& [update, tables] : cases) {
        SCOPED_TRACE(update);
        MariaDb::instance().create_database("probe");
        const BareSite probe = site(update);
        std::unique_ptr<Worker> worker;
        const PassReport report = run_update(probe, worker);
        ASSERT_EQ(report.failure, Failure::None) << report.error;
        EXPECT_TRUE(report.split);
        EXPECT_EQ(report.altered_tables, tables);
        worker->discard();
        wait_for_sessions_to_end();
    }
}

TEST_F(MariaDbWorker, TransactionsAfterASchemaChangeWorkAsInCore) {
    const BareSite probe =
        site("$t = db_transaction(); " + schema_change + writes + " unset($t);\n" +
             "$u = db_transaction(); db_update('item')->fields(array('name' => 'no'))->execute(); "
             "$u->rollback(); unset($u);\n"
             "$v = db_transaction(); db_update('item')->fields(array('name' => 'yes'))"
             "->condition('id', 2)->execute(); unset($v);");
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(probe, worker);
    ASSERT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_TRUE(report.split);
    ASSERT_TRUE(worker->commit(BareSite::key(1), test::last_commit()));
    EXPECT_EQ(probe.query("SELECT name FROM item ORDER BY id"), "changed\nyes");
    worker->quit();
}

TEST_F(MariaDbWorker, NextPassIsWholeAgainAfterASplitOne) {
    const BareSite probe =
        site("if (!isset($sandbox['n'])) { " + schema_change +
             " $sandbox['n'] = 1; $sandbox['#finished'] = 0.5; } else { " + writes + " exit; }");
    std::unique_ptr<Worker> worker;
    const PassReport first = run_update(probe, worker);
    ASSERT_TRUE(first.split);
    Commit commit;
    commit.sandbox = first.sandbox;
    ASSERT_TRUE(worker->commit(BareSite::key(1), commit));
    ASSERT_TRUE(worker->begin(BareSite::key(2)));
    EXPECT_EQ(worker->pass(BareSite::step("1001"), first.sandbox).failure, Failure::Exit);
    worker->discard();
    wait_for_sessions_to_end();
    EXPECT_EQ(probe.mark(), "1|done");
    EXPECT_EQ(probe.query("SELECT name FROM item WHERE id = 1"), "one");
}

TEST_F(MariaDbWorker, FailedSchemaChangeSplitsToo) {
    const BareSite probe =
        site(writes + "try { db_query('ALTER TABLE {item} ADD KEY nope (nope)'); } catch (Exception $e) {}");
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(probe, worker);
    ASSERT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_EQ(report.split, probe.mark() == "1|open");
}

TEST_F(MariaDbWorker, ExceptionAfterASchemaChangeLeavesTheMarkOpen) {
    const BareSite probe = site(schema_change + " throw new Exception('too late');");
    std::unique_ptr<Worker> worker;
    EXPECT_EQ(run_update(probe, worker).failure, Failure::Exception);
    worker->discard();
    EXPECT_EQ(probe.mark(), "1|open");
}

TEST_F(MariaDbWorker, RollbackThatTheUpdateDidNotNoticeIsALostTransaction) {
    const BareSite probe =
        site(writes + " db_query('ROLLBACK'); try { " + writes + " } catch (Exception $e) {}");
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(probe, worker);
    EXPECT_EQ(report.failure, Failure::TransactionLost);
    worker->discard();
    wait_for_sessions_to_end();
    EXPECT_EQ(probe.mark(), "0|done");
    EXPECT_EQ(probe.query("SELECT name FROM item WHERE id = 1"), "one");
}

TEST_F(MariaDbWorker, SwallowedErrorsThatKeepTheTransactionAreHarmless) {
    const BareSite probe = site(
        "try { db_insert('item')->fields(array('id' => 1))->execute(); } catch (Exception $e) {}\n" + writes);
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(probe, worker);
    ASSERT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_FALSE(report.split);
    ASSERT_TRUE(worker->commit(BareSite::key(1), test::last_commit()));
    EXPECT_EQ(probe.query("SELECT name FROM item WHERE id = 1"), "changed");
    worker->quit();
}

TEST_F(MariaDbWorker, SwallowedDeadlockIsALostTransaction) {
    // The other session is the heavier one, so that the server picks the update as its victim.
    const std::string other =
        "$o = new PDO('mysql:unix_socket=" + settings_.unix_socket + ";dbname=probe', '" +
        settings_.username +
        "', getenv('PW'), array(3 => 2)); "
        "$o->exec('BEGIN'); for ($i = 0; $i < 500; $i++) { $o->exec(\"INSERT INTO heavy VALUES (NULL)\"); } "
        "$o->exec(\"UPDATE item SET name = 'other' WHERE id = 2\"); echo \"ready\\n\"; "
        "$o->exec(\"UPDATE item SET name = 'other' WHERE id = 1\"); $o->exec('ROLLBACK');";
    const BareSite probe =
        site(writes + "\nputenv('PW=' . " + test::detail::quoted(settings_.password) +
             ");\n$p = proc_open(array(PHP_BINARY, '-r', " + test::detail::quoted(other) +
             "), array(1 => array('pipe', 'w')), $pipes); fgets($pipes[1]); usleep(300000);\n"
             "try { db_update('item')->fields(array('name' => 'mine'))->condition('id', 2)->execute(); } "
             "catch (Exception $e) "
             "{ echo $e->getMessage(); }\n"
             "try { db_insert('item')->fields(array('id' => 3, 'name' => 'after'))->execute(); } catch "
             "(Exception $e) {}\n");
    static_cast<void>(probe.query("CREATE TABLE heavy (id INT AUTO_INCREMENT PRIMARY KEY)"));
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(probe, worker);
    EXPECT_EQ(report.failure, Failure::TransactionLost) << report.error;
    EXPECT_THAT(report.error, HasSubstr("Deadlock"));
    worker->discard();
    wait_for_sessions_to_end();
    EXPECT_EQ(probe.mark(), "0|done");
    EXPECT_EQ(probe.query("SELECT name FROM item ORDER BY id"), "one\ntwo");
}

TEST_F(MariaDbWorker, KilledSessionIsALostTransaction) {
    const BareSite probe = site(writes +
                                " $id = db_query('SELECT CONNECTION_ID()')->fetchField();\n"
                                "$o = new PDO('mysql:unix_socket=" +
                                settings_.unix_socket + "', '" + settings_.username + "', " +
                                test::detail::quoted(settings_.password) +
                                ");\n"
                                "$o->exec(\"KILL $id\"); usleep(100000); try { " +
                                writes + " } catch (Exception $e) {}");
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(probe, worker);
    EXPECT_EQ(report.failure, Failure::TransactionLost);
    worker->discard();
    wait_for_sessions_to_end();
    EXPECT_EQ(probe.mark(), "0|done");
    EXPECT_EQ(probe.query("SELECT name FROM item WHERE id = 1"), "one");
}

TEST_F(MariaDbWorker, KilledWorkerLeavesNothing) {
    const BareSite probe = site(writes + " posix_kill(posix_getpid(), 9);");
    std::unique_ptr<Worker> worker;
    EXPECT_EQ(run_update(probe, worker).failure, Failure::Died);
    wait_for_sessions_to_end();
    EXPECT_EQ(probe.mark(), "0|done");
    EXPECT_EQ(probe.query("SELECT name FROM item WHERE id = 1"), "one");
}

TEST_F(MariaDbWorker, HoldsALockWhileItLives) {
    const BareSite probe = site("");
    auto worker = probe.worker();
    const auto shake = worker->start();
    ASSERT_TRUE(shake) << shake.error().message;
    EXPECT_EQ(probe.query("SELECT IS_USED_LOCK('probe_worker')"), std::to_string(shake->connection_id));
    worker->quit();
    wait_for_sessions_to_end();
    EXPECT_EQ(probe.query("SELECT IS_FREE_LOCK('probe_worker')"), "1");
}

TEST_F(MariaDbWorker, PasswordNeverAppears) {
    const BareSite probe =
        site("throw new Exception('password: ' . " + test::detail::quoted(settings_.password) + ");");
    std::string heard;
    Options options;
    options.talk = [&heard](std::string_view line) { heard += line; };
    std::unique_ptr<Worker> worker;
    const PassReport report = run_update(probe, worker, options);
    EXPECT_EQ(report.error.find(MariaDb::password()), std::string::npos);
    EXPECT_THAT(report.error, HasSubstr("***"));
    EXPECT_EQ(heard.find(MariaDb::password()), std::string::npos);
}

}  // namespace
}  // namespace bdupdate::worker
