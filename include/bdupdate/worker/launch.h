#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/site/site.h"
#include "bdupdate/worker/worker.h"

namespace bdupdate::worker {

/// The command line that starts PHP with the loader: settings that keep an update from being cut short or
/// from printing into the protocol, and no secret.
std::vector<std::string> php_command(const Options& options);

/// Fails (Preflight) where the loader said that this PHP is too old; `talk` is what PHP wrote.
Result<void> check_php_age(const std::vector<std::string>& talk);

/// What the loader reads: a line with the length, then that many bytes.
std::string loader_input(std::string_view code);

/// Embedded PHP without its opening tags, joined in this order. A name that ends in '/' means every file
/// below it, sorted.
std::string joined_php(const std::vector<std::string>& names);

/// The code of the worker for a kind of site, with the call that starts it; `docroot` as that PHP sees it.
std::string worker_code(site::Kind kind, const std::string& token, const std::string& docroot);

/// Prefix replacement by whole path components; the longest host prefix wins.
using PathMap = std::vector<std::pair<std::string, std::string>>;
std::string path_there(const PathMap& map, const std::string& host_path);
std::string path_here(const PathMap& map, const std::string& path);

}  // namespace bdupdate::worker
