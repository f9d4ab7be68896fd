#include "site_log.h"

namespace bdupdate::run {

void log_failures(Context& context, const std::string& run) {
    const auto passes = context.journal.passes(run);
    if (!passes) return context.listener.note(passes.error().message);
    for (const journal::Pass& pass : *passes) {
        if (pass.committed || pass.function.empty() || pass.error.empty()) continue;
        const auto written = context.database.write_log({"update",
                                                         "%update failed: @error",
                                                         {{"%update", pass.function}, {"@error", pass.error}},
                                                         3,
                                                         (pass.started_ms + pass.elapsed_ms) / 1000});
        if (!written) return context.listener.note("the site's log: " + written.error().message);
        if (!*written) return;
    }
}

}  // namespace bdupdate::run
