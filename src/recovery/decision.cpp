#include "bdupdate/recovery/decision.h"

namespace bdupdate::recovery {

namespace {

Decision act(Action action, std::string explanation) {
    Decision decision;
    decision.action = action;
    decision.explanation = std::move(explanation);
    return decision;
}

Decision refuse(ExitCode code, std::string explanation, std::string hint) {
    Decision decision = act(Action::Refuse, std::move(explanation));
    decision.code = code;
    decision.hint = std::move(hint);
    return decision;
}

/// The config directory goes back to an image.
Decision with_image(Decision decision, std::int64_t image) {
    decision.image = image;
    return decision;
}

/// Config comes back with the backup where the operator named one, else with the run's first image.
Decision restore_and_close(const Request& request, std::string explanation) {
    Decision decision = act(Action::RestoreThenClose, std::move(explanation));
    if (request.wish != Wish::Restore || request.backup.empty()) decision.image = 0;
    return decision;
}

std::string origin(const db::Mark& mark) {
    return "run " + mark.run + " of " + mark.user + " on " + mark.host + " (state directory " +
           mark.state_dir + ")";
}

std::string passes(std::int64_t count) {
    return std::to_string(count) + (count == 1 ? " pass" : " passes");
}

/// A mark or a table whose run this machine's journal does not have.
Decision decide_unknown(const DatabaseFacts& database, const JournalFacts& journal, const Request& request) {
    if (request.wish == Wish::Restore && !request.backup.empty()) {
        return restore_and_close(request, "the named backup is restored, and the mark is dropped");
    }
    const std::string ways =
        "recover where it was started, or recover --restore --backup NAME, or recover --forget";
    if (!database.mark) {
        return refuse(ExitCode::Interrupted,
                      "the mark's table is there without a row, and the journal knows no open run", ways);
    }
    if (database.foreign_fingerprint) {
        return refuse(
            ExitCode::Interrupted,
            "the mark is another site's and came here with a copy of its database: " + origin(*database.mark),
            "recover --forget, if this database was copied in the middle of that run on purpose");
    }
    if (journal.known) {
        return refuse(ExitCode::Interrupted,
                      "the journal has closed the run that the mark names: the mark came back with an older "
                      "copy of the database",
                      "recover --restore --backup NAME, or recover --forget");
    }
    return refuse(ExitCode::Interrupted,
                  "the journal here does not know the interrupted " + origin(*database.mark), ways);
}

/// (k, done): pass k and everything before it is in the database.
Decision decide_done(const DatabaseFacts& database, const JournalFacts& journal, const Request& request) {
    const std::int64_t seq = database.mark->seq;
    if (database.mark->after_restore == "close" && request.backup.empty())
        return act(Action::CloseUndone, "the backup is restored already: the run is only closed");
    if (request.wish == Wish::Restore) {
        if (seq == 0 && request.backup.empty()) {
            return with_image(act(Action::CloseUndone, "no update was committed: only config is put back"),
                              0);
        }
        if (!journal.has_backup && request.backup.empty()) {
            return refuse(ExitCode::NeedsHands, "the run has no backup that could be restored",
                          "recover --resume goes on from pass " + std::to_string(seq + 1));
        }
        return restore_and_close(request, "the backup from before the run is restored");
    }
    if (database.schema_hash_fits == false) {
        return refuse(
            ExitCode::Interrupted,
            "schema_version of planned modules has changed since the run was interrupted: somebody else ran "
            "updates meanwhile",
            "look at what both did; recover --restore takes both back, recover --forget leaves everything as "
            "it is");
    }
    if (journal.newest_image < 0) {
        return refuse(ExitCode::Interrupted, "the journal lost the config files from before the run",
                      "recover --restore takes everything back");
    }
    Decision decision = with_image(
        act(Action::GoOn,
            seq == 0 ? "nothing of the run was committed: it begins with its first update"
                     : passes(seq) +
                           (seq == 1 ? " of the run stands in the database: the run goes on behind it"
                                     : " of the run stand in the database: the run goes on behind them")),
        seq);
    decision.keep_todays_config = journal.stopped_cleanly;
    return decision;
}

/// (k, open): a schema change inside pass k committed a part of it, or it may have written to tables without
/// transactions.
Decision decide_open(const JournalFacts& journal, const Request& request, std::int64_t seq,
                     const std::string& after_restore) {
    const std::string found =
        "pass " + std::to_string(seq) +
        " was committed in part, by a schema change or into tables without transactions";
    if (request.wish == Wish::Resume) {
        return refuse(ExitCode::NeedsHands, found + ", and only the backup undoes that",
                      "recover without --resume restores it");
    }
    // A boot after a restore can do that, too: what was meant to be closed is not run again.
    const bool closing = request.wish == Wish::Restore || after_restore == "close";
    if (closing && (journal.has_backup || !request.backup.empty())) {
        return restore_and_close(request, found + ": the backup from before the run is restored");
    }
    if (!journal.has_backup) {
        return refuse(
            ExitCode::NeedsHands, found + ", and the run has no backup",
            "put the named tables right by hand, or restore a backup of your own and recover --forget");
    }
    return with_image(act(Action::RestoreThenRerun,
                          found + ": the backup from before the run is restored, and the run begins again"),
                      0);
}

/// A restore was interrupted.
Decision decide_restoring(const db::Mark& mark, const JournalFacts& journal, const Request& request) {
    const std::string found = "a restore was interrupted";
    if (request.wish == Wish::Resume) {
        return refuse(ExitCode::NeedsHands, found + " and the database is between two states",
                      "recover without --resume repeats the restore");
    }
    if (!journal.has_backup && !(request.wish == Wish::Restore && !request.backup.empty())) {
        return refuse(ExitCode::NeedsHands, found + ", and its backup is gone",
                      "recover --restore --backup NAME takes another one");
    }
    if (request.wish == Wish::Finish && mark.after_restore == "rerun") {
        return with_image(act(Action::RestoreThenRerun, found + ": it is repeated, and the run begins again"),
                          0);
    }
    return restore_and_close(request, found + ": it is repeated, and the run is closed");
}

Decision decide_finishing(const JournalFacts& journal, const Request& request) {
    if (request.wish == Wish::Restore) {
        if (journal.has_backup || !request.backup.empty()) {
            return restore_and_close(request,
                                     "all updates are done; the backup from before the run is restored");
        }
        return refuse(ExitCode::NeedsHands,
                      "all updates are done, and the run has no backup that could be restored",
                      "recover without --restore ends the run");
    }
    return act(Action::RepeatEnd, "all updates are done: only the end of the run is repeated");
}

/// No mark, or only its table: the database holds nothing of the run, or everything.
Decision decide_without_mark(const JournalFacts& journal, const Request& request) {
    if (journal.finishing) return act(Action::CloseDone, "the run is done; only its journal was not closed");
    if (request.wish == Wish::Forget) {
        return act(Action::Forget,
                   "the run is closed; database, config and maintenance mode stay as they are");
    }
    Decision decision =
        act(Action::CloseUndone,
            "the database holds nothing of the run: config and maintenance mode are put back");
    if (journal.newest_image >= 0) decision.image = 0;
    return decision;
}

}  // namespace

Decision decide(const DatabaseFacts& database, const JournalFacts& journal, const Request& request) {
    const bool open_here = journal.known && !journal.finished;
    if (!database.mark) {
        if (open_here) return decide_without_mark(journal, request);
        if (!database.has_mark_table) {
            if (!request.backup.empty())
                return refuse(
                    ExitCode::Usage, "no run is open here that could be taken back",
                    "bdupdate backup restore " + request.backup + " puts a backup back at any time");
            return act(Action::Nothing, "no run is open");
        }
        return request.wish == Wish::Forget ? act(Action::Forget, "the empty table of the mark is dropped")
                                            : decide_unknown(database, journal, request);
    }
    const db::Mark& mark = *database.mark;
    const bool ours = open_here && !database.foreign_fingerprint;
    // Nothing is lost by a proper end, so that is what happens whatever was asked for.
    if (mark.state == db::MarkState::Preparing && ours) {
        return act(Action::CloseUntouched,
                   "the run had not begun: maintenance mode is put back, and the run is closed");
    }
    if (request.wish == Wish::Forget) {
        return act(
            Action::Forget,
            "the mark is dropped and the run closed; database, config and maintenance mode stay as they are");
    }
    if (mark.state == db::MarkState::Finishing && (ours || request.wish != Wish::Restore)) {
        return decide_finishing(journal, request);
    }
    if (!ours) return decide_unknown(database, journal, request);
    if (mark.state == db::MarkState::Open) return decide_open(journal, request, mark.seq, mark.after_restore);
    if (mark.state == db::MarkState::Restoring) return decide_restoring(mark, journal, request);
    return decide_done(database, journal, request);
}

}  // namespace bdupdate::recovery
