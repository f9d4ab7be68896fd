#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/recovery/decision.h"
#include "bdupdate/run/options.h"
#include "config_file.h"
#include "options_checks.h"

namespace bdupdate::cli {

enum class Format { Text, Json };
enum class Color { Auto, Always, Never };

/// Options that every command takes, before or after its name.
struct GlobalOptions {
    std::optional<std::filesystem::path> root;
    std::string site;
    std::string php = "php";
    std::vector<std::string> path_map;  ///< "HOST=THERE"
    std::string db_host, db_socket;
    int db_port = 0;
    std::optional<std::filesystem::path> state_dir, backup_dir;
    bool yes = false;
    Format format = Format::Text;
    Color color = Color::Auto;
    bool quiet = false;
    bool verbose = false;
    std::optional<std::filesystem::path> log_file;
    std::string log_name;  ///< stands in each line of the log file: which of many sites speaks
    std::string user;      ///< root becomes this one first
    std::optional<std::filesystem::path> config;
    // Many sites; docs/many-sites.md.
    bool all_sites = false;
    std::string sites_from;  ///< file or glob
    int jobs = 1;
    [[nodiscard]] bool many() const { return all_sites || !sites_from.empty(); }
    std::vector<std::string> acknowledge;  ///< blocked or missing modules that one knows of
};

struct StatusOptions {
    bool exit_code = false;
};

struct PlanOptions {
    bool source = false;  ///< the updates' code
    bool dot = false;     ///< a graph for Graphviz
};

struct RunOptions {
    run::Options run;
    bool dry_run = false;
    std::optional<std::filesystem::path> report;  ///< HTML file
};

struct BackupOptions {
    enum class Action { Create, List, Show, Verify, Restore, Prune, Export } action = Action::List;
    std::string id;                   ///< empty or "latest": the newest good one
    bool deep = false;                ///< verify: load it into a scratch database
    std::size_t keep = 5;             ///< prune
    std::filesystem::path directory;  ///< export; empty: $settings['backup_directory']
    bool safety_backup = true;        ///< false: restore --no-backup
};

struct MaintenanceOptions {
    std::optional<bool> on;  ///< nothing: tell
};

struct CompletionOptions {
    std::string form;  ///< bash, zsh, fish, man
};

struct DemoOptions {
    std::filesystem::path directory;
};

struct HistoryOptions {
    std::string run;  ///< of `show` and `report`; empty: the newest
    std::size_t last = 1'000'000;
    bool patch = false;                           ///< show
    std::optional<std::filesystem::path> output;  ///< report
};

enum class Command {
    None,
    Status,
    Plan,
    Run,
    Recover,
    Backup,
    Maintenance,
    History,
    Show,
    Report,
    Completion,
    Demo,
    Lint,
    Mark,
    Doctor,
    Verify,
};

/// The command line as plain values: CLI11 is known to parse*.cpp alone.
struct CommandLine {
    Command command = Command::None;
    GlobalOptions global;
    StatusOptions status;
    PlanOptions plan;
    RunOptions run;
    BackupOptions backup;
    MaintenanceOptions maintenance;
    HistoryOptions history;
    CheckOptions checks;
    recovery::Request recover;
    CompletionOptions completion;
    DemoOptions demo;
    /// What was typed, as another bdupdate is told it: the command's words and arguments, and the variable of
    /// each option that the command line, the environment or a config file sets.
    std::vector<std::string> words;
    std::map<std::string, std::string> settings;
    std::vector<std::string> of_section;  ///< those of them that a section of a site sets
    std::shared_ptr<const ConfigFile> config_file;
    /// Set where parsing already ended the program: --help, --version, or an error.
    std::optional<int> exit_code;
};

/// Which of many sites the command line is to be read for.
struct SiteChoice {
    std::string name;  ///< how the site is called in what is printed
    std::filesystem::path root;
    std::string site;                        ///< of a multisite; empty: the only or default one
    const ConfigFile* sites_file = nullptr;  ///< --sites-from, where it is a config file
    SiteSection section;                     ///< its section of this site
};

/// Parses the command line, then takes what it leaves open from the environment and from config files
/// (docs/config-file.md). Prints help, version and usage errors itself.
CommandLine parse(int argc, char** argv);
/// The same command line as it is for one of many sites. Errors (Usage) name variable, or file, line and key.
Result<CommandLine> parse_for_site(int argc, char** argv, const SiteChoice& choice);

/// Every key of the file is an option, and its value one that the option takes. Errors (Usage) name file,
/// line and key.
Result<void> check_config(const ConfigFile& file);

}  // namespace bdupdate::cli
