#pragma once

#include <string>
#include <vector>

#include "docs/page.h"

namespace bdupdate::docs {

/// What is wrong with a block that is not run as it stands, in words: YAML, units, scripts, PHP are read by
/// those who know them, as far as they are installed, and every command line of bdupdate in any block by the
/// program itself. `here` is an empty directory to work in.
std::vector<std::string> complaints(const Block& block, const std::string& here);

/// Of `code` in running text that begins with "bdupdate ".
std::vector<std::string> complaints(const Prose& prose, const std::string& here);

/// Units of systemd, as files in a directory: they may name each other.
std::vector<std::string> unit_complaints(const std::string& directory);

/// Command lines of bdupdate in a text, without redirections and what stands around them.
std::vector<std::string> command_lines(const std::string& text);

}  // namespace bdupdate::docs
