#pragma once

#include <optional>
#include <string>

#include "bdupdate/run/run.h"
#include "engine.h"
#include "locks.h"

namespace bdupdate::run {

/// Runs the engine to its end and tidies up by how it ended: finished, stopped, or nothing had happened.
/// `options` take in what is decided on the way: updates that are left out, the answer of somebody at a
/// terminal.
void drive(Context& context, Options& options, const journal::Run& run, Engine& engine, Outcome& outcome);

/// End 3-5, repeatable: the mark says that only this is left, maintenance and cron as before, the mark
/// dropped, the run finished. `mark`: as it stands.
Result<void> end_run(Context& context, const Options& options, const journal::Run& run, const db::Mark& mark);

/// Nothing was committed: maintenance and cron back, the mark dropped, the run closed. Config must be
/// image(0) already. With `stay_offline` maintenance mode is left as it is.
Result<void> close_untouched(Context& context, const journal::Run& run, const std::string& why,
                             bool stay_offline = false);

/// Errors where there is a mark: of a run at work (Held), or one that did not end (Interrupted).
Result<void> refuse_marked(const Survey& survey);

/// Errors: Interrupted where an unclosed run without a mark may have config to put back.
Result<void> refuse_unclosed(journal::Journal& journal, const journal::Run& run);

/// 4 where blocked updates or enabled modules without code are left, unless somebody knows of them; else 0.
ExitCode leftovers_code(const std::vector<plan::Blocked>& blocked,
                        const std::vector<plan::ModuleNote>& modules);
/// The same of a run, which may allow them.
ExitCode leftovers_code(const Options& options, const Outcome& outcome);

}  // namespace bdupdate::run
