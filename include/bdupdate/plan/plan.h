#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
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
    /// Updates that hang together with this one and that core's numbering puts behind it. The run goes by it:
    /// those with the most come first (docs/ordering.md).
    std::int32_t followers = 0;
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
    std::string why;            ///< a sentence for people: what is missing and what to do
    bool acknowledged = false;  ///< the module stands in Selection::acknowledged: somebody knows of it
};

enum class ModuleProblem { Missing, Orphan, Merged, WrongCore, PhpTooOld };

/// An installed module whose code does not count: shown, never hidden.
struct ModuleNote {
    std::string module;
    ModuleProblem problem = ModuleProblem::Orphan;
    bool enabled = false;
    std::string text;
    bool acknowledged = false;  ///< as Blocked::acknowledged
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
    /// --from: by module, the number of the update that it starts with, whatever number is recorded.
    std::map<std::string, std::string> from;
    /// --acknowledge: blocked or missing modules that somebody knows of. They are shown all the same.
    std::vector<std::string> acknowledged;
};

/// "foo=1003" of --from and `mark`; nothing: it is not of that form.
std::optional<std::pair<std::string, std::string>> module_and_number(const std::string& text);

/// facts -> plan, a pure function. The rules are core's (update_get_update_list(),
/// update_resolve_dependencies()) but:
///
///  - exactly the pending updates run. Where core would go on with ones that were applied already (native
///  ones behind
///    a pending 7xxx or 8xxx one), they are left out, and out of the graph that decides the order too: a
///    warning says so;
///  - whether a dependency was performed is decided in the order in which updates run (7000-8999, then the
///  others), and
///    at 0 nothing was performed. Core compares the raw numbers;
///  - `skip_functions` keep their place in the graph, so the rest keeps its order; what `only_modules` and
///  `skip_modules`
///    leave out is not in it, as in core when a module is not started;
///  - a module of `from` runs that update and all that follow it, applied ones again, and is never blocked by
///    hook_update_last_removed(): warnings say what is repeated, and what is passed over.
///
/// Neither what is left out itself nor blocked modules that are left out are listed as blocked; what needs
/// them is. Errors (Preflight, 5), for selected modules only: a dependency cycle (named), a pending number
/// above 32767, two pending updates of one module with the same numeric value ("01000" and "1000"). Usage:
/// `from` names an update that its module does not have.
Result<Plan> make_plan(const Facts& facts, const Selection& selection = {});
/// The same, taking the updates out of facts that are no longer needed: three times as fast on very large
/// sites.
Result<Plan> make_plan(Facts&& facts, const Selection& selection = {});

}  // namespace bdupdate::plan
