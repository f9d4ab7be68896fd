#pragma once

#include <string>

#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// Puts database and config back to what the run's backup holds, and the mark to (0, done): the site stands
/// as before the run's first pass, in maintenance mode. Repeatable after a kill: the mark reads `restoring`
/// until it is done, with `after_restore` ("rerun" or "close") for whoever repeats it. Returns the mark.
/// Errors: NeedsHands (7).
Result<db::Mark> put_back(Context& context, const Options& options, const journal::Run& run,
                          const db::Mark& mark, const std::string& after_restore);

}  // namespace bdupdate::run
