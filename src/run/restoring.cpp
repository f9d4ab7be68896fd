#include "restoring.h"

#include <algorithm>
#include <set>

#include "bdupdate/backup/restore.h"
#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "bdupdate/db/heartbeat.h"
#include "beginning.h"
#include "closing.h"
#include "drupal7.h"
#include "fence.h"
#include "site_files.h"

namespace bdupdate::run {

namespace {

std::filesystem::path backup_directory(const Context& context, const Options& options) {
    return options.backup_dir.value_or(context.paths.backups());
}

/// Without a table prefix a table that came later may be another program's.
bool strangers_possible(const Context& context) {
    const site::DatabaseSettings& settings = context.site.database;
    return settings.driver != site::Driver::Sqlite && settings.prefix.empty();
}

Result<std::vector<std::string>> table_names(Context& context) {
    BDUPDATE_ASSIGN(const auto tables, context.database.tables());
    std::vector<std::string> names;
    for (const auto& table : tables) names.push_back(table.name);
    return names;
}

/// What a restore brings is ours, too, when the next one puts back what was there before it.
Result<void> note_restored_tables(Context& context, const std::string& run, const backup::Backup& backup) {
    if (!strangers_possible(context)) return {};
    BDUPDATE_ASSIGN(const auto now, table_names(context));
    const std::set<std::string> there(now.begin(), now.end());
    std::vector<std::string> coming;
    for (const backup::TableEntry& table : backup.tables)
        if (there.count(table.name) == 0) coming.push_back(table.name);
    return context.journal.add_made_tables(run, coming);
}

Result<void> restore_everything(Context& context, const journal::Run& run, const backup::Backup& backup,
                                bool verified) {
    backup::RestoreOptions restore;
    restore.verified = verified;
    restore.progress = [&context, beat = db::Heartbeat(context.database)](
                           const std::string& what, std::uint64_t bytes, std::uint64_t expected) mutable {
        beat.beat();
        context.listener.restore_progress(what, bytes, expected);
    };
    BDUPDATE_ASSIGN(restore.also_drop, context.journal.made_tables(backup.run, backup.created_ms));
    BDUPDATE_TRY(note_restored_tables(context, run.id, backup));
    BDUPDATE_TRY(backup::restore_database(context.site, context.database, backup, restore));
    // The dump was taken while its run held core's semaphore: cron would wait for hours.
    if (!backup.run.empty()) BDUPDATE_TRY(context.database.release_cron(backup.run));
    return put_site_files(context, run.id, 0);
}

/// What a boot writes is rolled back with its worker.
Result<void> boot_once(Context& context, const db::Mark& restored) {
    // A worker begins where a pass ended. Should this be killed, `close` tells recovery not to run anything.
    db::Mark mark = restored;
    mark.state = db::MarkState::Done;
    mark.after_restore = "close";
    mark.seq = mark.plan = 0;
    mark.step = -1;
    mark.sandbox.clear();
    mark.schema_hash.clear();
    BDUPDATE_TRY(context.database.replace_mark(restored, mark));
    const std::string lock = context.database.worker_lock_name(mark.run);
    auto worker = context.make_workers(mark.run, lock)->make();
    auto shake = worker->start();
    if (!shake) {
        worker->discard();
        return fail(shake.error());
    }
    Result<void> booted =
        context.journal.set_worker(mark.run, {shake->pid, shake->start_time, shake->connection_id, lock});
    if (booted) booted = worker->begin({mark.run, mark.epoch, mark.seq + 1, 0, -1});
    if (booted)
        if (auto boot = worker->boot(); !boot) booted = fail(boot.error());
    worker->discard();
    if (auto ended = fence_off(context, shake->connection_id, lock); !ended && booted) booted = ended;
    return booted;
}

}  // namespace

Result<void> note_tables_before(Context& context, const std::string& run) {
    if (!strangers_possible(context)) return {};
    BDUPDATE_ASSIGN(const auto names, table_names(context));
    return context.journal.set_tables_before(run, names);
}

Result<void> note_new_tables(Context& context, const Options& options, const std::string& id) {
    if (!strangers_possible(context)) return {};
    BDUPDATE_ASSIGN(const std::optional<journal::Run> run, context.journal.run(id));
    if (!run) return {};
    std::vector<std::string> before;
    if (run->backup.empty()) {
        BDUPDATE_ASSIGN(before, context.journal.tables_before(id));
        if (before.empty()) return {};
    } else {
        BDUPDATE_ASSIGN(const auto backup, backup::find(backup_directory(context, options), run->backup));
        for (const backup::TableEntry& table : backup.tables) before.push_back(table.name);
    }
    const std::set<std::string> known(before.begin(), before.end());
    BDUPDATE_ASSIGN(std::vector<std::string> now, table_names(context));
    now.erase(std::remove_if(now.begin(), now.end(),
                             [&known](const std::string& name) { return known.count(name) != 0; }),
              now.end());
    return context.journal.add_made_tables(id, now);
}

Result<db::Mark> put_back(Context& context, const Options& options, const journal::Run& run,
                          const db::Mark& mark, const std::string& after_restore,
                          const backup::Backup* verified) {
    BDUPDATE_ASSIGN(auto backup, verified != nullptr
                                     ? Result<backup::Backup>(*verified)
                                     : backup::find(backup_directory(context, options), run.backup));
    // A broken backup is better noticed while the mark still tells where the run stands.
    bool read_back = verified != nullptr;
    if (!read_back && mark.state != db::MarkState::Restoring) {
        enter_phase(context, run.id, "reading backup " + backup.id);
        auto whole = backup::verify_checksums(backup);
        if (!whole) {
            Error error = whole.error();
            error.code = ExitCode::NeedsHands;
            return fail(std::move(error));
        }
        backup = std::move(*whole);
        read_back = true;
    }
    // A pass that was killed behind its own schema change had no time to tell.
    if (mark.state == db::MarkState::Open) BDUPDATE_TRY(note_new_tables(context, options, run.id));
    enter_phase(context, run.id, "restoring backup " + backup.id);
    db::Mark restoring = mark;
    restoring.state = db::MarkState::Restoring;
    restoring.after_restore = after_restore;
    BDUPDATE_TRY(context.database.replace_mark(mark, restoring));
    if (auto restored = restore_everything(context, run, backup, read_back); !restored) {
        Error error = restored.error();
        error.code = ExitCode::NeedsHands;
        if (error.hint.empty()) error.hint = "bdupdate recover repeats the restore";
        return fail(std::move(error));
    }
    if (after_restore == "close") return restoring;
    db::Mark done = restoring;
    done.state = db::MarkState::Done;
    done.seq = done.plan = 0;
    done.step = -1;
    done.sandbox.clear();
    done.schema_hash.clear();
    done.after_restore.clear();
    BDUPDATE_TRY(context.database.replace_mark(restoring, done));
    return done;
}

Result<std::optional<Error>> close_restored(Context& context, const journal::Run& run, const db::Mark& mark,
                                            bool booted_before, const std::string& why) {
    std::optional<Error> problem;
    // A database of Drupal 7 does not boot under Backdrop's code, before its upgrade as little as now.
    BDUPDATE_ASSIGN(const bool drupal7, is_drupal7_database(context.site, context.database));
    if (booted_before && !drupal7) {
        enter_phase(context, run.id, "booting the restored site");
        if (auto booted = boot_once(context, mark); !booted) {
            problem = booted.error();
            problem->message =
                "database and config are restored, but the site does not boot: " + problem->message;
            problem->hint = "mend it, then bdupdate maintenance off";
        }
    }
    BDUPDATE_TRY(close_untouched(context, run, why, problem.has_value()));
    return problem;
}

Result<std::optional<Error>> restore_and_close(Context& context, const Options& options,
                                               const journal::Run& run, const db::Mark& mark,
                                               const std::string& why) {
    const bool booted_before = mark.seq > 0;
    BDUPDATE_ASSIGN(const db::Mark restored, put_back(context, options, run, mark, "close"));
    return close_restored(context, run, restored, booted_before, why);
}

void name_changed_tables(Context& context, const journal::Run& run, Error& error) {
    // A few seconds more, for the server's clock counts whole ones.
    const auto since = std::chrono::seconds((wall_milliseconds() - run.started_ms) / 1000 + 2);
    const auto changed = context.database.changed_tables(since);
    if (changed && !changed->empty())
        error.details.push_back("tables that changed since the run began: " + join(*changed, ", "));
}

}  // namespace bdupdate::run
