#include "closing.h"

#include <algorithm>

#include "bdupdate/base/text.h"
#include "site_log.h"

namespace bdupdate::run {

ExitCode leftovers_code(const std::vector<plan::Blocked>& blocked,
                        const std::vector<plan::ModuleNote>& modules) {
    const bool missing = std::any_of(modules.begin(), modules.end(), [](const plan::ModuleNote& note) {
        return note.problem == plan::ModuleProblem::Missing && note.enabled && !note.acknowledged;
    });
    const bool unknown = std::any_of(blocked.begin(), blocked.end(),
                                     [](const plan::Blocked& one) { return !one.acknowledged; });
    return missing || unknown ? ExitCode::Blocked : ExitCode::Done;
}

ExitCode leftovers_code(const Options& options, const Outcome& outcome) {
    return options.allow_blocked ? ExitCode::Done : leftovers_code(outcome.blocked, outcome.modules);
}

namespace {

/// "Success leaves FALSE where it was off or absent, as core does"; on stays on.
std::optional<std::string> maintenance_after_success(const journal::Run& run) {
    db::Database::Maintenance before;
    before.value = run.maintenance_before;
    return before.on() ? run.maintenance_before : std::optional<std::string>("b:0;");
}

Result<void> open_the_doors(Context& context, const journal::Run& run,
                            const std::optional<std::string>& maintenance, bool touch_maintenance) {
    BDUPDATE_TRY(context.database.release_cron(run.id));
    if (!run.maintenance_supported || !touch_maintenance) return {};
    return context.database.set_maintenance(maintenance);
}

/// End 4. On SQLite one commit: the site is in its run, or as after it. Where the schema change at the end
/// commits what is before it, `finishing` says of a mark that it is all that is left.
Result<void> leave_site(Context& context, const Options& options, const journal::Run& run,
                        const db::Mark& mark) {
    db::Mark finishing = mark;
    finishing.state = db::MarkState::Finishing;
    return context.database.together([&]() -> Result<void> {
        if (mark.state != db::MarkState::Finishing)
            BDUPDATE_TRY(context.database.replace_mark(mark, finishing));
        BDUPDATE_TRY(open_the_doors(context, run, maintenance_after_success(run),
                                    options.maintenance == MaintenancePolicy::Auto));
        return context.database.drop_mark();
    });
}

}  // namespace

Result<void> end_run(Context& context, const Options& options, const journal::Run& run,
                     const db::Mark& mark) {
    if (!options.selection.skip_functions.empty()) log_failures(context, run.id);
    // What was flushed is told before the mark goes: who is killed in between must not flush once more, for
    // core's flush is not idempotent.
    const auto all_done = [&]() -> Result<void> {
        BDUPDATE_TRY(context.journal.set_state(run.id, journal::RunState::Finishing, ""));
        return options.clear_caches ? context.journal.set_flushed_stamp(run.code_stamp) : Result<void>();
    };
    BDUPDATE_TRY(context.journal.together(all_done));
    BDUPDATE_TRY(leave_site(context, options, run, mark));
    const auto& left_out = options.selection.skip_functions;
    BDUPDATE_TRY(
        context.journal.set_state(run.id, journal::RunState::Finished,
                                  left_out.empty() ? "updated" : "updated without " + join(left_out, ", ")));
    if (options.backup && !run.backup.empty())
        if (auto pruned = backup::prune(options.backup_dir.value_or(context.paths.backups()),
                                        options.keep_backups, {run.backup});
            !pruned)
            context.listener.warning("old backups were not removed: " + pruned.error().message);
    return {};
}

Result<void> refuse_unclosed(journal::Journal& journal, const journal::Run& run) {
    BDUPDATE_ASSIGN(const bool imaged, journal.has_image(run.id, 0));
    if (!imaged) return {};
    return fail(ExitCode::Interrupted,
                "an interrupted run must be recovered first: run " + run.id.substr(0, 8) +
                    " has no mark in the database any more, and was not closed",
                "bdupdate recover");
}

Result<void> close_untouched(Context& context, const journal::Run& run, const std::string& why,
                             bool stay_offline) {
    log_failures(context, run.id);
    const auto as_before = [&]() -> Result<void> {
        BDUPDATE_TRY(open_the_doors(context, run, run.maintenance_before, !stay_offline));
        BDUPDATE_ASSIGN(const bool marked, context.database.has_mark_table());
        return marked ? context.database.drop_mark() : Result<void>();
    };
    BDUPDATE_TRY(context.database.together(as_before));
    return context.journal.set_state(run.id, journal::RunState::Closed, why);
}

}  // namespace bdupdate::run
