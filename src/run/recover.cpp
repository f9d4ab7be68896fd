#include <sys/types.h>

#include <csignal>
#include <map>
#include <thread>

#include "bdupdate/backup/restore.h"
#include "bdupdate/base/clock.h"
#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/subprocess.h"
#include "beginning.h"
#include "closing.h"
#include "fence.h"
#include "found.h"
#include "restoring.h"
#include "site_files.h"

namespace bdupdate::run {

namespace {

/// Fence (a): the recorded process, if it is still that one, and whatever it started.
Result<void> end_process(const journal::WorkerRecord& worker) {
    const auto pid = static_cast<pid_t>(worker.pid);
    const auto lives = [&] { return pid > 0 && process_start_time(pid) == worker.start_time; };
    if (!lives()) return {};
    if (::kill(-pid, SIGKILL) != 0) ::kill(pid, SIGKILL);
    const auto deadline = Monotonic::now() + std::chrono::seconds(10);
    while (lives() && Monotonic::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (!lives()) return {};
    return fail(ExitCode::Interrupted,
                "the worker of the interrupted run (pid " + std::to_string(pid) + ") would not end");
}

/// Fences (a) and (b): nothing of the interrupted run can write any more.
Result<void> fence_off_run(Context& context, const std::string& run) {
    BDUPDATE_ASSIGN(const auto worker, context.journal.worker(run));
    if (!worker) return {};
    BDUPDATE_TRY(end_process(*worker));
    return fence_off(context, worker->connection_id, worker->lock_name);
}

/// The operator may have mended the config of a cleanly stopped run: what is there today becomes image k.
Result<void> take_over_config(Context& context, const db::Mark& mark) {
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(context.site.active_config));
    BDUPDATE_TRY(directory.check_json());
    BDUPDATE_ASSIGN(const auto before, context.journal.image(mark.run, mark.seq));
    BDUPDATE_ASSIGN(auto now, directory.image());
    std::map<std::string, config::File> gone;
    for (const config::File& file : before)
        gone[file.path] = {file.path, std::nullopt, file.mode, file.uid, file.gid};
    for (const config::File& file : now) gone.erase(file.path);
    for (auto& [path, file] : gone) now.push_back(std::move(file));
    BDUPDATE_TRY(context.journal.drop_images_above(mark.run, mark.seq));
    // Image 0 stays what the site was before the run.
    return mark.seq == 0 ? Result<void>() : context.journal.put_image(mark.run, mark.seq, now);
}

Result<void> mend_config(Context& context, const std::string& run, const recovery::Decision& decision,
                         const std::optional<db::Mark>& mark) {
    if (!keeps_files(context.site)) return {};
    if (decision.keep_todays_config && mark) return take_over_config(context, *mark);
    return decision.image ? put_site_files(context, run, *decision.image) : Result<void>();
}

Result<void> go_on(Context& context, Options& options, const Found& found, Outcome& outcome) {
    const db::Mark& mark = *found.database.mark;
    BDUPDATE_TRY(context.journal.set_state(mark.run, journal::RunState::Running, ""));
    if (found.run->maintenance_supported && options.maintenance != MaintenancePolicy::Off)
        BDUPDATE_TRY(context.database.set_maintenance(std::string("b:1;")));
    BDUPDATE_ASSIGN(const bool cron, context.database.take_cron(mark.run, cron_lease));
    if (!cron) context.listener.warning("cron is running on this site");
    Engine engine(context, options, mark);
    const bool between_passes = !mark.sandbox.empty();
    engine.resume(mark.plan, found.steps, static_cast<std::size_t>(mark.step + (between_passes ? 0 : 1)));
    // The code may have changed since; what is flushed now is what it is now.
    journal::Run run = *found.run;
    run.code_stamp = code_stamp(context.site);
    outcome.remainder = Outcome::Remainder::FlushAndCheck;
    drive(context, options, run, engine, outcome);
    return {};
}

Result<void> forget(Context& context, const Found& found, Outcome& outcome) {
    outcome.end = End::Forgotten;
    outcome.lost = what_is_lost(found);
    if (found.database.has_mark_table) BDUPDATE_TRY(context.database.drop_mark());
    if (found.database.mark) BDUPDATE_TRY(context.database.release_cron(found.database.mark->run));
    if (!found.run) return {};
    BDUPDATE_TRY(context.database.release_cron(found.run->id));
    return context.journal.set_state(found.run->id, journal::RunState::Closed, "forgotten");
}

/// The run of a mark that this journal does not know: as much of it as the mark tells.
Result<journal::Run> run_of_mark(Context& context, const db::Mark& mark) {
    journal::Run run;
    run.id = mark.run;
    run.started_ms = wall_milliseconds();
    run.docroot = context.site.docroot.string();
    run.site_fingerprint = mark.site_fingerprint;
    run.host = mark.host;
    run.user = mark.user;
    run.maintenance_before = mark.maintenance_before;
    BDUPDATE_ASSIGN(const auto maintenance, context.database.maintenance());
    run.maintenance_supported = maintenance.supported;
    return run;
}

/// `--restore` with a named backup: where the journal is lost it is begun anew, so that a restore which is
/// killed can be repeated without naming the backup again.
Result<void> name_backup(Context& context, const Options& options, const std::string& id, Found& found) {
    BDUPDATE_ASSIGN(const auto backup,
                    backup::find(options.backup_dir.value_or(context.paths.backups()), id));
    if (!found.database.mark) {
        db::Mark mark;
        mark.run = random_hex(16);
        mark.step = -1;
        mark.maintenance_before = backup.maintenance_before;
        mark.state_dir = context.paths.state_dir.string();
        mark.host = context.host;
        mark.user = context.user;
        mark.site_fingerprint = sha256_hex(context.database.server().identity);
        BDUPDATE_TRY(context.database.create_mark(mark));
        found.database.mark = mark;
    }
    if (!found.run) {
        BDUPDATE_ASSIGN(found.run, run_of_mark(context, *found.database.mark));
        BDUPDATE_TRY(context.journal.add_run(*found.run));
    }
    // Image 0 is what the config directory becomes: the named backup's, unless it is the run's own.
    BDUPDATE_ASSIGN(const bool imaged, context.journal.has_image(found.run->id, 0));
    BDUPDATE_ASSIGN(const auto around, context.journal.surroundings(found.run->id, 0));
    const bool from_drupal7 = !around.empty() && !backup.has_config();
    if ((!imaged || found.run->backup != backup.id) && !from_drupal7 && !context.site.active_config.empty() &&
        !context.site.config_in_database) {
        BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(context.site.active_config));
        BDUPDATE_ASSIGN(const auto now, directory.image());
        const auto wanted =
            backup.has_config() ? backup::config_after(backup, now) : Result<std::vector<config::File>>(now);
        if (!wanted) return fail(wanted.error());
        BDUPDATE_TRY(context.journal.put_image(found.run->id, 0, *wanted));
    }
    found.run->backup = backup.id;
    return context.journal.set_backup(found.run->id, backup.id);
}

Result<void> restore(Context& context, const Options& options, const recovery::Decision& decision,
                     Found& found, const std::string& named, Outcome& outcome) {
    if (!named.empty()) BDUPDATE_TRY(name_backup(context, options, named, found));
    outcome.end = End::Restored;
    outcome.backup = found.run->backup;
    BDUPDATE_ASSIGN(const auto problem, restore_and_close(context, options, *found.run, *found.database.mark,
                                                          decision.explanation));
    if (!problem) return {};
    outcome.boots = false;
    outcome.code = ExitCode::NeedsHands;
    outcome.error = problem;
    return {};
}

/// What was restored and not closed yet was booted before, or nobody would have asked for the restore.
Result<void> close(Context& context, const recovery::Decision& decision, const Found& found,
                   Outcome& outcome) {
    outcome.end = End::Untouched;
    const auto& mark = found.database.mark;
    if (!mark || mark->after_restore != "close")
        return close_untouched(context, *found.run, decision.explanation);
    outcome.end = End::Restored;
    BDUPDATE_ASSIGN(const auto problem,
                    close_restored(context, *found.run, *mark, true, decision.explanation));
    if (!problem) return {};
    outcome.boots = false;
    outcome.code = ExitCode::NeedsHands;
    outcome.error = problem;
    return {};
}

Result<void> act(Context& context, Options& options, const recovery::Decision& decision, Found& found,
                 const std::string& named, Outcome& outcome) {
    using recovery::Action;
    context.listener.decided(decision.explanation);
    const bool by_restore =
        decision.action == Action::RestoreThenRerun || decision.action == Action::RestoreThenClose;
    if (found.run && !by_restore)
        BDUPDATE_TRY(mend_config(context, found.run->id, decision, found.database.mark));
    switch (decision.action) {
        case Action::Nothing:
            return {};
        case Action::GoOn:
            return go_on(context, options, found, outcome);
        case Action::CloseUntouched:
        case Action::CloseUndone:
            return close(context, decision, found, outcome);
        case Action::RepeatEnd:
            outcome.end = End::Updated;
            outcome.remainder = Outcome::Remainder::Tidying;
            if (!found.run) {
                BDUPDATE_ASSIGN(found.run, run_of_mark(context, *found.database.mark));
            }
            return end_run(context, options, *found.run, *found.database.mark);
        case Action::CloseDone:
            outcome.end = End::Updated;
            outcome.remainder = Outcome::Remainder::Record;
            // A restore by hand that was killed between making the mark's table and its row.
            if (found.database.has_mark_table) BDUPDATE_TRY(context.database.drop_mark());
            return context.journal.set_state(found.run->id, journal::RunState::Finished, "updated");
        case Action::Forget:
            return forget(context, found, outcome);
        case Action::RestoreThenRerun: {
            BDUPDATE_ASSIGN(found.database.mark,
                            put_back(context, options, *found.run, *found.database.mark, "rerun"));
            found.steps.clear();
            // From the beginning once more, --from too.
            BDUPDATE_TRY(context.journal.set_option(found.run->id, begun_option, ""));
            found.run->options[begun_option].clear();
            options.take_journalled(found.run->options);
            return go_on(context, options, found, outcome);
        }
        case Action::RestoreThenClose:
            return restore(context, options, decision, found, named, outcome);
        case Action::Refuse:
            break;
    }
    return fail(decision.code, decision.explanation, decision.hint);
}

}  // namespace

Result<std::optional<Foresight>> foresee(Context& context, const recovery::Request& request) {
    BDUPDATE_ASSIGN(Found found, find_out(context));
    const recovery::Decision decision = recovery::decide(found.database, found.journal, request);
    if (decision.action == recovery::Action::Nothing) return std::optional<Foresight>();
    // Nobody is asked about a run that is at work; of a session without its process recover() knows more.
    if (is_locked(context.paths.lock()).value_or(false))
        return fail(held_by(file_holder(context.paths.lock())));
    return std::optional<Foresight>({std::move(found.database.mark), decision.explanation});
}

Result<Outcome> recover(Context& context, const recovery::Request& request, const Attending& attending) {
    const auto started = Monotonic::now();
    Outcome outcome;
    BDUPDATE_ASSIGN(Found found, find_out(context));
    if (recovery::decide(found.database, found.journal, request).action == recovery::Action::Nothing)
        return outcome;

    // A killed run's lock lives as long as its session, which the server ends within seconds.
    BDUPDATE_ASSIGN(const Locks locks,
                    Locks::take(context, {std::chrono::seconds(0), std::chrono::seconds(30), true},
                                attending.stop_signal));
    if (found.run) BDUPDATE_TRY(fence_off_run(context, found.run->id));
    BDUPDATE_ASSIGN(found, find_out(context));
    const recovery::Decision decision = recovery::decide(found.database, found.journal, request);
    if (decision.action == recovery::Action::Refuse) return fail(refusal(context, decision, found));
    if (found.database.mark) {
        BDUPDATE_ASSIGN(found.database.mark, context.database.raise_epoch());
    }

    Options options;
    options.stop_signal = attending.stop_signal;
    options.ask_on_failure = attending.ask_on_failure;
    options.backup_dir = attending.backup_dir;
    if (found.run) {
        options.take_journalled(found.run->options);
        outcome.run = found.run->id;
        if (!found.run->backup.empty()) outcome.backup = found.run->backup;
    }
    BDUPDATE_TRY(act(context, options, decision, found, request.backup, outcome));
    const auto now = context.database.maintenance();
    outcome.maintenance_known = now.has_value();
    if (now) outcome.maintenance_on = now->on();
    outcome.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - started);
    return outcome;
}

}  // namespace bdupdate::run
