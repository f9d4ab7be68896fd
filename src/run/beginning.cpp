#include "beginning.h"

#include <unistd.h>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/digest.h"

namespace bdupdate::run {

journal::Run new_run(const Context& context) {
    journal::Run run;
    run.id = random_hex(16);
    run.started_ms = wall_milliseconds();
    run.docroot = context.site.docroot.string();
    run.site_fingerprint = sha256_hex(context.database.server().identity);
    run.core_version = context.site.core_version;
    run.host = context.host;
    run.user = context.user;
    run.pid = ::getpid();
    return run;
}

db::Mark new_mark(const Context& context, const journal::Run& run) {
    db::Mark mark;
    mark.run = run.id;
    mark.step = -1;
    mark.maintenance_before = run.maintenance_before;
    mark.state_dir = context.paths.state_dir.string();
    mark.host = context.host;
    mark.user = context.user;
    mark.site_fingerprint = run.site_fingerprint;
    return mark;
}

void enter_phase(Context& context, const std::string& run, const std::string& what) {
    context.listener.phase(what);
    note_phase(context, run, what);
}

void note_phase(Context& context, const std::string& run, const std::string& what) {
    static_cast<void>(context.journal.add_phase(run, {what, wall_milliseconds()}));
}

}  // namespace bdupdate::run
