#pragma once

#include <filesystem>
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

/// Searches where core does for a site of this install profile. Errors (Preflight): a directory, or core's
/// module.inc, that cannot be read.
Result<Places> find_places(const site::Site& site, const std::string& profile);

/// The file that core loads as the module's own.
std::filesystem::path module_file(const site::Site& site, const std::string& name, const Place& place);

/// Its .install.
std::filesystem::path install_file(const site::Site& site, const std::string& name, const Place& place);

}  // namespace bdupdate::scan
