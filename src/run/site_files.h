#pragma once

#include <optional>
#include <string>

#include "bdupdate/run/run.h"

/// The files of a site that a run puts back: config files, and on the way from Drupal 7 settings.php and the
/// config directories themselves (docs/crash-safety.md, "From Drupal 7").
namespace bdupdate::run {

/// Whether config is kept in files: not on Drupal 7, nor where settings.php says that the database keeps it.
[[nodiscard]] bool keeps_files(const site::Site& site);

/// The active config directory; nothing where config is kept elsewhere, or where it is yet to come: on a
/// database of Drupal 7. Errors: as ConfigDirectory::open().
Result<std::optional<config::ConfigDirectory>> open_config(const Context& context);

/// Before a Drupal 7 database is touched: journals at images 0 and 1 of the run what settings.php and the
/// config directories are, and what they will be. Where core would choose a random name for the directories,
/// it is chosen here, for core writes settings.php in place, and a kill would leave half of it.
Result<void> foresee_site_files(Context& context, const std::string& run);

/// settings.php as in image k, and read again.
Result<void> put_settings(Context& context, const std::string& run, std::int64_t k);

/// settings.php, config directories and config files as in image k: directories that appeared later are
/// gone. Later images are deleted. Repeatable.
Result<void> put_site_files(Context& context, const std::string& run, std::int64_t k);

/// What image 1 foresaw is there now: makes it last on the disk.
Result<void> sync_site_files(Context& context, const std::string& run);

}  // namespace bdupdate::run
