#include "bdupdate/report/checks.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bdupdate/base/text.h"
#include "json_text.h"

namespace bdupdate::report {

namespace {

std::string then_pending(const run::MarkPlan& plan) {
    return plan.pending.empty() ? "nothing of it is pending then"
                                : "pending then: " + join(plan.pending, ", ");
}

}  // namespace

std::string mark_plan_text(const run::MarkPlan& plan, const Style& style) {
    const std::string before = plan.before ? plan.module + " is at " + std::to_string(*plan.before)
                                           : plan.module + " has no number yet";
    std::string text = before + "; " + then_pending(plan) + "\n";
    if (plan.makes_table) text += style.bold("note:") + " the table of last-run numbers is made first\n";
    return text;
}

std::string marked_text(const run::MarkPlan& plan, const std::optional<run::Marked>& marked,
                        const Style& style) {
    if (!marked) return plan.module + " is at " + plan.number + " already\n";
    std::string text = plan.module + " is at " + plan.number + " now" +
                       (plan.before ? " (before: " + std::to_string(*plan.before) + ")" : "") + "; " +
                       then_pending(plan) + "\n";
    text += marked->backup ? "backup " + *marked->backup + " holds database and config as they were\n"
                           : "no backup was made\n";
    if (!plan.pending.empty()) text += style.bold("hint:") + " bdupdate run\n";
    return text;
}

std::string marked_json(const run::MarkPlan& plan, const std::optional<run::Marked>& marked) {
    return document({{"schema", schema},
                     {"module", plan.module},
                     {"before", plan.before ? Json(*plan.before) : Json()},
                     {"number", plan.now},
                     {"changed", marked.has_value()},
                     {"table_made", marked.has_value() && plan.makes_table},
                     {"run", marked ? Json(marked->run) : Json()},
                     {"backup", marked && marked->backup ? Json(*marked->backup) : Json()},
                     {"pending", plan.pending},
                     {"warnings", plan.warnings}});
}

namespace {

constexpr const char* health_names[] = {"ok", "warning", "error"};

std::size_t count_of(const std::vector<run::Diagnosis>& found, run::Health health) {
    return static_cast<std::size_t>(std::count_if(
        found.begin(), found.end(), [health](const run::Diagnosis& one) { return one.health == health; }));
}

}  // namespace

std::string doctor_text(const std::vector<run::Diagnosis>& found, bool details, const Style& style) {
    std::string text;
    for (const run::Health health : {run::Health::Error, run::Health::Warning, run::Health::Ok}) {
        if (health == run::Health::Ok && !details) continue;
        const std::string word = std::string(health_names[static_cast<int>(health)]) + ":";
        for (const run::Diagnosis& one : found) {
            if (one.health != health) continue;
            text += (health == run::Health::Error     ? style.bad(word)
                     : health == run::Health::Warning ? style.caution(word)
                                                      : style.good(word)) +
                    " " + one.about + ": " + one.finding.message + "\n";
            for (const std::string& detail : one.finding.details) text += "  " + detail + "\n";
            if (!one.finding.hint.empty()) text += "  " + style.bold("hint:") + " " + one.finding.hint + "\n";
        }
    }
    const std::size_t errors = count_of(found, run::Health::Error);
    const std::size_t warnings = count_of(found, run::Health::Warning);
    if (errors + warnings == 0) return text + "nothing stands against a run\n";
    return text + (errors > 0 ? "a run would fail: " : "a run would work: ") + counted(errors, "error") +
           ", " + counted(warnings, "warning") + "\n";
}

std::string doctor_json(const std::vector<run::Diagnosis>& found) {
    Json list = Json::array();
    for (const run::Diagnosis& one : found)
        list.push_back({{"about", one.about},
                        {"severity", health_names[static_cast<int>(one.health)]},
                        {"message", one.finding.message},
                        {"hint", one.finding.hint},
                        {"details", one.finding.details}});
    return document({{"schema", schema},
                     {"errors", count_of(found, run::Health::Error)},
                     {"warnings", count_of(found, run::Health::Warning)},
                     {"findings", list}});
}

}  // namespace bdupdate::report
