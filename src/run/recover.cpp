#include <sys/types.h>

#include <csignal>
#include <set>
#include <thread>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/digest.h"
#include "bdupdate/base/subprocess.h"
#include "bdupdate/base/text.h"
#include "bdupdate/recovery/decision.h"
#include "closing.h"
#include "restoring.h"

namespace bdupdate::run {

namespace {

constexpr std::chrono::seconds session_timeout{60};

/// The hash that the worker wrote with the last pass, computed anew (docs/worker-protocol.md, commit):
/// differs when somebody else ran updates meanwhile.
Result<std::string> schema_hash(db::Database& database, const std::vector<journal::Step>& steps) {
    std::set<std::string> planned;
    for (const journal::Step& step : steps) planned.insert(step.module);
    BDUPDATE_ASSIGN(const auto rows, database.modules());
    std::set<std::string> lines;
    for (const db::ModuleRow& row : rows)
        if (planned.count(row.name) != 0)
            lines.insert(row.name + "=" + std::to_string(row.schema_version) + "\n");
    Sha256 digest;
    for (const std::string& line : lines) digest.update(line);
    return digest.hex();
}

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
Result<void> fence_off(Context& context, const std::string& run) {
    BDUPDATE_ASSIGN(const auto worker, context.journal.worker(run));
    if (!worker) return {};
    BDUPDATE_TRY(end_process(*worker));
    return context.database.end_session(worker->connection_id, worker->lock_name, session_timeout);
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
    if (context.site.config_in_database || context.site.active_config.empty()) return {};
    if (decision.keep_todays_config && mark) return take_over_config(context, *mark);
    if (!decision.image) return {};
    BDUPDATE_TRY(context.journal.drop_images_above(run, *decision.image));
    BDUPDATE_ASSIGN(const auto image, context.journal.image(run, *decision.image));
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(context.site.active_config));
    BDUPDATE_TRY(directory.make_equal(image, context.paths.aside(run)));
    return {};
}

/// What is on record of the interrupted run, from both sides.
struct Found {
    recovery::DatabaseFacts database;
    recovery::JournalFacts journal;
    std::optional<journal::Run> run;
    std::vector<journal::Step> steps;
};

Result<Found> find_out(Context& context) {
    Found found;
    BDUPDATE_ASSIGN(found.database.has_mark_table, context.database.has_mark_table());
    if (found.database.has_mark_table) {
        BDUPDATE_ASSIGN(found.database.mark, context.database.read_mark());
    }
    const auto& mark = found.database.mark;
    if (mark) {
        found.database.foreign_fingerprint =
            mark->site_fingerprint != sha256_hex(context.database.server().identity);
        BDUPDATE_ASSIGN(found.run, context.journal.run(mark->run));
    } else {
        BDUPDATE_ASSIGN(found.run, context.journal.open_run());
    }
    if (!found.run) return found;
    const journal::Run& run = *found.run;
    found.journal.known = true;
    found.journal.finishing = run.state == journal::RunState::Finishing;
    found.journal.finished =
        run.state == journal::RunState::Finished || run.state == journal::RunState::Closed;
    found.journal.stopped_cleanly = run.state == journal::RunState::Stopped;
    found.journal.has_backup = !run.backup.empty();
    BDUPDATE_ASSIGN(const bool imaged, context.journal.has_image(run.id, 0));
    found.journal.newest_image = imaged ? 0 : -1;
    if (!mark) return found;
    for (std::int64_t k = mark->seq; imaged && k > 0 && found.journal.newest_image == 0; --k) {
        BDUPDATE_ASSIGN(const bool there, context.journal.has_image(run.id, k));
        if (there) found.journal.newest_image = k;
    }
    BDUPDATE_ASSIGN(found.steps, context.journal.plan(run.id, mark->plan));
    // In the middle of a restore there may be no table to read it from.
    if (mark->state == db::MarkState::Done && !mark->schema_hash.empty()) {
        BDUPDATE_ASSIGN(const std::string hash, schema_hash(context.database, found.steps));
        found.database.schema_hash_fits = hash == mark->schema_hash;
    }
    return found;
}

Result<void> go_on(Context& context, const Options& options, const Found& found, Outcome& outcome) {
    const db::Mark& mark = *found.database.mark;
    BDUPDATE_TRY(context.journal.set_state(mark.run, journal::RunState::Running, ""));
    if (found.run->maintenance_supported && options.maintenance != MaintenancePolicy::Off)
        BDUPDATE_TRY(context.database.set_maintenance(std::string("b:1;")));
    BDUPDATE_ASSIGN(const bool cron, context.database.take_cron(mark.run, std::chrono::hours(6)));
    if (!cron) context.listener.warning("cron is running on this site");
    Engine engine(context, options, mark);
    const bool between_passes = !mark.sandbox.empty();
    engine.resume(mark.plan, found.steps, static_cast<std::size_t>(mark.step + (between_passes ? 0 : 1)));
    drive(context, options, *found.run, engine, outcome);
    return {};
}

Result<void> act(Context& context, const Options& options, const recovery::Decision& decision,
                 const Found& found, Outcome& outcome) {
    using recovery::Action;
    context.listener.note(decision.explanation);
    if (found.run) BDUPDATE_TRY(mend_config(context, found.run->id, decision, found.database.mark));
    switch (decision.action) {
        case Action::Nothing:
            return {};
        case Action::GoOn:
            return go_on(context, options, found, outcome);
        case Action::CloseUntouched:
        case Action::CloseUndone:
            outcome.end = End::Untouched;
            return close_untouched(context, *found.run, decision.explanation);
        case Action::RepeatEnd:
            outcome.end = End::Updated;
            return end_run(context, options, *found.run);
        case Action::CloseDone:
            outcome.end = End::Updated;
            return context.journal.set_state(found.run->id, journal::RunState::Finished, "updated");
        case Action::Forget:
            outcome.end = End::Untouched;
            if (found.database.has_mark_table) BDUPDATE_TRY(context.database.drop_mark());
            return found.run
                       ? context.journal.set_state(found.run->id, journal::RunState::Closed, "forgotten")
                       : Result<void>();
        case Action::RestoreThenRerun: {
            Found anew = found;
            BDUPDATE_ASSIGN(anew.database.mark,
                            put_back(context, options, *found.run, *found.database.mark, "rerun"));
            anew.steps.clear();
            return go_on(context, options, anew, outcome);
        }
        case Action::RestoreThenClose:
            outcome.end = End::Restored;
            BDUPDATE_TRY(put_back(context, options, *found.run, *found.database.mark, "close"));
            return close_untouched(context, *found.run, decision.explanation);
        case Action::Refuse:
            break;
    }
    return fail(decision.code, decision.explanation, decision.hint);
}

}  // namespace

Result<Outcome> recover(Context& context, const recovery::Request& request,
                        const std::function<int()>& stop_signal) {
    const auto started = Monotonic::now();
    Outcome outcome;
    BDUPDATE_ASSIGN(Found found, find_out(context));
    if (recovery::decide(found.database, found.journal, request).action == recovery::Action::Nothing)
        return outcome;

    // A killed run's lock lives as long as its session, which the server ends within seconds.
    BDUPDATE_ASSIGN(
        const Locks locks,
        Locks::take(context, {std::chrono::seconds(0), std::chrono::seconds(30), true}, stop_signal));
    if (found.run) BDUPDATE_TRY(fence_off(context, found.run->id));
    BDUPDATE_ASSIGN(found, find_out(context));
    const recovery::Decision decision = recovery::decide(found.database, found.journal, request);
    if (decision.action == recovery::Action::Refuse)
        return fail(decision.code, decision.explanation, decision.hint);
    if (found.database.mark) {
        BDUPDATE_ASSIGN(found.database.mark, context.database.raise_epoch());
    }

    Options options;
    options.stop_signal = stop_signal;
    if (found.run) {
        options.take_journalled(found.run->options);
        outcome.run = found.run->id;
        if (!found.run->backup.empty()) outcome.backup = found.run->backup;
    }
    BDUPDATE_TRY(act(context, options, decision, found, outcome));
    if (const auto now = context.database.maintenance()) outcome.maintenance_on = now->on();
    outcome.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - started);
    return outcome;
}

}  // namespace bdupdate::run
