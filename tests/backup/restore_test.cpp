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
    const fs::path file = made.directory / "db_default.sqlite.gz";
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
