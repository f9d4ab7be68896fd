#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/journal/journal.h"
#include "bdupdate/report/style.h"
#include "bdupdate/run/listener.h"

namespace bdupdate::report {

/// Where the columns of a run's lines begin; the same for all lines of a plan.
struct RunColumns {
    std::size_t digits = 1;  ///< of the number of steps
    std::size_t name = 0;    ///< of the longest function
    [[nodiscard]] std::size_t indent() const { return 2 * digits + 3; }
};
RunColumns run_columns(const std::vector<journal::Step>& steps);

/// The line of a finished update, " 7/16  member_update_1002  336 ms  10 passes; 1000 members got a number.",
/// of one that failed, and what it said. `index` from 1. Without a newline at the end; on a terminal they may
/// be several lines.
std::string step_line(const journal::Step& step, const journal::Pass& pass, std::int64_t passes,
                      std::chrono::milliseconds elapsed, std::size_t index, std::size_t total,
                      const RunColumns& columns, const Style& style);
std::string failed_line(const journal::Step& step, std::size_t index, std::size_t total,
                        const RunColumns& columns, const Style& style);
std::string message_line(const std::string& kind, const std::string& text, const RunColumns& columns,
                         const Style& style);

/// What a live line tells; 0 and empty texts where something is not known.
struct Live {
    std::string what;         ///< "flushing caches", or the function of an update
    std::string description;  ///< of the update
    std::size_t index = 0, total = 0;
    std::int64_t pass = 0;  ///< the one that is running, from 1
    double finished = 0;    ///< 0 to 1
    std::uint64_t bytes = 0, bytes_expected = 0;
    std::chrono::milliseconds elapsed{0};
    /// Since the first of the bytes: what came before them (dropping tables) says nothing about their speed.
    std::chrono::milliseconds moving{0};
};
/// "7/16  member_update_1002  pass 4, 40 %, 12 s, about 18 s left  Give every member a number."
std::string live_line(const Live& live);

/// The same for `--format json`: JSON objects with "schema" and "event".
std::string step_json(const journal::Step& step, const journal::Pass& pass, std::int64_t passes, bool failed);
std::string text_json(const std::string& event, const std::string& text);
/// The error that ended a command, whichever it was.
std::string error_json(const Error& error);
std::string planned_json(const std::vector<journal::Step>& steps);
std::string difference_text(const run::PlanDifference& difference);
std::string difference_json(const run::PlanDifference& difference);

}  // namespace bdupdate::report
