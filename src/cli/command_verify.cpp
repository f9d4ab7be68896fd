#include "bdupdate/report/verify.h"
#include "bdupdate/run/verify.h"
#include "commands.h"
#include "workplace.h"

namespace bdupdate::cli {

Result<ExitCode> command_verify(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(Workplace place, open_workplace(line.global, Access::Read, output));
    BDUPDATE_ASSIGN(auto journal, journal::Journal::open_read_only(place.paths.journal()));
    plan::Selection selection;
    selection.acknowledged = line.global.acknowledge;
    BDUPDATE_ASSIGN(
        run::Verification found,
        run::verify_site({place.site, *place.database, place.paths, place.scan, place.worker.run_as,
                          journal ? &*journal : nullptr},
                         selection, [&place] { return worker::look_at_site(place.site, place.worker); }));
    found.strict = line.checks.verify.strict;
    output.answer(line.global.format == Format::Json
                      ? report::verify_json(found)
                      : report::verify_text(found, place.site, place.database->server(),
                                            output.tells_details(), output.style()));
    return run::verdict(found);
}

}  // namespace bdupdate::cli
