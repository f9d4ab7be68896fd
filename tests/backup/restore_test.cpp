#include "bdupdate/backup/restore.h"

#include <gmock/gmock.h>

#include "backup/site_fixture.h"
#include "bdupdate/base/file.h"

namespace bdupdate::backup {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class SqliteRestore : public SqliteBackupSite {
  protected:
    void SetUp() override {
        SqliteBackupSite::SetUp();
        mark_.run = "r";
        mark_.epoch = 4;
        mark_.state = db::MarkState::Restoring;
        mark_.after_restore = "close";
    }
    db::Mark mark_;
};

TEST_F(SqliteRestore, DatabaseIsAsTheBackupAndTheMarkStays) {
    const auto made = make().value();
    sql("DELETE FROM node; UPDATE schema SET schema_version = 9; CREATE TABLE later (x); DROP TABLE node;");
    ASSERT_TRUE(database_->create_mark(mark_));
    for (int times = 0; times < 2; ++times) {
        const auto restored = restore_database(site_, *database_, made);
        ASSERT_TRUE(restored) << restored.error().message;
        EXPECT_EQ(database_->count_rows("node").value(), 2U);
        EXPECT_EQ(database_->modules()->front().schema_version, 1000);
        EXPECT_FALSE(database_->count_rows("later"));
        EXPECT_EQ(database_->read_mark()->value().epoch, 4);
        EXPECT_EQ(database_->read_mark()->value().after_restore, "close");
    }
    for (const auto& entry : fs::directory_iterator(options_.directory))
        EXPECT_EQ(entry.path().filename(), made.id) << "no scratch file is left";
}

TEST_F(SqliteRestore, WithoutAMarkNothingIsTouched) {
    const auto made = make().value();
    sql("DELETE FROM node");
    const auto refused = restore_database(site_, *database_, made);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::NeedsHands);
    EXPECT_EQ(refused.error().details.back(), "nothing was changed yet");
    EXPECT_EQ(database_->count_rows("node").value(), 0U);
}

TEST_F(SqliteRestore, DamagedBackupIsRefusedBeforeAnythingIsTouched) {
    const auto made = make().value();
    ASSERT_TRUE(database_->create_mark(mark_));
    const fs::path file = made.directory / "db_default.sqlite";
    std::string bytes = read_file(file).value();
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    sql("DELETE FROM node");
    const auto refused = restore_database(site_, *database_, made);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::NeedsHands);
    EXPECT_THAT(refused.error().message, HasSubstr("damaged"));
    EXPECT_EQ(database_->count_rows("node").value(), 0U);
}

TEST_F(SqliteRestore, NeighboursTablesStay) {
    site_.database.prefix = "bd_";
    sql("CREATE TABLE bd_schema (name TEXT PRIMARY KEY, schema_version INTEGER); INSERT INTO bd_schema "
        "VALUES ('a', 1);"
        "CREATE TABLE bd_node (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT, g TEXT AS (t || '!'));"
        "INSERT INTO bd_node (t) VALUES ('one'), ('two'); CREATE INDEX bd_t ON bd_node (t);"
        "CREATE VIEW bd_view AS SELECT t FROM bd_node;"
        "CREATE TRIGGER bd_guard AFTER DELETE ON bd_node BEGIN INSERT INTO bd_node (t) VALUES ('again'); "
        "END;");
    db::OpenOptions open;
    open.read_only = false;
    database_ = std::move(*db::open_database(site_.database, site_.kind, open));
    const auto made = make().value();
    sql("DROP TRIGGER bd_guard; DELETE FROM bd_node; INSERT INTO bd_node (t) VALUES ('x'); DROP VIEW bd_view;"
        "CREATE TABLE bd_later (x); UPDATE node SET title = 'changed since'; ALTER TABLE bd_node ADD COLUMN "
        "more;");
    ASSERT_TRUE(database_->create_mark(mark_));
    for (int times = 0; times < 2; ++times) {
        const auto restored = restore_database(site_, *database_, made);
        ASSERT_TRUE(restored) << restored.error().message;
        EXPECT_EQ(database_->count_rows("bd_node").value(), 2U);
        EXPECT_EQ(database_->count_rows("bd_view").value(), 2U);
        EXPECT_FALSE(database_->count_rows("bd_later"));
        EXPECT_EQ(database_->read_mark()->value().epoch, 4);
    }
    sql("CREATE TEMP TABLE seen AS SELECT 1 WHERE (SELECT COUNT(*) FROM node WHERE title = 'changed since') "
        "<> 2"
        " OR (SELECT seq FROM sqlite_sequence WHERE name = 'bd_node') <> 2"
        " OR (SELECT COUNT(*) FROM bd_node WHERE g IN ('one!', 'two!')) <> 2"
        " OR (SELECT COUNT(*) FROM sqlite_master WHERE name IN ('bd_t', 'bd_guard')) <> 2;"
        "CREATE TEMP TABLE never (x CHECK (x <> 1)); INSERT INTO never SELECT * FROM seen");
}

TEST_F(SqliteRestore, ConfigIsAsTheBackup) {
    const auto made = make().value();
    put("system.core.json", "changed");
    put("later.json", "{}");
    fs::remove(root() / "files/active/.htaccess");
    EXPECT_EQ(restore_config(site_, made, temporary_.path() / "aside").value(), 3U);
    EXPECT_EQ(read_file(root() / "files/active/system.core.json").value(), "{\"site_name\": \"A\"}\n");
    EXPECT_TRUE(fs::exists(root() / "files/active/.htaccess"));
    EXPECT_FALSE(fs::exists(root() / "files/active/later.json"));
    EXPECT_EQ(read_file(temporary_.path() / "aside" / "system.core.json").value(), "changed");
    EXPECT_EQ(restore_config(site_, made, std::nullopt).value(), 0U);
}

}  // namespace
}  // namespace bdupdate::backup
