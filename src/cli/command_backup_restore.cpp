#include "bdupdate/base/digest.h"
#include "bdupdate/report/backups.h"
#include "command_backup.h"
#include "progress.h"

namespace bdupdate::cli {

Result<ExitCode> restore_backup(const CommandLine& line, Workplace& place, Output& output) {
    BDUPDATE_ASSIGN(auto journal, journal::Journal::open(place.paths.journal()));
    Progress progress(output, line.global.format);
    run::Context context = context_of(place, journal, progress);
    const bool json = line.global.format == Format::Json;
    BDUPDATE_TRY(output.require_consent(line.global.yes));
    BDUPDATE_ASSIGN(const auto found, named_backup(line.global, place, line.backup.id));
    // Whoever is asked is asked about a backup that is good; restore() looks again, under the lock.
    auto good = found;
    if (!line.global.yes) {
        BDUPDATE_ASSIGN(good, run::plan_restore(context, found));
    }
    const std::string plan = report::restore_plan_text(
        good, place.site.core_version, sha256_hex(place.database->server().identity),
        line.global.yes ? output.style() : output.talk_style());
    if (!line.global.yes)
        output.present(plan);
    else if (!json)
        output.answer(plan);
    if (!line.global.yes) BDUPDATE_TRY(output.confirm("Restore it?"));
    // From here on a Ctrl-C waits: half a restore would need `recover`.
    watch_signals();
    run::RestoreOptions options;
    options.safety_backup = line.backup.safety_backup;
    options.safety_directory = place.paths.backups();
    BDUPDATE_ASSIGN(const auto restored, run::restore(context, good, options));
    output.answer(json ? report::restored_json(restored) : report::restored_text(restored, output.style()));
    return ExitCode::Done;
}

}  // namespace bdupdate::cli
