#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/recovery/decision.h"
#include "bdupdate/run/options.h"

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
};

struct StatusOptions {
    bool exit_code = false;
};

struct RunOptions {
    run::Options run;
    bool dry_run = false;
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

enum class Command { None, Status, Plan, Run, Recover, Backup, Maintenance, Completion, Demo };

/// The command line as plain values: CLI11 is known to parse*.cpp alone.
struct CommandLine {
    Command command = Command::None;
    GlobalOptions global;
    StatusOptions status;
    RunOptions run;
    BackupOptions backup;
    MaintenanceOptions maintenance;
    recovery::Request recover;
    CompletionOptions completion;
    DemoOptions demo;
    /// Set where parsing already ended the program: --help, --version, or an error.
    std::optional<int> exit_code;
};

/// Parses; prints help, version and usage errors itself.
CommandLine parse(int argc, char** argv);

}  // namespace bdupdate::cli
