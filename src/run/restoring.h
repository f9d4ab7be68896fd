#pragma once

#include <string>

#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// Journals the tables that are there now and were not in the run's backup: first seen after one of its
/// passes. Only where a restore needs to know, on MySQL without a table prefix. To be called after a pass in
/// which a schema change was committed.
Result<void> note_new_tables(Context& context, const Options& options, const std::string& run);

/// Puts database and config back to what the run's backup holds, and the mark to (0, done): the site stands
/// as before the run's first pass, in maintenance mode. Repeatable after a kill: the mark reads `restoring`
/// until it is done, with `after_restore` for whoever repeats it. With "close" it stays `restoring` until the
/// caller drops it: what is left to do then must not be taken for a run to go on with. Returns the mark.
/// `verified`: that backup, where the caller has just read it back. Errors: NeedsHands (7).
Result<db::Mark> put_back(Context& context, const Options& options, const journal::Run& run,
                          const db::Mark& mark, const std::string& after_restore,
                          const backup::Backup* verified = nullptr);

}  // namespace bdupdate::run
