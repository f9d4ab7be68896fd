#pragma once

#include <string>

#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// Writes the failed updates of a run to the site's own log, as core's update_do_one() does (type `update`).
/// A failed pass is undone, and a restore takes the log back too: so this comes behind both, with the time at
/// which each failed; what is there already is not written again. A log that cannot be written is a note.
void log_failures(Context& context, const std::string& run);

}  // namespace bdupdate::run
