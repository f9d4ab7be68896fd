#include <algorithm>

#include "bdupdate/base/text.h"
#include "bdupdate/report/layout.h"
#include "bdupdate/report/text.h"
#include "order.h"
#include "parts.h"

namespace bdupdate::report {

namespace {

/// Below so many columns a description gets lines of its own, under the function's name.
constexpr std::size_t least_for_description = 30;

/// Where the parts of a step's lines begin.
struct Columns {
    std::size_t digits = 1, name = 0;
    [[nodiscard]] std::size_t indent() const { return digits + 2; }
    [[nodiscard]] std::size_t description() const { return indent() + name + 2; }
};

Columns columns_of(const plan::Plan& plan) {
    Columns columns;
    columns.digits = std::to_string(plan.steps.size()).size();
    for (const plan::Step& step : plan.steps)
        columns.name = std::max(columns.name, display_width(step.update.function));
    return columns;
}

/// "12  dues_update_1005", with blanks up to the description.
std::string begin_of(const plan::Step& step, std::size_t index, const Columns& columns, const Style& style) {
    const std::size_t used = display_width(step.update.function);
    return padded_left(std::to_string(index + 1), columns.digits) + "  " + style.bold(step.update.function) +
           std::string(columns.name - used + 2, ' ');
}

/// `text` from column `indent` on, in as many lines as it takes.
std::string indented(const std::string& text, std::size_t indent, const Style& style, bool faint) {
    std::string result;
    const std::size_t room = style.width > indent ? style.width - indent : style.width;
    for (const std::string& line : wrapped(text, room))
        result += std::string(indent, ' ') + (faint ? style.faint(line) : line) + "\n";
    return result;
}

std::string step_head(const plan::Step& step, std::size_t index, const Columns& columns, const Style& style) {
    std::string begin = begin_of(step, index, columns, style);
    std::string description = first_sentence(step.update.description);
    if (description.empty()) description = no_description;
    if (style.width == 0) return begin + description + "\n";
    if (style.width < columns.description() + least_for_description) {
        begin.erase(begin.find_last_not_of(' ') + 1);
        return begin + "\n" + indented(description, columns.indent(), style, false);
    }
    return begin + indented(description, columns.description(), style, false).substr(columns.description());
}

std::string step_in_one_line(const plan::Step& step, std::size_t index, const Columns& columns,
                             const Style& style) {
    constexpr std::size_t least = 10;  // of a description that is cut
    const std::string begin = begin_of(step, index, columns, style);
    const std::size_t used = columns.description();
    if (style.width == 0) return begin + description_of(step.update.description, 0, style);
    if (style.width < used + least) return begin.substr(0, begin.find_last_not_of(' ') + 1);
    return begin + description_of(step.update.description, style.width - used, style);
}

std::string why_text(const After& after) {
    const std::string text = "after " + after.function;
    switch (after.why) {
        case After::Why::OwnOrder:
            return text;
        case After::Why::LegacyFirst:
            return text + " (7000-8999 come first)";
        case After::Why::Declared:
            break;
    }
    return text + " (hook_update_dependencies()" +
           (after.declared_by.empty() ? "" : " of " + after.declared_by) + ")";
}

/// Why a step stands where it does: what it must follow, and how many core's numbering puts behind it.
std::string place_text(const plan::Step& step, const std::vector<After>& after) {
    std::vector<std::string> parts;
    for (const After& one : after) parts.push_back(why_text(one));
    if (step.followers > 0)
        parts.push_back(counted(static_cast<std::size_t>(step.followers), "linked update") +
                        (step.followers == 1 ? " comes" : " come") + " later");
    else
        parts.emplace_back(after.empty() ? "linked with no other" : "last of those it is linked with");
    return join(parts, ", ");
}

constexpr const char* order_text =
    "order: within a module 7000-8999 before all other numbers, each ascending; what "
    "hook_update_dependencies() names before what needs it. Both link updates, also through others. Where "
    "that "
    "leaves a choice, core counts: first runs the update that more linked ones come after, then the one with "
    "fewer direct links, then the module's name decides";

/// What a run does besides its updates, and what should one of them fail.
std::string intention(const run::View& view, const run::Options& options) {
    std::vector<std::string> parts;
    parts.emplace_back(options.backup ? "database and config are backed up first"
                                      : "no backup is made: what an update breaks stays broken");
    if (options.maintenance == run::MaintenancePolicy::Auto)
        parts.emplace_back("maintenance mode is on meanwhile");
    if (options.maintenance == run::MaintenancePolicy::Keep)
        parts.emplace_back("maintenance mode is switched on and stays on");
    if (!options.clear_caches) parts.emplace_back("caches are not flushed");
    if (view.plan.steps.empty()) return join(parts, "; ");
    const run::FailurePolicy policy = options.failure_policy();
    if (options.ask_on_failure)
        parts.emplace_back("if an update fails, you are asked");
    else if (policy == run::FailurePolicy::Restore)
        parts.emplace_back("if an update fails, everything is put back");
    else if (policy == run::FailurePolicy::Stop)
        parts.emplace_back("if an update fails, the run stops there, for `bdupdate recover`");
    else
        parts.emplace_back("an update that fails is left out, and the rest goes on");
    return join(parts, "; ");
}

}  // namespace

std::string plan_text(const StatusFacts& facts, const Style& style) {
    const run::View& view = facts.view;
    const Columns columns = columns_of(view.plan);
    const auto after = reasons(view);
    std::string text = trouble_text(view, style);
    if (!text.empty()) text = text.substr(1) + "\n";
    text = open_run_text(facts.open, style) + text;
    for (std::size_t i = 0; i < view.plan.steps.size(); ++i) {
        const plan::Step& step = view.plan.steps[i];
        const std::string where =
            relative_to(step.update.file, facts.site.docroot) + ":" + std::to_string(step.update.line);
        text += step_head(step, i, columns, style) +
                indented(where + "; " + place_text(step, after[i]), columns.indent(), style, true);
    }
    if (view.plan.steps.size() > 1) text += "\n" + indented(order_text, 0, style, true);
    text += information_text(view, style);
    return text + (text.empty() ? "" : "\n") + summary_text(view.plan, style);
}

std::string proposal_text(const run::View& view, const run::Options& options, const Style& style) {
    const Columns columns = columns_of(view.plan);
    std::string text = blocked_text(view.plan, style);
    if (!text.empty()) text = text.substr(1) + "\n";
    for (std::size_t i = 0; i < view.plan.steps.size(); ++i) {
        text += step_in_one_line(view.plan.steps[i], i, columns, style) + "\n";
    }
    return text + (view.plan.steps.empty() ? "" : "\n" + summary_text(view.plan, style)) +
           indented(intention(view, options), 0, style, false);
}

std::string source_text(const plan::Plan& plan, const site::Site& site,
                        const std::vector<std::string>& sources, const Style& style) {
    std::string text;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        const plan::Step& step = plan.steps[i];
        text += style.bold(std::to_string(i + 1) + "/" + std::to_string(plan.steps.size()) + "  " +
                           step.update.function) +
                "  " +
                style.faint(relative_to(step.update.file, site.docroot) + ":" +
                            std::to_string(step.update.line)) +
                "\n" + (sources[i].empty() ? "(the code cannot be read)" : sources[i]) + "\n\n";
    }
    return text + summary_text(plan, style);
}

}  // namespace bdupdate::report
