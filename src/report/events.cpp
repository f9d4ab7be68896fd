#include "bdupdate/report/events.h"

#include <nlohmann/json.hpp>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"

namespace bdupdate::report {

using Json = nlohmann::ordered_json;

namespace {

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string step_line(const journal::Step& step, const journal::Pass& pass, std::int64_t passes,
                      std::chrono::milliseconds elapsed, std::size_t index, std::size_t total) {
    const std::string count = std::to_string(total);
    std::string number = std::to_string(index);
    number.insert(0, count.size() - number.size(), ' ');
    std::string line = number + "/" + count + "  " + step.function + "  " + duration_text(elapsed);
    if (passes > 1) line += ", " + counted(static_cast<std::size_t>(passes), "pass", "passes");
    if (!pass.result.empty()) line += "  " + pass.result;
    return line;
}

std::string step_json(const journal::Step& step, const journal::Pass& pass, std::int64_t passes,
                      bool failed) {
    Json messages = Json::array();
    for (const auto& [kind, text] : pass.messages) messages.push_back({{"kind", kind}, {"text", text}});
    return dump({{"schema", 1},
                 {"event", failed ? "failed" : "done"},
                 {"function", step.function},
                 {"module", step.module},
                 {"number", step.number},
                 {"passes", passes},
                 {"elapsed_ms", pass.elapsed_ms},
                 {"result", pass.result},
                 {"error", pass.error},
                 {"messages", messages}});
}

std::string text_json(const std::string& event, const std::string& text) {
    return dump({{"schema", 1}, {"event", event}, {"text", text}});
}

std::string error_json(const Error& error) {
    return dump({{"schema", 1},
                 {"event", "error"},
                 {"exit_code", static_cast<int>(error.code)},
                 {"message", error.message},
                 {"hint", error.hint},
                 {"details", error.details}});
}

std::string planned_json(const std::vector<journal::Step>& steps) {
    Json list = Json::array();
    for (const journal::Step& step : steps) list.push_back(step.function);
    return dump({{"schema", 1}, {"event", "plan"}, {"steps", list}});
}

std::string difference_text(const run::PlanDifference& difference) {
    std::vector<std::string> parts;
    if (!difference.added.empty()) parts.push_back("also runs " + join(difference.added, ", "));
    if (!difference.missing.empty()) parts.push_back("does not run " + join(difference.missing, ", "));
    if (difference.reordered_from)
        parts.push_back("has another order from " + *difference.reordered_from + " on");
    return "the booted site plans otherwise than its files promised: it " + join(parts, " and ") +
           "; the booted site is right";
}

std::string difference_json(const run::PlanDifference& difference) {
    return dump({{"schema", 1},
                 {"event", "plan-differs"},
                 {"added", difference.added},
                 {"missing", difference.missing},
                 {"reordered_from", difference.reordered_from ? Json(*difference.reordered_from) : Json()}});
}

}  // namespace bdupdate::report
