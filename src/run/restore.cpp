#include "bdupdate/run/restore.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "bdupdate/backup/restore.h"
#include "bdupdate/base/clock.h"
#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"
#include "beginning.h"
#include "closing.h"
#include "locks.h"
#include "restoring.h"

namespace bdupdate::run {

namespace fs = std::filesystem;

namespace {

/// What is interrupted is recover's business: only it knows the whole story.
Result<void> refuse_run_to_recover(Context& context) {
    BDUPDATE_ASSIGN(const bool marked, context.database.has_mark_table());
    if (!marked) {
        BDUPDATE_ASSIGN(const auto open, context.journal.open_run());
        if (!open) return {};
    }
    return fail(ExitCode::Interrupted, "a run was interrupted here and is still open",
                "bdupdate recover finishes or undoes it");
}

Result<std::optional<backup::Backup>> back_up(Context& context, const RestoreOptions& options,
                                              const std::string& run) {
    if (!options.safety_backup) return std::optional<backup::Backup>();
    BDUPDATE_ASSIGN(const auto tables, context.database.tables());
    if (tables.empty()) {
        context.listener.note("the database holds no table of this site: there is nothing to back up first");
        return std::optional<backup::Backup>();
    }
    BDUPDATE_ASSIGN(const auto maintenance, context.database.maintenance());
    enter_phase(context, run, "backing up what is there now");
    const auto started = Monotonic::now();
    backup::CreateOptions create;
    create.directory = options.safety_directory;
    create.run = run;
    create.reason = "restore";
    create.site_fingerprint = sha256_hex(context.database.server().identity);
    create.maintenance_was_on = maintenance.on();
    create.maintenance_before = maintenance.value;
    create.allow_missing_config = true;
    create.progress = [&context](const std::string& what, std::uint64_t bytes, std::uint64_t expected) {
        context.listener.backup_progress(what, bytes, expected);
    };
    auto made = backup::create(context.site, context.database, create);
    if (!made) {
        Error error = made.error();
        error.details.emplace_back("nothing was changed; --no-backup restores without keeping what is there");
        return fail(std::move(error));
    }
    context.listener.backed_up(
        *made, std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - started));
    return std::optional<backup::Backup>(std::move(*made));
}

/// Where the directory is gone, too: it comes back as its parent's child, and the files with their own
/// owners.
Result<void> make_config_directory(const fs::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) return {};
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (::mkdir(path.c_str(), 0775) != 0 || ::stat(path.parent_path().c_str(), &info) != 0)
        return fail(ExitCode::Preflight, "cannot create " + path.string() + ": " + errno_text(errno));
    if (::geteuid() == 0 && ::lchown(path.c_str(), info.st_uid, info.st_gid) != 0)
        return fail(ExitCode::Preflight,
                    "cannot give " + path.string() + " to its owner: " + errno_text(errno));
    return {};
}

/// What the config directory is to hold afterwards becomes image 0: a killed restore is then repeated as any
/// other is.
Result<std::vector<config::File>> wanted_config(Context& context, const backup::Backup& backup) {
    BDUPDATE_TRY(make_config_directory(context.site.active_config));
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(context.site.active_config));
    BDUPDATE_ASSIGN(const auto now, directory.image());
    return backup.has_config() ? backup::config_after(backup, now) : Result<std::vector<config::File>>(now);
}

journal::Run describe(Context& context, const backup::Backup& backup, bool maintenance_known) {
    journal::Run run = new_run(context);
    // Without a mark there is nothing to put back: the restore had not begun, or it was done.
    run.state = journal::RunState::Finishing;
    Options options;
    options.backup_dir = backup.directory.parent_path();
    run.options = options.journalled();
    run.options["restore"] = backup.id;
    // Backdrop's backups do not say: what the dump brings stays.
    run.maintenance_supported = maintenance_known && backup.maker == backup::Maker::Bdupdate;
    run.maintenance_before = backup.maintenance_before;
    run.backup = backup.id;
    return run;
}

db::Mark restoring_mark(const Context& context, const journal::Run& run) {
    db::Mark mark = new_mark(context, run);
    mark.state = db::MarkState::Restoring;
    mark.after_restore = "close";
    return mark;
}

/// From the mark on: everything below can be repeated.
Result<void> carry_out(Context& context, const journal::Run& run, const db::Mark& mark,
                       const backup::Backup& verified, bool maintenance) {
    // Visitors would meet half a database. The dump brings a value of its own; the end sets what was before.
    if (maintenance) BDUPDATE_TRY(context.database.set_maintenance(std::string("b:1;")));
    Options options;
    options.take_journalled(run.options);
    BDUPDATE_TRY(put_back(context, options, run, mark, "close", &verified));
    return close_untouched(context, run, "restored backup " + run.backup);
}

}  // namespace

Result<backup::Backup> plan_restore(Context& context, const backup::Backup& backup) {
    BDUPDATE_ASSIGN(const OpenRun open, find_open_run(context.database, context.paths));
    if (open.at_work) return fail(held_by(*open.at_work));
    BDUPDATE_TRY(refuse_run_to_recover(context));
    return backup::check_restorable(context.site, context.database, backup);
}

Result<Restored> restore(Context& context, const backup::Backup& wanted, const RestoreOptions& options) {
    LockPatience patience;
    patience.file = patience.database = options.lock_timeout;
    BDUPDATE_ASSIGN(const Locks locks, Locks::take(context, patience, options.stop_signal));
    BDUPDATE_TRY(refuse_run_to_recover(context));
    Restored done;
    BDUPDATE_ASSIGN(done.backup, backup::check_restorable(context.site, context.database, wanted));
    BDUPDATE_ASSIGN(const auto maintenance, context.database.maintenance());
    const journal::Run run = describe(context, done.backup, maintenance.supported);
    done.run = run.id;
    const auto begin = [&]() -> Result<db::Mark> {
        BDUPDATE_ASSIGN(done.safety, back_up(context, options, run.id));
        BDUPDATE_TRY(context.journal.add_run(run));
        if (!context.site.config_in_database && !context.site.active_config.empty()) {
            BDUPDATE_ASSIGN(const auto config, wanted_config(context, done.backup));
            BDUPDATE_TRY(context.journal.put_image(run.id, 0, config));
        }
        BDUPDATE_TRY(context.journal.forget_tables());
        const db::Mark mark = restoring_mark(context, run);
        BDUPDATE_TRY(context.database.create_mark(mark));
        // Not before the mark: a kill in between would leave cron locked out, and nobody who knows of it.
        BDUPDATE_ASSIGN(const bool free, context.database.take_cron(run.id, cron_lease));
        if (free) return mark;
        BDUPDATE_TRY(context.database.drop_mark());
        return fail(ExitCode::Preflight, "cron is running on this site",
                    "wait until it ends, or remove row 'cron' of {semaphore}");
    };
    const Result<db::Mark> mark = begin();
    if (!mark) {
        Error error = mark.error();
        static_cast<void>(
            context.journal.set_state(run.id, journal::RunState::Closed, "the restore did not begin"));
        return fail(std::move(error));
    }
    if (auto restored = carry_out(context, run, *mark, done.backup, maintenance.supported); !restored) {
        Error error = restored.error();
        error.code = ExitCode::NeedsHands;
        if (done.safety)
            error.details.push_back("backup " + done.safety->id + " holds what was there before the restore");
        return fail(std::move(error));
    }
    if (const auto now = context.database.maintenance()) done.maintenance_on = now->on();
    if (const auto view = look(context.site, context.database, context.scan))
        done.pending = view->plan.steps.size();
    return done;
}

}  // namespace bdupdate::run
