#include "failed_plan.h"

#include "bdupdate/base/digest.h"
#include "bdupdate/base/text.h"

namespace bdupdate::run {

namespace {

void remember(Context& context, const std::optional<journal::Journal::FailedPlan>& plan) {
    if (auto kept = context.journal.set_failed_plan(plan); !kept)
        context.listener.warning(kept.error().message);
}

}  // namespace

std::string plan_key(const plan::Plan& plan, const std::string& code_stamp) {
    Sha256 digest;
    digest.update(code_stamp + "\n");
    for (const plan::Step& step : plan.steps) digest.update(step.update.function + "\n");
    return digest.hex();
}

Result<void> refuse_known_failure(journal::Journal& journal, const Need& need) {
    BDUPDATE_ASSIGN(const auto failed, journal.failed_plan());
    if (!failed || failed->key != plan_key(need.view.plan, need.stamp)) return {};
    return fail(ExitCode::UpdateFailed,
                "this failed before, and neither the code nor the plan has changed since: " + failed->why,
                "mend the cause; bdupdate run --retry tries it again");
}

void remember_failure(Context& context, const journal::Run& run, const std::string& why) {
    const auto key = run.options.find(key_option);
    if (key != run.options.end()) remember(context, journal::Journal::FailedPlan{key->second, why});
}

void remember_rest(Context& context, const Options& options) {
    plan::Selection selection = options.selection;
    selection.skip_functions.clear();
    selection.from.clear();
    auto view = look(context.site, context.database, context.scan, selection);
    if (!view) return context.listener.warning(view.error().message);
    remember(context, journal::Journal::FailedPlan{plan_key(view->plan, code_stamp(context.site)),
                                                   join(options.selection.skip_functions, ", ") + " failed"});
}

void forget_failure(Context& context) {
    remember(context, std::nullopt);
}

}  // namespace bdupdate::run
