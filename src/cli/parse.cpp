#include "parse.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "bdupdate/base/error.h"
#include "parse_error.h"

namespace bdupdate::cli {

namespace {

constexpr const char* footer =
    "exit codes: 0 done, 1 an update failed, 2 usage, 3 pending (status --exit-code), 4 blocked or missing,\n"
    "  5 nothing touched, 6 backup failed, 7 needs hands, 8 recover first, 11 another run holds the site\n"
    "  129/130/143 stopped by a signal, recover goes on\n"
    "environment: each option has a variable: --db-host is BDUPDATE_DB_HOST, run --skip BDUPDATE_RUN_SKIP";

/// An optional path (`type` is DIR or FILE) as CLI11 2.1 takes it: through a string.
void add_path(CLI::App& app, const std::string& name, const std::string& type,
              std::optional<std::filesystem::path>& path, const std::string& help) {
    app.add_option_function<std::string>(
           name, [&path](const std::string& text) { path = text; }, help)
        ->type_name(type)
        ->option_text(type);
}

void add_global(CLI::App& app, GlobalOptions& global) {
    add_path(app, "--root", "DIR", global.root,
             "docroot (default: search upwards from the current directory)");
    app.add_option("--site", global.site,
                   "one site of a multisite (directory, host or URI), or of the config file")
        ->option_text("NAME");
    app.add_option("--php", global.php,
                   "the PHP to use; may be several words, such as 'docker exec -i web php'");
    app.add_option("--path-map", global.path_map, "HOST=THERE: how that PHP sees the docroot");
    app.add_option("--db-host", global.db_host,
                   "where this machine reaches the database, if not as in settings.php");
    app.add_option("--db-port", global.db_port, "its port")->check(CLI::Range(1, 65535));
    app.add_option("--db-socket", global.db_socket, "its socket")->type_name("FILE");
    add_path(app, "--state-dir", "DIR", global.state_dir, "journal and backups, outside the docroot");
    add_path(app, "--backup-dir", "DIR", global.backup_dir,
             "backups (default: backups/ in the state directory)");
    app.add_flag("-y,--yes", global.yes, "do not ask");
    app.add_option("--format", global.format, "text or json")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, Format>{{"text", Format::Text}, {"json", Format::Json}}, CLI::ignore_case))
        ->option_text("text|json");
    app.add_option("--color", global.color, "auto, always or never (NO_COLOR is honoured)")
        ->transform(CLI::CheckedTransformer(std::map<std::string, Color>{
            {"auto", Color::Auto}, {"always", Color::Always}, {"never", Color::Never}}))
        ->option_text("auto|always|never");
    app.add_flag("-q,--quiet", global.quiet, "nothing on success, everything on failure: what cron wants");
    app.add_flag("-v,--verbose", global.verbose, "say more");
    add_path(app, "--log-file", "FILE", global.log_file, "append everything that is said to this file");
    add_path(app, "--config", "FILE", global.config,
             "defaults of all options (default: /etc/bdupdate.conf for root, ~/.config/bdupdate/config)");
    app.add_option("--user", global.user, "work as this user: root only");
    app.add_option("--acknowledge", global.acknowledge,
                   "blocked or missing modules that one knows of: shown, but no reason for exit code 4")
        ->type_name("MODULE")
        ->delimiter(',');
    app.set_version_flag("--version", "bdupdate " BDUPDATE_VERSION);
}

void add_many(CLI::App& app, GlobalOptions& global) {
    CLI::Option* site = app.get_option("--site");
    app.add_flag("--all-sites", global.all_sites, "every site of the docroot")->excludes(site);
    app.add_option("--sites-from", global.sites_from,
                   "many docroots: a list, a config file with a section each, or a glob")
        ->option_text("FILE")
        ->excludes(site)
        ->excludes(app.get_option("--root"));
    app.add_option("--jobs", global.jobs, "how many of many sites at once")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
}

void add_selection(CLI::App& command, RunOptions& options) {
    command.add_option("--module", options.run.selection.only_modules, "only these modules");
    command.add_option("--skip", options.run.selection.skip_modules, "all but these modules");
    command
        .add_option_function<std::vector<std::string>>(
            "--from",
            [&options](const std::vector<std::string>& all) {
                for (const std::string& one : all) {
                    auto from = plan::module_and_number(one);
                    if (!from)
                        throw CLI::ValidationError("--from", "'" + one + "' is not of the form MODULE=N");
                    options.run.selection.from.insert_or_assign(from->first, from->second);
                }
            },
            "run the module's updates from number N on, whatever is recorded")
        ->option_text("MODULE=N");
}

void add_limits(CLI::App& command, run::Options& options) {
    command.add_option_function<int>(
        "--pass-timeout", [&options](int seconds) { options.pass_timeout = std::chrono::seconds(seconds); },
        "seconds that one pass of an update may take (1800)");
    command.add_option_function<std::string>(
        "--memory-limit", [&options](const std::string& size) { options.memory_limit = size; },
        "PHP's memory limit (512M)");
}

void add_run(CLI::App& app, CommandLine& line) {
    RunOptions& options = line.run;
    CLI::App* command = app.add_subcommand("run", "back up, run all pending updates, flush caches, check");
    for (const char* alias : {"updb", "update-db", "updatedb"}) command->alias(alias);
    command->callback([&line] { line.command = Command::Run; });
    add_selection(*command, options);
    command->add_flag("--dry-run", options.dry_run, "tell what would run; write nothing anywhere");
    command->add_flag_callback(
        "--no-backup", [&options] { options.run.backup = false; }, "make no backup");
    command->add_option("--keep-backups", options.run.keep_backups, "how many backups stay")
        ->capture_default_str()
        ->check(CLI::Range(1, 10000));
    command
        ->add_option_function<run::FailurePolicy>(
            "--on-failure", [&options](const run::FailurePolicy& policy) { options.run.on_failure = policy; },
            "restore: put the backup back; stop: stay as it is, for `recover`; continue: leave out what "
            "failed "
            "(default: restore, but stop with --maintenance off or --no-backup)")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, run::FailurePolicy>{{"restore", run::FailurePolicy::Restore},
                                                      {"stop", run::FailurePolicy::Stop},
                                                      {"continue", run::FailurePolicy::Continue}}))
        ->option_text("restore|stop|continue");
    command->add_flag("--retry", options.run.retry,
                      "try again what failed before, although neither plan nor code has changed");
    command
        ->add_option("--maintenance", options.run.maintenance,
                     "auto: on, then as before; keep: stays on; off: never touched")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, run::MaintenancePolicy>{{"auto", run::MaintenancePolicy::Auto},
                                                          {"keep", run::MaintenancePolicy::Keep},
                                                          {"off", run::MaintenancePolicy::Off}}))
        ->option_text("auto|keep|off");
    command->add_option("--ignore-requirement", options.run.ignore_requirements,
                        "go on in spite of this requirement");
    command->add_flag_callback(
        "--no-cache-clear", [&options] { options.run.clear_caches = false; }, "flush no caches");
    command->add_option_function<int>(
        "--lock-timeout",
        [&options](int seconds) { options.run.lock_timeout = std::chrono::seconds(seconds); },
        "seconds to wait for another run");
    add_limits(*command, options.run);
    command->add_option("--max-passes", options.run.max_passes, "passes that one update may take")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000}));
    add_path(*command, "--report", "FILE", options.report,
             "write the run as one HTML file, outside the docroot");
    command->add_flag("--allow-blocked", options.run.allow_blocked,
                      "exit with 0 although updates are blocked");
}

void add_recover(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand("recover", "finish what an interrupted run left");
    command->callback([&line] { line.command = Command::Recover; });
    const auto wish = [&line](recovery::Wish which) { return [&line, which] { line.recover.wish = which; }; };
    CLI::Option* resume =
        command->add_flag_callback("--resume", wish(recovery::Wish::Resume), "go on, but never restore");
    CLI::Option* restore =
        command->add_flag_callback("--restore", wish(recovery::Wish::Restore),
                                   "put the backup from before the run back, and close the run");
    CLI::Option* forget = command->add_flag_callback("--forget", wish(recovery::Wish::Forget),
                                                     "leave the site as it is and forget the run");
    resume->excludes(forget)->excludes(restore);
    restore->excludes(forget);
    command->add_option("--backup", line.recover.backup, "that backup, where the run's own is not known")
        ->needs(restore);
    add_limits(*command, line.run.run);
}

void add_maintenance(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand("maintenance", "tell, or switch, maintenance mode; without PHP");
    command->callback([&line] { line.command = Command::Maintenance; });
    command
        ->add_option_function<std::string>(
            "STATE", [&line](const std::string& state) { line.maintenance.on = state == "on"; },
            "on or off; left out: tell")
        ->check(CLI::IsMember({"on", "off"}))
        ->option_text("[on|off]");
}

void add_backup(CLI::App& app, CommandLine& line) {
    using Action = BackupOptions::Action;
    CLI::App* command =
        app.add_subcommand("backup", "create, list, verify, restore … backups of database and config");
    command->require_subcommand(1);
    const auto add = [&line, command](const char* name, const char* help, Action which) {
        CLI::App* action = command->add_subcommand(name, help);
        action->callback([&line, which] {
            line.command = Command::Backup;
            line.backup.action = which;
        });
        return action;
    };
    const auto add_id = [&line](CLI::App* action, bool required) {
        CLI::Option* id =
            action->add_option("ID", line.backup.id,
                               required ? "the backup, the beginning of its name, or `latest`"
                                        : "the backup, or the beginning of its name (default: the newest)");
        if (required) id->required();
    };
    add("create", "back up now", Action::Create);
    add("list", "all backups of this site", Action::List);
    add_id(add("show", "what one backup holds", Action::Show), false);
    CLI::App* verify = add("verify", "read a backup back and check everything", Action::Verify);
    add_id(verify, false);
    verify->add_flag("--deep", line.backup.deep, "load it into a scratch database, too, and count its rows");
    CLI::App* restore =
        add("restore", "make database and config equal to a backup; backs up what is there first",
            Action::Restore);
    add_id(restore, true);
    restore->add_flag_callback(
        "--no-backup", [&line] { line.backup.safety_backup = false; },
        "do not back up first what is there now: it is lost");
    CLI::App* prune = add("prune", "remove old backups", Action::Prune);
    prune->add_option("--keep", line.backup.keep, "how many stay, besides the newest made by hand")
        ->capture_default_str()
        ->check(CLI::Range(1, 10000));
    CLI::App* exports = add("export", "copy a backup to where core's restore.php looks", Action::Export);
    add_id(exports, true);
    exports
        ->add_option_function<std::string>(
            "DIR", [&line](const std::string& text) { line.backup.directory = text; },
            "that directory (default: $settings['backup_directory'])")
        ->type_name("DIR");
}

/// Everything that bdupdate understands; `line` is filled while parsing.
void build(CLI::App& app, CommandLine& line) {
    app.footer(footer);
    app.require_subcommand(0, 1);
    app.fallthrough();
    add_global(app, line.global);
    add_many(app, line.global);

    CLI::App* status =
        app.add_subcommand("status", "what is interrupted, pending, blocked and missing; read-only");
    for (const char* alias : {"updbst", "updatedb-status"}) status->alias(alias);
    status->callback([&line] { line.command = Command::Status; });
    status->add_flag("--exit-code", line.status.exit_code,
                     "exit with 8, 4 or 3 where something is left to do");

    CLI::App* plan = app.add_subcommand("plan", "the exact order in which updates would run, and why");
    plan->callback([&line] { line.command = Command::Plan; });
    add_selection(*plan, line.run);
    CLI::Option* source = plan->add_flag("--source", line.plan.source, "print the code of each update");
    plan->add_flag("--dot", line.plan.dot, "print steps and dependencies as a graph, for Graphviz")
        ->excludes(source);
    add_run(app, line);
    add_recover(app, line);
    add_backup(app, line);
    add_maintenance(app, line);
    add_history(app, line);
    add_shell_commands(app, line);
    add_check_commands(app, line);
    for (CLI::App* command : app.get_subcommands({})) command->fallthrough();
}

/// What the command line leaves open. For one of many sites the file was checked before.
Result<void> take_rest(CLI::App& app, CommandLine& line, const SiteChoice* choice) {
    name_variables(app);
    // No option: told by the bdupdate above many sites alone.
    if (const char* name = std::getenv("BDUPDATE_LOG_NAME")) line.global.log_name = name;
    BDUPDATE_ASSIGN(line.config_file, find_config(line));
    if (line.config_file && choice == nullptr) BDUPDATE_TRY(check_config(*line.config_file));
    return take_settings(app, line, choice);
}

constexpr const char* about =
    "update runner for Backdrop CMS: runs pending updates inside transactions, after a backup";

}  // namespace

CommandDescription describe_command_line() {
    CommandLine line;
    CLI::App app(about, "bdupdate");
    build(app, line);
    name_variables(app);
    return describe(app);
}

Result<void> check_config(const ConfigFile& file) {
    CommandLine scratch;
    CLI::App grammar;
    build(grammar, scratch);
    name_variables(grammar);
    return check_config(grammar, file);
}

Result<CommandLine> parse_for_site(int argc, char** argv, const SiteChoice& choice) {
    CommandLine line;
    CLI::App app;
    build(app, line);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return fail(ExitCode::Usage, error.what());
    }
    BDUPDATE_TRY(take_rest(app, line, &choice));
    return line;
}

CommandLine parse(int argc, char** argv) {
    CommandLine line;
    CLI::App app(about, "bdupdate");
    build(app, line);

    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {
        line.exit_code = app.exit(success);
    } catch (const CLI::ParseError& error) {
        std::cerr << usage_error(app, error);
        line.exit_code = static_cast<int>(ExitCode::Usage);
    }
    if (!line.exit_code && line.command == Command::None) {
        std::cout << app.help();
        line.exit_code = 0;
    }
    if (line.exit_code) return line;
    if (const auto taken = take_rest(app, line, nullptr); !taken) {
        std::cerr << "bdupdate: " << taken.error().message << "\n";
        if (!taken.error().hint.empty()) std::cerr << "hint: " << taken.error().hint << "\n";
        line.exit_code = static_cast<int>(taken.error().code);
    }
    return line;
}

}  // namespace bdupdate::cli
