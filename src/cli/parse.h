#pragma once

#include "description.h"
#include "options.h"

namespace CLI {
class App;
}

namespace bdupdate::cli {

/// What the parser's sources share: CLI11 is known to parse*.cpp alone, each of them a family of commands.

/// history, show, report
void add_history(CLI::App& app, CommandLine& line);
/// completion, demo
void add_shell_commands(CLI::App& app, CommandLine& line);

CommandDescription describe(const CLI::App& app);
/// lint, doctor, verify, mark
void add_check_commands(CLI::App& app, CommandLine& line);

// parse_settings.cpp: what the command line leaves open.

/// Gives every option its environment variable: --db-host is BDUPDATE_DB_HOST, run --skip BDUPDATE_RUN_SKIP.
void name_variables(CLI::App& app);

/// As the other check_config(); `grammar` is a parser of its own, for it is left with these values.
Result<void> check_config(CLI::App& grammar, const ConfigFile& file);

/// The config file that --config, BDUPDATE_CONFIG or its default place names; null: none.
Result<std::shared_ptr<const ConfigFile>> find_config(const CommandLine& line);

/// Takes what the parsed command line leaves open from the environment, then from the section of the site,
/// then from the config file; and says in `line.settings` what came out.
/// Errors (Usage) name the variable, or file, line and key.
Result<void> take_settings(CLI::App& app, CommandLine& line, const SiteChoice* choice);

}  // namespace bdupdate::cli
