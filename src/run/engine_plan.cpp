// Which updates the engine runs: the worker's facts, the plan from them, and where it differs from the one
// that was made without PHP.

#include <algorithm>
#include <set>

#include "bdupdate/base/text.h"
#include "engine.h"

namespace bdupdate::run {

namespace {

/// Updates can enable modules, whose updates are then pending; more rounds than this mean that they never
/// come to an end (a stored 6xxx number, for one: everything stays pending forever).
constexpr std::size_t most_plans = 25;

journal::Step step_of(const plan::Step& step) {
    return {step.update.module, step.update.number, step.update.function, step.update.description,
            step.update.file,   step.update.line,   step.after,           step.last_of_module};
}

std::vector<journal::Step> steps_of(const plan::Plan& plan) {
    std::vector<journal::Step> steps;
    for (const plan::Step& step : plan.steps) steps.push_back(step_of(step));
    return steps;
}

std::vector<std::string> modules_of(const std::vector<journal::Step>& steps) {
    std::set<std::string> names;
    for (const journal::Step& step : steps) names.insert(step.module);
    return {names.begin(), names.end()};
}

}  // namespace

void Engine::expect(const plan::Plan& plan) {
    expected_.emplace();
    for (const plan::Step& step : plan.steps) expected_->push_back(step.update.function);
}

void Engine::resume(std::int64_t plan_number, std::vector<Step> steps, std::size_t position) {
    plan_number_ = plan_number;
    steps_ = std::move(steps);
    position_ = position;
    planned_modules_ = modules_of(steps_);
    planned_ = true;
    resumed_ = true;
    for (std::size_t i = 0; i < std::min(position_, steps_.size()); ++i) begun_.insert(steps_[i].module);
    context_.listener.resumed(steps_);
    // `continue`: what failed before this process began is not tried again in this run.
    const auto& skipped = options_.selection.skip_functions;
    for (std::size_t i = position_; i < steps_.size(); ++i)
        if (std::find(skipped.begin(), skipped.end(), steps_[i].function) != skipped.end()) return replan();
}

void Engine::replan() {
    planned_ = resumed_ = false;
    steps_.clear();
    position_ = 0;
    if (plans_ > 0) --plans_;  // most_plans is there for updates that never end, not for ones that fail
}

/// --from counts for a module until its first update of this run is done.
plan::Selection Engine::selection() const {
    plan::Selection selection = options_.selection;
    for (const std::string& module : begun_) selection.from.erase(module);
    return selection;
}

Result<void> Engine::note_begun(const Step& step) {
    if (!begun_.insert(step.module).second || options_.selection.from.count(step.module) == 0) return {};
    std::vector<std::string> names;
    for (const auto& [module, number] : options_.selection.from)
        if (begun_.count(module) > 0) names.push_back(module);
    return context_.journal.set_option(mark_.run, begun_option, join(names, ","));
}

/// What the booted worker says: requirements, and the plan where there is none yet.
Result<void> Engine::take_facts(worker::BootReport boot) {
    BDUPDATE_TRY(check_requirements(boot.requirements));
    if (resumed_) BDUPDATE_TRY(check_still_there(boot.facts));
    resumed_ = false;
    if (planned_) return {};
    BDUPDATE_ASSIGN(const auto plan, plan::make_plan(std::move(boot.facts), selection()));
    return decide(plan);
}

/// What is not done of a journalled plan goes on under the code as it is now, so its functions must still
/// exist.
Result<void> Engine::check_still_there(const plan::Facts& facts) {
    std::set<std::string> there;
    for (const plan::ModuleFacts& module : facts.modules)
        for (const scan::UpdateFunction& update : module.updates) there.insert(to_lower(update.function));
    for (std::size_t i = position_; i < steps_.size(); ++i)
        if (there.count(to_lower(steps_[i].function)) == 0)
            return fail(ExitCode::Interrupted,
                        steps_[i].function + " is still to be run and is not in the code any more",
                        "put back the code that the run began with, or restore its backup");
    return {};
}

Result<void> Engine::check_requirements(const std::vector<worker::Requirement>& requirements) {
    for (const worker::Requirement& requirement : requirements) {
        const std::string text =
            requirement.title + (requirement.value.empty() ? "" : ": " + requirement.value) +
            (requirement.description.empty() ? "" : " (" + requirement.description + ")");
        const auto& ignored = options_.ignore_requirements;
        const bool error = requirement.severity == worker::Requirement::Severity::Error;
        if (error && std::find(ignored.begin(), ignored.end(), requirement.name) == ignored.end())
            return fail(ExitCode::Preflight, "the site's requirements are not met: " + text,
                        "mend it, or go on with --ignore-requirement " + requirement.name);
        if (told_.insert(requirement.name + text).second)
            context_.listener.warning("requirement " + requirement.name + ": " + text);
    }
    return {};
}

/// Only the first plan of a run has one from static facts to be held against; later ones follow from updates.
void Engine::note_difference() {
    if (!expected_) return;
    std::set<std::string> expected(expected_->begin(), expected_->end()), real;
    PlanDifference difference;
    for (const Step& step : steps_) {
        real.insert(step.function);
        if (expected.count(step.function) == 0) difference.added.push_back(step.function);
    }
    for (const std::string& function : *expected_)
        if (real.count(function) == 0) difference.missing.push_back(function);
    if (difference.added.empty() && difference.missing.empty())
        for (std::size_t i = 0; i < steps_.size() && !difference.reordered_from; ++i)
            if (steps_[i].function != (*expected_)[i]) difference.reordered_from = steps_[i].function;
    expected_.reset();
    if (difference.any()) context_.listener.plan_differs(difference);
}

Result<void> Engine::decide(const plan::Plan& plan) {
    if (!plan.steps.empty() && plans_ >= most_plans)
        return fail(
            ExitCode::UpdateFailed,
            plan.steps.front().update.function + " is still pending after " + counted(plans_, "round"),
            "its module's number in {system} does not follow; see `bdupdate status`");
    steps_ = steps_of(plan);
    position_ = 0;
    planned_ = true;
    ++plans_;
    note_difference();
    if (steps_.empty()) return {};
    planned_modules_ = modules_of(steps_);
    BDUPDATE_ASSIGN(plan_number_, context_.journal.add_plan(mark_.run, steps_));
    context_.listener.planned(steps_);
    return {};
}

/// Before the first step, and after the last: updates may have enabled modules that have updates of their
/// own. An empty plan afterwards means that nothing is pending any more.
std::optional<Halt> Engine::find_more() {
    if (!worker_) {
        planned_ = false;
        if (auto halt = open_pass()) return halt;
        if (!steps_.empty()) return std::nullopt;
        if (mark_.seq == 0 && !options_.selection.skip_functions.empty()) {
            Halt undone = undo({ExitCode::UpdateFailed,
                                "nothing can run without " + join(options_.selection.skip_functions, ", "),
                                "",
                                {}});
            if (undone.why == Halt::Why::Failed) undone.why = Halt::Why::NothingLeft;
            return undone;
        }
        worker::PassReport report;
        return pass_with_repeats(nullptr, report);
    }
    auto facts = worker_->facts();
    if (!facts) return undo(facts.error());
    const auto plan = plan::make_plan(std::move(facts->facts), selection());
    if (!plan) return undo(plan.error());
    if (auto decided = decide(*plan); !decided) return undo(decided.error());
    return std::nullopt;
}

}  // namespace bdupdate::run
