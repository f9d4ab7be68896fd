#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bdupdate/db/database.h"
#include "bdupdate/journal/journal.h"
#include "bdupdate/run/run.h"
#include "bdupdate/site/site.h"
#include "bdupdate/worker/worker.h"
#include "options.h"
#include "output.h"

namespace bdupdate::cli {

/// The site that a command works on, opened.
struct Workplace {
    site::Site site;
    std::function<Result<site::Site>()> load;  ///< reads the settings as they are now
    std::unique_ptr<db::Database> database;
    journal::Paths paths;
    worker::Options worker;
    scan::ScanOptions scan;
    std::shared_ptr<worker::WarmPhp> warm;  ///< PHP started ahead, for a run; may be null
};

/// Look: as Read, and Repair: as Write, also where the site's tables are missing.
enum class Access { Read, Look, Write, Repair };

/// Finds the site, reads its settings, opens its database and knows its state directory. With Access::Write
/// the state directory exists afterwards and the database can be locked.
Result<Workplace> open_workplace(const GlobalOptions& options, Access access, Output& output);

/// The docroot that `options` name, and all of its sites.
Result<site::SitesOfDocroot> sites_of(const GlobalOptions& options, Output& output);

/// The context of a run on that site; journal and listener outlive it.
run::Context context_of(Workplace& place, journal::Journal& journal, run::Listener& listener);

/// Installs handlers of SIGINT, SIGTERM and SIGHUP; the first signal asks to stop after the current pass.
void watch_signals();
/// The first signal that came, or 0.
int signal_seen();
/// True once a second signal came: the current pass is to be aborted.
bool abort_wanted();

}  // namespace bdupdate::cli
