#pragma once

#include <functional>

#include "bdupdate/run/options.h"
#include "workplace.h"

namespace bdupdate::cli {

/// Opens the site for a command that runs updates, which need PHP.
Result<Workplace> open_for_run(const CommandLine& line, Output& output);

/// What the worker may use, as far as the options say.
void set_limits(const run::Options& options, Workplace& place);

/// Prints how a run ended; its exit code.
ExitCode tell_outcome(const run::Outcome& outcome, const Workplace& place, const GlobalOptions& options,
                      Output& output);

/// Asks at the terminal what is to follow from a failure: restore, stay as it is, or go on. Without a
/// terminal, and with --yes, empty: the policy decides. No answer (end of file, a signal) means that nothing
/// more is touched.
std::function<run::FailurePolicy(const run::FailureQuestion&)> failure_question(const GlobalOptions& options,
                                                                                Output& output);

}  // namespace bdupdate::cli
