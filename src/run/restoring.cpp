#include "restoring.h"

#include "bdupdate/backup/restore.h"

namespace bdupdate::run {

namespace {

Result<void> restore_everything(Context& context, const journal::Run& run, const backup::Backup& backup) {
    backup::RestoreOptions restore;
    restore.progress = [&context](const std::string& what, std::uint64_t bytes) {
        context.listener.backup_progress("back: " + what, bytes);
    };
    BDUPDATE_TRY(backup::restore_database(context.site, context.database, backup, restore));
    if (context.site.config_in_database || context.site.active_config.empty()) return {};
    BDUPDATE_TRY(context.journal.drop_images_above(run.id, 0));
    BDUPDATE_ASSIGN(const auto image, context.journal.image(run.id, 0));
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(context.site.active_config));
    BDUPDATE_TRY(directory.make_equal(image, context.paths.aside(run.id)));
    return {};
}

}  // namespace

Result<db::Mark> put_back(Context& context, const Options& options, const journal::Run& run,
                          const db::Mark& mark, const std::string& after_restore) {
    BDUPDATE_ASSIGN(const auto backup,
                    backup::find(options.backup_dir.value_or(context.paths.backups()), run.backup));
    context.listener.phase("restoring backup " + backup.id);
    db::Mark restoring = mark;
    restoring.state = db::MarkState::Restoring;
    restoring.after_restore = after_restore;
    BDUPDATE_TRY(context.database.replace_mark(mark, restoring));
    if (auto restored = restore_everything(context, run, backup); !restored) {
        Error error = restored.error();
        error.code = ExitCode::NeedsHands;
        if (error.hint.empty()) error.hint = "bdupdate recover repeats the restore";
        return fail(std::move(error));
    }
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

}  // namespace bdupdate::run
