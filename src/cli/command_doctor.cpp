#include <algorithm>

#include "bdupdate/report/checks.h"
#include "bdupdate/run/doctor.h"
#include "commands.h"
#include "workplace.h"

namespace bdupdate::cli {

Result<ExitCode> command_doctor(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(Workplace place, open_workplace(line.global, Access::Read, output));
    BDUPDATE_ASSIGN(auto journal, journal::Journal::open_read_only(place.paths.journal()));
    run::Options options;
    options.backup_dir = line.global.backup_dir;
    options.selection.acknowledged = line.global.acknowledge;
    run::Practice practice;
    practice.backup_days = line.checks.doctor.backup_days;
    practice.php = line.global.php;
    practice.php_is_here = place.worker.php.size() == 1;
    if (line.checks.doctor.boot)
        practice.look = [&place] { return worker::look_at_site(place.site, place.worker); };
    worker::WarmPhp warm(place.site, place.worker);
    const auto found = run::diagnose({place.site, *place.database, place.paths, place.scan,
                                      place.worker.run_as, journal ? &*journal : nullptr, &warm, true},
                                     options, practice);
    output.answer(line.global.format == Format::Json
                      ? report::doctor_json(found)
                      : report::doctor_text(found, output.tells_details(), output.style()));
    // As a run would end: one that is open comes first.
    ExitCode code = ExitCode::Done;
    for (const run::Diagnosis& one : found) {
        if (one.health != run::Health::Error) continue;
        const ExitCode its = one.finding.code;
        if (its == ExitCode::Interrupted || its == ExitCode::Held) return its;
        code = ExitCode::Preflight;
    }
    return code;
}

}  // namespace bdupdate::cli
