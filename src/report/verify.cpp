// `verify` for people and for programs.

#include "bdupdate/report/verify.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bdupdate/base/text.h"
#include "bdupdate/report/layout.h"
#include "changes.h"
#include "json_text.h"
#include "parts.h"

namespace bdupdate::report {

namespace {

using Thing = schema::Difference::Thing;
using Aspect = schema::Difference::Aspect;
using Differences = std::vector<schema::Difference>;

constexpr std::size_t most_names = 8;

std::string names_text(const std::vector<std::string>& names, bool all) {
    if (all || names.size() <= most_names) return join(names, ", ");
    return join({names.begin(), names.begin() + most_names}, ", ") + " …";
}

std::string subject(const schema::Difference& one) {
    if (one.thing == Thing::Table) return "the table";
    if (one.thing == Thing::Index && one.name == "PRIMARY") return "the primary key";
    return std::string(to_string(one.thing)) + " " + one.name;
}

/// "column mail has type varchar(64), declared is varchar(254)".
std::string sentence(const schema::Difference& one) {
    const std::string what = subject(one);
    switch (one.aspect) {
        case Aspect::Existence:
            if (one.real) return what + " is not declared: " + *one.real;
            return what + " is missing" + (one.thing == Thing::Table ? "" : ": " + one.declared.value_or(""));
        case Aspect::Type:
            return what + " has type " + one.real.value_or("") + ", declared is " + one.declared.value_or("");
        case Aspect::Null:
            return what + (one.real == "null" ? " may be null, declared is not null"
                                              : " is not null, declared is that it may be");
        case Aspect::Default:
            return what + (one.real ? " has default " + *one.real : " has no default") + ", declared is " +
                   one.declared.value_or("none");
        case Aspect::Columns:
            break;
    }
    return what + " is " + one.real.value_or("") + ", declared is " + one.declared.value_or("");
}

std::string list_text(const std::string& head, const Differences& differences, const Style& style) {
    std::string text = "\n" + head + "\n", table;
    for (const schema::Difference& one : differences) {
        if (one.table != table)
            text += "  " + style.bold(one.table) + style.faint("  of " + one.module) + "\n";
        table = one.table;
        text += hanging("    ", sentence(one), style.width);
    }
    return text;
}

std::string since_text(const journal::Run& run) {
    return "run " + run.id.substr(0, 8) + " of " + when_text(run.started_ms);
}

std::string differences_text(const run::Verification& found, const Style& style) {
    std::string text;
    const schema::Since& since = found.differences;
    if (!since.fresh.empty())
        text += list_text(style.bad("new since " + since_text(*found.since)), since.fresh, style);
    if (!since.standing.empty())
        text += list_text(found.since ? "not new: they were there before " + since_text(*found.since)
                                      : "no run is known before which they were not there:",
                          since.standing, style);
    return text;
}

std::string undeclared_text(const run::Verification& found, bool details, const Style& style) {
    const auto& fresh = found.differences.undeclared;
    std::vector<std::string> old;
    for (const std::string& name : found.comparison->undeclared)
        if (std::find(fresh.begin(), fresh.end(), name) == fresh.end()) old.push_back(name);
    std::vector<std::pair<std::string, const std::vector<std::string>*>> groups = {
        {", new since " + (found.since ? since_text(*found.since) : ""), &fresh},
        {"", &old},
    };
    std::string text;
    for (const auto& [since, names] : groups)
        if (!names->empty())
            text += hanging("  ",
                            counted(names->size(), "table") + " that no module declares" + since + ": " +
                                names_text(*names, details || names == &fresh),
                            style.width);
    for (const auto& [module, why] : found.hook_errors_of_disabled)
        text += hanging("  ", "what the disabled module " + module + " declares is not known: " + why,
                        style.width);
    if (!found.comparison->elsewhere.empty())
        text += hanging("  ",
                        "not looked at, for they are in another database: " +
                            names_text(found.comparison->elsewhere, details),
                        style.width);
    return text.empty() ? text : "\nfor information\n" + text;
}

std::string summary(const run::Verification& found, const Style& style) {
    std::vector<std::string> wrong;
    if (const std::size_t pending = found.view.plan.steps.size(); pending > 0)
        wrong.push_back(counted(pending, "update") + " pending");
    if (!found.failures.empty()) wrong.push_back(counted(found.failures.size(), "error"));
    if (const std::size_t fresh = found.differences.fresh.size(); fresh > 0)
        wrong.push_back(counted(fresh, "new difference"));
    if (const std::size_t standing = found.differences.standing.size(); found.strict && standing > 0)
        wrong.push_back(counted(standing, found.since ? "older difference" : "difference"));
    if (wrong.empty() && run::verdict(found) == ExitCode::Blocked)
        return style.caution("verified, but for what is blocked or missing") + "\n";
    if (wrong.empty()) return style.good("verified") + "\n";
    std::string text = style.bad("not verified:") + " " + join(wrong, ", ") + "\n";
    const std::string hint = style.bold("hint:") + " bdupdate ";
    if (!found.view.plan.steps.empty())
        text += hint + "run\n";
    else if (!found.differences.fresh.empty())
        text += hint + "show " + found.since->id.substr(0, 8) + " tells what that run changed\n";
    return text;
}

}  // namespace

std::string verify_text(const run::Verification& found, const site::Site& site, const db::Server& server,
                        bool details, const Style& style) {
    std::string text = site_line(site, server, style) + "\n" + trouble_text(found.view, style) + "\n";
    std::vector<std::string> pending;
    for (const plan::Step& step : found.view.plan.steps) pending.push_back(step.update.function);
    text += pending.empty()
                ? "nothing is pending\n"
                : hanging("", counted(pending.size(), "update") + " pending: " + names_text(pending, details),
                          style.width);
    for (const Error& failure : found.failures) {
        text += style.bad("error:") + " " + failure.message + "\n";
        for (const std::string& detail : failure.details) text += "  " + detail + "\n";
        if (!failure.hint.empty()) text += style.bold("hint:") + " " + failure.hint + "\n";
    }
    if (!found.php_version.empty())
        text += "the site boots for updates, with PHP " + found.php_version + "\n";
    for (const auto& [module, why] : found.hook_errors)
        text += style.caution("warning:") + " what " + module +
                " declares is not known, for its hook_schema() fails: " + why + "\n";
    if (!found.comparison)
        return text + "tables are not compared: " + found.why_not + "\n\n" + summary(found, style);
    const std::size_t all = found.differences.fresh.size() + found.differences.standing.size();
    text += counted(found.comparison->tables, "table") + " held against what " +
            counted(found.modules, "module") + (found.modules == 1 ? " declares: " : " declare: ") +
            (all == 0 ? "no difference"
                      : counted(all, "difference") + ", " + std::to_string(found.differences.fresh.size()) +
                            " new") +
            "\n";
    return text + differences_text(found, style) + undeclared_text(found, details, style) + "\n" +
           summary(found, style);
}

namespace {

Json or_null(const std::optional<std::string>& text) {
    return text ? Json(*text) : Json();
}

Json difference_json(const schema::Difference& one, bool fresh) {
    return {{"new", fresh},
            {"table", one.table},
            {"module", one.module},
            {"thing", to_string(one.thing)},
            {"name", one.thing == Thing::Table ? Json() : Json(one.name)},
            {"aspect", to_string(one.aspect)},
            {"declared", or_null(one.declared)},
            {"real", or_null(one.real)}};
}

Json tables_json(const run::Verification& found) {
    Json differences = Json::array(), undeclared = Json::array();
    for (const schema::Difference& one : found.differences.fresh)
        differences.push_back(difference_json(one, true));
    for (const schema::Difference& one : found.differences.standing)
        differences.push_back(difference_json(one, false));
    const auto& fresh = found.differences.undeclared;
    for (const std::string& name : found.comparison->undeclared)
        undeclared.push_back(
            {{"table", name}, {"new", std::find(fresh.begin(), fresh.end(), name) != fresh.end()}});
    return {{"compared", found.comparison->tables},
            {"since", found.since ? Json({{"run", found.since->id}, {"started_ms", found.since->started_ms}})
                                  : Json()},
            {"differences", std::move(differences)},
            {"undeclared", std::move(undeclared)},
            {"elsewhere", found.comparison->elsewhere}};
}

}  // namespace

std::string verify_json(const run::Verification& found) {
    Json pending = Json::array(), blocked = Json::array(), missing = Json::array(), failures = Json::array(),
         hooks = Json::array();
    for (const plan::Step& step : found.view.plan.steps) pending.push_back(step.update.function);
    for (const plan::Blocked& one : found.view.plan.blocked)
        blocked.push_back(one.function.empty() ? one.module : one.function);
    for (const plan::ModuleNote& note : found.view.plan.modules)
        if (is_missing(note)) missing.push_back(note.module);
    for (const Error& failure : found.failures)
        failures.push_back(
            {{"message", failure.message}, {"hint", failure.hint}, {"details", failure.details}});
    for (const bool enabled : {true, false})
        for (const auto& [module, why] : enabled ? found.hook_errors : found.hook_errors_of_disabled)
            hooks.push_back({{"module", module}, {"enabled", enabled}, {"why", why}});
    const Json json = {{"schema", schema},
                       {"verified", run::verdict(found) != ExitCode::UpdateFailed},
                       {"pending", std::move(pending)},
                       {"blocked", std::move(blocked)},
                       {"missing", std::move(missing)},
                       {"failures", std::move(failures)},
                       {"php_version", found.php_version.empty() ? Json() : Json(found.php_version)},
                       {"tables", found.comparison ? tables_json(found) : Json()},
                       {"not_compared", found.comparison ? Json() : Json(found.why_not)},
                       {"hook_errors", std::move(hooks)}};
    return document(json);
}

}  // namespace bdupdate::report
