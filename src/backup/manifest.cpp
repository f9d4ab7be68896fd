#include "manifest.h"

#include <nlohmann/json.hpp>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"

namespace bdupdate::backup {

namespace {

using Json = nlohmann::ordered_json;

constexpr int format = 1;

std::string dump(const Json& json) {
    // Names from the outside may hold bytes that are no UTF-8; a manifest must come out all the same.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json files_json(const Backup& backup) {
    Json files = Json::array();
    for (const FileEntry& file : backup.files) {
        Json entry = {{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}};
        if (file.content_bytes != 0) entry["content_bytes"] = file.content_bytes;
        files.push_back(std::move(entry));
    }
    return files;
}

Json tables_json(const Backup& backup) {
    Json tables = Json::array();
    for (const TableEntry& table : backup.tables) {
        Json entry = {{"name", table.name}, {"rows", table.rows}};
        if (table.data_left_out) entry["data_left_out"] = true;
        if (table.is_view) entry["view"] = true;
        tables.push_back(std::move(entry));
    }
    return tables;
}

bool is_plain(const std::string& name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

Backup backup_from(const Json& json) {
    Backup backup;
    backup.id = json.at("id").get<std::string>();
    backup.run = json.at("run").get<std::string>();
    backup.reason = json.value("reason", std::string());
    backup.site_name = json.at("site").get<std::string>();
    backup.site_fingerprint = json.at("site_fingerprint").get<std::string>();
    backup.core_version = json.at("core_version").get<std::string>();
    backup.driver = json.at("driver").get<std::string>();
    backup.server_version = json.at("server_version").get<std::string>();
    backup.tool_version = json.at("bdupdate_version").get<std::string>();
    backup.created_ms = json.at("created_ms").get<std::int64_t>();
    backup.complete = json.at("complete").get<bool>();
    backup.maintenance_was_on = json.at("maintenance_was_on").get<bool>();
    if (const Json& before = json.at("maintenance_before"); before.is_string()) {
        bool ok = false;
        backup.maintenance_before = base64_decode(before.get<std::string>(), ok);
    }
    backup.config_files = json.at("config_files").get<std::uint64_t>();
    backup.notes = json.at("notes").get<std::vector<std::string>>();
    for (const Json& file : json.at("files"))
        backup.files.push_back({file.at("name").get<std::string>(), file.at("bytes").get<std::uint64_t>(),
                                file.at("sha256").get<std::string>(),
                                file.value("content_bytes", std::uint64_t{0})});
    for (const Json& table : json.at("tables"))
        backup.tables.push_back({table.at("name").get<std::string>(), table.at("rows").get<std::uint64_t>(),
                                 table.value("data_left_out", false), table.value("view", false)});
    return backup;
}

}  // namespace

std::string backup_json_name(const std::string& id) {
    return id + ".backup.json";
}

std::string render_manifest(const Backup& backup) {
    Json json;
    json["schema"] = format;
    json["id"] = backup.id;
    json["complete"] = backup.complete;
    json["created"] = local_timestamp(backup.created_ms);
    json["created_ms"] = backup.created_ms;
    json["run"] = backup.run;
    if (!backup.reason.empty()) json["reason"] = backup.reason;
    json["site"] = backup.site_name;
    json["site_fingerprint"] = backup.site_fingerprint;
    json["core_version"] = backup.core_version;
    json["driver"] = backup.driver;
    json["server_version"] = backup.server_version;
    json["bdupdate_version"] = backup.tool_version;
    json["maintenance_was_on"] = backup.maintenance_was_on;
    // base64: a serialized PHP value is bytes, not text.
    json["maintenance_before"] =
        backup.maintenance_before ? Json(base64_encode(*backup.maintenance_before)) : Json(nullptr);
    json["config_files"] = backup.config_files;
    json["notes"] = backup.notes;
    json["files"] = files_json(backup);
    json["tables"] = tables_json(backup);
    // Over the text so far: the manifest vouches for the files, this for the manifest.
    json["manifest_sha256"] = sha256_hex(dump(json));
    return dump(json);
}

Result<Backup> parse_manifest(const std::string& text) {
    try {
        const Json json = Json::parse(text);
        if (const int version = json.at("schema").get<int>(); version != format)
            return fail(ExitCode::BackupFailed, "its manifest has format " + std::to_string(version),
                        "it was made by another version of bdupdate");
        Backup backup = backup_from(json);
        for (const FileEntry& file : backup.files)
            if (!is_plain(file.name))
                return fail(ExitCode::BackupFailed, "its manifest names a file outside: " + file.name);
        return backup;
    } catch (const Json::exception& error) {
        return fail(ExitCode::BackupFailed, std::string("its manifest is damaged: ") + error.what());
    }
}

Result<void> save_manifest(const Backup& backup, bool sync) {
    auto saved =
        write_file_atomically(backup.directory / manifest_name, render_manifest(backup), {.sync = sync});
    if (saved) return {};
    Error error = std::move(saved).error();
    error.code = ExitCode::BackupFailed;
    return fail(std::move(error));
}

std::string render_backup_json(const Backup& backup) {
    const auto target = [](const char* name, const char* what) {
        return Json{{"name", name}, {"target", what}, {"completed", true}, {"settings", Json::array()}};
    };
    Json targets = Json::object();
    targets["db_default"] = target("db_default", "db:default");
    if (file_of(backup, config_name) != nullptr)
        targets["config_active"] = target("config_active", "config:active");
    Json json;
    json["timestamp"] = backup.created_ms / 1000;
    json["name"] = backup.id;
    json["label"] = backup.id;
    json["description"] = backup.reason == "restore" ? "made by bdupdate before a restore"
                          : backup.run.empty()       ? "made by bdupdate"
                                                     : "made by bdupdate before run " + backup.run;
    json["backup_directory"] = backup.directory.string();
    json["targets"] = std::move(targets);
    return dump(json);
}

const FileEntry* file_of(const Backup& backup, const std::string& name) {
    for (const FileEntry& file : backup.files)
        if (file.name == name) return &file;
    return nullptr;
}

}  // namespace bdupdate::backup
