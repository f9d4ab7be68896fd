#include "bdupdate/base/file.h"
#include "bdupdate/run/run.h"

namespace bdupdate::run {

namespace {

Error interrupted(const db::Mark& mark) {
    Error error{ExitCode::Interrupted,
                "an interrupted run must be recovered first: run " + mark.run.substr(0, 8) + " of " +
                    mark.user + " on " + mark.host + " stands after pass " + std::to_string(mark.seq) + " (" +
                    std::string(db::to_string(mark.state)) + ")",
                "bdupdate recover",
                {}};
    return error;
}

Result<void> check_database(db::Database& database) {
    BDUPDATE_ASSIGN(const bool marked, database.has_mark_table());
    if (marked) {
        BDUPDATE_ASSIGN(const auto mark, database.read_mark());
        if (mark) return fail(interrupted(*mark));
        return fail(ExitCode::Interrupted,
                    "an interrupted run must be recovered first: it had not changed anything yet",
                    "bdupdate recover");
    }
    BDUPDATE_ASSIGN(const auto batch, database.unfinished_batch());
    if (batch)
        return fail(ExitCode::Preflight,
                    "update.php left an unfinished batch of updates behind (" + batch->where + ")",
                    "finish it in the browser, or restore a backup from before it and empty that table");
    return {};
}

Result<void> check_config(const site::Site& site) {
    if (site.config_in_database || site.active_config.empty()) return {};
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(site.active_config));
    BDUPDATE_TRY(directory.check_json());
    return directory.check_writable();
}

}  // namespace

Result<Need> assess(const Context& context, const Options& options) {
    if (options.backup && options.backup_dir && is_inside(*options.backup_dir, context.site.docroot))
        return fail(ExitCode::Preflight,
                    "the backup directory " + options.backup_dir->string() + " lies inside the docroot " +
                        context.site.docroot.string(),
                    "anybody could download it: name one outside with --backup-dir");
    BDUPDATE_TRY(check_database(context.database));
    BDUPDATE_ASSIGN(View view, look(context.site, context.database, context.scan, options.selection));
    if (!view.syntax_errors.empty())
        return fail(ExitCode::Preflight, view.syntax_errors.front(),
                    "PHP cannot load this file; mend or replace it");
    if (view.unsure)
        return fail(
            ExitCode::Preflight,
            view.warnings.empty() ? "the updates' order is not known" : view.warnings.back(),
            "the order of updates depends on it; mend the file, or name a PHP that can load it with --php");
    Need need{std::move(view), code_stamp(context.site), false};
    BDUPDATE_ASSIGN(const std::string flushed, context.journal.flushed_stamp());
    need.flush = need.view.plan.steps.empty() && options.clear_caches && flushed != need.stamp;
    if (need.anything()) BDUPDATE_TRY(check_config(context.site));
    return need;
}

}  // namespace bdupdate::run
