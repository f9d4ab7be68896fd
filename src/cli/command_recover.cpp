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

}  // namespace

Result<ExitCode> command_recover(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(Workplace place, open_for_run(line, output));
    BDUPDATE_ASSIGN(auto journal, journal::Journal::open(place.paths.journal()));
    Progress progress(output, line.global.format);
    run::Context context = context_of(place, journal, progress);
    if (!line.global.yes) {
        BDUPDATE_TRY(output.require_consent(false));
        if (!output.confirm(question(line.recover.wish))) return fail(ExitCode::Usage, "not confirmed");
    }
    watch_signals();
    const run::Attending attending{signal_seen, failure_question(line.global, output),
                                   line.global.backup_dir};
    BDUPDATE_ASSIGN(const run::Outcome outcome, run::recover(context, line.recover, attending));
    if (outcome.end == run::End::NothingPending) {
        output.answer("nothing to recover\n");
        return ExitCode::Done;
    }
    return tell_outcome(outcome, place, line.global, output);
}

}  // namespace bdupdate::cli
