#include "order.h"

#include <charconv>
#include <unordered_map>

#include "bdupdate/base/text.h"
#include "bdupdate/plan/numbering.h"

namespace bdupdate::report {

namespace {

bool is_legacy(const std::string& number) {
    std::int64_t value = 0;
    std::from_chars(number.data(), number.data() + number.size(), value);
    return plan::is_legacy(value);
}

/// The module whose hook names `needed` for this step.
std::string declarer(const run::View& view, const plan::Step& step, const std::string& needed) {
    for (const scan::Dependency& dependency : view.facts.dependencies)
        if (dependency.module == step.update.module && dependency.number == step.update.number &&
            to_lower(dependency.other_module + "_update_" + dependency.other_number) == to_lower(needed))
            return dependency.declared_by;
    return "";
}

}  // namespace

std::vector<std::vector<After>> reasons(const run::View& view) {
    std::vector<std::vector<After>> all;
    std::unordered_map<std::string, const plan::Step*> before;  // by module
    for (const plan::Step& step : view.plan.steps) {
        std::vector<After>& own = all.emplace_back();
        const plan::Step*& previous = before[step.update.module];
        if (previous != nullptr) {
            const bool crosses = view.facts.rules == plan::Rules::Backdrop &&
                                 is_legacy(previous->update.number) && !is_legacy(step.update.number);
            own.push_back(
                {previous->update.function, crosses ? After::Why::LegacyFirst : After::Why::OwnOrder, {}});
        }
        for (const std::string& needed : step.after)
            own.push_back({needed, After::Why::Declared, declarer(view, step, needed)});
        previous = &step;
    }
    return all;
}

}  // namespace bdupdate::report
