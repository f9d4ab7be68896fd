#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <set>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "core_backup.h"
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

void sort_by_age(std::vector<Backup>& backups) {
    std::sort(backups.begin(), backups.end(), [](const Backup& a, const Backup& b) {
        return std::make_pair(a.created_ms, a.id) < std::make_pair(b.created_ms, b.id);
    });
}

/// The newest of those that stay which can be read back; only then may others go.
Result<void> check_one_is_good(const std::vector<Backup>& backups, const std::set<std::string>& going,
                               const std::string& known_good) {
    std::optional<Error> worst;
    for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
        if (!backup->complete || going.count(backup->id) != 0) continue;
        if (backup->id == known_good) return {};
        const auto good = verify(*backup);
        if (good) return {};
        if (!worst) worst = good.error();
    }
    Error error{ExitCode::BackupFailed,
                "no backup was removed: none of those that would stay is good",
                "make another backup first: bdupdate backup create",
                {}};
    if (worst) error.details.push_back(worst->message);
    return fail(std::move(error));
}

/// Somebody wanted the ones made by hand, and no run makes another: of them the newest that can be read back
/// never goes. It is read only where an older one would go in its favour.
void keep_newest_by_hand(const std::vector<Backup>& backups, std::set<std::string>& going) {
    const auto goes = [&going](const Backup& backup) {
        return backup.complete && backup.reason == "hand" && going.count(backup.id) != 0;
    };
    for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
        if (std::none_of(backup, backups.rend(), goes)) return;
        if (!backup->complete || backup->reason != "hand") continue;
        going.erase(backup->id);
        if (std::any_of(backup, backups.rend(), goes) && verify(*backup)) return;
    }
}

}  // namespace

Result<std::vector<Backup>> list(const fs::path& directory) {
    std::vector<Backup> backups;
    std::error_code error;
    if (!fs::exists(directory, error) && !error) return backups;
    for (auto at = fs::directory_iterator(directory, error); !error && at != fs::directory_iterator();
         at.increment(error)) {
        std::error_code ignored;
        if (at->symlink_status(ignored).type() != fs::file_type::directory) continue;
        if (is_core_backup(at->path()))
            backups.push_back(read_core_backup(at->path()));
        else if (is_backup_name(at->path().filename()))
            backups.push_back(read_backup(at->path()));
    }
    if (error)
        return fail(ExitCode::Preflight,
                    "cannot read the backup directory " + directory.string() + ": " + error.message());
    sort_by_age(backups);
    return backups;
}

Result<std::vector<Backup>> list(const std::vector<fs::path>& directories) {
    std::vector<Backup> all;
    std::set<fs::path> seen;
    for (const fs::path& directory : directories) {
        std::error_code error;
        if (!seen.insert(fs::weakly_canonical(directory, error)).second) continue;
        BDUPDATE_ASSIGN(std::vector<Backup> backups, list(directory));
        std::move(backups.begin(), backups.end(), std::back_inserter(all));
    }
    sort_by_age(all);
    return all;
}

Result<Backup> find(const fs::path& directory, const std::string& id) {
    // A whole name, as runs ask for their own: the others need not be read.
    if (is_backup_name(id) && id.find('/') == std::string::npos)
        if (Backup backup = read_backup(directory / id); backup.complete) return backup;
    BDUPDATE_ASSIGN(const std::vector<Backup> backups, list(directory));
    if (backups.empty())
        return fail(ExitCode::Usage,
                    id.empty() || id == "latest" ? "there is no backup in " + directory.string()
                                                 : "no backup " + id + " in " + directory.string(),
                    "`bdupdate backup list`");
    return find(backups, id);
}

Result<Backup> find(const std::vector<Backup>& backups, const std::string& id) {
    if (id == "latest") {
        const auto newest = std::find_if(backups.rbegin(), backups.rend(), [](const Backup& backup) {
            return backup.complete && !(backup.maker == Maker::Bdupdate && backup.reason == "restore");
        });
        if (newest != backups.rend()) return *newest;
        if (std::any_of(backups.begin(), backups.end(), [](const Backup& backup) { return backup.complete; }))
            return fail(ExitCode::Usage, "the only backups here are those that a restore kept before it",
                        "name one of `bdupdate backup list`");
        return fail(ExitCode::Usage, "there is no complete backup", "`bdupdate backup list`");
    }
    std::vector<const Backup*> fitting;
    for (const Backup& backup : backups) {
        if (backup.id == id) return backup;
        if (!id.empty() && backup.id.rfind(id, 0) == 0) fitting.push_back(&backup);
    }
    if (fitting.size() == 1) return *fitting.front();
    if (fitting.empty()) return fail(ExitCode::Usage, "there is no backup " + id, "`bdupdate backup list`");
    std::string names;
    for (const Backup* backup : fitting) names += (names.empty() ? "" : ", ") + backup->id;
    return fail(ExitCode::Usage, "backup " + id + " is ambiguous: " + names, "give more of its name");
}

Result<std::vector<std::string>> prune(const fs::path& directory, std::size_t keep,
                                       const std::vector<std::string>& protect,
                                       const std::string& known_good) {
    BDUPDATE_ASSIGN(std::vector<Backup> backups, list(directory));
    backups.erase(std::remove_if(backups.begin(), backups.end(),
                                 [](const Backup& backup) { return backup.maker != Maker::Bdupdate; }),
                  backups.end());
    const auto complete = static_cast<std::size_t>(
        std::count_if(backups.begin(), backups.end(), [](const Backup& backup) { return backup.complete; }));
    // The last good one stays, whatever was asked.
    std::size_t surplus = complete - std::min(complete, std::max<std::size_t>(keep, 1));
    std::set<std::string> going;
    for (const Backup& backup : backups) {  // oldest first
        const bool abandoned = !backup.complete && backup.created_ms != 0 &&
                               wall_milliseconds() - backup.created_ms > abandoned_after_ms;
        const bool too_many = backup.complete && surplus > 0;
        if (too_many) --surplus;
        const bool protected_one = std::find(protect.begin(), protect.end(), backup.id) != protect.end();
        if ((abandoned || too_many) && !protected_one) going.insert(backup.id);
    }
    keep_newest_by_hand(backups, going);
    const auto goes = [&going](const Backup& backup) { return going.count(backup.id) != 0; };
    if (std::any_of(backups.begin(), backups.end(),
                    [&](const Backup& backup) { return backup.complete && goes(backup); }))
        BDUPDATE_TRY(check_one_is_good(backups, going, known_good));
    std::vector<std::string> removed;
    for (const Backup& backup : backups) {
        if (!goes(backup)) continue;
        BDUPDATE_TRY(remove_backup(backup));
        removed.push_back(backup.id);
    }
    return removed;
}

}  // namespace bdupdate::backup
