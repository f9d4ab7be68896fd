#pragma once

#include <optional>
#include <vector>

#include "bdupdate/run/preflight.h"
#include "bdupdate/run/run.h"

/// A database of Drupal 7 under Backdrop's code: recognising it, and what can be said of its upgrade before
/// its first step (docs/from-drupal7.md).
namespace bdupdate::run {

/// The number of `system` where it is one of Drupal 7's, 7000 to 8999.
std::optional<int> drupal7_number(const site::Site& site, const std::vector<db::ModuleRow>& rows);
Result<bool> is_drupal7_database(const site::Site& site, db::Database& database);

/// Tells in `view` what its facts cannot, for they are those before the upgrade's first step; and what stands
/// against the upgrade. Nothing on other sites.
Result<void> describe_upgrade(const site::Site& site, db::Database& database, View& view);

/// What speaks against these options where the database is one of Drupal 7.
std::vector<Finding> check_upgrade_options(const Options& options, const View& view);

}  // namespace bdupdate::run
