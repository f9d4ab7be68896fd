#include "bdupdate/report/maintenance.h"

#include <nlohmann/json.hpp>

#include "json_text.h"

namespace bdupdate::report {

std::string maintenance_text(const MaintenanceFacts& facts) {
    if (!facts.supported)
        return "this site has no maintenance mode: its database has neither a table state nor variable\n";
    std::string text = std::string("maintenance mode is ") + (facts.changed ? "now " : "") +
                       (facts.on ? "on" : "off") + "\n";
    if (facts.changed && !facts.cached_by.empty())
        text +=
            "the cache is kept by " + facts.cached_by +
            ", which bdupdate does not reach: visitors may see the change only when that cache is cleared\n";
    return text;
}

std::string maintenance_json(const MaintenanceFacts& facts) {
    const Json json = {{"schema", schema},
                       {"supported", facts.supported},
                       {"maintenance", facts.supported && facts.on},
                       {"changed", facts.changed},
                       {"cached_by", facts.cached_by.empty() ? Json() : Json(facts.cached_by)}};
    return document(json);
}

}  // namespace bdupdate::report
