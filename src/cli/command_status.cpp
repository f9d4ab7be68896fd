#include <map>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "bdupdate/php/functions.h"
#include "bdupdate/report/text.h"
#include "commands.h"
#include "workplace.h"

namespace bdupdate::cli {

Result<ExitCode> command_status(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(Workplace place, open_workplace(line.global, Access::Read, output));
    BDUPDATE_ASSIGN(const run::OpenRun open, run::find_open_run(*place.database, place.paths));
    BDUPDATE_ASSIGN(const auto maintenance, place.database->maintenance());
    plan::Selection selection;
    selection.acknowledged = line.global.acknowledge;
    auto looked = run::look(place.site, *place.database, place.scan, selection);
    if (!looked && open.at_work)
        return fail(ExitCode::Held, "another run is at work on this site: " + *open.at_work,
                    "wait for it; what is pending can be told then");
    if (!looked && open.marked)
        return fail(ExitCode::Interrupted,
                    "an interrupted run must be recovered first: " + looked.error().message,
                    "bdupdate recover");
    if (!looked) return fail(looked.error());
    const run::View view = std::move(*looked);
    const report::StatusFacts facts{place.site, place.database->server(), view, open, maintenance.on()};
    output.answer(line.global.format == Format::Json ? report::status_json(facts)
                                                     : report::status_text(facts, output.style()));
    return line.status.exit_code ? report::status_code(facts) : ExitCode::Done;
}

namespace {

/// The code of each step's function with its comment, as it stands in its file.
std::vector<std::string> sources_of(const plan::Plan& plan) {
    std::map<std::filesystem::path, std::string> files;
    std::vector<std::string> sources;
    for (const plan::Step& step : plan.steps) {
        const auto [file, is_new] = files.try_emplace(step.update.file);
        if (is_new) file->second = read_file(step.update.file).value_or("");
        std::string& source = sources.emplace_back();
        for (const php::FunctionDeclaration& function : php::outline(file->second).functions) {
            if (to_lower(function.name) != to_lower(step.update.function)) continue;
            if (!function.doc_comment.empty()) source = std::string(function.doc_comment) + "\n";
            source += function.declaration;
            break;
        }
    }
    return sources;
}

}  // namespace

Result<ExitCode> command_plan(const CommandLine& line, Output& output) {
    const bool json = line.global.format == Format::Json;
    if (json && line.plan.dot)
        return fail(ExitCode::Usage, "--dot is a format of its own", "leave --format out");
    BDUPDATE_ASSIGN(Workplace place, open_workplace(line.global, Access::Read, output));
    plan::Selection selection = line.run.run.selection;
    selection.acknowledged = line.global.acknowledge;
    BDUPDATE_ASSIGN(const run::View view, run::look(place.site, *place.database, place.scan, selection));
    BDUPDATE_TRY(run::check_names(view.rows, selection));
    BDUPDATE_ASSIGN(const run::OpenRun open, run::find_open_run(*place.database, place.paths));
    const report::StatusFacts facts{place.site, place.database->server(), view, open};
    if (json || line.plan.dot || line.plan.source) {  // these have no place for it
        tell_view(view, output);
        for (const std::string& error : view.syntax_errors) output.talk("broken: " + error);
    }
    const std::vector<std::string> sources =
        line.plan.source ? sources_of(view.plan) : std::vector<std::string>();
    output.answer(json               ? report::plan_json(view, place.site, sources)
                  : line.plan.dot    ? report::plan_dot(view)
                  : line.plan.source ? report::source_text(view.plan, place.site, sources, output.style())
                                     : report::plan_text(facts, output.style()));
    return ExitCode::Done;
}

}  // namespace bdupdate::cli
