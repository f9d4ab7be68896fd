#include <CLI/CLI.hpp>

#include "parse.h"

namespace bdupdate::cli {

namespace {

void add_lint(CLI::App& app, CommandLine& line) {
    LintOptions& options = line.checks.lint;
    CLI::App* command = app.add_subcommand("lint", "check .install files; needs no site and no PHP");
    command->callback([&line] { line.command = Command::Lint; });
    command->add_option_function<std::vector<std::string>>(
        "PATH",
        [&options](const std::vector<std::string>& paths) {
            options.paths = {paths.begin(), paths.end()};
        },
        ".install files, and directories that hold modules");
    command->add_option("--against", options.against,
                        "compare with the files of this git revision: what was released is not to change");
    command->add_option("--ignore", options.ignore, "leave this rule out");
    command->add_flag("--rules", options.list_rules, "list the rules");
    command
        ->add_option_function<std::string>(
            "--format",
            [&line, &options](const std::string& format) {
                options.github = format == "github";
                line.global.format = format == "json" ? Format::Json : Format::Text;
            },
            "text, json, or github: annotations of a pull request")
        ->check(CLI::IsMember({"text", "json", "github"}))
        ->option_text("text|json|github");
}

void add_mark(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand("mark", "set a module's last-run number by hand, after a backup");
    command->callback([&line] { line.command = Command::Mark; });
    command->add_option("MODULE=N", line.checks.mark.wanted, "the module and the number of its last update")
        ->required();
    command->add_flag_callback(
        "--no-backup", [&line] { line.checks.mark.backup = false; }, "make no backup");
}

void add_doctor(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand("doctor", "everything that would make a run fail, before it does");
    command->callback([&line] { line.command = Command::Doctor; });
    command
        ->add_option("--backup-days", line.checks.doctor.backup_days,
                     "how old the newest backup may be; 0: as old as it is")
        ->capture_default_str()
        ->check(CLI::Range(0, 36500));
    command->add_flag_callback(
        "--no-boot", [&line] { line.checks.doctor.boot = false; }, "do not boot the site");
}

void add_verify(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand(
        "verify", "after a run: nothing pending, the site boots, tables as modules declare them");
    command->callback([&line] { line.command = Command::Verify; });
    command->add_flag("--strict", line.checks.verify.strict,
                      "fail for differences that were there before the run, too");
}

}  // namespace

void add_check_commands(CLI::App& app, CommandLine& line) {
    add_lint(app, line);
    add_mark(app, line);
    add_doctor(app, line);
    add_verify(app, line);
}

}  // namespace bdupdate::cli
