#include "drupal7.h"

#include <algorithm>
#include <map>
#include <set>

#include "bdupdate/base/text.h"
#include "bdupdate/plan/numbering.h"

namespace bdupdate::run {

namespace {

/// core's own check (REQUIRED_D7_SCHEMA_VERSION) says 7069; but system's updates are blocked up to 7077, so
/// that everything that needs them fails half-way, and further down core does not even start.
constexpr int lowest_system = 7078;

/// Parts of Drupal 7 that a site loses nothing with: they look after pages that Backdrop has otherwise.
const std::set<std::string> dropped = {"announcements_feed", "help", "overlay", "rdf", "shortcut", "toolbar"};

bool is_enabled(const std::vector<db::ModuleRow>& rows, const std::string& name) {
    return std::any_of(rows.begin(), rows.end(),
                       [&name](const db::ModuleRow& row) { return row.name == name && row.enabled; });
}

/// By module, the first pending update of Drupal 7's own.
std::map<std::string, std::string> own_updates(const plan::Plan& plan) {
    std::map<std::string, std::string> found;
    for (const plan::Step& step : plan.steps) {
        if (plan::is_legacy(plan::parse_number(step.update.number).value))
            found.emplace(step.update.module, step.update.function);
    }
    return found;
}

}  // namespace

std::optional<int> drupal7_number(const site::Site& site, const std::vector<db::ModuleRow>& rows) {
    if (site.kind != site::Kind::Backdrop) return std::nullopt;
    for (const db::ModuleRow& row : rows)
        if (row.name == "system" && plan::is_legacy(row.schema_version)) return row.schema_version;
    return std::nullopt;
}

Result<bool> is_drupal7_database(const site::Site& site, db::Database& database) {
    if (site.kind != site::Kind::Backdrop) return false;
    BDUPDATE_ASSIGN(const auto rows, database.modules());
    return drupal7_number(site, rows).has_value();
}

namespace {

/// What an anonymous visitor of update.php leaves: update_fix_requirements() ran before {system} knew views,
/// and notes that it need not run again.
Result<bool> begun_by_visitor(db::Database& database, const View& view) {
    BDUPDATE_ASSIGN(const auto latch, database.state("update_backdrop_requirements"));
    return latch && !is_enabled(view.rows, "views");
}

Result<void> find_obstacles(const site::Site& site, db::Database& database, View& view) {
    if (*view.drupal7 < lowest_system)
        view.obstacles.push_back({ExitCode::Preflight,
                                  "this database of Drupal 7 is too old to be upgraded: system is at " +
                                      std::to_string(*view.drupal7) + ", and Backdrop needs " +
                                      std::to_string(lowest_system),
                                  "put the code of the last Drupal 7 release back, run its update.php, then "
                                  "come here again",
                                  {}});
    BDUPDATE_ASSIGN(const bool begun, begun_by_visitor(database, view));
    if (begun)
        view.obstacles.push_back(
            {ExitCode::Preflight,
             "somebody who may not run updates has opened core/update.php on this database of Drupal 7: the "
             "upgrade began half-way, and would fail at filter_update_1004",
             "DELETE FROM `" + site.database.table("state") +
                 "` WHERE name = 'update_backdrop_requirements'; in database " + site.database.database +
                 ", then bdupdate run",
             {}});
    return {};
}

/// Drupal 7's update.php has a way for it too, which begins with changing the schema outside of updates.
void refuse_drupal6(View& view) {
    for (const db::ModuleRow& row : view.rows)
        if (row.name == "system" && row.schema_version < 7000)
            view.obstacles.push_back({ExitCode::Preflight,
                                      "this is a database of Drupal 6 (system is at " +
                                          std::to_string(row.schema_version) + ") under Drupal 7's code",
                                      "run Drupal's own update.php for the way from 6 to 7, then come here",
                                      {}});
}

void describe_modules(plan::Plan& plan) {
    for (plan::ModuleNote& note : plan.modules) {
        if (!note.enabled || note.problem != plan::ModuleProblem::Missing) continue;
        if (dropped.count(note.module) != 0) {
            note.problem = plan::ModuleProblem::Orphan;
            note.text = note.module + " is a part of Drupal 7 that Backdrop does without: it is switched off";
        } else {
            note.text = note.module +
                        " has no code for Backdrop here and is switched off: put its Backdrop version into "
                        "modules/ before the run, if there is one and the site needs it";
        }
    }
}

}  // namespace

Result<void> describe_upgrade(const site::Site& site, db::Database& database, View& view) {
    if (site.kind == site::Kind::Drupal7) refuse_drupal6(view);
    view.drupal7 = drupal7_number(site, view.rows);
    if (!view.drupal7) return {};
    BDUPDATE_TRY(find_obstacles(site, database, view));
    if (view.obstacles.empty()) {
        view.notes.push_back("the database is one of Drupal 7 (system at " + std::to_string(*view.drupal7) +
                             "): a run upgrades it to Backdrop " + site.core_version);
        view.notes.emplace_back(
            "the upgrade begins with inserting modules of Backdrop (views, entity, layout …), which bring "
            "updates of their own: more will run than are known now");
    }
    describe_modules(view.plan);
    std::vector<std::string> names;
    for (const auto& [module, function] : own_updates(view.plan))
        names.push_back(module + " (" + function + ")");
    if (!names.empty())
        view.warnings.push_back("updates of Drupal 7 numbers are pending in " + join(names, ", ") +
                                ": better bring these modules to their last Drupal 7 release before the "
                                "upgrade");
    return {};
}

std::vector<Finding> check_upgrade_options(const Options& options, const View& view) {
    std::vector<Finding> findings;
    if (!view.drupal7) return findings;
    if (!options.clear_caches)
        findings.push_back({true,
                            {ExitCode::Preflight,
                             "a site that comes from Drupal 7 does not work before its caches are flushed",
                             "leave --no-cache-clear out",
                             {}}});
    if (!options.selection.only_modules.empty() || !options.selection.skip_modules.empty())
        findings.push_back({false,
                            {ExitCode::Preflight,
                             "a site that comes from Drupal 7 works only once all of its updates have run",
                             "leave --module and --skip out",
                             {}}});
    if (!options.backup)
        findings.push_back({false,
                            {ExitCode::Preflight,
                             "the first steps from Drupal 7 change the schema: without a backup nothing "
                             "takes them back when "
                             "one fails",
                             "leave --no-backup out, or have a backup of your own",
                             {}}});
    return findings;
}

}  // namespace bdupdate::run
