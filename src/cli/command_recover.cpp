#include "bdupdate/report/text.h"
#include "commands.h"
#include "failure.h"
#include "progress.h"

namespace bdupdate::cli {

namespace {

const char* question(recovery::Wish wish) {
    switch (wish) {
        case recovery::Wish::Restore:
            return "Put the backup from before the run back?";
        case recovery::Wish::Forget:
            return "Forget the interrupted run and leave the site as it is?";
        default:
            return "Go on with the interrupted run?";
    }
}

/// PHP may use what it might in the run, or what is said now.
Result<void> take_limits(journal::Journal& journal, const run::Options& said, Workplace& place) {
    BDUPDATE_ASSIGN(const auto open, journal.open_run());
    if (open) {
        run::Options of_the_run;
        of_the_run.take_journalled(open->options);
        set_limits(of_the_run, place);
    }
    set_limits(said, place);
    return {};
}

ExitCode tell_nothing(const GlobalOptions& options, Output& output) {
    output.answer(options.format == Format::Json ? report::outcome_json({}) : "nothing to recover\n");
    return ExitCode::Done;
}

}  // namespace

Result<ExitCode> command_recover(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(Workplace place, open_for_run(line, output));
    BDUPDATE_ASSIGN(auto journal, journal::Journal::open(place.paths.journal()));
    BDUPDATE_TRY(take_limits(journal, line.run.run, place));
    Progress progress(output, line.global.format);
    place.worker.aborted = progress.watching(std::move(place.worker.aborted));
    run::Context context = context_of(place, journal, progress);
    BDUPDATE_ASSIGN(const auto foresight, run::foresee(context, line.recover));
    if (!foresight) return tell_nothing(line.global, output);
    if (!line.global.yes) {
        BDUPDATE_TRY(output.require_consent(false));
        if (foresight->mark) output.present(report::interrupted_sentence(*foresight->mark) + "\n");
        output.present(foresight->explanation + "\n");
        progress.has_told(foresight->explanation);
        BDUPDATE_TRY(output.confirm(question(line.recover.wish)));
    }
    watch_signals();
    const run::Attending attending{signal_seen, failure_question(line.global, output),
                                   line.global.backup_dir};
    BDUPDATE_ASSIGN(const run::Outcome outcome, run::recover(context, line.recover, attending));
    if (outcome.end == run::End::NothingPending) return tell_nothing(line.global, output);
    return tell_outcome(outcome, place, line.global, output);
}

}  // namespace bdupdate::cli
