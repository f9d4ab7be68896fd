#pragma once

#include <optional>

#include "bdupdate/base/error.h"
#include "bdupdate/run/run.h"
#include "options.h"
#include "output.h"

namespace bdupdate::cli {

/// Each command: its answer to `output`, its exit code, or the error that ended it.
Result<ExitCode> command_status(const CommandLine& line, Output& output);
Result<ExitCode> command_plan(const CommandLine& line, Output& output);
Result<ExitCode> command_dry_run(const CommandLine& line, Output& output);
Result<ExitCode> command_history(const CommandLine& line, Output& output);
Result<ExitCode> command_show(const CommandLine& line, Output& output);
Result<ExitCode> command_report(const CommandLine& line, Output& output);
Result<ExitCode> command_maintenance(const CommandLine& line, Output& output);
Result<ExitCode> command_run(const CommandLine& line, Output& output);
Result<ExitCode> command_recover(const CommandLine& line, Output& output);
Result<ExitCode> command_backup(const CommandLine& line, Output& output);
Result<ExitCode> command_completion(const CommandLine& line, Output& output);
Result<ExitCode> command_demo(const CommandLine& line, Output& output);
Result<ExitCode> command_lint(const CommandLine& line, Output& output);
Result<ExitCode> command_doctor(const CommandLine& line, Output& output);
Result<ExitCode> command_verify(const CommandLine& line, Output& output);
Result<ExitCode> command_mark(const CommandLine& line, Output& output);

/// The command of `line` on many sites: a bdupdate for each of them, and what they came to together.
Result<ExitCode> command_many(int argc, char** argv, const CommandLine& line, Output& output);

/// What there is to know about the site's plan, on stderr.
void tell_view(const run::View& view, Output& output);

/// Tells all findings of preflight, with `events` the refusals on stdout, too; a code where one of them
/// stands against a run.
std::optional<ExitCode> tell_findings(const run::Need& need, Output& output, bool events);

}  // namespace bdupdate::cli
