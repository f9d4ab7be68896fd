#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bdupdate/run/doctor.h"

namespace bdupdate::run {

/// Whether the PHP of the command line is the one that the web server uses, as far as the layout of Debian
/// tells it: ETC/VERSION/fpm, apache2 or cgi beside ETC/VERSION/cli, each with a conf.d of extensions.
/// `version`: PHP_VERSION of the command line's; empty: not known. Without such a layout: nothing.
std::vector<Diagnosis> compare_with_web_server(const std::string& php, const std::filesystem::path& etc,
                                               const std::string& version);

}  // namespace bdupdate::run
