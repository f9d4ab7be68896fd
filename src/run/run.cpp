#include "bdupdate/run/run.h"

#include "bdupdate/base/clock.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "bdupdate/db/heartbeat.h"
#include "bdupdate/run/mark.h"
#include "beginning.h"
#include "closing.h"
#include "engine.h"
#include "failed_plan.h"
#include "restoring.h"
#include "site_files.h"

namespace bdupdate::run {

namespace {

journal::Run describe(const Context& context, const Options& options, const Need& need,
                      const db::Database::Maintenance& maintenance) {
    journal::Run run = new_run(context);
    run.options = options.journalled();
    run.options[key_option] = plan_key(need.view.plan, need.stamp);
    run.code_stamp = need.stamp;
    run.maintenance_supported = maintenance.supported;
    run.maintenance_before = maintenance.value;
    return run;
}

/// A mark that no lock kept away (another host, where the server refuses GET_LOCK or has a state directory of
/// its own) is another run's: nothing in the database is ours to put back.
tl::unexpected<Error> turned_away(Context& context, const journal::Run& run, Error error) {
    if (auto closed = context.journal.set_state(run.id, journal::RunState::Closed, error.message); !closed)
        error.join(closed.error());
    return fail(std::move(error));
}

/// Start 3 and 4: the mark, and nobody else changes the site from here on. The mark comes first: wherever it
/// ends, what was changed is known to be this run's, and `preparing` says that it is to be put back.
Result<void> close_the_doors(Context& context, const Options& options, const journal::Run& run,
                             const db::Mark& mark) {
    const bool maintenance = run.maintenance_supported && options.maintenance != MaintenancePolicy::Off;
    if (maintenance) enter_phase(context, run.id, "switching maintenance mode on");
    return context.database.together([&]() -> Result<void> {
        BDUPDATE_TRY(context.database.create_mark(mark));
        if (maintenance) BDUPDATE_TRY(context.database.set_maintenance(std::string("b:1;")));
        BDUPDATE_ASSIGN(const bool free, context.database.take_cron(run.id, cron_lease));
        if (!free)
            return fail(ExitCode::Preflight, "cron is running on this site",
                        "wait until it ends, or remove row 'cron' of {semaphore}");
        return {};
    });
}

/// Start 5 and 6: the backup, verified, and image 0 of the config directory.
Result<void> make_safe(Context& context, const Options& options, journal::Run& run) {
    if (options.backup) {
        enter_phase(context, run.id, "backing up");
        const auto started = Monotonic::now();
        backup::CreateOptions create;
        create.directory = options.backup_dir.value_or(context.paths.backups());
        create.run = run.id;
        create.site_fingerprint = run.site_fingerprint;
        create.maintenance_was_on =
            run.maintenance_supported && options.maintenance != MaintenancePolicy::Off;
        create.maintenance_before = run.maintenance_before;
        create.progress = [&context, beat = db::Heartbeat(context.database)](
                              const std::string& what, std::uint64_t bytes, std::uint64_t expected) mutable {
            beat.beat();
            context.listener.backup_progress(what, bytes, expected);
        };
        auto made = backup::create(context.site, context.database, create);
        if (!made) return fail(made.error());
        run.backup = made->id;
        context.listener.backed_up(
            *made, std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - started));
    } else {
        BDUPDATE_TRY(note_tables_before(context, run.id));
    }
    std::optional<std::vector<config::File>> image;
    if (!context.site.config_in_database && !context.site.active_config.empty()) {
        BDUPDATE_ASSIGN(auto directory, open_config(context));
        image.emplace();
        if (directory) {
            BDUPDATE_ASSIGN(*image, directory->image());
        }
    }
    return context.journal.together([&]() -> Result<void> {
        if (!run.backup.empty()) BDUPDATE_TRY(context.journal.set_backup(run.id, run.backup));
        return image ? context.journal.put_image(run.id, 0, *image) : Result<void>();
    });
}

/// `mark` writes one number; only a look at the site tells whether it came to it.
std::string killed_text(const journal::Run& run) {
    const auto mark = run.options.find(mark_option);
    return mark == run.options.end() ? "killed before it had changed anything"
                                     : "killed while it marked " + mark->second;
}

/// Runs that the journal did not close and whose mark is not there: killed before the mark was made, or after
/// it was dropped. One that may still have config to put back is recovered first, or a later `recover` would
/// put it back over what runs did meanwhile.
Result<void> settle_open_runs(Context& context) {
    for (;;) {
        BDUPDATE_ASSIGN(const auto open, context.journal.open_run());
        if (!open) return {};
        const bool done = open->state == journal::RunState::Finishing;
        if (!done) BDUPDATE_TRY(refuse_unclosed(context.journal, *open));
        BDUPDATE_TRY(context.journal.set_state(open->id,
                                               done ? journal::RunState::Finished : journal::RunState::Closed,
                                               done ? "updated" : killed_text(*open)));
    }
}

}  // namespace

Result<void> wait_for_run_at_work(Context& context, const Options& options) {
    BDUPDATE_ASSIGN(const bool marked, context.database.has_mark_table());
    if (!marked) return {};
    return Locks::wait(context, {options.lock_timeout, options.lock_timeout, false}, options.stop_signal);
}

Result<Outcome> execute(Context& context, const Options& options, const Need& need) {
    const auto started = Monotonic::now();
    Outcome outcome;
    outcome.blocked = need.view.plan.blocked;
    outcome.modules = need.view.plan.modules;
    if (const Finding* refusal = need.refusal()) return fail(refusal->error);
    if (!need.anything()) {
        outcome.code = leftovers_code(options, outcome);
        return outcome;
    }

    BDUPDATE_ASSIGN(
        const Locks locks,
        Locks::take(context, {options.lock_timeout, options.lock_timeout, false}, options.stop_signal));
    BDUPDATE_ASSIGN(const bool marked, context.database.has_mark_table());
    if (marked)
        return fail(ExitCode::Interrupted, "another run began here just now and did not end",
                    "bdupdate recover");
    BDUPDATE_TRY(settle_open_runs(context));
    BDUPDATE_ASSIGN(const auto maintenance, context.database.maintenance());
    journal::Run run = describe(context, options, need, maintenance);
    outcome.run = run.id;

    BDUPDATE_TRY(context.journal.add_run(run));
    db::Mark mark = new_mark(context, run);
    Result<void> ready = close_the_doors(context, options, run, mark);
    if (!ready && ready.error().code == ExitCode::Interrupted)
        return turned_away(context, run, ready.error());
    if (ready) ready = make_safe(context, options, run);
    if (ready) {
        db::Mark done = mark;
        done.state = db::MarkState::Done;
        ready = context.database.replace_mark(mark, done);
        mark = done;
    }
    if (!ready) {
        Error cause = ready.error();
        if (auto closed = close_untouched(context, run, cause.message); !closed) cause.join(closed.error());
        return fail(std::move(cause));
    }
    if (!run.backup.empty()) outcome.backup = run.backup;

    Options own = options;
    Engine engine(context, own, mark);
    if (!need.view.drupal7) engine.expect(need.view.plan);  // else it is known that more will come
    drive(context, own, run, engine, outcome);
    outcome.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - started);
    return outcome;
}

}  // namespace bdupdate::run
