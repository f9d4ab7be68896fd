// The plan as a graph, for `plan --dot | dot -Tsvg`.

#include <map>

#include "bdupdate/report/layout.h"
#include "bdupdate/report/text.h"
#include "order.h"

namespace bdupdate::report {

namespace {

constexpr std::size_t label_columns = 40;

/// A string of the DOT language. A newline is written as \n, which is one in a label.
std::string dot_string(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '\n') {
            result += "\\n";
            continue;
        }
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + "\"";
}

std::string label_of(const plan::Step& step, std::size_t index) {
    std::string label = std::to_string(index + 1) + "  " + step.update.number;
    const std::string description = first_sentence(step.update.description);
    if (description.empty()) return label;
    for (const std::string& line : wrapped(description, label_columns)) label += "\n" + line;
    return label;
}

std::string edges(const run::View& view) {
    std::string text;
    const auto all = reasons(view);
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (const After& after : all[i]) {
            text +=
                "  " + dot_string(after.function) + " -> " + dot_string(view.plan.steps[i].update.function);
            if (after.why == After::Why::LegacyFirst) text += " [color=gray, label=\"7000-8999 first\"]";
            if (after.why == After::Why::OwnOrder) text += " [color=gray]";
            if (after.why == After::Why::Declared && !after.declared_by.empty())
                text += " [label=" + dot_string(after.declared_by) + "]";
            text += ";\n";
        }
    }
    return text;
}

}  // namespace

std::string plan_dot(const run::View& view) {
    std::vector<std::string> modules;
    std::map<std::string, std::string> nodes;  // by module
    const auto nodes_of = [&](const std::string& module) -> std::string& {
        const auto [found, is_new] = nodes.try_emplace(module);
        if (is_new) modules.push_back(module);
        return found->second;
    };
    for (std::size_t i = 0; i < view.plan.steps.size(); ++i) {
        const plan::Step& step = view.plan.steps[i];
        nodes_of(step.update.module) +=
            "    " + dot_string(step.update.function) + " [label=" + dot_string(label_of(step, i)) + "];\n";
    }
    for (const plan::Blocked& blocked : view.plan.blocked)
        nodes_of(blocked.module) +=
            "    " + dot_string(blocked.function.empty() ? blocked.module : blocked.function) +
            " [label=" + dot_string((blocked.number.empty() ? "" : blocked.number + "  ") + "blocked") +
            ", color=red, style=dashed, tooltip=" + dot_string(blocked.why) + "];\n";
    std::string text = "digraph plan {\n  rankdir=LR;\n  node [shape=box];\n";
    for (const std::string& module : modules)
        text += "  subgraph " + dot_string("cluster_" + module) + " {\n    label=" + dot_string(module) +
                ";\n" + nodes[module] + "  }\n";
    return text + edges(view) + "}\n";
}

}  // namespace bdupdate::report
