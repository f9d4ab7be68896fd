#pragma once

#include <string>
#include <vector>

#include "bdupdate/scan/inventory.h"
#include "discovery.h"

namespace bdupdate::scan {

/// What the code alone says about where modules are.
struct Places {
    Listing listing;
    std::vector<std::string> merged;  ///< backdrop_merged_modules() of the site's own core
    std::vector<std::string> warnings;
};

/// Searches for the profile of `options`, or takes what the search that was begun for it found. Errors
/// (Preflight): a directory, or core's module.inc, that cannot be read.
Result<Places> find_places(const site::Site& site, const ScanOptions& options);

}  // namespace bdupdate::scan
