#include <gmock/gmock.h>
#include <mysql.h>

#include <future>

#include "bdupdate/base/clock.h"
#include "db/mysql_fixture.h"

// The mark, the lock, and the fences against sessions that outlive their client.

namespace bdupdate::db {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

/// A session of the site's account that holds still, like a worker: for locks and fences.
class Session {
  public:
    explicit Session(const site::DatabaseSettings& settings) : handle_(mysql_init(nullptr)) {
        EXPECT_NE(
            mysql_real_connect(handle_, "localhost", settings.username.c_str(), settings.password.c_str(),
                               settings.database.c_str(), 0, settings.unix_socket.c_str(), 0),
            nullptr);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { mysql_close(handle_); }
    bool run(const std::string& sql) {
        if (mysql_query(handle_, sql.c_str()) != 0) return false;
        if (MYSQL_RES* result = mysql_store_result(handle_)) mysql_free_result(result);
        return true;
    }
    [[nodiscard]] std::uint64_t id() const { return mysql_thread_id(handle_); }

  private:
    MYSQL* handle_;
};

TEST_F(MySqlSite, MarkComesBackAsItWasWritten) {
    const auto database = open();
    EXPECT_FALSE(database->has_mark_table().value());
    EXPECT_FALSE(database->read_mark()->has_value());
    const Mark mark = example_mark();
    const auto created = database->create_mark(mark);
    ASSERT_TRUE(created) << created.error().message;
    const Mark read = database->read_mark()->value();
    EXPECT_EQ(read.run, mark.run);
    EXPECT_EQ(read.sandbox, mark.sandbox);
    EXPECT_EQ(read.state_dir, mark.state_dir);
    EXPECT_EQ(read.user, mark.user);
    EXPECT_EQ(read.maintenance_before, "b:0;");
    EXPECT_EQ(sql("SELECT ENGINE, TABLE_COLLATION FROM information_schema.TABLES WHERE TABLE_SCHEMA = "
                  "DATABASE() AND "
                  "TABLE_NAME = 'bdupdate_mark'"),
              "InnoDB\tutf8mb4_bin\n");
    const auto second = database->create_mark(mark);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ExitCode::Interrupted);
}

TEST_F(MySqlSite, VerbsTogetherAreOneCommitUpToASchemaChange) {
    const auto database = open();
    const auto other = open();
    const auto before = database->maintenance()->value;
    const auto failing = [&](const std::function<Result<void>()>& last) {
        return database->together([&]() -> Result<void> {
            BDUPDATE_TRY(database->set_maintenance("s:3:\"new\";"));
            BDUPDATE_TRY(last());
            return fail(ExitCode::Held, "no");
        });
    };
    EXPECT_EQ(failing([] { return Result<void>(); }).error().code, ExitCode::Held);
    EXPECT_EQ(other->maintenance()->value, before);
    // The schema change commits what is before it, and what follows it is by itself.
    EXPECT_EQ(failing([&] { return database->create_mark(example_mark()); }).error().code, ExitCode::Held);
    EXPECT_EQ(other->maintenance()->value, "s:3:\"new\";");
    EXPECT_TRUE(other->read_mark()->has_value());
    // And none of them stays open.
    ASSERT_TRUE(database->set_maintenance(before));
    EXPECT_EQ(other->maintenance()->value, before);
}

TEST_F(MySqlSite, LongSandboxSurvives) {
    const auto database = open();
    Mark mark = example_mark();
    for (int i = 0; i < 4'000'000; ++i) mark.sandbox += static_cast<char>(i * 7);
    ASSERT_TRUE(database->create_mark(mark));
    EXPECT_EQ(database->read_mark()->value().sandbox, mark.sandbox);
}

TEST_F(MySqlSite, MarkIsReplacedByComparison) {
    const auto database = open();
    const Mark mark = example_mark();
    ASSERT_TRUE(database->create_mark(mark));
    Mark done = mark;
    done.state = MarkState::Done;
    ASSERT_TRUE(database->replace_mark(mark, done));
    EXPECT_TRUE(database->replace_mark(done, done)) << "equal values count as found";
    const auto stale = database->replace_mark(mark, done);
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().code, ExitCode::Interrupted);
    const Mark raised = database->raise_epoch().value();
    EXPECT_EQ(raised.epoch, 2);
    EXPECT_FALSE(database->replace_mark(done, done)) << "the older epoch is shut out";
}

TEST_F(MySqlSite, RaiseEpochWaitsForAnOpenPass) {
    const auto database = open();
    ASSERT_TRUE(database->create_mark(example_mark()));
    Session worker(settings());
    ASSERT_TRUE(worker.run("BEGIN") && worker.run("UPDATE bdupdate_mark SET seq = 1, state = 'open'"));
    auto raised = std::async(std::launch::async, [&] { return database->raise_epoch(); });
    EXPECT_EQ(raised.wait_for(200ms), std::future_status::timeout);
    ASSERT_TRUE(worker.run("COMMIT"));
    const Mark mark = raised.get().value();
    EXPECT_EQ(mark.seq, 1);
    EXPECT_EQ(mark.state, MarkState::Open);
}

TEST_F(MySqlSite, NoVerbLeavesAMetadataLockOrATransaction) {
    const auto database = open();
    ASSERT_TRUE(database->create_mark(example_mark()));
    ASSERT_TRUE(database->raise_epoch());
    ASSERT_TRUE(database->read_mark());
    ASSERT_TRUE(database->modules());
    ASSERT_TRUE(database->hook_order());
    ASSERT_TRUE(database->maintenance());
    ASSERT_TRUE(database->set_maintenance("b:1;"));
    ASSERT_TRUE(database->unfinished_batch());
    ASSERT_TRUE(database->tables());
    ASSERT_TRUE(database->take_cron("x", 5s));
    ASSERT_TRUE(database->release_cron("x"));
    ASSERT_FALSE(database->replace_mark({}, {}));
    EXPECT_EQ(sql("SELECT COUNT(*) FROM information_schema.INNODB_TRX"), "0\n");
    // DDL on all of them goes through at once while the connection stays open.
    EXPECT_NO_THROW(
        sql("SET lock_wait_timeout = 1; ALTER TABLE bdupdate_mark ADD x INT; ALTER TABLE system ADD x INT;"
            "ALTER TABLE state ADD x INT; ALTER TABLE cache ADD x INT; DROP TABLE semaphore, batch, queue"));
}

TEST_F(MySqlSite, LockExcludesAnotherRunAndNamesIt) {
    const auto first = open();
    const auto second = open();
    EXPECT_FALSE(first->holds_lock().value());
    ASSERT_TRUE(first->lock(0s)->taken);
    EXPECT_TRUE(first->holds_lock().value());
    EXPECT_TRUE(first->lock(0s)->supported);
    const auto refused = second->lock(0s).value();
    EXPECT_FALSE(refused.taken);
    EXPECT_THAT(refused.held_by, HasSubstr("of site from localhost"));
    EXPECT_FALSE(second->holds_lock().value());
    ASSERT_TRUE(first->unlock());
    EXPECT_FALSE(first->holds_lock().value()) << "taken twice, given back once";
    EXPECT_TRUE(second->lock(2s)->taken);
}

TEST_F(MySqlSite, LockOfAnotherPrefixIsAnotherLock) {
    server().run(name_of_database, with_prefix(backdrop_tables, "two_"));
    const auto first = open();
    site::DatabaseSettings other = settings();
    other.prefix = "two_";
    const auto second = try_open(other, false).value();
    ASSERT_TRUE(first->lock(0s)->taken);
    EXPECT_TRUE(second->lock(0s)->taken);
    EXPECT_NE(first->worker_lock_name("a"), second->worker_lock_name("a"));
    EXPECT_NE(first->worker_lock_name("a"), first->worker_lock_name("b"));
    EXPECT_LE(first->worker_lock_name("a").size(), 64U);
}

TEST_F(MySqlSite, FenceEndsASleepingSessionAndItsTransaction) {
    const auto database = open();
    ASSERT_TRUE(database->create_mark(example_mark()));
    Session worker(settings());
    const std::string lock = database->worker_lock_name("r");
    ASSERT_TRUE(worker.run("SELECT GET_LOCK('" + lock + "', 0)") && worker.run("BEGIN") &&
                worker.run("UPDATE bdupdate_mark SET seq = 5"));
    const auto ended = database->end_session(worker.id(), lock, 10s);
    ASSERT_TRUE(ended) << ended.error().message;
    EXPECT_FALSE(worker.run("COMMIT"));
    EXPECT_EQ(database->read_mark()->value().seq, 0);
    EXPECT_TRUE(database->end_session(worker.id(), lock, 10s)) << "ending it twice is no error";
}

TEST_F(MySqlSite, FenceEndsASessionInTheMiddleOfAStatement) {
    const auto database = open();
    Session worker(settings());
    const std::string lock = database->worker_lock_name("r");
    ASSERT_TRUE(worker.run("SELECT GET_LOCK('" + lock + "', 0)"));
    auto statement = std::async(std::launch::async, [&] { return worker.run("SELECT SLEEP(60)"); });
    const auto start = Monotonic::now();
    EXPECT_TRUE(database->end_session(worker.id(), lock, 10s));
    EXPECT_LT(Monotonic::now() - start, 10s);
    statement.get();
}

TEST_F(MySqlSite, FenceFindsTheWorkerByItsLockWhenTheNumberIsAnother) {
    const auto database = open();
    Session worker(settings());
    const std::string lock = database->worker_lock_name("r");
    ASSERT_TRUE(worker.run("SELECT GET_LOCK('" + lock + "', 0)"));
    EXPECT_TRUE(database->end_session(999999, lock, 10s));
    EXPECT_FALSE(worker.run("SELECT 1"));
}

TEST_F(MySqlSite, FenceSparesASessionOfAnotherDatabase) {
    server().create_database("neighbour");
    const auto database = open();
    Session innocent(server().settings("neighbour"));
    EXPECT_TRUE(database->end_session(innocent.id(), database->worker_lock_name("r"), 5s));
    EXPECT_TRUE(innocent.run("SELECT 1")) << "a recorded number that now is somebody else's";
}

TEST_F(MySqlSite, KilledConnectionIsAnError) {
    const auto database = open();
    const std::string id =
        sql("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'site' ORDER BY ID DESC LIMIT 1");
    sql("KILL " + id);
    const auto lost = database->ping();
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, ExitCode::Preflight);
    EXPECT_THAT(lost.error().message, HasSubstr("site_db on"));
}

}  // namespace
}  // namespace bdupdate::db
