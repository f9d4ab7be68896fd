#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bdupdate::site {

/// settings.php with other names for its config directories, as core writes it when a site's directories are
/// made for the first time (backdrop_install_config_location(), backdrop_rewrite_settings()): the default
/// name follows from the database's password, so `token` takes its place. `conf_path` as Site::conf_path.
/// Nothing where the names are the site's own choice: core leaves them alone.
std::optional<std::string> with_config_directories(std::string_view settings, const std::string& conf_path,
                                                   const std::string& token);

}  // namespace bdupdate::site
