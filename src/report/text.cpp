#include "bdupdate/report/text.h"

#include <algorithm>
#include <map>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"

namespace bdupdate::report {

namespace {

std::size_t display_width(std::string_view text) {
    // Code points, not bytes; wide characters are rare in update descriptions.
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(const std::string& text, std::size_t width) {
    const std::size_t used = display_width(text);
    return used >= width ? text : text + std::string(width - used, ' ');
}

std::string relative_to(const std::filesystem::path& file, const std::filesystem::path& docroot) {
    const auto relative = file.lexically_relative(docroot);
    return relative.empty() || *relative.begin() == ".." ? file.string() : relative.string();
}

std::string kind_text(const site::Site& site) {
    if (site.kind == site::Kind::Backdrop) return "Backdrop " + site.core_version;
    if (site.kind == site::Kind::Drupal7) return "Drupal " + site.core_version;
    return "bare site";
}

bool counts_as_problem(const plan::ModuleNote& note) {
    return note.problem == plan::ModuleProblem::Missing && note.enabled;
}

void add_blocked(std::string& text, const plan::Plan& plan, const Style& style) {
    if (plan.blocked.empty()) return;
    text += "\n" + style.bad("blocked") + "\n";
    for (const plan::Blocked& blocked : plan.blocked)
        text += "  " + (blocked.function.empty() ? blocked.module : blocked.function) + ": " + blocked.why +
                (blocked.acknowledged ? " (acknowledged)" : "") + "\n";
}

void add_modules(std::string& text, const plan::Plan& plan, const Style& style) {
    std::string missing, other;
    for (const plan::ModuleNote& note : plan.modules)
        (counts_as_problem(note) && !note.acknowledged ? missing : other) +=
            "  " + note.module + ": " + note.text + (note.acknowledged ? " (acknowledged)" : "") + "\n";
    if (!missing.empty()) text += "\n" + style.bad("missing") + "\n" + missing;
    if (!other.empty()) text += "\n" + style.faint("for information") + "\n" + other;
}

std::string summary(const plan::Plan& plan) {
    std::vector<std::string> modules;
    for (const plan::Step& step : plan.steps) modules.push_back(step.update.module);
    std::sort(modules.begin(), modules.end());
    modules.erase(std::unique(modules.begin(), modules.end()), modules.end());
    std::string text = plan.steps.empty() ? "nothing pending"
                                          : counted(plan.steps.size(), "update") + " pending in " +
                                                counted(modules.size(), "module");
    if (!plan.blocked.empty()) text += ", " + std::to_string(plan.blocked.size()) + " blocked";
    const auto missing = std::count_if(plan.modules.begin(), plan.modules.end(), counts_as_problem);
    if (missing > 0) text += ", " + counted(static_cast<std::size_t>(missing), "module") + " missing";
    return text;
}

void add_pending(std::string& text, const StatusFacts& facts, const Style& style) {
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
    for (const std::string& module : order) {
        text += "\n" + style.bold(module) + style.faint("  at " + std::to_string(installed[module])) + "\n";
        for (const plan::Step* step : by_module[module])
            text += "  " + padded(step->update.number, digits) + "  " +
                    one_line(step->update.description, style.width - std::min(style.width, digits + 4)) +
                    "\n";
    }
}

}  // namespace

std::string one_line(const std::string& text, std::size_t width) {
    std::string line;
    bool blank = false;
    for (const char c : text) {
        if (c == '\n' && line.size() > 1 && line.back() == '.')
            break;  // the first sentence that ends a line is enough
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
            blank = !line.empty();
            continue;
        }
        if (blank) line += ' ';
        blank = false;
        line += c;
    }
    if (width < 10 || display_width(line) <= width) return line;
    std::size_t columns = 0, end = 0;
    while (end < line.size() && columns + 1 < width) {
        ++end;
        while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) ++end;
        ++columns;
    }
    const std::size_t space = line.rfind(' ', end);
    if (space != std::string::npos && space > end / 2) end = space;
    return line.substr(0, end) + "…";
}

std::string status_text(const StatusFacts& facts, const Style& style) {
    std::string text;
    if (facts.interrupted)
        text += style.bad("interrupted") + ": run " + facts.interrupted->run.substr(0, 8) + " of " +
                facts.interrupted->user + " on " + facts.interrupted->host + " stands after pass " +
                std::to_string(facts.interrupted->seq) + " (" +
                std::string(db::to_string(facts.interrupted->state)) + "); what follows is what that left\n" +
                style.bold("hint:") + " bdupdate recover\n\n";
    else if (facts.mark_without_row)
        text += style.bad("interrupted") + ": a run ended before its first change\n" + style.bold("hint:") +
                " bdupdate recover\n\n";
    const bool one_of_several = facts.site.conf_path != "." && facts.site.conf_path != "sites/default";
    const std::filesystem::path place =
        one_of_several ? facts.site.docroot / facts.site.conf_path : facts.site.docroot;
    text += style.bold(place.string()) + "  " + kind_text(facts.site) + ", " + facts.server.product + " " +
            facts.server.version +
            (facts.maintenance_on ? ", " + style.caution("maintenance mode is on") : "") + "\n";
    for (const Error& obstacle : facts.view.obstacles)
        text += style.bad("refused:") + " " + obstacle.message + "\n" + style.bold("hint:") + " " +
                obstacle.hint + "\n";
    for (const std::string& note : facts.view.notes) text += style.bold("note:") + " " + note + "\n";
    add_blocked(text, facts.view.plan, style);
    add_pending(text, facts, style);
    add_modules(text, facts.view.plan, style);
    for (const std::string& warning : facts.view.plan.warnings)
        text += "\n" + style.caution("warning:") + " " + warning;
    for (const std::string& warning : facts.view.warnings)
        text += "\n" + style.caution("warning:") + " " + warning;
    for (const std::string& error : facts.view.syntax_errors)
        text += "\n" + style.bad("broken:") + " " + error;
    if (!facts.view.plan.warnings.empty() || !facts.view.warnings.empty() ||
        !facts.view.syntax_errors.empty())
        text += "\n";
    text += "\n" + summary(facts.view.plan) + "\n";
    if (!facts.view.plan.steps.empty() && !facts.interrupted && facts.view.obstacles.empty())
        text += style.bold("hint:") + " bdupdate run\n";
    return text;
}

ExitCode status_code(const StatusFacts& facts) {
    if (facts.interrupted || facts.mark_without_row) return ExitCode::Interrupted;
    const auto& plan = facts.view.plan;
    const bool blocked = std::any_of(plan.blocked.begin(), plan.blocked.end(),
                                     [](const plan::Blocked& one) { return !one.acknowledged; });
    const bool missing = std::any_of(
        plan.modules.begin(), plan.modules.end(),
        [](const plan::ModuleNote& note) { return counts_as_problem(note) && !note.acknowledged; });
    if (blocked || missing) return ExitCode::Blocked;
    return plan.steps.empty() ? ExitCode::Done : ExitCode::Pending;
}

std::string plan_text(const plan::Plan& plan, const site::Site& site, const Style& style) {
    std::string text;
    std::size_t name = 0;
    for (const plan::Step& step : plan.steps) name = std::max(name, step.update.function.size());
    const std::size_t digits = std::to_string(plan.steps.size()).size();
    const std::size_t indent = digits + 2 + name + 2;
    std::size_t index = 0;
    for (const plan::Step& step : plan.steps) {
        const std::string number = std::to_string(++index);
        text += std::string(digits - number.size(), ' ') + number + "  " +
                style.bold(padded(step.update.function, name)) + "  " +
                one_line(step.update.description, style.width - std::min(style.width, indent)) + "\n";
        std::string where =
            relative_to(step.update.file, site.docroot) + ":" + std::to_string(step.update.line);
        if (!step.after.empty()) where += ", after " + join(step.after, ", ");
        text += std::string(digits + 2, ' ') + style.faint(where) + "\n";
    }
    add_blocked(text, plan, style);
    add_modules(text, plan, style);
    for (const std::string& warning : plan.warnings)
        text += "\n" + style.caution("warning:") + " " + warning + "\n";
    return text + (text.empty() ? "" : "\n") + summary(plan) + "\n";
}

namespace {}  // namespace

}  // namespace bdupdate::report
