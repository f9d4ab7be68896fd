#include <sys/stat.h>

#include <algorithm>
#include <cctype>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "manifest.h"

// The backups of a directory: list, find, prune.

namespace bdupdate::backup {

namespace fs = std::filesystem;

namespace {

/// An incomplete one younger than this may still be in the making.
constexpr std::int64_t abandoned_after_ms = std::int64_t{24} * 3600 * 1000;

/// 2026-11-22T14-05-09, perhaps with "-2" behind it.
bool is_backup_name(const std::string& name) {
    static const std::string pattern = "dddd-dd-ddTdd-dd-dd";
    if (name.size() < pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool digit = std::isdigit(static_cast<unsigned char>(name[i])) != 0;
        if (pattern[i] == 'd' ? !digit : name[i] != pattern[i]) return false;
    }
    return name.size() == pattern.size() || name[pattern.size()] == '-';
}

Backup read_backup(const fs::path& directory) {
    Backup backup;
    if (const auto text = read_file(directory / manifest_name)) {
        if (auto parsed = parse_manifest(*text)) backup = std::move(*parsed);
    }
    if (backup.id != directory.filename()) {
        backup = Backup();
        backup.id = directory.filename();
        struct stat info {};
        if (::stat(directory.c_str(), &info) == 0)
            backup.created_ms = std::int64_t{info.st_mtim.tv_sec} * 1000;
    }
    backup.directory = directory;
    return backup;
}

Result<void> remove_backup(const Backup& backup) {
    std::error_code error;
    // The manifest last: a removal that is cut short leaves something that still says what it is, and is not
    // complete.
    Backup half = backup;
    half.complete = false;
    BDUPDATE_TRY(save_manifest(half));
    fs::remove_all(backup.directory, error);
    if (error)
        return fail(ExitCode::BackupFailed,
                    "cannot remove backup " + backup.directory.string() + ": " + error.message());
    return {};
}

}  // namespace

Result<std::vector<Backup>> list(const fs::path& directory) {
    std::vector<Backup> backups;
    std::error_code error;
    if (!fs::exists(directory, error) && !error) return backups;
    for (auto at = fs::directory_iterator(directory, error); !error && at != fs::directory_iterator();
         at.increment(error)) {
        std::error_code ignored;
        if (is_backup_name(at->path().filename()) &&
            at->symlink_status(ignored).type() == fs::file_type::directory)
            backups.push_back(read_backup(at->path()));
    }
    if (error)
        return fail(ExitCode::Preflight,
                    "cannot read the backup directory " + directory.string() + ": " + error.message());
    std::sort(backups.begin(), backups.end(), [](const Backup& a, const Backup& b) {
        return std::make_pair(a.created_ms, a.id) < std::make_pair(b.created_ms, b.id);
    });
    return backups;
}

Result<Backup> find(const fs::path& directory, const std::string& id) {
    BDUPDATE_ASSIGN(const std::vector<Backup> backups, list(directory));
    std::vector<const Backup*> fitting;
    for (const Backup& backup : backups) {
        if (backup.id == id) return backup;
        if (!id.empty() && backup.id.rfind(id, 0) == 0) fitting.push_back(&backup);
    }
    if (fitting.size() == 1) return *fitting.front();
    if (fitting.empty())
        return fail(ExitCode::Usage, "no backup " + id + " in " + directory.string(),
                    "`bdupdate backup list`");
    std::string names;
    for (const Backup* backup : fitting) names += (names.empty() ? "" : ", ") + backup->id;
    return fail(ExitCode::Usage, "backup " + id + " is ambiguous: " + names, "give more of its name");
}

Result<std::vector<std::string>> prune(const fs::path& directory, std::size_t keep,
                                       const std::vector<std::string>& protect) {
    BDUPDATE_ASSIGN(const std::vector<Backup> backups, list(directory));
    const auto protected_one = [&protect](const Backup& backup) {
        return std::find(protect.begin(), protect.end(), backup.id) != protect.end();
    };
    const auto complete = static_cast<std::size_t>(
        std::count_if(backups.begin(), backups.end(), [](const Backup& backup) { return backup.complete; }));
    // The last good one stays, whatever was asked.
    std::size_t surplus = complete - std::min(complete, std::max<std::size_t>(keep, 1));
    std::vector<std::string> removed;
    for (const Backup& backup : backups) {  // oldest first
        const bool abandoned = !backup.complete && backup.created_ms != 0 &&
                               wall_milliseconds() - backup.created_ms > abandoned_after_ms;
        const bool too_many = backup.complete && surplus > 0;
        if (too_many) --surplus;
        if ((!abandoned && !too_many) || protected_one(backup)) continue;
        BDUPDATE_TRY(remove_backup(backup));
        removed.push_back(backup.id);
    }
    return removed;
}

}  // namespace bdupdate::backup
