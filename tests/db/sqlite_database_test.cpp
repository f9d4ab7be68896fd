#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "bdupdate/base/file.h"
#include "bdupdate/db/database.h"
#include "bdupdate/db/sqlite_file.h"
#include "support/temp_directory.h"

namespace bdupdate::db {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const char* const backdrop_tables =
    "CREATE TABLE {p}system (filename TEXT PRIMARY KEY, name TEXT, type TEXT, owner TEXT, status INTEGER, "
    "bootstrap INTEGER,"
    " schema_version INTEGER, weight INTEGER, info BLOB);"
    "CREATE TABLE {p}state (name TEXT PRIMARY KEY, value BLOB);"
    "CREATE TABLE {p}cache (cid TEXT PRIMARY KEY, data BLOB, created INTEGER, expire INTEGER, serialized "
    "INTEGER);"
    "CREATE TABLE {p}semaphore (name TEXT PRIMARY KEY, value TEXT, expire REAL);"
    "CREATE TABLE {p}batch (bid INTEGER PRIMARY KEY, token TEXT, timestamp INTEGER, batch BLOB);"
    "CREATE TABLE {p}queue (item_id INTEGER PRIMARY KEY, name TEXT, data BLOB);"
    "CREATE TABLE {p}config_active (name TEXT PRIMARY KEY, data TEXT, changed INTEGER);";

Mark example_mark() {
    Mark mark;
    mark.run = "0123456789abcdef0123456789abcdef";
    mark.epoch = 3;
    mark.seq = 7;
    mark.plan = 2;
    mark.step = 5;
    mark.state = MarkState::Done;
    mark.after_restore = "rerun";
    mark.sandbox = std::string("a:1:{s:1:\"\0\";i:1;}\xff\xfe'\"\\?", 24);
    mark.maintenance_before = "b:0;";
    mark.schema_hash = "feed";
    mark.state_dir = "/var/lib/bd\xc3\xa4";
    mark.host = "web1";
    mark.user = "root";
    mark.site_fingerprint = "cafe";
    return mark;
}

class SqliteSite : public ::testing::Test {
  protected:
    void SetUp() override {
        settings_.driver = site::Driver::Sqlite;
        settings_.database = path();
    }

    [[nodiscard]] fs::path path() const { return directory_.path() / "site.sqlite"; }

    void sql(std::string text, const std::string& prefix = "") const {
        for (std::size_t at = text.find("{p}"); at != std::string::npos; at = text.find("{p}"))
            text.replace(at, 3, prefix);
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(path().c_str(), &handle), SQLITE_OK);
        sqlite3_exec(handle, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
        char* words = nullptr;
        ASSERT_EQ(sqlite3_exec(handle, text.c_str(), nullptr, nullptr, &words), SQLITE_OK) << words;
        sqlite3_close(handle);
    }

    [[nodiscard]] std::unique_ptr<Database> open(bool read_only = false,
                                                 site::Kind kind = site::Kind::Backdrop) const {
        OpenOptions options;
        options.read_only = read_only;
        options.connect_timeout = std::chrono::seconds(1);
        options.lock_file = directory_.path() / "lock";
        auto database = open_database(settings_, kind, options);
        EXPECT_TRUE(database) << database.error().message;
        return database ? std::move(*database) : nullptr;
    }

    test::TempDirectory directory_;
    site::DatabaseSettings settings_;
};

TEST_F(SqliteSite, ModulesComeInTheRowOrderOfTheTable) {
    sql(backdrop_tables);
    sql("INSERT INTO system (filename, name, type, status, schema_version, weight) VALUES"
        "('z.module', 'zebra', 'module', 1, 1001, 0), ('t.info', 'zebra', 'theme', 1, 5, 0),"
        "('a.module', 'ant', 'module', 0, 7000, -5), ('m.module', 'mole', 'module', 1, -1, 3)");
    const auto database = open(true);
    const auto rows = database->modules().value();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].name, "zebra");
    EXPECT_EQ(rows[0].schema_version, 1001);
    EXPECT_TRUE(rows[0].enabled);
    EXPECT_EQ(rows[1].name, "ant");
    EXPECT_FALSE(rows[1].enabled);
    EXPECT_EQ(rows[1].weight, -5);
    EXPECT_EQ(rows[1].filename, "a.module");
    EXPECT_EQ(rows[2].schema_version, -1);
    EXPECT_THAT(database->hook_order().value(), ElementsAre("ant", "zebra"));
}

TEST_F(SqliteSite, TwoRowsOfOneNameKeepTheFirstPlaceAndTheLastNumber) {
    sql(backdrop_tables);
    sql("INSERT INTO system (filename, name, type, status, schema_version, weight) VALUES"
        "('1', 'twin', 'module', 1, 1000, 0), ('2', 'other', 'module', 1, 1, 0), ('3', 'twin', 'module', 1, "
        "1009, 0)");
    const auto rows = open(true)->modules().value();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].name, "twin");
    EXPECT_EQ(rows[0].schema_version, 1009);
}

TEST_F(SqliteSite, MissingSystemTableIsSaidWithThePrefixOfASiteThatIsThere) {
    sql(backdrop_tables, "other_");
    settings_.prefix = "bd_";
    const auto database = open_database(settings_, site::Kind::Backdrop);
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, ExitCode::Preflight);
    EXPECT_THAT(database.error().message, HasSubstr("table bd_system is missing"));
    EXPECT_THAT(database.error().hint, HasSubstr("\"other_\""));
}

TEST_F(SqliteSite, MissingFileAndWrongFileAreNamed) {
    const auto missing = open_database(settings_, site::Kind::Bare);
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, HasSubstr(path().string()));
    EXPECT_THAT(missing.error().message, HasSubstr("No such file"));
    ASSERT_TRUE(write_file_atomically(path(), std::string(5000, 'x')));
    const auto wrong = open_database(settings_, site::Kind::Bare);
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, HasSubstr("not a SQLite database"));
    EXPECT_FALSE(fs::exists(path().string() + "-journal"));
}

TEST_F(SqliteSite, BareSiteKeepsItsNumbersInSchema) {
    sql("CREATE TABLE other (x)");
    EXPECT_FALSE(open_database(settings_, site::Kind::Bare));
    OpenOptions options;
    options.read_only = false;
    options.allow_missing_schema = true;
    auto database = open_database(settings_, site::Kind::Bare, options).value();
    ASSERT_TRUE(database->create_schema_table());
    EXPECT_EQ(database->schema_table(), SchemaTable::Schema);
    ASSERT_TRUE(database->set_schema_version("shop", 1003));
    ASSERT_TRUE(database->set_schema_version("shop", 1004));
    const auto rows = database->modules().value();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].schema_version, 1004);
    EXPECT_TRUE(rows[0].enabled);
    EXPECT_THAT(database->hook_order().value(), ElementsAre("shop"));
    EXPECT_FALSE(database->maintenance()->supported);
    EXPECT_TRUE(database->take_cron("me", std::chrono::seconds(5)).value());
    EXPECT_FALSE(database->unfinished_batch()->has_value());
}

TEST_F(SqliteSite, SchemaVersionGoesToTheModulesRowOnly) {
    sql(backdrop_tables);
    sql("INSERT INTO system (filename, name, type, status, schema_version, weight) VALUES"
        "('1', 'same', 'module', 1, 1000, 0), ('2', 'same', 'theme', 1, 5, 0)");
    const auto database = open();
    ASSERT_TRUE(database->set_schema_version("same", 1010));
    EXPECT_EQ(database->modules()->front().schema_version, 1010);
    sql("CREATE TABLE probe AS SELECT schema_version v FROM system WHERE type = 'theme'");
    sql("UPDATE probe SET v = 1 / (v = 5)");  // NULL or an error where it is not 5
    EXPECT_FALSE(database->set_schema_version("nobody", 1));
}

TEST_F(SqliteSite, MarkComesBackAsItWasWritten) {
    sql(backdrop_tables);
    const auto database = open();
    EXPECT_FALSE(database->has_mark_table().value());
    EXPECT_FALSE(database->read_mark()->has_value());
    const Mark mark = example_mark();
    ASSERT_TRUE(database->create_mark(mark));
    EXPECT_TRUE(database->has_mark_table().value());
    const Mark read = database->read_mark()->value();
    EXPECT_EQ(read.run, mark.run);
    EXPECT_EQ(read.epoch, 3);
    EXPECT_EQ(read.seq, 7);
    EXPECT_EQ(read.plan, 2);
    EXPECT_EQ(read.step, 5);
    EXPECT_EQ(read.state, MarkState::Done);
    EXPECT_EQ(read.after_restore, "rerun");
    EXPECT_EQ(read.sandbox, mark.sandbox);
    EXPECT_EQ(read.maintenance_before, mark.maintenance_before);
    EXPECT_EQ(read.schema_hash, "feed");
    EXPECT_EQ(read.state_dir, mark.state_dir);
    EXPECT_EQ(read.host, "web1");
    EXPECT_EQ(read.user, "root");
    EXPECT_EQ(read.site_fingerprint, "cafe");
    ASSERT_TRUE(database->drop_mark());
    EXPECT_FALSE(database->has_mark_table().value());
    EXPECT_TRUE(database->drop_mark()) << "dropping twice is no error";
}

TEST_F(SqliteSite, SecondMarkIsRefused) {
    sql(backdrop_tables);
    const auto database = open();
    ASSERT_TRUE(database->create_mark(example_mark()));
    const auto second = database->create_mark(Mark{});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ExitCode::Interrupted);
    EXPECT_THAT(second.error().message, HasSubstr(example_mark().run));
    EXPECT_EQ(database->read_mark()->value().run, example_mark().run);
}

TEST_F(SqliteSite, MarkIsReplacedOnlyFromWhereItIsExpected) {
    sql(backdrop_tables);
    const auto database = open();
    const Mark mark = example_mark();
    ASSERT_TRUE(database->create_mark(mark));
    Mark next = mark;
    next.state = MarkState::Finishing;
    next.maintenance_before.reset();
    ASSERT_TRUE(database->replace_mark(mark, next));
    EXPECT_EQ(database->read_mark()->value().state, MarkState::Finishing);
    EXPECT_FALSE(database->read_mark()->value().maintenance_before.has_value());
    EXPECT_TRUE(database->replace_mark(next, next)) << "writing the same values finds the row too";
    const auto stale = database->replace_mark(mark, next);
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().code, ExitCode::Interrupted);
    EXPECT_THAT(stale.error().message, HasSubstr("finishing"));
}

TEST_F(SqliteSite, RaisedEpochShutsTheOlderRunOut) {
    sql(backdrop_tables);
    const auto database = open();
    const Mark mark = example_mark();
    ASSERT_TRUE(database->create_mark(mark));
    const Mark raised = database->raise_epoch().value();
    EXPECT_EQ(raised.epoch, 4);
    EXPECT_FALSE(database->replace_mark(mark, mark));
    EXPECT_TRUE(database->replace_mark(raised, raised));
    ASSERT_TRUE(database->drop_mark());
    EXPECT_FALSE(database->raise_epoch());
}

TEST_F(SqliteSite, ReadOnlyOpeningRefusesEveryWrite) {
    sql(backdrop_tables);
    const auto database = open(true);
    EXPECT_FALSE(database->create_mark(example_mark()));
    EXPECT_FALSE(database->replace_mark({}, {}));
    EXPECT_FALSE(database->raise_epoch());
    EXPECT_FALSE(database->drop_mark());
    EXPECT_FALSE(database->set_maintenance("b:1;"));
    EXPECT_FALSE(database->set_schema_version("a", 1));
    EXPECT_FALSE(database->take_cron("me", std::chrono::seconds(1)));
    EXPECT_FALSE(database->drop_tables({"state"}));
    EXPECT_FALSE(database->create_schema_table());
    EXPECT_FALSE(database->replace_with(path(), {}));
}

TEST_F(SqliteSite, MaintenanceIsWrittenAndItsCachedCopyDropped) {
    sql(backdrop_tables);
    sql("INSERT INTO cache VALUES ('states', 'old', 0, 0, 1), ('kept', 'x', 0, 0, 0)");
    const auto database = open();
    EXPECT_FALSE(database->maintenance()->value.has_value());
    ASSERT_TRUE(database->set_maintenance("b:1;"));
    EXPECT_EQ(database->maintenance()->value, "b:1;");
    EXPECT_TRUE(database->maintenance()->on());
    EXPECT_EQ(database->count_rows("cache").value(), 1U);
    ASSERT_TRUE(database->set_maintenance("b:0;"));
    EXPECT_FALSE(database->maintenance()->on());
    EXPECT_EQ(database->count_rows("state").value(), 1U);
    ASSERT_TRUE(database->set_maintenance(std::nullopt));
    EXPECT_FALSE(database->maintenance()->value.has_value());
    EXPECT_EQ(database->count_rows("state").value(), 0U);
}

TEST_F(SqliteSite, MaintenanceOfADrupal7SiteIsAVariable) {
    sql(backdrop_tables);
    sql("DROP TABLE state; CREATE TABLE variable (name TEXT PRIMARY KEY, value BLOB);"
        "INSERT INTO variable VALUES ('maintenance_mode', 'i:1;');"
        "CREATE TABLE cache_bootstrap (cid TEXT PRIMARY KEY); INSERT INTO cache_bootstrap VALUES "
        "('variables')");
    const auto database = open();
    EXPECT_TRUE(database->maintenance()->on());
    ASSERT_TRUE(database->set_maintenance("i:0;"));
    EXPECT_FALSE(database->maintenance()->on());
    EXPECT_EQ(database->count_rows("cache_bootstrap").value(), 0U);
}

TEST(MaintenanceValue, FollowsPhpTruth) {
    const auto on = [](const char* value) { return Database::Maintenance{true, value}.on(); };
    for (const char* yes : {"b:1;", "i:1;", "i:-1;", "s:1:\"1\";", "s:1:\" \";", "d:0.5;", "a:1:{i:0;i:1;}"})
        EXPECT_TRUE(on(yes)) << yes;
    for (const char* no :
         {"b:0;", "i:0;", "N;", "s:0:\"\";", "s:1:\"0\";", "d:0;", "a:0:{}", "", "1", "garbage"})
        EXPECT_FALSE(on(no)) << no;
    EXPECT_FALSE(Database::Maintenance{}.on());
}

TEST_F(SqliteSite, CronSemaphoreIsTakenRenewedAndReleased) {
    sql(backdrop_tables);
    const auto database = open();
    EXPECT_TRUE(database->take_cron("me", std::chrono::seconds(60)).value());
    EXPECT_TRUE(database->take_cron("me", std::chrono::seconds(60)).value());
    EXPECT_FALSE(database->take_cron("you", std::chrono::seconds(60)).value());
    ASSERT_TRUE(database->release_cron("you"));
    EXPECT_FALSE(database->take_cron("you", std::chrono::seconds(60)).value());
    ASSERT_TRUE(database->release_cron("me"));
    EXPECT_TRUE(database->take_cron("you", std::chrono::seconds(-5)).value());
    EXPECT_TRUE(database->take_cron("me", std::chrono::seconds(60)).value())
        << "an expired one may be broken";
}

TEST_F(SqliteSite, UnfinishedUpdateBatchIsFoundInEitherTable) {
    sql(backdrop_tables);
    sql("INSERT INTO batch VALUES (3, 't', 0, 'a:1:{s:8:\"node_xyz\";}')");
    const auto database = open(true);
    EXPECT_FALSE(database->unfinished_batch()->has_value());
    sql("INSERT INTO queue VALUES (41, 'backdrop_batch:3:0', x'613a00' || 'update_do_one')");
    EXPECT_EQ(database->unfinished_batch()->value().where, "table queue, item_id 41");
    sql("UPDATE batch SET batch = 's:13:\"update_do_one\";'");
    EXPECT_EQ(database->unfinished_batch()->value().where, "table batch, bid 3");
}

TEST_F(SqliteSite, ActiveConfigIsReadFromItsTable) {
    sql(backdrop_tables);
    sql("INSERT INTO config_active VALUES ('system.core', '{\"a\": \"?\"}', 0)");
    const auto database = open(true);
    EXPECT_EQ(database->active_config("system.core").value(), "{\"a\": \"?\"}");
    EXPECT_FALSE(database->active_config("it's").value().has_value());
    sql("DROP TABLE config_active");
    const auto gone = database->active_config("system.core");
    ASSERT_FALSE(gone);
    EXPECT_THAT(gone.error().message, HasSubstr("config_active"));
}

TEST_F(SqliteSite, TablesAreThoseOfTheOwnPrefix) {
    settings_.prefix = "bd_";
    sql(backdrop_tables, "bd_");
    sql(backdrop_tables, "bd_test_");
    sql("CREATE TABLE alien (x); CREATE TABLE bd_bdupdate_mark (x); CREATE VIEW bd_view AS SELECT 1 a");
    const auto database = open(true);
    std::vector<std::string> names;
    const auto tables = database->tables().value();
    for (const auto& table : tables) names.push_back(table.name + (table.is_view ? "*" : ""));
    EXPECT_THAT(names, ElementsAre("bd_batch", "bd_cache", "bd_config_active", "bd_queue", "bd_semaphore",
                                   "bd_state", "bd_system", "bd_view*"));
    EXPECT_THAT(database->other_prefixes().value(), ElementsAre("bd_test_"));
    EXPECT_THAT(database->cache_tables().value(), ElementsAre("bd_cache"));
}

TEST_F(SqliteSite, PerTablePrefixIsFollowed) {
    settings_.table_prefixes["system"] = "shared_";
    sql(backdrop_tables, "shared_");
    sql("CREATE TABLE state (name TEXT, value BLOB)");
    const auto database = open(true);
    EXPECT_TRUE(database->modules().has_value());
    EXPECT_TRUE(database->maintenance()->supported);
}

TEST_F(SqliteSite, LockExcludesAndNamesItsHolder) {
    sql(backdrop_tables);
    const auto first = open();
    const auto second = open();
    EXPECT_FALSE(first->holds_lock().value());
    ASSERT_TRUE(first->lock(std::chrono::seconds(0))->taken);
    EXPECT_TRUE(first->holds_lock().value());
    const auto refused = second->lock(std::chrono::seconds(0)).value();
    EXPECT_FALSE(refused.taken);
    EXPECT_THAT(refused.held_by, HasSubstr("pid " + std::to_string(::getpid())));
    ASSERT_TRUE(first->unlock());
    EXPECT_TRUE(second->lock(std::chrono::seconds(0))->taken);
    fs::remove(directory_.path() / "lock");
    EXPECT_FALSE(second->holds_lock().value()) << "a removed lock file keeps nobody out";
}

TEST_F(SqliteSite, LockWaitsForItsTurn) {
    sql(backdrop_tables);
    const auto first = open();
    const auto second = open();
    ASSERT_TRUE(first->lock(std::chrono::seconds(0))->taken);
    std::thread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
        static_cast<void>(first->unlock());
    });
    EXPECT_TRUE(second->lock(std::chrono::seconds(5))->taken);
    later.join();
}

TEST_F(SqliteSite, CopyLeavesTheMarkOutAndIsAPlainFile) {
    sql("PRAGMA journal_mode = WAL");
    sql(backdrop_tables);
    sql("INSERT INTO state VALUES ('a', x'00ff'), ('b', 'x')");
    const auto database = open();
    ASSERT_TRUE(database->create_mark(example_mark()));
    const fs::path copy = directory_.path() / "copy.sqlite";
    ASSERT_TRUE(database->copy_to(copy));
    EXPECT_TRUE(database->read_mark()->has_value()) << "the site keeps its mark";
    const auto tables = read_sqlite_file(copy).value();
    ASSERT_EQ(tables.size(), 7U);
    for (const TableRows& table : tables) {
        EXPECT_NE(table.name, "bdupdate_mark");
        EXPECT_EQ(table.rows, table.name == "state" ? 2U : 0U) << table.name;
    }
    EXPECT_FALSE(fs::exists(copy.string() + "-wal"));
    EXPECT_EQ(read_file(copy)->at(18), 1) << "rollback journal, not WAL";
    EXPECT_EQ(fs::status(copy).permissions(), fs::perms(0600));
    EXPECT_FALSE(database->copy_to(copy)) << "never over an existing file";
}

TEST_F(SqliteSite, ReplacingBringsTheCopyBackWithANewMark) {
    for (const char* mode : {"WAL", "DELETE"}) {
        fs::remove(path());
        sql(std::string("PRAGMA journal_mode = ") + mode);
        sql(backdrop_tables);
        sql("INSERT INTO state VALUES ('a', 'before')");
        const auto database = open();
        const fs::path copy = directory_.path() / (std::string(mode) + ".sqlite");
        ASSERT_TRUE(database->copy_to(copy));
        sql("DELETE FROM state; CREATE TABLE later (x); INSERT INTO later VALUES (1)");
        Mark mark = example_mark();
        ASSERT_TRUE(database->create_mark(mark));
        mark.state = MarkState::Restoring;
        mark.epoch = 9;
        const auto replaced = database->replace_with(copy, mark);
        ASSERT_TRUE(replaced) << replaced.error().message;
        EXPECT_EQ(database->count_rows("state").value(), 1U);
        EXPECT_FALSE(database->count_rows("later"));
        EXPECT_EQ(database->read_mark()->value().epoch, 9);
        EXPECT_EQ(database->read_mark()->value().state, MarkState::Restoring);
    }
}

TEST_F(SqliteSite, DamagedCopyIsNoticed) {
    sql("CREATE TABLE t (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
        "INSERT INTO t SELECT hex(randomblob(20)) FROM n");
    std::string bytes = read_file(path()).value();
    for (std::size_t i = 8192; i < 8192 + 200; ++i) bytes[i] = '\x55';
    ASSERT_TRUE(write_file_atomically(path(), bytes));
    EXPECT_FALSE(read_sqlite_file(path()));
}

}  // namespace
}  // namespace bdupdate::db
