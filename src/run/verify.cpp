#include "bdupdate/run/verify.h"

#include <set>

#include "bdupdate/config/config_directory.h"
#include "closing.h"

namespace bdupdate::run {

namespace {

Result<void> check_config(const site::Site& site) {
    if (site.config_in_database || site.active_config.empty()) return {};
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(site.active_config));
    return directory.check_json();
}

Result<void> compare_schema(const Survey& survey, const schema::Declared& declared, Verification& found) {
    found.hook_errors = declared.errors;
    found.hook_errors_of_disabled = declared.errors_of_disabled;
    if (declared.tables.empty()) {
        found.why_not = "no installed module has a hook_schema() that declares tables";
        return {};
    }
    std::set<std::string> modules;
    for (const auto& [name, table] : declared.tables) modules.insert(table.module);
    found.modules = modules.size();
    const schema::Dialect dialect =
        survey.site.database.driver == site::Driver::MySql ? schema::Dialect::MySql : schema::Dialect::Sqlite;
    const auto full_name = [&](const std::string& name) { return survey.site.database.table(name); };
    BDUPDATE_ASSIGN(const schema::Tables tables, survey.database.shapes());
    found.comparison = schema::compare(declared, tables, dialect, full_name);
    std::vector<schema::Comparison> then;
    if (survey.journal != nullptr) {
        BDUPDATE_ASSIGN(const auto kept, survey.journal->kept_tables());
        if (kept) {
            BDUPDATE_ASSIGN(found.since, survey.journal->run(kept->run));
        }
        if (found.since) {
            then.push_back(schema::compare(declared, kept->before, dialect, full_name));
            if (kept->after) then.push_back(schema::compare(declared, *kept->after, dialect, full_name));
        }
    }
    found.differences = schema::since(*found.comparison, then);
    return {};
}

}  // namespace

Result<Verification> verify_site(const Survey& survey, const plan::Selection& selection,
                                 const std::function<Result<worker::LookReport>()>& look_closely) {
    BDUPDATE_TRY(refuse_marked(survey));
    if (survey.journal != nullptr) {
        BDUPDATE_ASSIGN(const auto open, survey.journal->open_run());
        if (open && open->state != journal::RunState::Finishing)
            BDUPDATE_TRY(refuse_unclosed(*survey.journal, *open));
    }
    Verification found;
    BDUPDATE_ASSIGN(found.view, look(survey.site, survey.database, survey.scan, selection));
    if (found.view.drupal7) {
        // Neither its config nor its boot is Backdrop's yet.
        found.why_not = "the database is Drupal 7's, and not upgraded yet";
        return found;
    }
    found.why_not = "what modules declare is told by the booted site only";
    if (const auto whole = check_config(survey.site); !whole) {
        // core would boot with it, and may write what it makes of it.
        found.failures.push_back(whole.error());
        return found;
    }
    const auto report = look_closely();
    if (!report) {
        found.failures.push_back(report.error());
        return found;
    }
    found.why_not.clear();
    found.php_version = report->shake.php_version;
    BDUPDATE_TRY(compare_schema(survey, report->schema, found));
    return found;
}

ExitCode verdict(const Verification& found) {
    const bool differs =
        !found.differences.fresh.empty() || (found.strict && !found.differences.standing.empty());
    if (!found.view.plan.steps.empty() || !found.failures.empty() || differs) return ExitCode::UpdateFailed;
    return leftovers_code(found.view.plan.blocked, found.view.plan.modules);
}

}  // namespace bdupdate::run
