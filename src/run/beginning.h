#pragma once

#include <chrono>

#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// core's cron semaphore is taken for this long; longer than any run should last, and released at its end.
constexpr std::chrono::seconds cron_lease{6 * 3600};

/// A run that this process begins now on this site. Options, maintenance and backup are the caller's to add.
journal::Run new_run(const Context& context);

/// The mark of a run before its first pass, in state `preparing`.
db::Mark new_mark(const Context& context, const journal::Run& run);

/// Tells of a stretch of work that begins, and journals it for `show` and `report`: nothing depends on that.
void enter_phase(Context& context, const std::string& run, const std::string& what);
/// Journals it only.
void note_phase(Context& context, const std::string& run, const std::string& what);

}  // namespace bdupdate::run
