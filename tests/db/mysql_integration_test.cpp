#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mysql.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <future>
#include <thread>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/unique_fd.h"
#include "bdupdate/db/database.h"
#include "support/mariadb.h"

namespace bdupdate::db {
namespace {

using test::MariaDb;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

const char* const name_of_database = "site_db";

std::string with_prefix(std::string text, const std::string& prefix) {
    for (std::size_t at = text.find("{p}"); at != std::string::npos; at = text.find("{p}"))
        text.replace(at, 3, prefix);
    return text;
}

/// The tables as a Backdrop installation makes them, as far as this room reads them.
const char* const backdrop_tables =
    "CREATE TABLE `{p}system` (filename VARCHAR(190) NOT NULL DEFAULT '', name VARCHAR(190) NOT NULL DEFAULT "
    "'',"
    " type VARCHAR(12) NOT NULL DEFAULT '', owner VARCHAR(190) NOT NULL DEFAULT '', status INT NOT NULL "
    "DEFAULT 0,"
    " bootstrap INT NOT NULL DEFAULT 0, schema_version SMALLINT NOT NULL DEFAULT -1, weight INT NOT NULL "
    "DEFAULT 0,"
    " info BLOB NULL, PRIMARY KEY (filename), INDEX system_list (status, bootstrap, type, weight, name),"
    " INDEX type_name (type, name)) ENGINE=InnoDB;"
    "CREATE TABLE `{p}state` (name VARCHAR(128) NOT NULL DEFAULT '', value LONGBLOB NOT NULL, PRIMARY KEY "
    "(name));"
    "CREATE TABLE `{p}cache` (cid VARCHAR(190) NOT NULL DEFAULT '', data LONGBLOB NULL, expire INT NOT NULL "
    "DEFAULT 0,"
    " created INT NOT NULL DEFAULT 0, serialized SMALLINT NOT NULL DEFAULT 0, PRIMARY KEY (cid));"
    "CREATE TABLE `{p}cache_fake` (cid VARCHAR(190), price INT);"
    "CREATE TABLE `{p}semaphore` (name VARCHAR(190) NOT NULL, value VARCHAR(190) NOT NULL, expire DOUBLE NOT "
    "NULL,"
    " PRIMARY KEY (name));"
    "CREATE TABLE `{p}batch` (bid INT UNSIGNED NOT NULL, token VARCHAR(64), timestamp INT, batch LONGBLOB, "
    "PRIMARY KEY (bid));"
    "CREATE TABLE `{p}queue` (item_id INT UNSIGNED AUTO_INCREMENT, name VARCHAR(190), data LONGBLOB, PRIMARY "
    "KEY (item_id));"
    "INSERT INTO `{p}system` (filename, name, type, status, schema_version, weight) VALUES"
    " ('b.module', 'node', 'module', 1, 1005, 0), ('a.module', 'system', 'module', 1, 1080, -10),"
    " ('c.module', 'Zoo', 'module', 0, 7001, 0), ('d.module', 'off', 'module', 0, -1, 0), ('t', 'bartik', "
    "'theme', 1, 0, 0);";

Mark example_mark() {
    Mark mark;
    mark.run = "0123456789abcdef0123456789abcdef";
    mark.state = MarkState::Preparing;
    mark.sandbox = std::string("\0\x01\xff\xfe'\"\\\n\x1a%_?", 12) + "\xf0\x9f\x98\x80";
    mark.maintenance_before = "b:0;";
    mark.state_dir = "/srv/\xff";
    mark.host = "web1";
    mark.user = "j\xc3\xb6rg \xf0\x9f\x98\x80";
    return mark;
}

class MySqlSite : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        if (!MariaDb::available()) GTEST_SKIP() << "no MariaDB server on this machine";
    }
    void SetUp() override {
        if (!MariaDb::available()) GTEST_SKIP();
        server().create_database(name_of_database);
        server().run(name_of_database, with_prefix(backdrop_tables, ""));
    }

    static MariaDb& server() { return MariaDb::instance(); }
    static site::DatabaseSettings settings(bool tcp = false) {
        return server().settings(name_of_database, tcp);
    }
    static Result<std::unique_ptr<Database>> try_open(const site::DatabaseSettings& settings,
                                                      bool read_only = true,
                                                      std::chrono::seconds timeout = 5s) {
        OpenOptions options;
        options.read_only = read_only;
        options.connect_timeout = timeout;
        return open_database(settings, site::Kind::Backdrop, options);
    }
    static std::unique_ptr<Database> open(bool read_only = false) {
        auto database = try_open(settings(), read_only);
        EXPECT_TRUE(database) << database.error().message;
        return std::move(*database);
    }
    static std::string sql(const std::string& text) { return server().query(name_of_database, text); }
};

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

}  // namespace
}  // namespace bdupdate::db
