#include "bdupdate/report/events.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "bdupdate/report/layout.h"
#include "json_text.h"

namespace bdupdate::report {

namespace {

std::string line_of(const Json& event) {
    return compact(event) + "\n";
}

/// "18 s", "3 min 5 s".
std::string whole_seconds(std::chrono::seconds time) {
    return time.count() < 60 ? std::to_string(time.count()) + " s" : duration_text(time);
}

std::string position(std::size_t index, std::size_t total, const RunColumns& columns) {
    const std::string of = "/" + std::to_string(total) + "  ";
    return padded_left(std::to_string(index), columns.digits) + of;
}

/// An estimate, in words that do not pretend to more than it knows: whole seconds, nothing below one.
std::string left_text(std::chrono::milliseconds elapsed, double done) {
    constexpr std::chrono::milliseconds least_known{2000};
    constexpr double least_done = 0.02;
    if (elapsed < least_known || done < least_done || done >= 1) return "";
    const auto left = std::chrono::duration<double>(elapsed) * ((1 - done) / done);
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(left);
    return "about " + whole_seconds(seconds) + " left";
}

std::string percent(double part) {
    return std::to_string(static_cast<int>(std::clamp(part, 0.0, 1.0) * 100)) + " %";
}

}  // namespace

RunColumns run_columns(const std::vector<journal::Step>& steps) {
    RunColumns columns;
    columns.digits = std::to_string(steps.size()).size();
    // One name that is very long does not push everything else to the right.
    constexpr std::size_t most = 48;
    for (const journal::Step& step : steps)
        columns.name = std::max(columns.name, std::min(most, display_width(step.function)));
    return columns;
}

std::string step_line(const journal::Step& step, const journal::Pass& pass, std::int64_t passes,
                      std::chrono::milliseconds elapsed, std::size_t index, std::size_t total,
                      const RunColumns& columns, const Style& style) {
    constexpr std::size_t time_columns = 7;
    std::vector<std::string> said;
    if (passes > 1) said.push_back(counted(static_cast<std::size_t>(passes), "pass", "passes"));
    if (!pass.result.empty()) said.push_back(pass.result);
    const std::string begin = position(index, total, columns) + padded(step.function, columns.name) + "  " +
                              padded_left(duration_text(elapsed), time_columns);
    if (said.empty()) return begin;
    std::string line = hanging(begin + "  ", join(said, "; "), style.width);
    line.pop_back();
    return line;
}

std::string failed_line(const journal::Step& step, std::size_t index, std::size_t total,
                        const RunColumns& columns, const Style& style) {
    return position(index, total, columns) + padded(step.function, columns.name) + "  " +
           style.bad(" failed");
}

std::string message_line(const std::string& kind, const std::string& text, const RunColumns& columns,
                         const Style& style) {
    const std::string label = kind == "status" ? "" : kind + ": ";
    std::string line = hanging(std::string(columns.indent(), ' ') + label, text, style.width);
    line.pop_back();
    return line;
}

std::string live_line(const Live& live) {
    constexpr std::chrono::seconds worth_telling{1};
    std::vector<std::string> parts;
    double done = live.finished;
    if (live.pass > 1) parts.push_back("pass " + std::to_string(live.pass));
    if (live.bytes > 0) {
        parts.push_back(size_text(live.bytes));
        if (live.bytes_expected > 0) {
            parts.back() += " of about " + size_text(live.bytes_expected);
            done = static_cast<double>(live.bytes) / static_cast<double>(live.bytes_expected);
        }
    }
    if (done > 0) parts.push_back(percent(done));
    if (live.elapsed >= worth_telling)
        parts.push_back(whole_seconds(std::chrono::duration_cast<std::chrono::seconds>(live.elapsed)));
    if (const std::string left = left_text(live.bytes > 0 ? live.moving : live.elapsed, done); !left.empty())
        parts.push_back(left);
    std::string line;
    if (live.total > 0) line = std::to_string(live.index) + "/" + std::to_string(live.total) + "  ";
    line += live.what + (parts.empty() ? " …" : "  " + join(parts, ", "));
    const std::string description = first_sentence(live.description);
    return description.empty() ? line : line + "  " + description;
}

std::string step_json(const journal::Step& step, const journal::Pass& pass, std::int64_t passes,
                      bool failed) {
    Json messages = Json::array();
    for (const auto& [kind, text] : pass.messages) messages.push_back({{"kind", kind}, {"text", text}});
    return line_of({{"schema", schema},
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
    return line_of({{"schema", schema}, {"event", event}, {"text", text}});
}

std::string error_json(const Error& error) {
    return line_of({{"schema", schema},
                    {"event", "error"},
                    {"exit_code", static_cast<int>(error.code)},
                    {"message", error.message},
                    {"hint", error.hint},
                    {"details", error.details}});
}

std::string planned_json(const std::vector<journal::Step>& steps) {
    Json list = Json::array();
    for (const journal::Step& step : steps) list.push_back(step.function);
    return line_of({{"schema", schema}, {"event", "plan"}, {"steps", list}});
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
    return line_of(
        {{"schema", schema},
         {"event", "plan-differs"},
         {"added", difference.added},
         {"missing", difference.missing},
         {"reordered_from", difference.reordered_from ? Json(*difference.reordered_from) : Json()}});
}

}  // namespace bdupdate::report
