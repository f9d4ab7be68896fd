#include "bdupdate/report/text.h"
#include "commands.h"
#include "workplace.h"

namespace bdupdate::cli {

Result<ExitCode> command_status(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(Workplace place, open_workplace(line.global, Access::Read, output));
    BDUPDATE_ASSIGN(const bool marked, place.database->has_mark_table());
    BDUPDATE_ASSIGN(const auto maintenance, place.database->maintenance());
    plan::Selection selection;
    selection.acknowledged = line.global.acknowledge;
    auto looked = run::look(place.site, *place.database, place.scan, selection);
    if (!looked && marked)
        return fail(ExitCode::Interrupted,
                    "an interrupted run must be recovered first: " + looked.error().message,
                    "bdupdate recover");
    if (!looked) return fail(looked.error());
    const run::View view = std::move(*looked);
    report::StatusFacts facts{place.site, place.database->server(), view, std::nullopt,
                              false,      maintenance.on()};
    if (marked) {
        BDUPDATE_ASSIGN(facts.interrupted, place.database->read_mark());
        facts.mark_without_row = !facts.interrupted;
    }
    output.answer(line.global.format == Format::Json ? report::status_json(facts)
                                                     : report::status_text(facts, output.style()));
    return line.status.exit_code ? report::status_code(facts) : ExitCode::Done;
}

Result<ExitCode> command_plan(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(Workplace place, open_workplace(line.global, Access::Read, output));
    plan::Selection selection = line.run.run.selection;
    selection.acknowledged = line.global.acknowledge;
    BDUPDATE_ASSIGN(const run::View view, run::look(place.site, *place.database, place.scan, selection));
    BDUPDATE_TRY(run::check_names(view.rows, selection));
    tell_view(view, output);
    for (const std::string& error : view.syntax_errors) output.talk("broken: " + error);
    output.answer(line.global.format == Format::Json
                      ? report::plan_json(view.plan, place.site)
                      : report::plan_text(view.plan, place.site, output.style()));
    return ExitCode::Done;
}

}  // namespace bdupdate::cli
