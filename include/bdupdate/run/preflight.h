#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/base/subprocess.h"
#include "bdupdate/db/database.h"
#include "bdupdate/journal/paths.h"
#include "bdupdate/site/site.h"

namespace bdupdate::run {

/// Something that stands against a run (`refuses`), or that its operator should know before it.
struct Finding {
    bool refuses = true;
    Error error;  ///< message and hint
};

/// What preflight looks at.
struct Ground {
    const site::Site& site;
    db::Database& database;
    std::filesystem::path state_dir;
    std::filesystem::path backups;   ///< where the backup would go
    bool backup = true;              ///< whether one will be made
    std::optional<RunAs> run_as;     ///< whom the worker runs as, where not as this process
    std::int64_t newest_run_ms = 0;  ///< of the journal, wall clock; 0: none
    std::int64_t now_ms = 0;         ///< wall clock
};

/// The file or directory whose owner the site's PHP works as: its config directory, or where that is yet to
/// be made the nearest one above it. Drupal 7: the SQLite file, or files/. Otherwise settings.php.
std::filesystem::path owned_by_site(const site::Site& site);

/// Looks at everything that would make a run fail later, and finds all of it at once: space and inodes,
/// privileges, packet size, engines, other sites in the database, the clock, owners and permissions, config
/// files. Reads only. docs/preflight.md lists the findings.
std::vector<Finding> preflight(const Ground& ground);

/// Part of preflight(): the staging directory holds config, and other than the active one. Reads the staging
/// directory, and the active config only where there is something in it.
std::optional<Finding> check_staging(const site::Site& site, db::Database& database);

/// Bytes and inodes that a file system can still give to this process.
struct FreeSpace {
    std::uint64_t device = 0;  ///< equal for paths of one file system
    std::uint64_t bytes = 0, inodes = 0;
    bool counts_inodes = true;  ///< some file systems make them as they are needed
};
/// Of the file system that `path`, or its nearest parent that exists, lies on.
Result<FreeSpace> free_space(const std::filesystem::path& path);

/// What must fit where, before a run.
struct Demand {
    std::filesystem::path place;
    std::uint64_t bytes = 0, inodes = 0;
    std::string what;  ///< "the backup"
};
/// Pure but for `look`: demands on one file system add up.
std::vector<Finding> check_space(const std::vector<Demand>& demands,
                                 const std::function<Result<FreeSpace>(const std::filesystem::path&)>& look);

}  // namespace bdupdate::run
