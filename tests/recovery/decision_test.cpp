#include "bdupdate/recovery/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdupdate::recovery {
namespace {

using db::MarkState;
using ::testing::HasSubstr;

const Request finish{};
const Request resume{Wish::Resume, ""};
const Request restore{Wish::Restore, ""};
const Request restore_named{Wish::Restore, "2026-11-22T14-05-09"};
const Request forget{Wish::Forget, ""};
const std::vector<Request> all_wishes = {finish, resume, restore, restore_named, forget};

/// The database after a run that was killed: mark (seq, state).
DatabaseFacts marked(MarkState state, std::int64_t seq = 0) {
    db::Mark mark;
    mark.run = "4f1c";
    mark.host = "web1";
    mark.user = "deploy";
    mark.state_dir = "/var/lib/bdupdate/site";
    mark.state = state;
    mark.seq = seq;
    DatabaseFacts facts;
    facts.has_mark_table = true;
    facts.mark = mark;
    facts.schema_hash_fits = true;
    return facts;
}

DatabaseFacts restoring(const std::string& after) {
    DatabaseFacts facts = marked(MarkState::Restoring);
    facts.mark->after_restore = after;
    return facts;
}

DatabaseFacts unmarked(bool table_without_row = false) {
    DatabaseFacts facts;
    facts.has_mark_table = table_without_row;
    return facts;
}

/// The journal of a run with a backup and images up to `newest`.
JournalFacts journal(std::int64_t newest = 0) {
    JournalFacts facts;
    facts.known = true;
    facts.has_backup = true;
    facts.newest_image = newest;
    return facts;
}

JournalFacts without_backup(std::int64_t newest = 0) {
    JournalFacts facts = journal(newest);
    facts.has_backup = false;
    return facts;
}

JournalFacts finishing() {
    JournalFacts facts = journal(3);
    facts.finishing = true;
    return facts;
}

JournalFacts finished() {
    JournalFacts facts = finishing();
    facts.finished = true;
    return facts;
}

void expect_refused(const Decision& decision, ExitCode code, const std::string& words) {
    EXPECT_EQ(decision.action, Action::Refuse);
    EXPECT_EQ(decision.code, code);
    EXPECT_THAT(decision.explanation, HasSubstr(words));
    EXPECT_FALSE(decision.hint.empty());
    EXPECT_FALSE(decision.image);
}

void expect(const Decision& decision, Action action, std::optional<std::int64_t> image) {
    EXPECT_EQ(decision.action, action) << decision.explanation;
    EXPECT_EQ(decision.image, image) << decision.explanation;
    EXPECT_EQ(decision.code, ExitCode::Done);
    EXPECT_FALSE(decision.explanation.empty());
}

}  // namespace

TEST(RecoveryDone, GoesOnBehindTheLastPassWithItsImage) {
    for (const Request& request : {finish, resume}) {
        const Decision decision = decide(marked(MarkState::Done, 3), journal(3), request);
        expect(decision, Action::GoOn, 3);
        EXPECT_FALSE(decision.keep_todays_config);
    }
}

TEST(RecoveryDone, ImagesOfAnUndonePassAreNotUsed) {
    expect(decide(marked(MarkState::Done, 3), journal(4)), Action::GoOn, 3);
}

TEST(RecoveryDone, PassesThatChangedNoConfigHaveNoImageOfTheirOwn) {
    expect(decide(marked(MarkState::Done, 3), journal(1)), Action::GoOn, 3);
}

TEST(RecoveryDone, AfterACleanStopTodaysConfigStays) {
    JournalFacts stopped = journal(3);
    stopped.stopped_cleanly = true;
    const Decision decision = decide(marked(MarkState::Done, 3), stopped);
    expect(decision, Action::GoOn, 3);
    EXPECT_TRUE(decision.keep_todays_config);
}

TEST(RecoveryDone, GoesOnBeforeTheFirstPassWhichHasNoHash) {
    DatabaseFacts database = marked(MarkState::Done, 0);
    database.schema_hash_fits.reset();
    expect(decide(database, journal()), Action::GoOn, 0);
}

TEST(RecoveryDone, NeedsNoBackupToGoOn) {
    expect(decide(marked(MarkState::Done, 3), without_backup(3)), Action::GoOn, 3);
}

TEST(RecoveryDone, RefusesWhereSomebodyElseRanUpdates) {
    DatabaseFacts database = marked(MarkState::Done, 3);
    database.schema_hash_fits = false;
    for (const Request& request : {finish, resume}) {
        expect_refused(decide(database, journal(3), request), ExitCode::Interrupted, "somebody else");
    }
    expect(decide(database, journal(3), restore), Action::RestoreThenClose, 0);
}

TEST(RecoveryDone, RefusesWhereTheImagesAreLost) {
    expect_refused(decide(marked(MarkState::Done, 3), journal(-1)), ExitCode::Interrupted, "lost the config");
}

TEST(RecoveryDone, RestoresWhenAsked) {
    expect(decide(marked(MarkState::Done, 3), journal(3), restore), Action::RestoreThenClose, 0);
}

TEST(RecoveryDone, ConfigComesWithANamedBackup) {
    expect(decide(marked(MarkState::Done, 3), without_backup(3), restore_named), Action::RestoreThenClose,
           std::nullopt);
}

TEST(RecoveryDone, CannotRestoreWithoutABackup) {
    expect_refused(decide(marked(MarkState::Done, 3), without_backup(3), restore), ExitCode::NeedsHands,
                   "no backup");
}

TEST(RecoveryDone, WithNothingCommittedARestoreOnlyPutsConfigBack) {
    expect(decide(marked(MarkState::Done, 0), without_backup(1), restore), Action::CloseUndone, 0);
}

TEST(RecoveryOpen, RestoresAndRunsAgain) {
    expect(decide(marked(MarkState::Open, 3), journal(3)), Action::RestoreThenRerun, 0);
}

TEST(RecoveryOpen, RestoresAndClosesWhenAsked) {
    expect(decide(marked(MarkState::Open, 3), journal(3), restore), Action::RestoreThenClose, 0);
    expect(decide(marked(MarkState::Open, 3), without_backup(3), restore_named), Action::RestoreThenClose,
           std::nullopt);
}

TEST(RecoveryOpen, NeverRestoresOnResume) {
    expect_refused(decide(marked(MarkState::Open, 3), journal(3), resume), ExitCode::NeedsHands, "pass 3");
}

TEST(RecoveryOpen, NeedsHandsWithoutABackup) {
    for (const Request& request : {finish, resume, restore}) {
        expect_refused(decide(marked(MarkState::Open, 3), without_backup(3), request), ExitCode::NeedsHands,
                       "pass 3");
    }
}

TEST(RecoveryRestoring, RepeatsTheRestoreAndThenWhatWasMeant) {
    expect(decide(restoring("rerun"), journal()), Action::RestoreThenRerun, 0);
    expect(decide(restoring("close"), journal()), Action::RestoreThenClose, 0);
}

TEST(RecoveryRestoring, ClosesWhenARestoreIsAskedFor) {
    expect(decide(restoring("rerun"), journal(), restore), Action::RestoreThenClose, 0);
    expect(decide(restoring("rerun"), without_backup(), restore_named), Action::RestoreThenClose,
           std::nullopt);
}

TEST(RecoveryRestoring, NeverRestoresOnResume) {
    expect_refused(decide(restoring("rerun"), journal(), resume), ExitCode::NeedsHands,
                   "restore was interrupted");
}

TEST(RecoveryRestoring, NeedsHandsWhereTheBackupIsGone) {
    expect_refused(decide(restoring("rerun"), without_backup()), ExitCode::NeedsHands, "its backup is gone");
    expect_refused(decide(restoring("close"), without_backup(), restore), ExitCode::NeedsHands,
                   "its backup is gone");
}

TEST(RecoveryPreparing, ClosesWhateverIsAskedFor) {
    for (const Request& request : all_wishes) {
        expect(decide(marked(MarkState::Preparing), journal(-1), request), Action::CloseUntouched,
               std::nullopt);
    }
}

TEST(RecoveryPreparing, OfAnUnknownRunIsRefused) {
    expect_refused(decide(marked(MarkState::Preparing), {}), ExitCode::Interrupted,
                   "run 4f1c of deploy on web1");
}

TEST(RecoveryTableWithoutRow, ClosesAKnownRun) {
    expect(decide(unmarked(true), journal(-1)), Action::CloseUndone, std::nullopt);
}

TEST(RecoveryTableWithoutRow, EndsARunThatWasFinishing) {
    expect(decide(unmarked(true), finishing()), Action::CloseDone, std::nullopt);
}

TEST(RecoveryTableWithoutRow, OfNobodyIsRefusedUntilItIsForgotten) {
    expect_refused(decide(unmarked(true), {}), ExitCode::Interrupted, "without a row");
    expect_refused(decide(unmarked(true), finished()), ExitCode::Interrupted, "without a row");
    expect(decide(unmarked(true), {}, forget), Action::Forget, std::nullopt);
}

TEST(RecoveryFinishing, RepeatsTheEndWhateverTheJournalKnows) {
    for (const JournalFacts& facts :
         {finishing(), journal(3), without_backup(3), finished(), JournalFacts{}}) {
        for (const Request& request : {finish, resume}) {
            expect(decide(marked(MarkState::Finishing, 3), facts, request), Action::RepeatEnd, std::nullopt);
        }
    }
}

TEST(RecoveryFinishing, RestoresOnlyWhenAskedAndAble) {
    expect(decide(marked(MarkState::Finishing, 3), finishing(), restore), Action::RestoreThenClose, 0);
    expect_refused(decide(marked(MarkState::Finishing, 3), without_backup(3), restore), ExitCode::NeedsHands,
                   "no backup");
    expect_refused(decide(marked(MarkState::Finishing, 3), {}, restore), ExitCode::Interrupted,
                   "does not know");
}

TEST(RecoveryWithoutMark, PutsConfigBackWhereTheRunHadNotFinished) {
    for (const Request& request : {finish, resume, restore}) {
        expect(decide(unmarked(), journal(2), request), Action::CloseUndone, 0);
        expect(decide(unmarked(), journal(-1), request), Action::CloseUndone, std::nullopt);
    }
}

TEST(RecoveryWithoutMark, ClosesARunThatWasFinishing) {
    for (const Request& request : all_wishes) {
        expect(decide(unmarked(), finishing(), request), Action::CloseDone, std::nullopt);
    }
}

TEST(RecoveryWithoutMark, ForgetsWithoutTouchingConfig) {
    expect(decide(unmarked(), journal(2), forget), Action::Forget, std::nullopt);
}

TEST(RecoveryWithoutMark, NothingIsOpenWhereNoRunIs) {
    for (const Request& request : {finish, resume, restore, forget}) {
        expect(decide(unmarked(), {}, request), Action::Nothing, std::nullopt);
        expect(decide(unmarked(), finished(), request), Action::Nothing, std::nullopt);
    }
}

TEST(RecoveryWithoutMark, ANamedBackupIsNotRestoredSilently) {
    expect_refused(decide(unmarked(), {}, restore_named), ExitCode::Usage, "no run is open");
}

TEST(RecoveryClosing, ARestoredRunIsOnlyClosed) {
    DatabaseFacts facts = marked(MarkState::Done);
    facts.mark->after_restore = "close";
    for (const Request& request : {finish, resume, restore})
        expect(decide(facts, journal(), request), Action::CloseUndone, std::nullopt);
    expect(decide(facts, journal(), restore_named), Action::RestoreThenClose, std::nullopt);
}

TEST(RecoveryClosing, ABootThatSplitBehindARestoreRepeatsItAndCloses) {
    DatabaseFacts facts = marked(MarkState::Open, 1);
    facts.mark->after_restore = "close";
    expect(decide(facts, journal(), finish), Action::RestoreThenClose, 0);
    expect_refused(decide(facts, journal(), resume), ExitCode::NeedsHands, "pass 1");
}

TEST(RecoveryUnknown, SaysWhoseRunItIsAndHowToGoOn) {
    for (const MarkState state : {MarkState::Done, MarkState::Open, MarkState::Restoring}) {
        for (const Request& request : {finish, resume, restore}) {
            const Decision decision = decide(marked(state, 3), {}, request);
            expect_refused(decision, ExitCode::Interrupted, "run 4f1c of deploy on web1");
            EXPECT_THAT(decision.hint, HasSubstr("--forget"));
        }
    }
}

TEST(RecoveryUnknown, RestoresANamedBackupOrForgets) {
    for (const MarkState state :
         {MarkState::Done, MarkState::Open, MarkState::Restoring, MarkState::Finishing}) {
        expect(decide(marked(state, 3), {}, restore_named), Action::RestoreThenClose, std::nullopt);
        expect(decide(marked(state, 3), {}, forget), Action::Forget, std::nullopt);
    }
}

TEST(RecoveryUnknown, AMarkOfAnotherSiteCameWithACopy) {
    DatabaseFacts database = marked(MarkState::Done, 3);
    database.foreign_fingerprint = true;
    expect_refused(decide(database, {}), ExitCode::Interrupted, "another site's");
    // A state directory that travelled along does not make it ours.
    expect_refused(decide(database, journal(3)), ExitCode::Interrupted, "another site's");
    database.mark->state = MarkState::Preparing;
    expect_refused(decide(database, journal(3)), ExitCode::Interrupted, "another site's");
}

TEST(RecoveryUnknown, AMarkOfAClosedRunCameBackWithAnOldCopy) {
    expect_refused(decide(marked(MarkState::Done, 3), finished()), ExitCode::Interrupted,
                   "has closed the run");
}

TEST(RecoveryForget, LeavesEverythingAsItIs) {
    for (const MarkState state :
         {MarkState::Done, MarkState::Open, MarkState::Restoring, MarkState::Finishing}) {
        expect(decide(marked(state, 3), journal(3), forget), Action::Forget, std::nullopt);
    }
}

}  // namespace bdupdate::recovery
