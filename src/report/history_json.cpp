// `history` and `show` for programs, and the patch.

#include <nlohmann/json.hpp>

#include "bdupdate/report/history.h"
#include "config_diff.h"
#include "json_text.h"
#include "unified_diff.h"

namespace bdupdate::report {

namespace {

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json summary_json(const run::RunSummary& summary) {
    const journal::Run& run = summary.run;
    return {{"run", run.id},
            {"kind", to_string(summary.kind)},
            {"result", to_string(summary.result)},
            {"outcome", run.outcome},
            {"started_ms", run.started_ms},
            {"ended_ms", run.ended_ms ? Json(*run.ended_ms) : Json()},
            {"elapsed_ms", summary.elapsed_ms},
            {"user", run.user},
            {"host", run.host},
            {"updates_done", summary.updates},
            {"backup", text_or_null(run.backup)},
            {"core_version", text_or_null(run.core_version)}};
}

const char* change_name(bool before, bool after) {
    return !before ? "new" : !after ? "deleted" : "changed";
}

Json config_json(const std::vector<journal::ConfigChange>& changes) {
    Json list = Json::array();
    for (const journal::ConfigChange& change : changes) {
        Json keys = Json::array();
        const auto all = key_changes(change);
        for (const KeyChange& key : all.value_or(std::vector<KeyChange>())) {
            Json entry = {{"key", key.key}};
            if (key.before) entry["before"] = Json::parse(*key.before);
            if (key.after) entry["after"] = Json::parse(*key.after);
            keys.push_back(std::move(entry));
        }
        list.push_back({{"file", change.path},
                        {"change", change_name(change.before.has_value(), change.after.has_value())},
                        {"keys", all ? std::move(keys) : Json()}});
    }
    return list;
}

Json schema_json(const std::vector<journal::SchemaChange>& changes) {
    Json list = Json::array();
    for (const journal::SchemaChange& change : changes)
        list.push_back({{"table", change.table},
                        {"what", change.what},
                        {"name", text_or_null(change.name)},
                        {"before", change.before ? Json(*change.before) : Json()},
                        {"after", change.after ? Json(*change.after) : Json()}});
    return list;
}

Json update_json(const run::UpdateRecord& update) {
    Json messages = Json::array(), rows = Json::array();
    for (const auto& [kind, text] : update.messages) messages.push_back({{"kind", kind}, {"text", text}});
    for (const journal::RowsTouched& table : update.rows)
        rows.push_back({{"table", table.table},
                        {"inserted", table.inserted},
                        {"updated", table.updated},
                        {"deleted", table.deleted}});
    return {{"function", text_or_null(update.function)},
            {"module", update.module},
            {"number", update.number},
            {"description", update.description},
            {"state", to_string(update.state)},
            {"started_ms", update.started_ms},
            {"elapsed_ms", update.elapsed_ms},
            {"passes", update.passes},
            {"result", update.result},
            {"error", update.error},
            {"messages", messages},
            {"config", config_json(update.config)},
            {"schema_changes", schema_json(update.schema)},
            {"rows", rows}};
}

}  // namespace

std::string history_json(const std::vector<run::RunSummary>& runs, const site::Site& site) {
    Json list = Json::array();
    for (const run::RunSummary& summary : runs) list.push_back(summary_json(summary));
    return document(
        {{"schema", schema}, {"docroot", site.docroot.string()}, {"site", site.conf_path}, {"runs", list}});
}

std::string show_json(const run::RunRecord& record, const site::Site& site) {
    Json json = {{"schema", schema}, {"docroot", site.docroot.string()}, {"site", site.conf_path}};
    const Json summary = summary_json(record.summary);
    for (const auto& [name, value] : summary.items()) json[name] = value;
    json["repeated_passes"] = record.repeated_passes;
    json["updates"] = Json::array();
    for (const run::UpdateRecord& update : record.updates) json["updates"].push_back(update_json(update));
    json["config"] = config_json(record.config);
    json["phases"] = Json::array();
    for (const run::PhaseRecord& phase : record.phases)
        json["phases"].push_back(
            {{"what", phase.what}, {"started_ms", phase.started_ms}, {"elapsed_ms", phase.elapsed_ms}});
    return document(json);
}

Patch config_patch(const run::RunRecord& record) {
    Patch patch;
    for (const journal::ConfigChange& change : record.config) {
        const auto diff = unified_diff(change.path, change.before, change.after);
        if (!diff) {
            patch.left_out.push_back(change.path + " is no text");
            continue;
        }
        bool secret = false;
        for (const std::string& text : secrets_of(change))
            secret = secret || diff->find(text) != std::string::npos;
        if (secret)
            patch.left_out.push_back(change.path +
                                     ": what looks like a password stands in or beside its changes");
        else
            patch.text += *diff;
    }
    return patch;
}

std::string report_json(const run::RunRecord& record, const std::string& html) {
    return document({{"schema", schema}, {"run", record.summary.run.id}, {"html", html}});
}

std::string report_written_json(const run::RunRecord& record, const std::string& file) {
    return document({{"schema", schema}, {"run", record.summary.run.id}, {"file", file}});
}

std::string patch_json(const run::RunRecord& record, const Patch& patch) {
    return document({{"schema", schema},
                     {"run", record.summary.run.id},
                     {"patch", patch.text},
                     {"left_out", patch.left_out}});
}

}  // namespace bdupdate::report
