#include "bdupdate/base/subprocess.h"
#include "bdupdate/base/text.h"
#include "bdupdate/journal/journal.h"
#include "bdupdate/report/events.h"
#include "bdupdate/report/text.h"
#include "command_history.h"
#include "commands.h"
#include "failure.h"
#include "progress.h"
#include "workplace.h"

namespace bdupdate::cli {

namespace {

Result<void> ask(const GlobalOptions& global, const run::Options& options, const run::Need& need,
                 Output& output) {
    if (global.yes) return {};
    BDUPDATE_TRY(output.require_consent(false));
    output.present(report::proposal_text(need.view, options, output.talk_style()));
    const std::string question =
        need.view.plan.steps.empty() ? "The code is newer than at the last flush. Flush all caches?"
        : need.view.drupal7          ? "Back up, and upgrade this database of Drupal 7 to Backdrop?"
                            : "Back up and run " + counted(need.view.plan.steps.size(), "update") + "?";
    return output.confirm(question);
}

/// The updates are done, or taken back, whether or not the report can be written.
void tell_report(journal::Journal& journal, const Workplace& place, const run::Outcome& outcome,
                 const std::filesystem::path& file, Output& output) {
    if (outcome.run.empty()) return output.talk("note: nothing ran, and no report was written");
    if (auto written = write_report(journal, place, outcome.run, file); !written)
        output.talk("warning: no report was written: " + written.error().message);
    else
        output.talk("report: " + file.string());
}

}  // namespace

void tell_view(const run::View& view, Output& output) {
    for (const std::string& note : view.notes) output.note(note);
    for (const std::string& warning : view.warnings) output.warning(warning);
}

std::optional<ExitCode> tell_findings(const run::Need& need, Output& output, bool events) {
    for (const run::Finding& finding : need.findings) {
        if (finding.refuses) {
            output.error(finding.error);
            if (events) output.answer(report::error_json(finding.error));
        } else {
            output.warning(finding.error.message);
            if (!finding.error.hint.empty()) output.hint(finding.error.hint);
        }
    }
    const run::Finding* refusal = need.refusal();
    return refusal == nullptr ? std::nullopt : std::optional(refusal->error.code);
}

/// The plan, and what a run would find before its first change, as far as it can be told without PHP and
/// without writing anything.
Result<ExitCode> command_dry_run(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(Workplace place, open_workplace(line.global, Access::Read, output));
    BDUPDATE_ASSIGN(auto journal, journal::Journal::open_read_only(place.paths.journal()));
    run::Options options = line.run.run;
    options.backup_dir = line.global.backup_dir;
    options.selection.acknowledged = line.global.acknowledge;
    BDUPDATE_ASSIGN(const run::Need need,
                    run::assess({place.site, *place.database, place.paths, place.scan, place.worker.run_as,
                                 journal ? &*journal : nullptr, nullptr},
                                options));
    tell_view(need.view, output);
    output.answer(line.global.format == Format::Json
                      ? report::plan_json(need.view, place.site)
                      : report::proposal_text(need.view, options, output.style()));
    return tell_findings(need, output, false).value_or(ExitCode::Done);
}

Result<ExitCode> command_run(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(Workplace place, open_for_run(line, output));
    BDUPDATE_ASSIGN(auto journal, journal::Journal::open(place.paths.journal()));
    Progress progress(output, line.global.format);
    place.worker.aborted = progress.watching(std::move(place.worker.aborted));
    place.warm = std::make_shared<worker::WarmPhp>(place.site, place.worker);
    run::Context context = context_of(place, journal, progress);
    run::Options options = line.run.run;
    options.backup_dir = line.global.backup_dir;
    options.selection.acknowledged = line.global.acknowledge;
    options.stop_signal = signal_seen;
    options.ask_on_failure = failure_question(line.global, output);
    if (options.on_failure) options.ask_on_failure = {};  // it was answered beforehand
    if (options.on_failure == run::FailurePolicy::Restore && !options.backup)
        return fail(ExitCode::Usage, "--on-failure restore needs the backup that --no-backup leaves out",
                    "leave one of them out");

    if (line.run.report) BDUPDATE_TRY(check_report_place(*line.run.report, place.site));
    BDUPDATE_TRY(run::wait_for_run_at_work(context, options));
    BDUPDATE_ASSIGN(const run::Need need, run::assess(context, options));
    tell_view(need.view, output);
    if (const auto code = tell_findings(need, output, line.global.format == Format::Json)) return *code;
    // Below the plan that is asked about there is no place for them.
    for (const std::string& warning : need.view.plan.warnings) output.warning(warning);
    if (need.anything()) BDUPDATE_TRY(ask(line.global, options, need, output));
    watch_signals();
    BDUPDATE_ASSIGN(const run::Outcome outcome, run::execute(context, options, need));
    const ExitCode code = tell_outcome(outcome, place, line.global, output);
    if (line.run.report) tell_report(journal, place, outcome, *line.run.report, output);
    return code;
}

}  // namespace bdupdate::cli
