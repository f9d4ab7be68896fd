#include "closing.h"

#include <algorithm>

#include "bdupdate/base/text.h"
#include "restoring.h"

namespace bdupdate::run {

ExitCode leftovers_code(const Options& options, const Outcome& outcome) {
    const bool missing =
        std::any_of(outcome.modules.begin(), outcome.modules.end(), [](const plan::ModuleNote& note) {
            return note.problem == plan::ModuleProblem::Missing && note.enabled;
        });
    return !options.allow_blocked && (missing || !outcome.blocked.empty()) ? ExitCode::Blocked
                                                                           : ExitCode::Done;
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

/// Whether what was planned is really done: the numbers in the database, read anew.
Result<void> verify(Context& context, const Options& options, Outcome& outcome) {
    BDUPDATE_ASSIGN(const View view, look(context.site, context.database, context.scan, options.selection));
    outcome.blocked = view.plan.blocked;
    // What the boot disabled (update_fix_compatibility()) was told of before the run; it looks like an orphan
    // now.
    if (outcome.modules.empty()) outcome.modules = view.plan.modules;
    if (!view.plan.steps.empty())
        return fail(ExitCode::UpdateFailed,
                    view.plan.steps.front().update.function + " is still pending after the run",
                    "see `bdupdate status`");
    if (context.site.config_in_database || context.site.active_config.empty()) return {};
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(context.site.active_config));
    return directory.check_json();
}

/// End 1: caches and the check.
Result<void> complete(Context& context, const Options& options, Engine& engine, Outcome& outcome) {
    if (options.clear_caches) {
        context.listener.phase("flushing caches");
        BDUPDATE_TRY(engine.flush());
    }
    context.listener.phase("checking");
    return verify(context, options, outcome);
}

Result<std::size_t> sync_config(Context& context, const journal::Run& run) {
    if (context.site.config_in_database || context.site.active_config.empty()) return std::size_t{0};
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(context.site.active_config));
    BDUPDATE_ASSIGN(const auto before, context.journal.image(run.id, 0));
    BDUPDATE_ASSIGN(const auto now, directory.image());
    std::map<std::string, std::string> old;
    for (const config::File& file : before) old[file.path] = file.content.value_or("");
    std::vector<std::string> changed;
    for (const config::File& file : now) {
        const auto found = old.find(file.path);
        if (found == old.end() || found->second != file.content) changed.push_back(file.path);
        if (found != old.end()) old.erase(found);
    }
    BDUPDATE_TRY(directory.sync(changed));
    return changed.size() + old.size();
}

/// End 2-4: synced config, then the mark says that only tidying up is left.
Result<void> finish(Context& context, const Options& options, const journal::Run& run, Engine& engine,
                    Outcome& outcome) {
    BDUPDATE_ASSIGN(outcome.config_files, sync_config(context, run));
    BDUPDATE_TRY(context.journal.set_state(run.id, journal::RunState::Finishing, ""));
    db::Mark finishing = engine.mark();
    finishing.state = db::MarkState::Finishing;
    BDUPDATE_TRY(context.database.replace_mark(engine.mark(), finishing));
    return end_run(context, options, run);
}

/// The run stays open for `recover`.
void stop(Context& context, const journal::Run& run, Error error, Outcome& outcome) {
    outcome.end = End::Stopped;
    outcome.code = error.code == ExitCode::Preflight ? ExitCode::UpdateFailed : error.code;
    if (auto kept = context.journal.set_state(run.id, journal::RunState::Stopped, error.message); !kept)
        error.join(kept.error());
    if (auto released = context.database.release_cron(run.id); !released) error.join(released.error());
    outcome.error = std::move(error);
}

/// A failed pass that committed a schema change cannot stop where it is: the run's backup takes it back.
void undo_split(Context& context, const Options& options, const journal::Run& run, Error error,
                Outcome& outcome) {
    Result<void> undone = {};
    if (run.backup.empty()) {
        undone = fail(
            ExitCode::NeedsHands, "there is no backup to take the schema change back with",
            "mend the tables that " + outcome.failed + " changes by hand, then bdupdate recover --forget");
    } else if (auto mark = context.database.read_mark(); !mark || !*mark) {
        undone = fail(mark ? Error{ExitCode::NeedsHands, "the run's mark is gone", "", {}} : mark.error());
    } else if (auto back = put_back(context, options, run, **mark, "close"); !back) {
        undone = fail(back.error());
    } else {
        undone = close_untouched(context, run, error.message);
    }
    if (undone) {
        error.code = outcome.code = ExitCode::UpdateFailed;
        outcome.end = End::Restored;
        outcome.error = std::move(error);
        return;
    }
    error.hint = undone.error().hint;
    error.join(undone.error());
    stop(context, run, std::move(error), outcome);
    outcome.end = End::NeedsHands;
    outcome.code = ExitCode::NeedsHands;
}

}  // namespace

Result<void> end_run(Context& context, const Options& options, const journal::Run& run) {
    BDUPDATE_TRY(open_the_doors(context, run, maintenance_after_success(run),
                                options.maintenance == MaintenancePolicy::Auto));
    // Before the mark goes: who is killed in between must not flush once more, for core's flush is not idempotent.
    if (options.clear_caches) BDUPDATE_TRY(context.journal.set_flushed_stamp(code_stamp(context.site)));
    BDUPDATE_TRY(context.database.drop_mark());
    BDUPDATE_TRY(context.journal.set_state(run.id, journal::RunState::Finished, "updated"));
    if (options.backup && !run.backup.empty())
        if (auto pruned = backup::prune(options.backup_dir.value_or(context.paths.backups()),
                                        options.keep_backups, {run.backup});
            !pruned)
            context.listener.warning("old backups were not removed: " + pruned.error().message);
    return {};
}

Result<void> close_untouched(Context& context, const journal::Run& run, const std::string& why) {
    BDUPDATE_TRY(open_the_doors(context, run, run.maintenance_before, true));
    BDUPDATE_ASSIGN(const bool marked, context.database.has_mark_table());
    if (marked) BDUPDATE_TRY(context.database.drop_mark());
    return context.journal.set_state(run.id, journal::RunState::Closed, why);
}

void drive(Context& context, const Options& options, const journal::Run& run, Engine& engine,
           Outcome& outcome) {
    std::optional<Halt> halt = engine.run_everything();
    outcome.updates = engine.updates_done();
    outcome.remaining = engine.remaining();
    outcome.failed = engine.current();
    if (!halt) {
        Result<void> completed = complete(context, options, engine, outcome);
        if (completed) completed = finish(context, options, run, engine, outcome);
        if (!completed) halt = Halt{Halt::Why::Failed, completed.error()};
    }
    if (!halt) {
        outcome.end = End::Updated;
        outcome.code = leftovers_code(options, outcome);
    } else if (halt->why == Halt::Why::Split) {
        undo_split(context, options, run, std::move(halt->error), outcome);
    } else if (engine.mark().seq == 0 && halt->why != Halt::Why::Signal) {
        outcome.end = End::Untouched;
        outcome.code = halt->error.code;
        if (auto closed = close_untouched(context, run, halt->error.message); !closed) {
            halt->error.join(closed.error());
            stop(context, run, std::move(halt->error), outcome);
        } else {
            outcome.error = std::move(halt->error);
        }
    } else {
        stop(context, run, std::move(halt->error), outcome);
        const int signal = options.stop_signal();
        if (signal != 0)
            outcome.code = static_cast<ExitCode>(128 + signal);  // a second signal fails the pass
    }
    if (const auto now = context.database.maintenance()) outcome.maintenance_on = now->on();
}

}  // namespace bdupdate::run
