#include "bdupdate/cli/program.h"

#include <exception>
#include <iostream>

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
        case Command::Completion:
            return command_completion(line, output);
        case Command::Demo:
            return command_demo(line, output);
        case Command::None:
            break;
    }
    return ExitCode::Usage;
}

}  // namespace

int run_program(int argc, char** argv) {
    // Exceptions come from third-party code only; this is the one place that meets them.
    try {
        const CommandLine line = parse(argc, argv);
        if (line.exit_code) return *line.exit_code;
        Output output(line.global);
        const auto code = dispatch(line, output);
        if (!code) output.error(code.error());
        return output.finish(code ? *code : code.error().code);
    } catch (const std::exception& problem) {
        std::cerr << "error: " << problem.what() << "\n";
        return static_cast<int>(ExitCode::Preflight);
    }
}

}  // namespace bdupdate::cli
