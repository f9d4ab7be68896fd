#include <algorithm>
#include <map>

#include "bdupdate/report/layout.h"
#include "bdupdate/report/text.h"
#include "parts.h"

namespace bdupdate::report {

namespace {

std::string pending_text(const StatusFacts& facts, const Style& style) {
    std::map<std::string, int> installed;
    for (const db::ModuleRow& row : facts.view.rows) installed[row.name] = row.schema_version;
    std::vector<std::string> order;
    std::map<std::string, std::vector<const plan::Step*>> by_module;
    std::size_t digits = 4;
    for (const plan::Step& step : facts.view.plan.steps) {
        if (by_module.count(step.update.module) == 0) order.push_back(step.update.module);
        by_module[step.update.module].push_back(&step);
        digits = std::max(digits, step.update.number.size());
    }
    std::string text;
    for (const std::string& module : order) {
        text += "\n" + style.bold(module) + style.faint("  at " + std::to_string(installed[module])) + "\n";
        for (const plan::Step* step : by_module[module]) {
            const std::string begin = "  " + padded_left(step->update.number, digits) + "  ";
            const std::size_t room = style.width > begin.size() ? style.width - begin.size() : style.width;
            text += begin + description_of(step->update.description, room, style) + "\n";
        }
    }
    return text;
}

}  // namespace

std::string description_of(const std::string& description, std::size_t columns, const Style& style) {
    const std::string sentence = first_sentence(description);
    return sentence.empty() ? style.faint(cut(no_description, columns)) : cut(sentence, columns);
}

std::string status_text(const StatusFacts& facts, const Style& style) {
    std::string text = open_run_text(facts.open, style) + site_line(facts.site, facts.server, style) +
                       (facts.maintenance_on ? ", " + style.caution("maintenance mode is on") : "") + "\n" +
                       trouble_text(facts.view, style) + pending_text(facts, style) +
                       information_text(facts.view, style) + "\n" + summary_text(facts.view.plan, style);
    const bool ready = !facts.open.marked && facts.view.obstacles.empty() && facts.view.syntax_errors.empty();
    if (ready && !facts.view.plan.steps.empty()) text += style.bold("hint:") + " bdupdate run\n";
    return text;
}

ExitCode status_code(const StatusFacts& facts) {
    if (facts.open.marked) return facts.open.at_work ? ExitCode::Held : ExitCode::Interrupted;
    const auto& plan = facts.view.plan;
    const bool blocked = std::any_of(plan.blocked.begin(), plan.blocked.end(),
                                     [](const plan::Blocked& one) { return !one.acknowledged; });
    const bool missing =
        std::any_of(plan.modules.begin(), plan.modules.end(),
                    [](const plan::ModuleNote& note) { return is_missing(note) && !note.acknowledged; });
    if (blocked || missing) return ExitCode::Blocked;
    return plan.steps.empty() ? ExitCode::Done : ExitCode::Pending;
}

}  // namespace bdupdate::report
