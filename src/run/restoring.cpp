#include "restoring.h"

#include <set>

#include "bdupdate/backup/restore.h"
#include "bdupdate/db/heartbeat.h"

namespace bdupdate::run {

namespace {

std::filesystem::path backup_directory(const Context& context, const Options& options) {
    return options.backup_dir.value_or(context.paths.backups());
}

Result<void> restore_everything(Context& context, const journal::Run& run, const backup::Backup& backup,
                                bool verified) {
    backup::RestoreOptions restore;
    restore.verified = verified;
    restore.progress = [&context, beat = db::Heartbeat(context.database)](const std::string& what,
                                                                          std::uint64_t bytes) mutable {
        beat.beat();
        context.listener.backup_progress("back: " + what, bytes);
    };
    BDUPDATE_ASSIGN(restore.also_drop, context.journal.made_tables(backup.run, backup.created_ms));
    BDUPDATE_TRY(backup::restore_database(context.site, context.database, backup, restore));
    // The dump was taken while its run held core's semaphore: cron would wait for hours.
    if (!backup.run.empty()) BDUPDATE_TRY(context.database.release_cron(backup.run));
    if (context.site.config_in_database || context.site.active_config.empty()) return {};
    BDUPDATE_TRY(context.journal.drop_images_above(run.id, 0));
    BDUPDATE_ASSIGN(const auto image, context.journal.image(run.id, 0));
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(context.site.active_config));
    BDUPDATE_TRY(directory.make_equal(image, context.paths.aside(run.id)));
    return {};
}

}  // namespace

Result<void> note_new_tables(Context& context, const Options& options, const std::string& id) {
    const site::DatabaseSettings& settings = context.site.database;
    if (settings.driver == site::Driver::Sqlite || !settings.prefix.empty()) return {};
    BDUPDATE_ASSIGN(const std::optional<journal::Run> run, context.journal.run(id));
    if (!run || run->backup.empty()) return {};
    BDUPDATE_ASSIGN(const auto backup, backup::find(backup_directory(context, options), run->backup));
    std::set<std::string> known;
    for (const backup::TableEntry& table : backup.tables) known.insert(table.name);
    BDUPDATE_ASSIGN(const auto tables, context.database.tables());
    std::vector<std::string> made;
    for (const auto& table : tables)
        if (known.count(table.name) == 0) made.push_back(table.name);
    return context.journal.add_made_tables(id, made);
}

Result<db::Mark> put_back(Context& context, const Options& options, const journal::Run& run,
                          const db::Mark& mark, const std::string& after_restore,
                          const backup::Backup* verified) {
    BDUPDATE_ASSIGN(const auto backup, verified != nullptr
                                           ? Result<backup::Backup>(*verified)
                                           : backup::find(backup_directory(context, options), run.backup));
    // A pass that was killed behind its own schema change had no time to tell.
    if (mark.state == db::MarkState::Open) BDUPDATE_TRY(note_new_tables(context, options, run.id));
    context.listener.phase("restoring backup " + backup.id);
    db::Mark restoring = mark;
    restoring.state = db::MarkState::Restoring;
    restoring.after_restore = after_restore;
    BDUPDATE_TRY(context.database.replace_mark(mark, restoring));
    if (auto restored = restore_everything(context, run, backup, verified != nullptr); !restored) {
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

}  // namespace bdupdate::run
