#include "bdupdate/report/backups.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "bdupdate/report/layout.h"
#include "json_text.h"

namespace bdupdate::report {

namespace {

bool is_core(const backup::Backup& backup) {
    return backup.maker == backup::Maker::Backdrop;
}

/// When and why: "before run 0123abcd", "by hand".
std::string reason_text(const backup::Backup& backup) {
    if (is_core(backup)) return "by Backdrop" + (backup.reason.empty() ? "" : " (" + backup.reason + ")");
    const std::string run = backup.run.substr(0, 8);
    if (backup.reason == "restore") return "before restore " + run;
    return backup.run.empty() ? "by hand" : "before run " + run;
}

std::string time_text(std::int64_t ms) {
    std::string text = local_timestamp(ms);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return text;
}

/// The versions of Drupal 7 begin with its 7, and Backdrop has none that does.
std::string core_text(const std::string& version) {
    return (version.rfind("7.", 0) == 0 ? "Drupal " : "Backdrop ") + version;
}

std::string versions_text(const backup::Backup& backup) {
    std::vector<std::string> parts;
    if (!backup.core_version.empty()) parts.push_back(core_text(backup.core_version));
    if (!backup.server_version.empty()) parts.push_back(backup.server_version);
    if (!backup.tool_version.empty()) parts.push_back("bdupdate " + backup.tool_version);
    return join(parts, ", ");
}

std::string content_text(const backup::Backup& backup) {
    if (is_core(backup) && backup.tables.empty())
        return backup.has_config() ? "database and config" : "database";
    return counted(backup.tables.size(), "table") + ", " + counted(backup.rows(), "row") + ", " +
           counted(backup.config_files, "config file");
}

std::string state_text(const backup::Backup& backup, const Style& style) {
    if (!backup.complete) return style.bad("broken");
    return is_core(backup) ? style.caution("no checksums") : style.good("verified");
}

using Row = std::pair<std::string, std::string>;

/// Names and what is said of them, in two columns after a blank line.
std::string table_text(const std::vector<Row>& rows) {
    std::size_t name = 0;
    for (const Row& row : rows) name = std::max(name, display_width(row.first));
    std::string text = rows.empty() ? "" : "\n";
    for (const Row& row : rows) text += "  " + padded(row.first, name) + "  " + row.second + "\n";
    return text;
}

Json summary(const backup::Backup& backup) {
    return {{"id", backup.id},
            {"directory", backup.directory.string()},
            {"complete", backup.complete},
            {"maker", is_core(backup) ? "backdrop" : "bdupdate"},
            {"reason", backup.reason},
            {"run", backup.run},
            {"bytes", backup.bytes()},
            {"tables", backup.tables.size()},
            {"rows", backup.rows()},
            {"config_files", backup.config_files},
            {"created_ms", backup.created_ms},
            {"core_version", backup.core_version},
            {"driver", backup.driver},
            {"server_version", backup.server_version},
            {"bdupdate_version", backup.tool_version},
            {"maintenance_was_on", backup.maintenance_was_on}};
}

}  // namespace

std::string backups_text(const std::vector<backup::Backup>& backups, const Style& style) {
    if (backups.empty()) return "no backups yet\n";
    std::string text;
    std::size_t id = 0, size = 0;
    for (const backup::Backup& backup : backups) {
        id = std::max(id, backup.id.size());
        size = std::max(size, size_text(backup.bytes()).size());
    }
    for (const backup::Backup& backup : backups) {
        text += style.bold(backup.id) + std::string(id - backup.id.size() + 2, ' ') +
                padded_left(size_text(backup.bytes()), size) + "  " + state_text(backup, style) + "  " +
                content_text(backup) + "\n";
        const std::string versions = versions_text(backup);
        const std::string about = reason_text(backup) + (versions.empty() ? "" : ", under " + versions) +
                                  (backup.maintenance_was_on ? ", maintenance mode was on" : "");
        for (const std::string& line : wrapped(about, style.width > 4 ? style.width - 4 : 0))
            text += "    " + style.faint(line) + "\n";
    }
    return text;
}

std::string backups_json(const std::vector<backup::Backup>& backups) {
    Json list = Json::array();
    for (const backup::Backup& backup : backups) list.push_back(summary(backup));
    return document({{"schema", schema}, {"backups", list}});
}

std::string backup_text(const backup::Backup& backup, const Style& style) {
    std::string text = style.bold(backup.id) + "  " + state_text(backup, style) + "\n";
    const auto line = [&text](const std::string& name, const std::string& value) {
        if (!value.empty()) text += "  " + name + std::string(13 - name.size(), ' ') + value + "\n";
    };
    line("made", time_text(backup.created_ms) + ", " + reason_text(backup));
    line("under", versions_text(backup));
    line("site", backup.site_name);
    line("maintenance", is_core(backup)             ? "as the dump has it"
                        : backup.maintenance_was_on ? "was on"
                                                    : "was off");
    line("directory", backup.directory.string());
    line("holds", content_text(backup) + "; not files/, not code");
    for (const std::string& note : backup.notes) line("note", note);
    std::vector<Row> files, tables;
    for (const backup::FileEntry& file : backup.files) files.emplace_back(file.name, size_text(file.bytes));
    for (const backup::TableEntry& table : backup.tables)
        tables.emplace_back(table.name, table.is_view         ? "view"
                                        : table.data_left_out ? "structure only"
                                                              : counted(table.rows, "row"));
    return text + table_text(files) + table_text(tables);
}

std::string backup_json(const backup::Backup& backup) {
    Json json = {{"schema", schema}};
    const Json values = summary(backup);
    for (const auto& [name, value] : values.items()) json[name] = value;
    json["site"] = backup.site_name;
    json["notes"] = backup.notes;
    json["files"] = Json::array();
    for (const backup::FileEntry& file : backup.files)
        json["files"].push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    json["tables"] = Json::array();
    for (const backup::TableEntry& table : backup.tables)
        json["tables"].push_back({{"name", table.name},
                                  {"rows", table.rows},
                                  {"view", table.is_view},
                                  {"data_left_out", table.data_left_out}});
    return document(json);
}

std::string pruned_json(const std::vector<std::string>& removed) {
    return document({{"schema", schema}, {"removed", removed}});
}

std::string exported_json(const backup::Backup& backup, const std::filesystem::path& folder) {
    return document({{"schema", schema}, {"id", backup.id}, {"directory", folder.string()}});
}

std::string restore_plan_text(const backup::Backup& backup, const std::string& core_version,
                              const std::string& site_fingerprint, const Style& style) {
    std::string text = "backup " + style.bold(backup.id) + ", made " + time_text(backup.created_ms) + " " +
                       reason_text(backup) + ": " + content_text(backup) + "\n";
    if (!backup.core_version.empty())
        text += "made under " + core_text(backup.core_version) +
                (backup.core_version == core_version ? ", as the code is now\n"
                                                     : "; the code here is " + core_version + " and stays\n");
    if (!backup.site_fingerprint.empty() && backup.site_fingerprint != site_fingerprint)
        text += style.caution("made of another site, or of this one on another server") + "\n";
    return text + "database and config become equal to it: what came later is gone; files/ and code stay\n";
}

std::string restored_text(const run::Restored& restored, const Style& style) {
    std::string text = style.good("restored") + " backup " + restored.backup.id +
                       ": database and config are as they were at " + time_text(restored.backup.created_ms) +
                       "\n";
    text += restored.safety ? "what was there before: backup " + restored.safety->id +
                                  " (bdupdate backup restore " + restored.safety->id + ")\n"
                            : "what was there before was not kept\n";
    if (restored.pending)
        text += *restored.pending == 0 ? "no update is pending\n"
                                       : counted(*restored.pending, "update") + " pending: bdupdate run\n";
    else
        text += "what is pending could not be told: bdupdate status\n";
    if (restored.maintenance_on) text += "maintenance mode is on, as it was before the backup\n";
    return text;
}

std::string restored_json(const run::Restored& restored) {
    return compact({{"schema", schema},
                    {"event", "end"},
                    {"end", "restored"},
                    {"exit_code", 0},
                    {"run", restored.run},
                    {"backup", restored.backup.id},
                    {"safety_backup", restored.safety ? Json(restored.safety->id) : Json()},
                    {"core_version", restored.backup.core_version},
                    {"pending", restored.pending ? Json(*restored.pending) : Json()},
                    {"maintenance", restored.maintenance_on}}) +
           "\n";
}

}  // namespace bdupdate::report
