#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/db/database.h"
#include "bdupdate/plan/plan.h"
#include "bdupdate/scan/inventory.h"
#include "bdupdate/site/site.h"

namespace bdupdate::run {

/// What the site looks like from the outside: read from the database and the code, without PHP.
struct View {
    std::vector<db::ModuleRow> rows;
    plan::Facts facts;
    plan::Plan plan;
    std::vector<std::string> warnings;       ///< of the scan, and of what an upgrade from Drupal 7 meets
    std::vector<std::string> notes;          ///< what a reader should know besides
    std::vector<std::string> syntax_errors;  ///< of installed modules' code, with file and line
    std::vector<Error> obstacles;            ///< what stands against a run, as rows and code tell it
    std::optional<int> drupal7;  ///< a database of Drupal 7, yet to be upgraded: its number of `system`
    bool unsure = false;         ///< a hook could not be read without PHP, and PHP was not asked
};

/// Reads rows and code and plans. Errors: those of the database, the scan and the planner.
Result<View> look(const site::Site& site, db::Database& database, const scan::ScanOptions& scan_options,
                  const plan::Selection& selection = {});

/// Whether the modules that --module and --from name are installed. Error: Usage, with the name that was most
/// likely meant. Not asked again when a run is under way: an update may have uninstalled them.
Result<void> check_names(const std::vector<db::ModuleRow>& rows, const plan::Selection& selection);

/// Of `names`, the one that differs from `name` least; empty where none is like it.
std::string closest_name(const std::string& name, const std::vector<std::string>& names);

/// Begins that part of look() which needs the code only, beside opening the database (ScanOptions::begun).
/// Null where the profile, which decides where to search, stands in the database.
std::shared_ptr<scan::ReadAhead> look_ahead(const site::Site& site);

/// The site's install profile: settings' override, else config system.core:install_profile, else "standard".
Result<std::string> install_profile(const site::Site& site, db::Database& database);

/// A text that changes whenever the site's code does: BACKDROP_VERSION plus path, size and mtime of every
/// .info, .install and .module and of core/includes (docs/crash-safety.md).
std::string code_stamp(const site::Site& site);

}  // namespace bdupdate::run
