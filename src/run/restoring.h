#pragma once

#include <optional>
#include <string>

#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// For a run without a backup, which would tell them: journals the tables that are there before its first
/// pass. Only where a restore needs to know, as below.
Result<void> note_tables_before(Context& context, const std::string& run);

/// Journals the tables that are there now and were not before the run: first seen after one of its
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

/// put_back(), then the end of the run: cron and maintenance mode as before, the mark dropped. Where the run
/// had booted the site, it is booted once more before that; if it does not boot now, maintenance mode stays
/// on and the reason is returned. Errors: NeedsHands; the run stays open.
Result<std::optional<Error>> restore_and_close(Context& context, const Options& options,
                                               const journal::Run& run, const db::Mark& mark,
                                               const std::string& why);

/// The second half of restore_and_close(), for a site that was put back already.
Result<std::optional<Error>> close_restored(Context& context, const journal::Run& run, const db::Mark& mark,
                                            bool booted_before, const std::string& why);

/// Adds the names of the tables that were changed since the run began, for somebody who must mend them by
/// hand.
void name_changed_tables(Context& context, const journal::Run& run, Error& error);

}  // namespace bdupdate::run
