#include <algorithm>
#include <set>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/file.h"
#include "bdupdate/run/run.h"
#include "closing.h"
#include "drupal7.h"
#include "failed_plan.h"
#include "locks.h"

namespace bdupdate::run {

namespace {

Error interrupted(const db::Mark& mark) {
    Error error{ExitCode::Interrupted,
                "an interrupted run must be recovered first: run " + mark.run.substr(0, 8) + " of " +
                    mark.user + " on " + mark.host + " " + db::standing(mark),
                "bdupdate recover",
                {}};
    return error;
}

/// Should the last run have failed and not been closed, it is recovered before anybody talks of trying again.
Result<void> check_unclosed(journal::Journal& journal) {
    BDUPDATE_ASSIGN(const auto open, journal.open_run());
    if (!open || open->state == journal::RunState::Finishing) return {};
    return refuse_unclosed(journal, *open);
}

Finding refusal(std::string message, std::string hint) {
    return {true, {ExitCode::Preflight, std::move(message), std::move(hint), {}}};
}

Result<void> check_batch(db::Database& database, std::vector<Finding>& findings) {
    BDUPDATE_ASSIGN(const auto batch, database.unfinished_batch());
    if (batch)
        findings.push_back(
            refusal("update.php left an unfinished batch of updates behind (" + batch->where + ")",
                    "finish it in the browser, or restore a backup from before it and empty that table"));
    return {};
}

void check_code(const View& view, std::vector<Finding>& findings) {
    for (const std::string& error : view.syntax_errors)
        findings.push_back(refusal(error, "PHP cannot load this file; mend or replace it"));
    if (view.unsure)
        findings.push_back(refusal(
            view.warnings.empty() ? "the updates' order is not known" : view.warnings.back(),
            "the order of updates depends on it; mend the file, or name a PHP that can load it with --php"));
}

/// Files of pending updates that did not come with core: whether PHP can parse its own is known.
std::vector<std::filesystem::path> files_to_parse(const Survey& survey, const View& view) {
    std::set<std::filesystem::path> files;
    for (const plan::Step& step : view.plan.steps)
        if (!is_inside(step.update.file, survey.site.docroot / "core")) files.insert(step.update.file);
    return {files.begin(), files.end()};
}

void hear_php(worker::WarmPhp& php, Need& need) {
    const auto report = php.answer();
    if (!report) return need.findings.push_back({true, report.error()});
    need.php_version = report->version;
    for (const std::string& error : report->syntax_errors)
        need.findings.push_back(refusal("PHP " + report->version + " cannot parse " + error,
                                        "mend or replace the file, or name another PHP with --php"));
}

Result<std::int64_t> newest_run(const Survey& survey) {
    if (survey.journal == nullptr) return std::int64_t{0};
    BDUPDATE_ASSIGN(const auto runs, survey.journal->runs(1));
    if (runs.empty()) return std::int64_t{0};
    return std::max(runs.front().started_ms, runs.front().ended_ms.value_or(0));
}

Result<void> look_around(const Survey& survey, const Options& options, Need& need) {
    const auto backups = options.backup_dir.value_or(survey.paths.backups());
    if (options.backup && is_inside(backups, survey.site.docroot))
        need.findings.push_back(refusal("the backup directory " + backups.string() +
                                            " lies inside the docroot " + survey.site.docroot.string(),
                                        "anybody could download it: name one outside with --backup-dir"));
    BDUPDATE_ASSIGN(const std::int64_t newest, newest_run(survey));
    const Ground ground{survey.site,   survey.database, survey.paths.state_dir, backups, options.backup,
                        survey.run_as, newest,          wall_milliseconds()};
    // PHP has been starting all the while; it is waited for last.
    for (Finding& finding : preflight(ground)) need.findings.push_back(std::move(finding));
    if (survey.warm != nullptr) {
        survey.warm->check(files_to_parse(survey, need.view));
        hear_php(*survey.warm, need);
    }
    return {};
}

}  // namespace

Result<void> refuse_marked(const Survey& survey) {
    BDUPDATE_ASSIGN(const OpenRun open, find_open_run(survey.database, survey.paths));
    if (!open.marked) return {};
    if (open.at_work) return fail(held_by(*open.at_work));
    if (open.mark) return fail(interrupted(*open.mark));
    return fail(ExitCode::Interrupted,
                "an interrupted run must be recovered first: it had not changed anything yet",
                "bdupdate recover");
}

const Finding* Need::refusal() const {
    for (const Finding& finding : findings)
        if (finding.refuses) return &finding;
    return nullptr;
}

Result<Need> assess(const Survey& survey, const Options& options) {
    BDUPDATE_TRY(refuse_marked(survey));
    BDUPDATE_ASSIGN(View view, look(survey.site, survey.database, survey.scan, options.selection));
    BDUPDATE_TRY(check_names(view.rows, options.selection));
    Need need{std::move(view), code_stamp(survey.site), false, {}, {}};
    BDUPDATE_TRY(check_batch(survey.database, need.findings));
    check_code(need.view, need.findings);
    for (const Error& obstacle : need.view.obstacles) need.findings.push_back({true, obstacle});
    for (Finding& finding : check_upgrade_options(options, need.view))
        need.findings.push_back(std::move(finding));
    if (survey.journal != nullptr) {
        BDUPDATE_ASSIGN(const std::string flushed, survey.journal->flushed_stamp());
        need.flush = need.view.plan.steps.empty() && options.clear_caches && flushed != need.stamp;
    }
    if (survey.journal != nullptr && need.anything() && !options.retry)
        if (auto fresh = refuse_known_failure(*survey.journal, need); !fresh) {
            BDUPDATE_TRY(check_unclosed(*survey.journal));
            need.findings.push_back({true, fresh.error()});
        }
    if (need.anything() || survey.even_if_idle) BDUPDATE_TRY(look_around(survey, options, need));
    return need;
}

Result<Need> assess(const Context& context, const Options& options) {
    return assess({context.site, context.database, context.paths, context.scan, context.run_as,
                   &context.journal, context.warm.get()},
                  options);
}

}  // namespace bdupdate::run
