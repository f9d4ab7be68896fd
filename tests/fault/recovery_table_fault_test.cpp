// The recovery table of docs/crash-safety.md, row by row: the program is killed so that the site stands
// there, then recovered, and the end is compared with the undisturbed one, tables and config.

#include <csignal>

#include "fault/recovery_table.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// (k, done), the schema hash fits

TEST_F(RecoveryTable, RunKilledInAPassGoesOnFromThePassBeforeWithItsSandbox) {
    const Fault fault = killer("Killed");
    prepare(Store::Sqlite, {fault});
    run_killed_by(fault);
    EXPECT_EQ(position(), "1 done, running");
    EXPECT_EQ(titles(), "pass 1\nSprint regatta\nCleaning the boats\nNight on the river");
    expect_refused({"run", "--yes"}, 8, {"an interrupted run must be recovered first", "bdupdate recover"});
    mend();
    expect_done({"recover", "--yes"}, {"1 pass of the run stands in the database", "updated:"});
    expect_closed_updated();
    EXPECT_EQ(journal("SELECT seq FROM pass WHERE function = 'dues_update_1007' AND committed"), "1\n2\n3")
        << "pass 1 is not done twice";
}

TEST_F(RecoveryTable, ResumeDoesTheSameWhereNothingMustBeRestored) {
    const Fault fault = killer("Killed");
    prepare(Store::Sqlite, {fault});
    run_killed_by(fault, {"--no-backup"});
    mend();
    expect_done({"recover", "--yes", "--resume"}, {"1 pass of the run stands in the database"});
    expect_closed_updated();
}

TEST_F(RecoveryTable, RestoreTakesTheFinishedPassesBack) {
    const Fault fault = killer("Killed");
    prepare(Store::Sqlite, {fault});
    run_killed_by(fault);
    expect_done({"recover", "--yes", "--restore"},
                {"the backup from before the run is restored", "maintenance mode is off"});
    expect_closed_as_before();
}

// (k, done), the schema hash does not fit

TEST_F(RecoveryTable, WhereSomebodyElseRanUpdatesMeanwhileBothAreShownAndNothingIsDone) {
    const Fault fault = killer("Killed");
    prepare(Store::Sqlite, {fault});
    run_killed_by(fault);
    club->execute("UPDATE system SET schema_version = 1007 WHERE name = 'dues'");
    for (const char* way : {"--yes", "--resume"})
        expect_refused(
            {"recover", "--yes", way}, 8,
            {"schema_version of planned modules has changed", "somebody else ran updates meanwhile",
             "dues: the run had not finished dues_update_1007, its first; it stands at 1007 now",
             "recover --restore takes both back"});
    expect_done({"recover", "--yes", "--restore"}, {"the backup from before the run is restored"});
    expect_closed_as_before();
}

// restoring

TEST_F(RecoveryTable, RestoreThatWasMeantToCloseIsRepeatedAndCloses) {
    const Fault fault = {"Exception", "throw new Exception('the river is too low');"};
    prepare(Store::Sqlite, {fault});
    kill_at("1 restoring, running",
            anything_but({"none, running", "none, unknown", "0 preparing, running", "1 done, running"}), true,
            &fault);
    EXPECT_EQ(club->rows("SELECT after_restore FROM bdupdate_mark"), "close");
    expect_refused({"run", "--yes"}, 8, {"bdupdate recover"});
    expect_done({"recover", "--yes"}, {"a restore was interrupted: it is repeated, and the run is closed",
                                       "the site is as before"});
    expect_closed_as_before();
}

// preparing, or the table without a row (a run on SQLite makes both in one commit)

TEST_F(RecoveryTable, RunKilledInItsBackupHadNotBegun) {
    prepare(Store::Sqlite, {});
    kill_at("0 preparing, running", anything_but({"none, unknown", "none, running"}), false);
    EXPECT_NE(first_difference(before, club->held(true)), "") << "maintenance mode and cron's semaphore";
    expect_refused({"run", "--yes"}, 8, {"bdupdate recover"});
    expect_done({"recover", "--yes"}, {"the run had not begun", "maintenance mode is off",
                                       "nothing was committed, the site is exactly as before the run"});
    expect_closed_as_before();
}

TEST_F(RecoveryTable, MarksTableWithoutARowIsDroppedWhereOnlyTheJournalIsOpen) {
    prepare(Store::Sqlite, {});
    // A restore by hand writes its mark as one whose run is finishing.
    kill_at("none, finishing", one_of({"none, finished"}), true);
    club->execute(
        "CREATE TABLE bdupdate_mark (id, run, epoch, seq, plan, step, state, after_restore, sandbox, "
        "maintenance_before, schema_hash, state_dir, host, user, site_fingerprint, holder)");
    EXPECT_EQ(position(), "empty, finishing");
    expect_done({"recover", "--yes"}, {"only its journal was not closed"});
    expect_closed_updated();
}

// finishing: all done, or done and said so

TEST_F(RecoveryTable, RunKilledBeforeItsEndGoesOnToIt) {
    prepare(Store::Sqlite, {});
    kill_at("3 done, finishing", one_of({"none, finishing", "none, finished"}), true);
    expect_refused({"run", "--yes"}, 8, {"bdupdate recover"});
    expect_done({"recover", "--yes"},
                {"3 passes of the run stand in the database", "maintenance mode is off"});
    expect_closed_updated();
}

TEST_F(RecoveryTable, EndOfARunIsRepeated) {
    prepare(Store::Sqlite, {});
    kill_at("3 done, finishing", one_of({"none, finishing", "none, finished"}), true);
    // As a server leaves it that goes down inside of the DROP TABLE, behind the commit before it.
    club->execute("UPDATE bdupdate_mark SET state = 'finishing'");
    expect_refused({"run", "--yes"}, 8, {"bdupdate recover"});
    expect_done({"recover", "--yes"}, {"all updates are done: only the end of the run is repeated"});
    expect_closed_updated();
}

// none

TEST_F(RecoveryTable, MarkDroppedAndJournalFinishingIsDone) {
    prepare(Store::Sqlite, {});
    kill_at("none, finishing", one_of({"none, finished"}), true);
    EXPECT_EQ(first_difference(updated, club->held()), "");
    expect_done({"recover", "--yes"}, {"the run is done; only its journal was not closed"});
    expect_closed_updated();
}

TEST_F(RecoveryTable, MarkDroppedAndJournalNotFinishingIsUndone) {
    const Fault fault = {"Exception", "throw new Exception('the river is too low');"};
    prepare(Store::Sqlite, {fault});
    kill_at("none, running", one_of({"none, closed"}), true, &fault);
    expect_refused({"run", "--yes"}, 8, {"bdupdate recover"});
    // What stands in the config directory is not the database's: image 0 is put back.
    std::ofstream(club->config() / "club.settings.json") << "{\"half\": true}\n";
    expect_done({"recover", "--yes"},
                {"the database holds nothing of the run: config and maintenance mode are put back"});
    expect_closed_as_before();
}

TEST_F(RecoveryTable, RunKilledBeforeItsMarkIsClosed) {
    prepare(Store::Sqlite, {});
    kill_at("none, running", anything_but({"none, unknown"}), false);
    expect_done({"recover", "--yes"}, {"the site is exactly as before the run"});
    expect_closed_as_before();
}

// unknown or lost journal

TEST_F(RecoveryTable, LostJournalIsSaidAndTheBackupOrForgettingHelps) {
    const Fault fault = killer("Killed");
    prepare(Store::Sqlite, {fault});
    for (const bool forget : {false, true}) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, forget);
        run_killed_by(fault);
        const std::string run = journal("SELECT id FROM run"), user = journal("SELECT user FROM run"),
                          host = journal("SELECT host FROM run");
        for (const char* end : {"", "-wal", "-shm"})
            fs::remove(state_directory() / (std::string("journal.sqlite") + end));
        for (const char* way : {"--yes", "--resume", "--restore"})
            expect_refused({"recover", "--yes", way}, 8,
                           {"the journal here does not know the interrupted run " + run + " of " + user +
                                " on " + host + " (state directory " + state_directory().string() + ")",
                            "recover --restore --backup NAME, or recover --forget"});
        expect_refused({"run", "--yes"}, 8, {"bdupdate recover"});
        if (!forget) {
            expect_done({"recover", "--yes", "--restore", "--backup", backup()},
                        {"the named backup is restored, and the mark is dropped", "maintenance mode is off"});
            expect_closed_as_before();
            continue;
        }
        const std::string config = settings();
        expect_done({"recover", "--yes", "--forget"},
                    {"the run is forgotten", "lost: an update was between two passes",
                     "lost: 1 pass of the run can be taken back only by hand: bdupdate backup list",
                     "maintenance mode is on"});
        EXPECT_EQ(position(), "none, unknown");
        EXPECT_EQ(titles(), "pass 1\nSprint regatta\nCleaning the boats\nNight on the river")
            << "left as it is";
        EXPECT_EQ(settings(), config);
    }
}

TEST_F(RecoveryTable, MarkOfAnotherStateDirectoryIsNotTouched) {
    const Fault fault = killer("Killed");
    prepare(Store::Sqlite, {fault});
    run_killed_by(fault);
    const fs::path elsewhere = club->root().parent_path() / "elsewhere";
    expect_refused({"recover", "--yes", "--state-dir", elsewhere.string()}, 8,
                   {"the journal here does not know the interrupted run",
                    "(state directory " + state_directory().string() + ")", "recover where it was started"});
    mend();
    expect_done({"recover", "--yes"}, {"1 pass of the run stands in the database"});
    expect_closed_updated();
}

// a mark of another site

TEST_F(RecoveryTable, MarkThatCameWithACopyOfAnotherSitesDatabaseIsRecognised) {
    const Fault fault = killer("Killed");
    prepare(Store::Sqlite, {fault});
    run_killed_by(fault);
    const std::string run = journal("SELECT id FROM run");
    const fs::path copy = club->root().parent_path() / "copy";
    fs::copy(club->root(), copy, fs::copy_options::recursive);
    const auto in_copy = [&](const std::vector<std::string>& arguments, int code) {
        SpawnOptions options;
        options.argv = {BDUPDATE_BINARY};
        options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
        options.environment = {{"BDUPDATE_STATE_DIR", club->state().string()}};
        options.directory = copy;
        const Completed done = run_program(options).value();
        EXPECT_EQ(done.status.code, code) << done.err << done.out;
        return done.err + done.out;
    };
    const std::string original = club->held(true), copied = read_file(copy / "site.sqlite").value();
    in_copy({"run", "--yes"}, 8);
    EXPECT_THAT(
        in_copy({"recover", "--yes"}, 8),
        HasSubstr("the mark is another site's and came here with a copy of its database: run " + run));
    EXPECT_EQ(read_file(copy / "site.sqlite").value(), copied);
    // The copy is freed and can be updated, the site itself does not notice.
    mend();
    in_copy({"recover", "--yes", "--forget"}, 0);
    in_copy({"run", "--yes"}, 0);
    EXPECT_EQ(first_difference(original, club->held(true)), "");
    expect_done({"recover", "--yes"}, {"1 pass of the run stands in the database"});
    expect_updated();
}

// the fences

TEST_F(RecoveryTable, RecordedWorkerThatStillLivesIsEndedFirst) {
    const Fault fault = killer("Killed");
    prepare(Store::Sqlite, {fault});
    run_killed_by(fault);
    mend();
    // A worker dies with its program; this one stands for one that does not.
    SpawnOptions options;
    options.argv = {"sleep", "600"};
    options.own_process_group = true;
    auto survivor = Subprocess::spawn(options);
    ASSERT_TRUE(survivor);
    const auto record = [&](std::uint64_t start_time) {
        journal("UPDATE worker SET pid = " + std::to_string(survivor->pid()) +
                ", start_time = " + std::to_string(start_time));
    };
    const std::uint64_t start_time = process_start_time(survivor->pid()).value();
    // Somebody else's process that has got the worker's pid is none of ours.
    record(start_time + 1);
    club->execute("UPDATE system SET schema_version = 1007 WHERE name = 'dues'");
    EXPECT_EQ(club->run({"recover", "--yes"}).status.code, 8);
    EXPECT_FALSE(survivor->poll());
    club->execute("UPDATE system SET schema_version = 1006 WHERE name = 'dues'");
    record(start_time);
    expect_done({"recover", "--yes"}, {"1 pass of the run stands in the database"});
    EXPECT_EQ(survivor->wait().signal, SIGKILL);
    expect_closed_updated();
}

// --on-failure restore

TEST_F(RecoveryTable, SiteThatDoesNotBootAfterItsRestoreStaysOffline) {
    const Fault fault = {
        "Broken",
        "file_put_contents('modules/dues/dues.module', \"<?php\\nthrow new Exception('broken "
        "code');\\n\"); throw new Exception('the river is too low');"};
    prepare(Store::Sqlite, {fault});
    choose(fault);
    const Completed failed = club->run({"run", "--yes"});
    EXPECT_EQ(failed.status.code, 7) << failed.err << failed.out;
    EXPECT_THAT(failed.err, HasSubstr("the river is too low"));
    EXPECT_THAT(failed.err, HasSubstr("database and config are restored, but the site does not boot"));
    EXPECT_THAT(failed.err, HasSubstr("broken code"));
    EXPECT_THAT(failed.out + failed.err, HasSubstr("maintenance mode is on"));
    EXPECT_EQ(position(), "none, closed");
    EXPECT_EQ(titles(), "Opening of the season\nSprint regatta\nCleaning the boats\nNight on the river");
    fs::copy_file(club->root().parent_path() / "kept/modules/dues/dues.module",
                  club->root() / "modules/dues/dues.module", fs::copy_options::overwrite_existing);
    EXPECT_EQ(club->run({"maintenance", "off", "--yes"}).status.code, 0);
    club->execute("DELETE FROM state WHERE name = 'maintenance_mode'");
    expect_closed_as_before();
}

}  // namespace
}  // namespace bdupdate::test
