#pragma once

#include <algorithm>
#include <functional>

#include "description.h"

namespace bdupdate::cli {

/// What the completions of the three shells share.

enum class ValueKind { Other, File, Directory };
ValueKind value_kind(const OptionDescription& option);

/// Calls `visit` with the program (path "") and every command below it ("run", "backup create").
void each_command(const CommandDescription& program,
                  const std::function<void(const std::string& path, const CommandDescription&)>& visit);

/// Name and aliases.
std::vector<std::string> all_names(const CommandDescription& command);
/// "-y", "--yes", "--root" … of the command itself.
std::vector<std::string> option_names(const CommandDescription& command);
/// Every option that takes a value, of whatever command.
std::vector<std::string> names_with_value(const CommandDescription& program);

}  // namespace bdupdate::cli
