#include "parts.h"

#include <algorithm>
#include <set>

#include "bdupdate/base/text.h"
#include "bdupdate/report/layout.h"
#include "bdupdate/report/text.h"

namespace bdupdate::report {

namespace {

std::string kind_text(const site::Site& site) {
    if (site.kind == site::Kind::Backdrop) return "Backdrop " + site.core_version;
    if (site.kind == site::Kind::Drupal7) return "Drupal " + site.core_version;
    return "bare site";
}

std::string item(const std::string& name, const std::string& text, const Style& style) {
    // Most sentences about a module begin with its name.
    const bool named = text.rfind(name, 0) == 0;
    return hanging(named ? "  " : "  " + name + ": ", text, style.width);
}

std::string labelled(const std::string& styled, std::size_t columns, const std::string& text,
                     const Style& style) {
    const std::string line = hanging(std::string(columns, ' '), text, style.width);
    return styled + line.substr(columns);
}

}  // namespace

std::string relative_to(const std::filesystem::path& file, const std::filesystem::path& docroot) {
    const auto relative = file.lexically_relative(docroot);
    return relative.empty() || *relative.begin() == ".." ? file.string() : relative.string();
}

std::string site_line(const site::Site& site, const db::Server& server, const Style& style) {
    const bool one_of_several = site.conf_path != "." && site.conf_path != "sites/default";
    const std::filesystem::path place = one_of_several ? site.docroot / site.conf_path : site.docroot;
    return style.bold(place.string()) + "  " + kind_text(site) + ", " + server.product + " " + server.version;
}

std::string why_blocked(const plan::Blocked& blocked) {
    return blocked.why + (blocked.acknowledged ? " (acknowledged)" : "");
}

std::string text_of(const plan::ModuleNote& note) {
    return note.text + (note.acknowledged ? " (acknowledged)" : "");
}

bool is_missing(const plan::ModuleNote& note) {
    return note.problem == plan::ModuleProblem::Missing && note.enabled;
}

std::string interrupted_sentence(const db::Mark& mark) {
    const std::string run = "run " + mark.run.substr(0, 8) + " of " + mark.user + " on " + mark.host;
    return run + " did not end: it " + db::standing(mark);
}

std::string open_run_text(const run::OpenRun& open, const Style& style) {
    if (!open.marked) return "";
    const std::string still = "; below is what it has still to do";
    if (open.at_work) {
        const std::string where =
            open.mark ? ": run " + open.mark->run.substr(0, 8) + " " + db::standing(*open.mark) : "";
        return labelled(style.bold("at work:") + " ", 9, *open.at_work + where + still, style) + "\n";
    }
    const std::string what =
        open.mark ? interrupted_sentence(*open.mark) + still : "a run ended before its first change";
    return style.bad("interrupted:") + " " + what + "\n" + style.bold("hint:") + " bdupdate recover\n\n";
}

std::string trouble_text(const run::View& view, const Style& style) {
    std::string text;
    for (const std::string& note : view.notes) text += labelled(style.bold("note:") + " ", 6, note, style);
    for (const Error& obstacle : view.obstacles)
        text += "\n" + labelled(style.bad("refused:") + " ", 9, obstacle.message, style) +
                (obstacle.hint.empty() ? "" : style.bold("hint:") + " " + obstacle.hint + "\n");
    for (const std::string& error : view.syntax_errors)
        text += "\n" + labelled(style.bad("broken:") + " ", 8, error, style) + style.bold("hint:") +
                " PHP cannot load this file, and no run begins; mend or replace it\n";
    return text + blocked_text(view.plan, style);
}

std::string blocked_text(const plan::Plan& plan, const Style& style) {
    std::string text, missing;
    if (!plan.blocked.empty()) text += "\n" + style.bad("blocked") + "\n";
    for (const plan::Blocked& blocked : plan.blocked)
        text +=
            item(blocked.function.empty() ? blocked.module : blocked.function, why_blocked(blocked), style);
    for (const plan::ModuleNote& note : plan.modules)
        if (is_missing(note) && !note.acknowledged) missing += item(note.module, text_of(note), style);
    if (!missing.empty()) text += "\n" + style.bad("missing") + "\n" + missing;
    return text;
}

std::string information_text(const run::View& view, const Style& style) {
    std::string text, modules;
    for (const plan::ModuleNote& note : view.plan.modules)
        if (!is_missing(note) || note.acknowledged) modules += item(note.module, text_of(note), style);
    if (!modules.empty()) text += "\n" + style.faint("for information") + "\n" + modules;
    std::string warnings;
    for (const auto* list : {&view.plan.warnings, &view.warnings})
        for (const std::string& warning : *list)
            warnings += labelled(style.caution("warning:") + " ", 9, warning, style);
    return text + (warnings.empty() ? "" : "\n" + warnings);
}

std::string summary_text(const plan::Plan& plan, const Style& style) {
    std::set<std::string_view> modules;
    for (const plan::Step& step : plan.steps) modules.insert(step.update.module);
    std::string text = plan.steps.empty() ? "nothing pending"
                                          : counted(plan.steps.size(), "update") + " pending in " +
                                                counted(modules.size(), "module");
    // What somebody knows of is no news.
    const auto blocked = std::count_if(plan.blocked.begin(), plan.blocked.end(),
                                       [](const plan::Blocked& one) { return !one.acknowledged; });
    if (blocked > 0) text += ", " + std::to_string(blocked) + " blocked";
    const auto missing =
        std::count_if(plan.modules.begin(), plan.modules.end(),
                      [](const plan::ModuleNote& note) { return is_missing(note) && !note.acknowledged; });
    if (missing > 0) text += ", " + counted(static_cast<std::size_t>(missing), "module") + " missing";
    return hanging("", text, style.width);
}

}  // namespace bdupdate::report
