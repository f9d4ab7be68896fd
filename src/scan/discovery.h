#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/site/site.h"

namespace bdupdate::scan {

/// Where a module lies: a directory with its NAME.module.
struct Place {
    std::string directory;  ///< relative to the docroot, "core/modules/node"
    std::string file;       ///< NAME.module, NAME.profile; of a bare site perhaps NAME.install or NAME.info
};

/// All places of one name, in the order in which core prefers them: the first one counts.
struct Candidates {
    std::vector<Place> places;
    bool ambiguous = false;  ///< the first one is preferred only because readdir() happens to return it first
};

using Listing = std::map<std::string, Candidates, std::less<>>;

/// Finds every module below the search directories of the site, as backdrop_system_listing() and
/// _system_rebuild_module_data() do; the profile counts as a module. Errors (Preflight): a directory that
/// cannot be read.
Result<Listing> list_modules(const site::Site& site, const std::string& profile);

}  // namespace bdupdate::scan
