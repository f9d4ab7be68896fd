#pragma once

#include <string>
#include <vector>

#include "bdupdate/run/view.h"

namespace bdupdate::report {

/// Why an update runs after another one.
struct After {
    enum class Why {
        OwnOrder,     ///< the number before it, of the same module
        LegacyFirst,  ///< the same, and 7000-8999 come before all other numbers
        Declared,     ///< a hook_update_dependencies() says so
    };
    std::string function;
    Why why = Why::OwnOrder;
    std::string declared_by;  ///< module; empty where that is not known
};

/// By step of the view's plan: the updates of the plan that it must come after.
std::vector<std::vector<After>> reasons(const run::View& view);

}  // namespace bdupdate::report
