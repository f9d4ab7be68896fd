#pragma once

#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "bdupdate/plan/graph.h"
#include "bdupdate/plan/plan.h"

namespace bdupdate::plan {

/// Where a module stands in a run.
enum class Standing {
    Runs,         ///< its pending updates take part
    NotSelected,  ///< it could, but the selection leaves it out
    Blocked,      ///< by last_removed
    NoCode,       ///< its code does not count
};

struct KnownUpdate {
    Number number;
    const scan::UpdateFunction* update = nullptr;
};

/// A module, its updates by order_key(), and which of them are pending.
struct ModuleState {
    const ModuleFacts* facts = nullptr;
    Rules rules = Rules::Backdrop;
    Standing standing = Standing::Runs;
    std::vector<KnownUpdate> updates;
    std::vector<KnownUpdate> pending;
};

/// All modules of a site by their row order, `system` first.
struct SiteState {
    std::vector<ModuleState> modules;
    std::unordered_map<std::string_view, std::size_t> by_name;

    [[nodiscard]] const ModuleState* find(std::string_view name) const;
};

/// Applies the numbering rules to every module; notes, blocked modules and warnings go into `plan`.
/// Errors (Preflight): a number above 32767, two pending updates with the same number.
Result<SiteState> read_site_state(const Facts& facts, const Selection& selection, Plan& plan);

/// Whether the update counts as performed: the code has it and it is not pending, or the stored number is not
/// before it in the order of order_key(). At 0 nothing was performed yet (Drupal 7: but number 0).
bool already_performed(const ModuleState& state, const Number& number);

/// The update of that very number, as text, or null.
const KnownUpdate* find_update(const std::vector<KnownUpdate>& sorted, const Number& number, Rules rules);

}  // namespace bdupdate::plan
