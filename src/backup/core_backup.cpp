#include "core_backup.h"

#include <array>
#include <nlohmann/json.hpp>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "config_archive.h"
#include "dump_scanner.h"
#include "manifest.h"

namespace bdupdate::backup {

namespace fs = std::filesystem;

namespace {

/// The last statement of BackupMySql::getSqlFileFooter().
constexpr std::string_view dump_end = "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;";
constexpr std::string_view version_line = "-- Backdrop Version: ";
/// Names are 64 characters at most, each four bytes, doubled quotes included: a longer head is no name.
constexpr std::size_t longest_head = 1024;

/// How a line begins that is about one table or view, up to its name's quote.
struct Beginning {
    std::string_view text;
    char quote;
    bool view;
};
constexpr std::array<Beginning, 5> beginnings = {{{"DROP TABLE IF EXISTS `", '`', false},
                                                  {"CREATE TABLE `", '`', false},
                                                  {"INSERT INTO `", '`', false},
                                                  {"DROP VIEW IF EXISTS `", '`', true},
                                                  {"CREATE VIEW \"", '"', true}}};

/// The name behind that beginning, quotes undoubled; nothing while it has not ended.
std::optional<std::string> name_in(std::string_view rest, char quote) {
    std::string name;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        if (rest[i] != quote) {
            name += rest[i];
        } else if (i + 1 < rest.size() && rest[i + 1] == quote) {
            name += rest[i++];
        } else if (i + 1 < rest.size()) {
            return name;
        } else {
            return std::nullopt;  // the quote may be the first of two
        }
    }
    return std::nullopt;
}

tl::unexpected<Error> damaged_core_backup(const fs::path& path, const std::string& what) {
    return fail(ExitCode::BackupFailed, path.string() + " is damaged: " + what,
                "Backdrop wrote it without checksums; make another backup");
}

/// Keeps the first and the last bytes of a stream.
struct Ends {
    static constexpr std::size_t kept = 4096;
    std::string first, last;
    void feed(std::string_view bytes) {
        if (first.size() < kept) first += bytes.substr(0, kept - first.size());
        last += bytes.substr(bytes.size() - std::min(bytes.size(), kept));
        if (last.size() > 4 * kept) last.erase(0, last.size() - kept);
    }
};

Result<void> check_dump(Backup& backup, FileEntry& entry) {
    const fs::path path = backup.directory / entry.name;
    DumpScanner scanner;
    Ends ends;
    CoreDumpFilter filter([](std::string_view) -> Result<void> { return {}; },
                          [](const std::string&) { return true; });
    BDUPDATE_ASSIGN(entry, read_gzip(path, [&](std::string_view bytes) -> Result<void> {
                        scanner.feed(bytes);
                        ends.feed(bytes);
                        return filter.feed(bytes);
                    }));
    BDUPDATE_TRY(filter.finish());
    const std::string_view last = trim(ends.last);
    if (last.size() < dump_end.size() || last.substr(last.size() - dump_end.size()) != dump_end)
        return damaged_core_backup(path, "the dump's last statement is missing");
    if (const std::size_t at = ends.first.find(version_line); at != std::string::npos) {
        const std::size_t from = at + version_line.size();
        backup.core_version =
            trim(std::string_view(ends.first).substr(from, ends.first.find('\n', from) - from));
    }
    for (const std::string& table : scanner.created()) {
        const auto rows = scanner.rows().find(table);
        backup.tables.push_back({table, rows == scanner.rows().end() ? 0 : rows->second, false, false});
    }
    for (const std::string& view : filter.views()) backup.tables.push_back({view, 0, false, true});
    return {};
}

std::optional<nlohmann::json> parse_info(const fs::path& directory) {
    const auto text = read_file(directory / backup_json_name(directory.filename()));
    if (!text) return std::nullopt;
    nlohmann::json json = nlohmann::json::parse(*text, nullptr, false);
    if (!json.is_object() || !json.contains("targets") || !json["targets"].is_object()) return std::nullopt;
    return json;
}

bool completed(const nlohmann::json& info, const char* target) {
    const auto& targets = info["targets"];
    const auto found = targets.find(target);
    return found != targets.end() && found->is_object() && found->contains("completed") &&
           (*found)["completed"].is_boolean() && (*found)["completed"].get<bool>();
}

void add_file(Backup& backup, const std::string& name) {
    std::error_code error;
    const auto size = fs::file_size(backup.directory / name, error);
    if (!error) backup.files.push_back({name, size, {}, 0});
}

}  // namespace

Result<void> CoreDumpFilter::decide(bool line_ended) {
    bool possible = false;
    for (const Beginning& beginning : beginnings) {
        const std::size_t known = std::min(head_.size(), beginning.text.size());
        if (head_.compare(0, known, beginning.text, 0, known) != 0) continue;
        possible = true;
        if (head_.size() < beginning.text.size()) continue;
        const auto name = name_in(std::string_view(head_).substr(beginning.text.size()), beginning.quote);
        if (!name) continue;
        if (beginning.view) views_.insert(*name);
        at_ = keep_(*name) ? At::Passing : At::Dropping;
        break;
    }
    if (at_ == At::Head && !line_ended && possible && head_.size() < longest_head) return {};
    if (at_ == At::Head) at_ = At::Passing;
    const std::string line = std::exchange(head_, {});
    return at_ == At::Passing ? sink_(line) : Result<void>();
}

Result<void> CoreDumpFilter::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        std::string_view line = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
        bytes.remove_prefix(line.size());
        if (at_ == At::Head) {
            const std::string_view part = line.substr(0, longest_head);
            head_ += part;
            line.remove_prefix(part.size());
            BDUPDATE_TRY(decide(end != std::string_view::npos && line.empty()));
        }
        if (at_ == At::Passing && !line.empty()) BDUPDATE_TRY(sink_(line));
        if (end != std::string_view::npos) at_ = At::Head;
    }
    return {};
}

Result<void> CoreDumpFilter::finish() {
    return head_.empty() ? Result<void>() : decide(true);
}

bool is_core_backup(const fs::path& directory) {
    std::error_code error;
    return !fs::exists(directory / manifest_name, error) &&
           fs::exists(directory / backup_json_name(directory.filename()), error);
}

Backup read_core_backup(const fs::path& directory) {
    Backup backup;
    backup.maker = Maker::Backdrop;
    backup.id = directory.filename();
    backup.directory = directory;
    backup.driver = "mysql";
    add_file(backup, backup_json_name(backup.id));
    const auto info = parse_info(directory);
    if (!info) return backup;
    if (info->contains("timestamp") && (*info)["timestamp"].is_number())
        backup.created_ms = (*info)["timestamp"].get<std::int64_t>() * 1000;
    if (info->contains("description") && (*info)["description"].is_string())
        backup.reason = (*info)["description"].get<std::string>();
    backup.complete = completed(*info, "db_default");
    if (backup.complete) add_file(backup, dump_name);
    if (completed(*info, "config_active")) add_file(backup, config_name);
    for (const auto& [name, target] : (*info)["targets"].items()) {
        if (name == "db_default" || name == "config_active") {
            backup.complete = backup.complete && completed(*info, name.c_str());
        } else {
            backup.notes.push_back(name + " is in it, too, and is left alone by a restore");
        }
    }
    backup.notes.emplace_back(
        "made by Backdrop, without checksums: only gzip's and tar's own can be checked");
    return backup;
}

Result<Backup> check_core_backup(Backup backup) {
    const fs::path info = backup.directory / backup_json_name(backup.id);
    if (!parse_info(backup.directory)) return damaged_core_backup(info, "it is not what restore.php reads");
    if (!backup.complete || file_of(backup, dump_name) == nullptr)
        return fail(ExitCode::BackupFailed, "backup " + backup.id + " was never completed",
                    "make another backup");
    backup.tables.clear();
    for (FileEntry& file : backup.files) {
        if (file.name == dump_name) BDUPDATE_TRY(check_dump(backup, file));
        if (file.name != config_name) continue;
        BDUPDATE_ASSIGN(ConfigArchive archive, read_config_archive(backup.directory / config_name));
        file = archive.entry;
        backup.config_files = archive.files.size();
    }
    return backup;
}

}  // namespace bdupdate::backup
