#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <random>

#include "backup/site_fixture.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/subprocess.h"
#include "bdupdate/config/config_directory.h"
#include "bdupdate/db/sqlite_file.h"

namespace bdupdate::backup {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> entries(const fs::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

TEST_F(SqliteBackupSite, BackupHoldsDatabaseConfigAndManifest) {
    options_.run = "0123";
    options_.maintenance_was_on = true;
    options_.maintenance_before = std::string("b:0;");
    const auto made = make();
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(made->complete);
    EXPECT_THAT(entries(made->directory), ElementsAre(made->id + ".backup.json", "config_active.tar.gz",
                                                      "db_default.sqlite", "manifest.json"));
    EXPECT_EQ(made->config_files, 2U);
    ASSERT_EQ(made->tables.size(), 2U);
    EXPECT_EQ(made->tables[0].name, "node");
    EXPECT_EQ(made->tables[0].rows, 2U);
    EXPECT_TRUE(verify(*made));
    const auto all = list(options_.directory).value();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].run, "0123");
    EXPECT_EQ(all[0].maintenance_before, "b:0;");
    EXPECT_TRUE(all[0].maintenance_was_on);
    EXPECT_EQ(all[0].tables.size(), 2U);
    EXPECT_EQ(all[0].bytes(), made->bytes());
    EXPECT_GT(made->bytes(), 0U);
}

TEST_F(SqliteBackupSite, EverythingIsPrivate) {
    const auto made = make().value();
    EXPECT_EQ(fs::status(options_.directory).permissions(), fs::perms(0700));
    EXPECT_EQ(fs::status(made.directory).permissions(), fs::perms(0700));
    for (const std::string& name : entries(made.directory))
        EXPECT_EQ(fs::status(made.directory / name).permissions(), fs::perms(0600)) << name;
}

TEST_F(SqliteBackupSite, CopyAndTarGiveEverythingBackWithoutBdupdate) {
    fs::permissions(root() / "files/active/system.core.json", fs::perms(0640));
    const auto made = make().value();
    SpawnOptions tar;
    tar.argv = {"tar", "-xpzf", made.directory / "config_active.tar.gz", "-C", temporary_.path()};
    ASSERT_TRUE(run_program(tar)->status.ok());
    EXPECT_EQ(read_file(temporary_.path() / "system.core.json").value(), "{\"site_name\": \"A\"}\n");
    EXPECT_EQ(fs::status(temporary_.path() / "system.core.json").permissions(), fs::perms(0640));
    fs::copy_file(made.directory / "db_default.sqlite", temporary_.path() / "plain.sqlite");
    const auto tables = db::read_sqlite_file(temporary_.path() / "plain.sqlite");
    ASSERT_TRUE(tables) << tables.error().message;
    EXPECT_EQ(tables->size(), 2U);
}

TEST_F(SqliteBackupSite, BackupJsonHasWhatRestorePhpReads) {
    const auto made = make().value();
    const auto json = nlohmann::json::parse(read_file(made.directory / (made.id + ".backup.json")).value());
    EXPECT_TRUE(json.at("timestamp").is_number_integer());
    EXPECT_EQ(json.at("name"), made.id);
    EXPECT_EQ(json.at("label"), made.id);
    EXPECT_TRUE(json.at("description").is_string());
    EXPECT_EQ(json.at("targets").at("db_default").at("target"), "db:default");
    EXPECT_EQ(json.at("targets").at("db_default").at("name"), "db_default");
    EXPECT_EQ(json.at("targets").at("db_default").at("completed"), true);
    EXPECT_TRUE(json.at("targets").at("db_default").at("settings").is_array());
    EXPECT_EQ(json.at("targets").at("config_active").at("target"), "config:active");
}

TEST_F(SqliteBackupSite, EveryTruncationAndBitFlipIsNoticed) {
    const auto made = make().value();
    ASSERT_TRUE(verify(made));
    ASSERT_TRUE(verify_checksums(made));
    std::mt19937 random(42);
    const auto names = entries(made.directory);
    for (int round = 0; round < 300; ++round) {
        const fs::path path = made.directory / names[static_cast<std::size_t>(round) % names.size()];
        const std::string good = read_file(path).value();
        std::string bad = good;
        const std::size_t at = random() % good.size();
        const bool cut = round % 3 == 0;
        if (cut)
            bad.resize(at);
        else
            bad[at] = static_cast<char>(bad[at] ^ (1 << (random() % 8)));
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bad;
        EXPECT_FALSE(verify(made)) << path << (cut ? " cut at " : " flipped at ") << at;
        EXPECT_FALSE(verify_checksums(made)) << path << (cut ? " cut at " : " flipped at ") << at;
        std::ofstream(path, std::ios::binary | std::ios::trunc) << good;
    }
    for (const std::string& name : names) {
        const std::string good = read_file(made.directory / name).value();
        fs::remove(made.directory / name);
        EXPECT_FALSE(verify(made)) << name << " is gone";
        EXPECT_FALSE(verify_checksums(made)) << name << " is gone";
        std::ofstream(made.directory / name, std::ios::binary) << good << "x";
        EXPECT_FALSE(verify(made)) << name << " has a byte more";
        EXPECT_FALSE(verify_checksums(made)) << name << " has a byte more";
        std::ofstream(made.directory / name, std::ios::binary | std::ios::trunc) << good;
    }
    EXPECT_TRUE(verify(made)) << "all is as it was";
}

TEST_F(SqliteBackupSite, DirectoryInsideTheDocrootIsRefused) {
    options_.directory = root() / "files" / "backups";
    const auto refused = make();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::Preflight);
    EXPECT_THAT(refused.error().message, HasSubstr("inside the docroot"));
    EXPECT_FALSE(fs::exists(options_.directory));
    fs::create_symlink(root(), temporary_.path() / "innocent");
    options_.directory = temporary_.path() / "innocent" / "backups";
    EXPECT_EQ(make().error().code, ExitCode::Preflight) << "a link does not hide it";
}

TEST_F(SqliteBackupSite, DirectoryThatCannotBeWrittenIsNamed) {
    std::ofstream(temporary_.path() / "file") << "in the way";
    options_.directory = temporary_.path() / "file";
    const auto refused = make();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::BackupFailed);
    EXPECT_THAT(refused.error().message, HasSubstr((temporary_.path() / "file").string()));
    EXPECT_THAT(refused.error().hint, HasSubstr("--backup-dir"));
}

TEST_F(SqliteBackupSite, FullDiskLeavesNoPartialFolder) {
    sql("CREATE TABLE big (x BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
        "400)"
        "INSERT INTO big SELECT randomblob(10000) FROM n;");
    const pid_t child = ::fork();
    if (child == 0) {
        // A limit on the size of files fails a write in its middle, as a full disk does.
        const rlimit limit{1 << 20, 1 << 20};
        ::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const auto made = make();
        ::_exit(!made && made.error().code == ExitCode::BackupFailed ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_THAT(entries(options_.directory), IsEmpty());
}

TEST_F(SqliteBackupSite, BrokenConfigDirectoryFailsTheBackup) {
    fs::create_symlink("/etc/passwd", root() / "files/active/evil.json");
    const auto refused = make();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ExitCode::BackupFailed);
    EXPECT_THAT(refused.error().message, HasSubstr("evil.json"));
    EXPECT_THAT(entries(options_.directory), IsEmpty());
}

TEST_F(SqliteBackupSite, MarkIsNotInTheBackup) {
    db::Mark mark;
    mark.run = "r";
    ASSERT_TRUE(database_->create_mark(mark));
    const auto made = make().value();
    for (const TableEntry& table : made.tables) EXPECT_NE(table.name, "bdupdate_mark");
    EXPECT_TRUE(database_->read_mark()->has_value());
}

TEST_F(SqliteBackupSite, BackupsOfOneSecondGetNamesOfTheirOwn) {
    std::set<std::string> ids;
    for (int i = 0; i < 3; ++i) ids.insert(make().value().id);
    EXPECT_EQ(ids.size(), 3U);
    const auto all = list(options_.directory).value();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_TRUE(all[0].created_ms <= all[1].created_ms && all[1].created_ms <= all[2].created_ms);
}

TEST_F(SqliteBackupSite, FindTakesAnUnambiguousBeginning) {
    const auto made = make().value();
    EXPECT_EQ(find(options_.directory, made.id)->id, made.id);
    EXPECT_EQ(find(options_.directory, made.id.substr(0, 10))->id, made.id);
    EXPECT_EQ(find(options_.directory, "1999").error().code, ExitCode::Usage);
    EXPECT_EQ(find(options_.directory, "").error().code, ExitCode::Usage);
    fs::copy(made.directory, options_.directory / "2001-01-01T00-00-00", fs::copy_options::recursive);
    EXPECT_EQ(find(options_.directory, "2").error().code, ExitCode::Usage);
    EXPECT_THAT(find(options_.directory, "2").error().message, HasSubstr("ambiguous"));
    EXPECT_EQ(find(temporary_.path() / "nowhere", "2").error().code, ExitCode::Usage);
}

TEST_F(SqliteBackupSite, BrokenAndForeignFoldersAreToldApart) {
    const auto made = make().value();
    fs::create_directory(options_.directory / "2020-01-01T00-00-00");
    fs::create_directory(options_.directory / "not-a-backup");
    std::ofstream(options_.directory / "2020-01-01T00-00-01") << "a file";
    std::ofstream(options_.directory / "2020-01-01T00-00-00" / "manifest.json") << "{\"schema\": 1";
    const auto all = list(options_.directory).value();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const Backup& b) { return b.complete; }), 1);
    for (const Backup& backup : all) EXPECT_EQ(verify(backup).has_value(), backup.complete) << backup.id;
}

TEST_F(SqliteBackupSite, ManifestThatNamesAFileOutsideIsRefused) {
    const auto made = make().value();
    std::string text = read_file(made.directory / "manifest.json").value();
    const std::string name = "\"config_active.tar.gz\"";
    text.replace(text.find(name), name.size(), "\"../../../etc/passwd\"");
    std::ofstream(made.directory / "manifest.json", std::ios::trunc) << text;
    EXPECT_FALSE(list(options_.directory)->front().complete);
    EXPECT_FALSE(verify(made));
}

TEST_F(SqliteBackupSite, PruneKeepsTheNewestAndTheProtected) {
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(make().value().id);
    EXPECT_THAT(prune(options_.directory, 3, {ids[0]}).value(), ElementsAre(ids[1]));
    EXPECT_THAT(prune(options_.directory, 1, {ids[0]}).value(), ElementsAre(ids[2], ids[3]));
    EXPECT_THAT(prune(options_.directory, 0, {}).value(), ElementsAre(ids[0])) << "never the last good one";
    EXPECT_THAT(entries(options_.directory), ElementsAre(ids[4]));
    EXPECT_THAT(prune(temporary_.path() / "nowhere", 1, {}).value(), IsEmpty());
}

TEST_F(SqliteBackupSite, PruneNeverRemovesTheNewestGoodOneMadeByHand) {
    std::vector<std::string> ids;
    for (int i = 0; i < 6; ++i) {
        options_.run = i < 3 ? "" : "0123456789abcdef";
        ids.push_back(make().value().id);
    }
    const auto damage = [&](const std::string& id) {
        std::ofstream(options_.directory / id / "db_default.sqlite", std::ios::trunc) << "gone";
    };
    damage(ids[2]);
    EXPECT_THAT(prune(options_.directory, 2, {}).value(), ElementsAre(ids[0], ids[3]))
        << "the newest is damaged, so that the next one stays, too";
    EXPECT_THAT(prune(options_.directory, 1, {}).value(), ElementsAre(ids[4]));
    EXPECT_THAT(prune(options_.directory, 1, {}).value(), IsEmpty());
}

TEST_F(SqliteBackupSite, FailedBackupNeverCountsAsOne) {
    const auto good = make().value();
    const auto failed = make().value();
    std::string text = read_file(failed.directory / "manifest.json").value();
    text.replace(text.find("\"complete\": true"), 16, "\"complete\": false");
    std::ofstream(failed.directory / "manifest.json", std::ios::trunc) << text;
    EXPECT_THAT(prune(options_.directory, 1, {}).value(), IsEmpty());
    EXPECT_TRUE(verify(find(options_.directory, good.id).value()));
    EXPECT_THAT(verify(find(options_.directory, failed.id).value()).error().message,
                HasSubstr("never completed"));
    // Long abandoned: what a killed backup left is cleared away.
    const std::string now = std::to_string(failed.created_ms);
    text.replace(text.find(now), now.size(), "1000000000000");
    std::ofstream(failed.directory / "manifest.json", std::ios::trunc) << text;
    EXPECT_THAT(prune(options_.directory, 1, {}).value(), ElementsAre(failed.id));
}

TEST_F(SqliteBackupSite, SiteWithoutConfigDirectoryIsNoted) {
    site_.active_config.clear();
    const auto made = make().value();
    EXPECT_EQ(made.config_files, 0U);
    EXPECT_THAT(made.notes, ElementsAre(HasSubstr("no active config directory")));
    EXPECT_TRUE(verify(made));
}

}  // namespace
}  // namespace bdupdate::backup
