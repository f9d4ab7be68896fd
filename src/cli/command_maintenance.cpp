#include "bdupdate/report/maintenance.h"
#include "commands.h"
#include "workplace.h"

namespace bdupdate::cli {

namespace {

/// Nobody else may be about to set it: an open run has its own idea of what it is now and what it was before.
Result<void> claim(db::Database& database) {
    BDUPDATE_ASSIGN(const auto lock, database.lock(std::chrono::seconds(0)));
    if (!lock.taken)
        return fail(ExitCode::Held, "another run holds this site: " + lock.held_by, "wait for it");
    BDUPDATE_ASSIGN(const bool marked, database.has_mark_table());
    if (!marked) return {};
    BDUPDATE_ASSIGN(const auto mark, database.read_mark());
    const std::string whose =
        mark ? "run " + mark->run.substr(0, 8) + " of " + mark->user + " on " + mark->host + " is open"
             : std::string("a run is open");
    return fail(ExitCode::Interrupted, whose + ", and puts maintenance mode back itself", "bdupdate recover");
}

Result<void> set(db::Database& database, bool on, report::MaintenanceFacts& facts) {
    BDUPDATE_TRY(claim(database));
    if (!facts.supported)
        return fail(ExitCode::Preflight, "this site has no maintenance mode: its database has no table state",
                    "a bare site has one where there is a table state(name, value)");
    if (facts.on == on) return {};
    // As core's state_set() leaves it, off included.
    BDUPDATE_TRY(database.set_maintenance(std::string(on ? "b:1;" : "b:0;")));
    facts.on = on;
    facts.changed = true;
    return {};
}

}  // namespace

Result<ExitCode> command_maintenance(const CommandLine& line, Output& output) {
    const auto wanted = line.maintenance.on;
    if (wanted) BDUPDATE_TRY(output.require_consent(line.global.yes));
    BDUPDATE_ASSIGN(const Workplace place,
                    open_workplace(line.global, wanted ? Access::Write : Access::Read, output));
    BDUPDATE_ASSIGN(const auto now, place.database->maintenance());
    report::MaintenanceFacts facts{now.supported, now.on(), false, place.site.state_cache};
    if (wanted) BDUPDATE_TRY(set(*place.database, *wanted, facts));
    output.answer(line.global.format == Format::Json ? report::maintenance_json(facts)
                                                     : report::maintenance_text(facts));
    return ExitCode::Done;
}

}  // namespace bdupdate::cli
