#include "../../src/backup/core_backup.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <zlib.h>

#include <random>

#include "backup/core_backup_fixture.h"
#include "backup/site_fixture.h"
#include "bdupdate/backup/restore.h"
#include "bdupdate/base/file.h"

namespace bdupdate::backup {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string filtered(const std::string& text, std::size_t piece, const std::set<std::string>& kept,
                     std::set<std::string>* views = nullptr) {
    std::string result;
    CoreDumpFilter filter(
        [&result](std::string_view bytes) -> Result<void> {
            result += bytes;
            return {};
        },
        [&kept](const std::string& name) { return kept.count(name) != 0; });
    for (std::size_t at = 0; at < text.size(); at += piece) EXPECT_TRUE(filter.feed(text.substr(at, piece)));
    EXPECT_TRUE(filter.finish());
    if (views != nullptr) *views = filter.views();
    return result;
}

TEST(CoreDumpFilter, StatementsOnOtherTablesGoInPiecesOfAnySize) {
    const std::string ours =
        "DROP TABLE IF EXISTS `a`;\nCREATE TABLE `a` ( x int);\nINSERT INTO `a` VALUES ('INSERT "
        "INTO `b` VALUES ');\nSET sql_mode = 'ANSI';\n";
    const std::string theirs =
        "DROP TABLE IF EXISTS `b``c`;\nCREATE TABLE `b``c` (x int);\nINSERT INTO `b``c` VALUES (1);\n";
    const std::string text = "-- Backdrop\n" + ours + theirs +
                             "DROP VIEW IF EXISTS `v`;\nCREATE VIEW \"v\" AS select 1;\n" + theirs + ours +
                             "INSERT INTO `a` VALUES (2)";
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{10000}}) {
        std::set<std::string> views;
        EXPECT_EQ(filtered(text, piece, {"a"}, &views),
                  "-- Backdrop\n" + ours + ours + "INSERT INTO `a` VALUES (2)");
        EXPECT_THAT(views, ElementsAre("v"));
        EXPECT_EQ(filtered(text, piece, {"a", "b`c", "v"}), text);
    }
}

using CoreBackup = SqliteBackupSite;  // its files suffice: nothing is restored into a database here

TEST_F(CoreBackup, IsListedAndReadBack) {
    write_core_backup(options_.directory, "2026-01-02T03-04-05");
    const auto all = list(options_.directory).value();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].maker, Maker::Backdrop);
    EXPECT_TRUE(all[0].complete);
    EXPECT_EQ(all[0].created_ms, 1767323045000);
    const auto read = verify(all[0]);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->core_version, "1.34.3");
    EXPECT_EQ(read->rows(), 3U);
    EXPECT_EQ(read->config_files, 1U);
    ASSERT_EQ(read->tables.size(), 3U);
    EXPECT_TRUE(read->tables.back().is_view);
    EXPECT_EQ(find(all, "latest")->id, all[0].id);
    EXPECT_THAT(prune(options_.directory, 1, {}).value(), ElementsAre()) << "they are Backdrop's to remove";
}

TEST_F(CoreBackup, CutShortOrUnfinishedIsNoticed) {
    const fs::path folder = write_core_backup(options_.directory, "mine");
    const auto backup = list(options_.directory)->front();
    for (const char* name : {"db_default.sql.gz", "config_active.tar.gz"}) {
        const std::string good = read_file(folder / name).value();
        for (std::size_t size = 0; size < good.size(); size += 7) {
            std::ofstream(folder / name, std::ios::binary | std::ios::trunc) << good.substr(0, size);
            EXPECT_FALSE(verify(backup)) << name << " cut at " << size;
        }
        std::ofstream(folder / name, std::ios::binary | std::ios::trunc) << good;
    }
    ASSERT_TRUE(verify(backup));
    write_gzip(folder / "db_default.sql.gz", "CREATE TABLE `a` (x int);\n");
    EXPECT_THAT(verify(backup).error().message, HasSubstr("last statement"));
    const fs::path info = folder / "mine.backup.json";
    std::string text = read_file(info).value();
    text.replace(text.find("true"), 4, "false");
    std::ofstream(info, std::ios::trunc) << text;
    EXPECT_FALSE(list(options_.directory)->front().complete);
    EXPECT_FALSE(verify(list(options_.directory)->front()));
    std::ofstream(info, std::ios::trunc) << "[1]";
    EXPECT_FALSE(verify(list(options_.directory)->front()));
}

TEST_F(CoreBackup, FilesThatItDoesNotArchiveStay) {
    write_core_backup(options_.directory, "mine");
    put("later.json", "{}");
    ASSERT_EQ(restore_config(site_, list(options_.directory)->front(), std::nullopt).value(), 2U);
    EXPECT_TRUE(fs::exists(root() / "files/active/.htaccess"));
    EXPECT_FALSE(fs::exists(root() / "files/active/later.json"));
    EXPECT_EQ(read_file(root() / "files/active/system.core.json").value(), "{}\n");
}

/// A config archive with one more entry.
class HostileArchive : public SqliteBackupSite {
  protected:
    static std::string tar_with(const std::function<void(archive_entry*)>& describe,
                                const std::string& content) {
        std::string bytes(64 * 1024, '\0');
        std::size_t used = 0;
        archive* writer = archive_write_new();
        archive_write_set_format_pax_restricted(writer);
        archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
        for (const bool hostile : {false, true}) {
            archive_entry* entry = archive_entry_new();
            archive_entry_set_pathname(entry, "system.core.json");
            archive_entry_set_filetype(entry, AE_IFREG);
            archive_entry_set_perm(entry, 0644);
            const std::string text = hostile ? content : "{}\n";
            archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
            if (hostile) describe(entry);
            EXPECT_EQ(archive_write_header(writer, entry), ARCHIVE_OK) << archive_error_string(writer);
            if (archive_entry_size(entry) > 0) archive_write_data(writer, text.data(), text.size());
            archive_entry_free(entry);
        }
        archive_write_close(writer);
        archive_write_free(writer);
        bytes.resize(used);
        return bytes;
    }

    /// Puts it into a backup of Backdrop's, which no checksum protects, and tries.
    void expect_refused(const std::string& what, const std::function<void(archive_entry*)>& describe,
                        const std::string& content = "") {
        fs::remove_all(options_.directory);
        const fs::path folder = write_core_backup(options_.directory, "mine");
        write_gzip(folder / "config_active.tar.gz", tar_with(describe, content));
        const auto backup = list(options_.directory)->front();
        EXPECT_FALSE(verify(backup)) << what;
        const auto refused = restore_config(site_, backup, std::nullopt);
        ASSERT_FALSE(refused) << what;
        EXPECT_EQ(refused.error().code, ExitCode::NeedsHands);
        EXPECT_EQ(read_file(root() / "files/active/system.core.json").value(), "{\"site_name\": \"A\"}\n")
            << what;
        EXPECT_FALSE(fs::exists(root() / "files/evil.json")) << what;
        EXPECT_FALSE(fs::exists(temporary_.path() / "evil.json")) << what;
    }
};

TEST_F(HostileArchive, NothingLeavesTheConfigDirectory) {
    const auto named = [](const std::string& name) {
        return [name](archive_entry* entry) { archive_entry_set_pathname(entry, name.c_str()); };
    };
    for (const std::string& name :
         {std::string("../evil.json"), (temporary_.path() / "evil.json").string(),
          std::string("a/../../evil.json"), std::string(".."), std::string("sub/evil.json"),
          std::string("./../evil.json"), std::string("./")})
        expect_refused(name, named(name), "{}");
    expect_refused(
        "the same name twice", [](archive_entry*) {}, "{}");
    expect_refused("symbolic link", [](archive_entry* entry) {
        archive_entry_set_pathname(entry, "evil.json");
        archive_entry_set_filetype(entry, AE_IFLNK);
        archive_entry_set_symlink(entry, "/etc/passwd");
    });
    expect_refused("hard link", [](archive_entry* entry) {
        archive_entry_set_pathname(entry, "evil.json");
        archive_entry_set_hardlink(entry, "/etc/passwd");
    });
    for (const unsigned type : {AE_IFCHR, AE_IFBLK, AE_IFIFO, AE_IFDIR})
        expect_refused("no plain file", [type](archive_entry* entry) {
            archive_entry_set_pathname(entry, "evil.json");
            archive_entry_set_filetype(entry, type);
            archive_entry_set_size(entry, 0);
        });
}

TEST_F(HostileArchive, SetuidAndOtherSpecialBitsDoNotComeBack) {
    const fs::path folder = write_core_backup(options_.directory, "mine");
    write_gzip(folder / "config_active.tar.gz", tar_with(
                                                    [](archive_entry* entry) {
                                                        archive_entry_set_pathname(entry, "b.json");
                                                        archive_entry_set_perm(entry, 06755);
                                                    },
                                                    "{}"));
    ASSERT_TRUE(restore_config(site_, list(options_.directory)->front(), std::nullopt));
    EXPECT_EQ(fs::status(root() / "files/active/b.json").permissions(), fs::perms(0755));
}

}  // namespace
}  // namespace bdupdate::backup
