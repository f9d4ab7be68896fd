#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/plan/numbering.h"
#include "bdupdate/scan/inventory.h"
#include "bdupdate/site/site.h"

namespace bdupdate::plan {

/// An installed module (schema_version <> -1) and what is known of its code.
struct ModuleFacts {
    std::string name;
    int schema_version = 0;  ///< as stored
    bool enabled = false;
    scan::CodeState code = scan::CodeState::Present;
    std::optional<int> last_removed;  ///< hook_update_last_removed()
    std::vector<scan::UpdateFunction> updates;
};

[[nodiscard]] constexpr Rules rules_of(site::Kind kind) {
    return kind == site::Kind::Drupal7 ? Rules::Drupal7 : Rules::Backdrop;
}

/// Everything the planner may know; the same shape whether C++ read it statically or the worker reported it.
struct Facts {
    /// In the row order of SELECT name, schema_version FROM {system} WHERE type = 'module' (never sorted).
    std::vector<ModuleFacts> modules;
    /// As the hooks gave them: hooks in the order of (weight, name), each hook's entries in its own order.
    std::vector<scan::Dependency> dependencies;
    Rules rules = Rules::Backdrop;
};

}  // namespace bdupdate::plan
