// A full disk, and one that turns read-only: in the middle of the backup, the journal, the config directory,
// the SQLite file. Disks are small ones in memory, mounted where nobody else sees them.

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault/faulty_update.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;

/// A file system of its own size at a directory, with what was there before; gone with the object.
class SmallDisk {
  public:
    SmallDisk(fs::path at, const std::string& size) : at_(std::move(at)) {
        fs::create_directories(at_);
        const fs::path kept = at_.parent_path() / "before-the-mount";
        fs::copy(at_, kept, fs::copy_options::recursive);
        mounted_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
        if (mounted_) fs::copy(kept, at_, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
        fs::remove_all(kept);
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    [[nodiscard]] bool remount(unsigned long flags) const {
        return ::mount(nullptr, at_.c_str(), nullptr, MS_REMOUNT | flags, nullptr) == 0;
    }

  private:
    fs::path at_;
    bool mounted_ = false;
};

/// Whether this process may mount, seen by nobody else: as root, or where users may have namespaces of their
/// own.
bool may_mount() {
    static const bool may = [] {
        const uid_t uid = ::geteuid();
        const gid_t gid = ::getegid();
        if (uid == 0) {
            if (::unshare(CLONE_NEWNS) != 0) return false;
        } else {
            if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
            std::ofstream("/proc/self/setgroups") << "deny";
            std::ofstream("/proc/self/uid_map") << "0 " << uid << " 1";
            std::ofstream("/proc/self/gid_map") << "0 " << gid << " 1";
        }
        return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    }();
    return may;
}

class Disk : public FaultyUpdate {
  protected:
    void SetUp() override {
        if (!may_mount()) GTEST_SKIP() << "may not mount here";
    }
    /// PHP that leaves no room where `file` (an expression) is, up to the last byte.
    static std::string fill(const std::string& file) {
        return "$full = fopen(" + file +
               ", 'w'); foreach (array(65536, 4096, 1) as $size) { while (@fwrite($full, str_repeat('x', "
               "$size)) === "
               "$size) {} } fclose($full);";
    }
};

TEST_F(Disk, FullDuringTheBackupLeavesTheSiteAsItWas) {
    prepare(Store::Sqlite, {});
    club->renew();
    const fs::path backups = club->root().parent_path() / "backups";
    const SmallDisk disk(backups, "12k");
    const Completed failed = club->run({"run", "--yes", "--backup-dir", backups.string()});
    // 5: seen before, by the free space; 6: by the failing write.
    EXPECT_THAT(failed.status.code, AnyOf(5, 6)) << failed.err;
    EXPECT_THAT(failed.err, HasSubstr(backups.string()));
    expect_as_before();
    EXPECT_EQ(std::distance(fs::directory_iterator(backups), {}), 0) << "leaves a broken backup behind";
}

TEST_F(Disk, FullForTheBackupOfALargeDatabaseLeavesTheSiteAsItWas) {
    // No more than this may be written to any file: a limit that the free space does not show.
    prepare(Store::Sqlite, {});
    club->renew();
    SpawnOptions options;
    options.argv = {"sh", "-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" run --yes", BDUPDATE_BINARY};
    options.environment["BDUPDATE_STATE_DIR"] = club->state().string();
    options.directory = club->root();
    club->execute(
        "CREATE TABLE noise (data BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 200) "
        "INSERT INTO noise SELECT randomblob(1000) FROM n;");
    before = club->held(true);
    const auto failed = run_program(options);
    ASSERT_TRUE(failed);
    EXPECT_THAT(failed->status.code, AnyOf(5, 6)) << failed->err;
    EXPECT_THAT(failed->err, AnyOf(HasSubstr("File too large"), HasSubstr("disk I/O error")));
    expect_as_before();
}

/// The journal cannot even note that it undid something: the database is back at once, the config with
/// recover.
TEST_F(Disk, FullUnderTheJournalUndoesThePass) {
    const std::string php = fill("dirname($flag) . '/state/ballast'");
    const Fault fault = {"Journal", php.c_str()};
    prepare(Store::Sqlite, {fault});
    choose(fault);
    const SmallDisk disk(club->state(), "8m");
    const Completed failed = run_with(fault, "stop");
    EXPECT_EQ(failed.status.code, 1) << failed.err << failed.out;
    EXPECT_THAT(failed.err, AnyOf(HasSubstr("disk is full"), HasSubstr("No space left on device")));
    EXPECT_EQ(titles(), "pass 1\nSprint regatta\nCleaning the boats\nNight on the river");
    EXPECT_EQ(club->run({"status", "--exit-code"}).status.code, 8);
    fs::remove(club->state() / "ballast");
    expect_recovery();
}

/// The undo has no room either: recovery must not take the half written config for the operator's wish.
TEST_F(Disk, FullUnderTheConfigIsUndoneOnceThereIsRoom) {
    const std::string php = fill("dirname(config_get_config_directory()) . '/ballast'") +
                            "config_set('club.settings', 'more', str_repeat('x', 100000));";
    const Fault fault = {"Config", php.c_str()};
    prepare(Store::Sqlite, {fault});
    choose(fault);
    const SmallDisk disk(club->root() / "config", "3m");
    const Completed failed = run_with(fault, "stop");
    EXPECT_EQ(failed.status.code, 1) << failed.err << failed.out;
    EXPECT_THAT(failed.err, HasSubstr("club.settings"));
    fs::remove(club->root() / "config/ballast");
    expect_recovery();
}

TEST_F(Disk, ReadOnlyUnderTheConfigIsUndoneOnceItIsWritable) {
    prepare(Store::Sqlite,
            {{"ReadOnly",
              "exec('mount -o remount,ro ' . escapeshellarg(dirname(config_get_config_directory())), "
              "$out, $code); if ($code) { throw new Exception('cannot remount'); } "
              "config_set('club.settings', 'more', 'x');"}});
    choose({"ReadOnly", ""});
    const SmallDisk disk(club->root() / "config", "3m");
    const Completed failed = run_with({"", ""}, "stop");
    EXPECT_EQ(failed.status.code, 1) << failed.err << failed.out;
    EXPECT_THAT(failed.err, HasSubstr("club.settings"));
    EXPECT_THAT(failed.err, HasSubstr("Read-only file system"));
    ASSERT_TRUE(disk.remount(0));
    expect_recovery();
}

const char* const insert_until_full =
    "for ($i = 0; $i < 100000; ++$i) { db_query(\"INSERT INTO {ballast} VALUES (:data)\", array(':data' => "
    "str_repeat('x', 5000))); }";

TEST_F(Disk, FullUnderTheSqliteFileUndoesThePass) {
    const std::string insert = insert_until_full;
    const std::string swallowed =
        "try { " + insert +
        " } catch (Exception $e) {} "
        "try { db_query(\"DELETE FROM {users} WHERE uid = 2\"); } catch (Exception $e) {}";
    const std::vector<Fault> faults = {{"Thrown", insert.c_str(), "full"},
                                       {"Swallowed", swallowed.c_str(), "full"}};
    prepare(Store::Sqlite, faults, "CREATE TABLE ballast (data TEXT);");
    for (const Fault& fault : faults) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, fault.name);
        choose(fault);
        const SmallDisk disk(club->root(), "3m");
        const Completed failed = run_with(fault, "stop");
        EXPECT_EQ(failed.status.code, 1) << failed.err << failed.out;
        EXPECT_THAT(failed.err, HasSubstr(fault.words));
        expect_stopped_after_the_first_pass();
        EXPECT_EQ(club->rows("SELECT count(*) FROM users WHERE uid = 2"), "1");
        expect_recovery();
    }
}

}  // namespace
}  // namespace bdupdate::test
