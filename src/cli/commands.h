#pragma once

#include "bdupdate/base/error.h"
#include "options.h"
#include "output.h"

namespace bdupdate::cli {

/// Each command: its answer to `output`, its exit code, or the error that ended it.
Result<ExitCode> command_status(const CommandLine& line, Output& output);
Result<ExitCode> command_plan(const CommandLine& line, Output& output);
Result<ExitCode> command_run(const CommandLine& line, Output& output);
Result<ExitCode> command_recover(const CommandLine& line, Output& output);
Result<ExitCode> command_backup(const CommandLine& line, Output& output);

}  // namespace bdupdate::cli
