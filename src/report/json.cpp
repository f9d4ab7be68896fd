#include <nlohmann/json.hpp>

#include "bdupdate/report/text.h"
#include "json_text.h"
#include "order.h"

namespace bdupdate::report {

namespace {

Json step_json(const plan::Step& step) {
    return {{"function", step.update.function},
            {"module", step.update.module},
            {"number", step.update.number},
            {"description", step.update.description},
            {"file", step.update.file},
            {"line", step.update.line},
            {"after", step.after}};
}

const char* reason_name(plan::BlockedReason reason) {
    switch (reason) {
        case plan::BlockedReason::LastRemoved:
            return "last-removed";
        case plan::BlockedReason::MissingDependency:
            return "missing-dependency";
        case plan::BlockedReason::DependsOnBlocked:
            return "depends-on-blocked";
        case plan::BlockedReason::NotSelected:
            return "not-selected";
    }
    return "";
}

const char* reason_name(After::Why why) {
    switch (why) {
        case After::Why::OwnOrder:
            return "own-order";
        case After::Why::LegacyFirst:
            return "legacy-first";
        case After::Why::Declared:
            return "declared";
    }
    return "";
}

const char* problem_name(plan::ModuleProblem problem) {
    switch (problem) {
        case plan::ModuleProblem::Missing:
            return "missing";
        case plan::ModuleProblem::Orphan:
            return "orphan";
        case plan::ModuleProblem::Merged:
            return "merged";
        case plan::ModuleProblem::WrongCore:
            return "wrong-core";
        case plan::ModuleProblem::PhpTooOld:
            return "php-too-old";
    }
    return "";
}

Json blocked_json(const std::vector<plan::Blocked>& blocked) {
    Json list = Json::array();
    for (const plan::Blocked& item : blocked)
        list.push_back({{"module", item.module},
                        {"number", item.number},
                        {"function", item.function},
                        {"reason", reason_name(item.reason)},
                        {"why", item.why},
                        {"acknowledged", item.acknowledged}});
    return list;
}

Json modules_json(const std::vector<plan::ModuleNote>& notes) {
    Json list = Json::array();
    for (const plan::ModuleNote& note : notes)
        list.push_back({{"module", note.module},
                        {"problem", problem_name(note.problem)},
                        {"enabled", note.enabled},
                        {"text", note.text},
                        {"acknowledged", note.acknowledged}});
    return list;
}

Json steps_json(const plan::Plan& plan) {
    Json list = Json::array();
    for (const plan::Step& step : plan.steps) list.push_back(step_json(step));
    return list;
}

}  // namespace

std::string status_json(const StatusFacts& facts) {
    Json json = {{"schema", schema},
                 {"docroot", facts.site.docroot.string()},
                 {"site", facts.site.conf_path},
                 {"core_version", facts.site.core_version},
                 {"database", {{"product", facts.server.product}, {"version", facts.server.version}}},
                 {"maintenance", facts.maintenance_on},
                 {"interrupted", nullptr},
                 {"at_work", nullptr}};
    const run::OpenRun& open = facts.open;
    if (open.mark)
        json[open.at_work ? "at_work" : "interrupted"] = {{"run", open.mark->run},
                                                          {"pass", open.mark->seq},
                                                          {"state", db::to_string(open.mark->state)},
                                                          {"host", open.mark->host},
                                                          {"user", open.mark->user}};
    if (open.at_work) json["at_work"]["holder"] = *open.at_work;
    json["pending"] = steps_json(facts.view.plan);
    json["blocked"] = blocked_json(facts.view.plan.blocked);
    json["modules"] = modules_json(facts.view.plan.modules);
    json["warnings"] = facts.view.plan.warnings;
    for (const std::string& warning : facts.view.warnings) json["warnings"].push_back(warning);
    json["broken"] = facts.view.syntax_errors;
    json["drupal7"] = facts.view.drupal7.has_value();
    json["obstacles"] = Json::array();
    for (const Error& obstacle : facts.view.obstacles)
        json["obstacles"].push_back({{"message", obstacle.message}, {"hint", obstacle.hint}});
    return document(json);
}

std::string plan_json(const run::View& view, const site::Site& site,
                      const std::vector<std::string>& sources) {
    Json steps = steps_json(view.plan);
    const auto all = reasons(view);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        steps[i]["why"] = Json::array();
        for (const After& after : all[i])
            steps[i]["why"].push_back({{"after", after.function},
                                       {"reason", reason_name(after.why)},
                                       {"declared_by", after.declared_by}});
        steps[i]["followers"] = view.plan.steps[i].followers;
        if (!sources.empty()) steps[i]["source"] = sources[i];
    }
    return document({{"schema", schema},
                     {"docroot", site.docroot.string()},
                     {"site", site.conf_path},
                     {"steps", steps},
                     {"blocked", blocked_json(view.plan.blocked)},
                     {"modules", modules_json(view.plan.modules)},
                     {"warnings", view.plan.warnings}});
}

std::string outcome_json(const run::Outcome& outcome) {
    constexpr const char* ends[] = {"nothing-pending", "updated",     "partly",    "stopped",    "untouched",
                                    "restored",        "needs-hands", "forgotten", "interrupted"};
    Json failures = Json::array();
    for (const run::FailedUpdate& failure : outcome.failures)
        failures.push_back({{"function", failure.function},
                            {"error", failure.error},
                            {"hint", failure.hint},
                            {"details", failure.details}});
    Json vanished = Json::array();
    for (const run::VanishedRows& table : outcome.vanished)
        vanished.push_back({{"table", table.table}, {"rows", table.rows}, {"gone", table.gone}});
    Json json = {{"schema", schema},
                 {"event", "end"},
                 {"end", ends[static_cast<int>(outcome.end)]},
                 {"exit_code", static_cast<int>(outcome.code)},
                 {"run", outcome.run},
                 {"updates", outcome.updates},
                 {"remaining", outcome.remaining},
                 {"not_selected", outcome.not_selected},
                 {"backup", outcome.backup ? Json(*outcome.backup) : Json()},
                 {"config_files", outcome.config_files.total()},
                 {"config_new", outcome.config_files.created},
                 {"config_deleted", outcome.config_files.deleted},
                 {"staging_waits", outcome.config_files.staging_waits},
                 {"vanished_rows", vanished},
                 {"maintenance", outcome.maintenance_known ? Json(outcome.maintenance_on) : Json()},
                 {"failures", failures},
                 {"lost", outcome.lost},
                 {"elapsed_ms", outcome.elapsed.count()},
                 {"blocked", blocked_json(outcome.blocked)},
                 {"modules", modules_json(outcome.modules)},
                 {"error", outcome.error ? Json(outcome.error->message) : Json()},
                 {"hint", outcome.error ? Json(outcome.error->hint) : Json()},
                 {"details", outcome.error ? Json(outcome.error->details) : Json::array()}};
    return compact(json) + "\n";
}

}  // namespace bdupdate::report
