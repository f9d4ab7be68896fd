#include <gmock/gmock.h>

#include "bdupdate/base/file.h"
#include "db/sqlite_fixture.h"

namespace bdupdate::db {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

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

TEST_F(SqliteSite, ATableStateInADrupal7SiteIsSomebodyElses) {
    sql(backdrop_tables);
    sql("CREATE TABLE variable (name TEXT PRIMARY KEY, value BLOB);"
        "INSERT INTO state VALUES ('maintenance_mode', 'b:1;');"
        "INSERT INTO variable VALUES ('install_profile', 's:7:\"minimal\";')");
    const auto database = open(false, site::Kind::Drupal7);
    EXPECT_FALSE(database->maintenance()->on());
    ASSERT_TRUE(database->set_maintenance("b:1;"));
    EXPECT_TRUE(database->maintenance()->on());
    EXPECT_EQ(database->count_rows("variable").value(), 2U);
    EXPECT_EQ(database->variable("install_profile").value(), "s:7:\"minimal\";");
    EXPECT_FALSE(database->variable("nothing")->has_value());
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

TEST_F(SqliteSite, EmptyTablesAreFoundAmongMany) {
    sql(backdrop_tables);
    std::vector<std::string> names;
    for (int i = 0; i < 250; ++i) {
        names.push_back("t \"" + std::to_string(i));
        sql("CREATE TABLE \"t \"\"" + std::to_string(i) + "\" (id INTEGER)");
        if (i != 7 && i != 100 && i != 249) sql("INSERT INTO \"t \"\"" + std::to_string(i) + "\" VALUES (1)");
    }
    const auto database = open(true);
    EXPECT_THAT(database->empty_tables(names).value(), ElementsAre("t \"7", "t \"100", "t \"249"));
    EXPECT_THAT(database->empty_tables({}).value(), ElementsAre());
    EXPECT_FALSE(database->empty_tables({"nowhere"}));
}

}  // namespace
}  // namespace bdupdate::db
