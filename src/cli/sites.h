#pragma once

#include <memory>
#include <vector>

#include "options.h"
#include "output.h"

namespace bdupdate::cli {

/// The sites that --all-sites and --sites-from name.
struct ManySites {
    std::vector<SiteChoice> sites;  ///< each with a name of its own
    std::shared_ptr<const ConfigFile>
        sites_file;  ///< where --sites-from is a config file; the choices know it
};

/// Errors: Usage for a list, glob or config file that names no site or is not understood. A docroot that is
/// none stays in the list: its own bdupdate will say so.
Result<ManySites> find_sites(const GlobalOptions& options, Output& output);

/// Gives each site its name: that of its section, else what tells its docroot from the others, and the site
/// of a multisite.
void name_sites(std::vector<SiteChoice>& sites);

}  // namespace bdupdate::cli
