#include <algorithm>
#include <unordered_set>

#include "bdupdate/base/text.h"
#include "bdupdate/plan/graph.h"
#include "bdupdate/plan/plan.h"
#include "module_state.h"

namespace bdupdate::plan {

namespace {

using Vertex = UpdateGraph::Vertex;

/// Why an update cannot run; without a value it can.
using Obstacle = std::optional<Blocked>;

/// What the updates of a run are, by vertex.
struct Run {
    std::vector<RunModule> modules;
    std::vector<const scan::UpdateFunction*> updates;
};

Run updates_of_run(const SiteState& site) {
    Run run;
    for (const ModuleState& state : site.modules) {
        if (state.standing != Standing::Runs || state.pending.empty()) continue;
        RunModule module{state.facts->name, {}};
        module.numbers.reserve(state.pending.size());
        for (const KnownUpdate& known : state.pending) {
            module.numbers.push_back(known.number);
            run.updates.push_back(known.update);
        }
        run.modules.push_back(std::move(module));
    }
    return run;
}

Result<void> refuse_cycle(const UpdateGraph& graph) {
    const auto cycle = graph.find_cycle();
    if (!cycle) return {};
    std::vector<std::string> names;
    for (const Vertex vertex : *cycle) names.push_back(graph.function(vertex));
    names.push_back(names.front());
    return fail(
        ExitCode::Preflight,
        "the dependencies between updates form a cycle, each to run before the next: " + join(names, " -> "),
        "correct hook_update_dependencies() of the modules named");
}

/// Finds what cannot run, in an order in which everything an update needs comes before it.
class Blocking {
  public:
    Blocking(const SiteState& site, const UpdateGraph& graph, const Run& run, const Selection& selection)
        : site_(site), graph_(graph), run_(run), obstacle_(graph.size()), left_out_(graph.size()) {
        for (const std::string& function : selection.skip_functions) skipped_.insert(to_lower(function));
    }

    /// Decides about one update of the run; the result is true where it can run.
    bool allows(Vertex vertex) {
        if (!skipped_.empty() && skipped_.count(to_lower(run_.updates[vertex]->function)) > 0) {
            left_out_[vertex] = true;
            return false;
        }
        std::optional<BlockedReason> worst;
        std::string why;
        const auto consider = [&](Vertex needed) {
            const auto [reason, text] = obstacle_by(needed);
            if (!reason || (worst && !is_worse(*reason, *worst))) return;
            worst = reason;
            why = "needs " + graph_.function(needed) + ", " + text;
        };
        for (const Vertex needed : graph_.declared_before(vertex)) consider(needed);
        if (const auto previous = graph_.previous(vertex)) consider(*previous);
        obstacle_[vertex] = worst;
        if (worst) why_[vertex] = std::move(why);
        return !worst;
    }

    /// The entry of the plan for an update that allows() refused; nothing for one that was itself left out.
    Obstacle blocked(Vertex vertex) const {
        if (left_out_[vertex]) return std::nullopt;
        const scan::UpdateFunction& update = *run_.updates[vertex];
        return Blocked{update.module, update.number, update.function, *obstacle_[vertex], why_.at(vertex)};
    }

  private:
    static bool is_worse(BlockedReason left, BlockedReason right) {
        const auto rank = [](BlockedReason reason) {
            return reason == BlockedReason::NotSelected ? 0
                                                        : (reason == BlockedReason::DependsOnBlocked ? 1 : 2);
        };
        return rank(left) > rank(right);
    }

    using Judgement = std::pair<std::optional<BlockedReason>, std::string>;

    Judgement obstacle_by(Vertex needed) const {
        if (needed >= graph_.first_outside()) return outside_obstacle(needed);
        if (left_out_[needed]) return {BlockedReason::NotSelected, "which is left out of this run"};
        if (!obstacle_[needed]) return {std::nullopt, {}};
        if (*obstacle_[needed] == BlockedReason::NotSelected) {
            return {BlockedReason::NotSelected, "which needs one that is left out of this run"};
        }
        return {BlockedReason::DependsOnBlocked, "which is blocked itself"};
    }

    Judgement outside_obstacle(Vertex needed) const {
        const std::string module(graph_.module(needed));
        const ModuleState* state = site_.find(module);
        if (!state)
            return {BlockedReason::MissingDependency, "but the module " + module + " is not installed"};
        if (already_performed(*state, graph_.number(needed))) return {std::nullopt, {}};
        if (state->standing == Standing::NoCode) {
            return {BlockedReason::MissingDependency,
                    "but the code of " + module + " is missing or does not count"};
        }
        if (state->standing == Standing::Blocked) {
            return {BlockedReason::DependsOnBlocked, "but the module " + module + " is blocked itself"};
        }
        if (state->standing == Standing::NotSelected &&
            find_update(state->pending, graph_.number(needed), state->rules)) {
            return {BlockedReason::NotSelected, "but the module " + module + " is left out of this run"};
        }
        return {BlockedReason::MissingDependency,
                "which the code of " + module + " does not have and which was not performed before (" +
                    module + " is at " + std::to_string(state->facts->schema_version) + ")"};
    }

    const SiteState& site_;
    const UpdateGraph& graph_;
    const Run& run_;
    std::unordered_set<std::string> skipped_;
    std::vector<std::optional<BlockedReason>> obstacle_;  // by vertex
    std::vector<bool> left_out_;
    std::unordered_map<Vertex, std::string> why_;
};

std::vector<std::string> functions_before(const UpdateGraph& graph, const Run& run, Vertex vertex) {
    std::vector<std::string> names;
    for (const Vertex before : graph.declared_before(vertex)) {
        if (before < graph.first_outside() && graph.module(before) != graph.module(vertex)) {
            names.push_back(run.updates[before]->function);
        }
    }
    return names;
}

/// Everything of a plan but the updates of its steps themselves, and which update belongs to which step.
struct Draft {
    Plan plan;
    std::vector<const scan::UpdateFunction*> updates;
};

Result<Draft> draft_plan(const Facts& facts, const Selection& selection) {
    Draft draft;
    BDUPDATE_ASSIGN(const SiteState site, read_site_state(facts, selection, draft.plan));
    const Run run = updates_of_run(site);
    const UpdateGraph graph(run.modules, facts.dependencies, facts.rules);
    BDUPDATE_TRY(refuse_cycle(graph));

    Blocking blocking(site, graph, run, selection);
    draft.plan.steps.reserve(run.updates.size());
    draft.updates.reserve(run.updates.size());
    std::vector<bool> runs(graph.size());
    std::vector<Vertex> vertices;
    vertices.reserve(run.updates.size());
    const std::vector<std::int32_t> weight = graph.weights();
    for (const Vertex vertex : graph.core_order(weight)) {
        if (vertex >= graph.first_outside()) continue;
        if (blocking.allows(vertex)) {
            runs[vertex] = true;
            vertices.push_back(vertex);
            draft.updates.push_back(run.updates[vertex]);
            Step& step = draft.plan.steps.emplace_back();
            step.after = functions_before(graph, run, vertex);
            step.followers = -weight[vertex];
        } else if (auto blocked = blocking.blocked(vertex)) {
            draft.plan.blocked.push_back(std::move(*blocked));
        }
    }
    const auto known = [&selection](const std::string& module) {
        const auto& names = selection.acknowledged;
        return std::find(names.begin(), names.end(), module) != names.end();
    };
    for (Blocked& blocked : draft.plan.blocked) blocked.acknowledged = known(blocked.module);
    for (ModuleNote& note : draft.plan.modules) note.acknowledged = known(note.module);
    for (std::size_t i = 0; i < vertices.size(); ++i) {
        // What cannot run takes all later updates of its module with it.
        const Vertex next = vertices[i] + 1;
        const bool goes_on = next < graph.first_outside() && graph.previous(next) && runs[next];
        draft.plan.steps[i].last_of_module = !goes_on;
    }
    return draft;
}

}  // namespace

std::optional<std::pair<std::string, std::string>> module_and_number(const std::string& text) {
    const std::size_t middle = text.find('=');
    if (middle == 0 || middle == std::string::npos || middle + 1 == text.size()) return std::nullopt;
    std::string number = text.substr(middle + 1);
    if (number.find_first_not_of("0123456789") != std::string::npos || number.size() > 9) return std::nullopt;
    return std::make_pair(text.substr(0, middle), std::move(number));
}

Result<Plan> make_plan(const Facts& facts, const Selection& selection) {
    BDUPDATE_ASSIGN(Draft draft, draft_plan(facts, selection));
    for (std::size_t i = 0; i < draft.updates.size(); ++i) draft.plan.steps[i].update = *draft.updates[i];
    return std::move(draft.plan);
}

Result<Plan> make_plan(Facts&& facts, const Selection& selection) {
    BDUPDATE_ASSIGN(Draft draft, draft_plan(facts, selection));
    // Each of them belongs to one step, and to facts that are ours to take apart.
    for (std::size_t i = 0; i < draft.updates.size(); ++i) {
        draft.plan.steps[i].update = std::move(const_cast<scan::UpdateFunction&>(*draft.updates[i]));
    }
    return std::move(draft.plan);
}

}  // namespace bdupdate::plan
