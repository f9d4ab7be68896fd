#pragma once

#include "description.h"
#include "options.h"

namespace CLI {
class App;
}

namespace bdupdate::cli {

/// What the parser's sources share: CLI11 is known to parse*.cpp alone, each of them a family of commands.

/// completion, demo
void add_shell_commands(CLI::App& app, CommandLine& line);

CommandDescription describe(const CLI::App& app);

}  // namespace bdupdate::cli
