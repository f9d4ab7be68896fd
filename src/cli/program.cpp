#include "bdupdate/cli/program.h"

#include <exception>
#include <iostream>

#include "bdupdate/report/events.h"
#include "become_user.h"
#include "commands.h"
#include "workplace.h"

namespace bdupdate::cli {

namespace {

Result<ExitCode> dispatch(const CommandLine& line, Output& output) {
    switch (line.command) {
        case Command::Status:
            return command_status(line, output);
        case Command::Plan:
            return command_plan(line, output);
        case Command::Run:
            return line.run.dry_run ? command_dry_run(line, output) : command_run(line, output);
        case Command::Recover:
            return command_recover(line, output);
        case Command::Backup:
            return command_backup(line, output);
        case Command::Maintenance:
            return command_maintenance(line, output);
        case Command::History:
            return command_history(line, output);
        case Command::Show:
            return command_show(line, output);
        case Command::Report:
            return command_report(line, output);
        case Command::Completion:
            return command_completion(line, output);
        case Command::Demo:
            return command_demo(line, output);
        case Command::Lint:
            return command_lint(line, output);
        case Command::Mark:
            return command_mark(line, output);
        case Command::Doctor:
            return command_doctor(line, output);
        case Command::Verify:
            return command_verify(line, output);
        case Command::None:
            break;
    }
    return ExitCode::Usage;
}

bool works_on_sites(Command command) {
    return command != Command::Completion && command != Command::Demo && command != Command::Lint;
}

int end(const Result<ExitCode>& code, const CommandLine& line, Output& output) {
    if (code) return output.finish(*code);
    output.error(code.error());
    if (line.global.format == Format::Json) output.answer(report::error_json(code.error()));
    return output.finish(code.error().code);
}

int run_many(int argc, char** argv, const CommandLine& line) {
    // Each site's own bdupdate writes the log, and becomes the user.
    GlobalOptions global = line.global;
    global.log_file.reset();
    Output output(global);
    const auto code = command_many(argc, argv, line, output);
    return end(code, line, output);
}

}  // namespace

int run_program(int argc, char** argv) {
    // Exceptions come from third-party code only; this is the one place that meets them.
    try {
        const CommandLine line = parse(argc, argv);
        if (line.exit_code) return *line.exit_code;
        if (line.global.many() && works_on_sites(line.command)) return run_many(argc, argv, line);
        if (const auto became = become_user(line.global.user); !became) {
            Output output(line.global);
            return end(fail(became.error()), line, output);
        }
        Output output(line.global);
        const auto code = dispatch(line, output);
        return end(code, line, output);
    } catch (const std::exception& problem) {
        std::cerr << "error: " << problem.what() << "\n";
        return static_cast<int>(ExitCode::Preflight);
    }
}

}  // namespace bdupdate::cli
