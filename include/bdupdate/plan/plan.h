#pragma once

#include <string>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/plan/facts.h"

namespace bdupdate::plan {

/// One update to run.
struct Step {
    scan::UpdateFunction update;
    /// Updates of other modules that a hook_update_dependencies() put before this one, as function names.
    std::vector<std::string> after;
    bool last_of_module = false;
};

enum class BlockedReason {
    LastRemoved,        ///< the updates in between are gone from the code
    MissingDependency,  ///< needs an update that is neither in this run nor performed
    DependsOnBlocked,   ///< needs an update that is itself blocked
    NotSelected,        ///< --module / --skip / --from left out what it needs
};

struct Blocked {
    std::string module;
    std::string number;  ///< empty: the whole module
    std::string function;
    BlockedReason reason = BlockedReason::LastRemoved;
    std::string why;  ///< a sentence for people: what is missing and what to do
};

enum class ModuleProblem { Missing, Orphan, Merged, WrongCore, PhpTooOld };

/// An installed module whose code does not count: shown, never hidden.
struct ModuleNote {
    std::string module;
    ModuleProblem problem = ModuleProblem::Orphan;
    bool enabled = false;
    std::string text;
};

struct Plan {
    std::vector<Step> steps;  ///< in core's order (update_resolve_dependencies())
    std::vector<Blocked> blocked;
    std::vector<ModuleNote> modules;  ///< Missing counts as blocked (exit 4), the rest is information
    std::vector<std::string> warnings;
};

struct Selection {
    std::vector<std::string> only_modules;    ///< --module; empty: all
    std::vector<std::string> skip_modules;    ///< --skip
    std::vector<std::string> skip_functions;  ///< failed before in this run (`continue`)
};

/// facts -> plan, a pure function. Errors (Preflight, 5): a dependency cycle (named), a number above 32767,
/// two updates of one module with the same numeric value ("01000" and "1000").
Result<Plan> make_plan(const Facts& facts, const Selection& selection = {});

}  // namespace bdupdate::plan
