#pragma once

#include <filesystem>
#include <string>

#include "bdupdate/base/error.h"
#include "bdupdate/worker/worker.h"

namespace bdupdate::worker {

/// Asks real PHP what settings.php leaves behind (site::AskPhp): nothing of the site but that file is loaded.
/// Calls the static method BdupdateAskSettings::ask($docroot, $settings_file) of
/// src/worker/php/ask_settings.php, whose array comes back as JSON (every PHP array as an object, keys in
/// order). Error: Usage.
Result<std::string> ask_settings(const Options& options, const std::filesystem::path& docroot,
                                 const std::filesystem::path& settings_file);

/// Loads one PHP file and calls one of its functions without arguments; JSON of what it returns (every PHP
/// array as an object, keys in order). Errors: Preflight.
Result<std::string> ask_function(const Options& options, const std::filesystem::path& docroot,
                                 const std::filesystem::path& file, const std::string& function);

/// PHP_VERSION of that PHP.
Result<std::string> ask_version(const Options& options);

}  // namespace bdupdate::worker
