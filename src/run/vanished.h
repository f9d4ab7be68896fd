#pragma once

#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// Tables of the run's backup that had rows and have none now, or are gone: updates that lose rows in silence
/// are noticed so. Caches and what fills and empties by itself are left out. One or two statements, whatever
/// the number of rows. Without a backup nothing is known: empty.
Result<std::vector<VanishedRows>> vanished_rows(Context& context, const Options& options,
                                                const journal::Run& run);

}  // namespace bdupdate::run
