#pragma once

#include <chrono>
#include <string>

#include "bdupdate/base/error.h"
#include "bdupdate/journal/journal.h"
#include "bdupdate/run/listener.h"

namespace bdupdate::report {

/// One line of a run as it happens, for plain text and for `--format json` (a JSON object with "schema" and
/// "event").
std::string step_line(const journal::Step& step, const journal::Pass& pass, std::int64_t passes,
                      std::chrono::milliseconds elapsed, std::size_t index, std::size_t total);
std::string step_json(const journal::Step& step, const journal::Pass& pass, std::int64_t passes, bool failed);
std::string text_json(const std::string& event, const std::string& text);
/// The error that ended a command, whichever it was.
std::string error_json(const Error& error);
std::string planned_json(const std::vector<journal::Step>& steps);
std::string difference_text(const run::PlanDifference& difference);
std::string difference_json(const run::PlanDifference& difference);

}  // namespace bdupdate::report
