#include "bdupdate/report/checks.h"
#include "bdupdate/run/mark.h"
#include "commands.h"
#include "progress.h"
#include "workplace.h"

namespace bdupdate::cli {

Result<ExitCode> command_mark(const CommandLine& line, Output& output) {
    const MarkOptions& options = line.checks.mark;
    const auto wanted = plan::module_and_number(options.wanted);
    if (!wanted)
        return fail(ExitCode::Usage, "mark " + options.wanted + " is not of the form MODULE=N",
                    "such as: bdupdate mark system=1106");
    BDUPDATE_TRY(output.require_consent(line.global.yes));
    // A bare site's table of numbers may be missing: then this makes it.
    BDUPDATE_ASSIGN(Workplace place, open_workplace(line.global, Access::Repair, output));
    BDUPDATE_ASSIGN(auto journal, journal::Journal::open(place.paths.journal()));
    const bool json = line.global.format == Format::Json;
    Progress progress(output, line.global.format);
    run::Listener deaf;  // the answer is one document, and names the backup
    run::Context context = context_of(place, journal, json ? deaf : progress);
    BDUPDATE_ASSIGN(const run::MarkPlan plan,
                    run::plan_mark(place.site, *place.database, place.scan, wanted->first, wanted->second));
    for (const std::string& warning : plan.warnings) output.talk("warning: " + warning);
    std::optional<run::Marked> marked;
    if (plan.changes()) {
        if (!line.global.yes) {
            output.answer(report::mark_plan_text(plan, output.style()));
            BDUPDATE_TRY(output.confirm(std::string(options.backup ? "Back up and set " : "Set ") +
                                        options.wanted + "?"));
        }
        run::MarkOptions how;
        how.backup = options.backup;
        how.backups = line.global.backup_dir.value_or(place.paths.backups());
        BDUPDATE_ASSIGN(marked, run::mark(context, plan, how));
    }
    output.answer(json ? report::marked_json(plan, marked)
                       : report::marked_text(plan, marked, output.style()));
    return ExitCode::Done;
}

}  // namespace bdupdate::cli
