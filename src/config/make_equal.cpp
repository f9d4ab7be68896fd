#include <fcntl.h>

#include <cerrno>

#include "bdupdate/base/file.h"
#include "bdupdate/base/file_user.h"
#include "entries.h"

// Undo: the directory back to an image (docs/crash-safety.md, Failure of a pass and Recovery).

namespace bdupdate::config {

namespace fs = std::filesystem;

namespace {

/// Keeps a copy of what is about to go; a name that is taken by other content gets a number.
Result<void> keep_aside(const fs::path& aside, const std::string& name, const Entry& entry) {
    const FileUser root(root_user);  // the state directory is ours
    BDUPDATE_TRY(make_private_directory(aside));
    for (int number = 0;; ++number) {
        const fs::path target = aside / (number == 0 ? name : name + "." + std::to_string(number));
        struct stat info {};
        if (::lstat(target.c_str(), &info) != 0)
            return write_file_atomically(target, entry.content,
                                         {entry.info.st_mode & 0600U, entry.info.st_uid, entry.info.st_gid});
        if (const auto kept = read_file(target); kept && *kept == entry.content) return {};
    }
}

bool same_owner_and_mode(const Entry& entry, const File& file) {
    if ((entry.info.st_mode & 07777U) != (file.mode & 07777U)) return false;
    return ::geteuid() != 0 || (entry.info.st_uid == file.uid && entry.info.st_gid == file.gid);
}

/// Mode and owner alone, where the content is right already. What is not ours to change stays.
Result<void> set_owner_and_mode(int directory, const fs::path& path, const File& file) {
    const UniqueFd fd(::openat(directory, file.path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return entry_failure("open", path, file.path, errno);
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return entry_failure("look at", path, file.path, errno);
    if (::geteuid() != 0 && info.st_uid != ::geteuid()) return {};
    if (info.st_nlink > 1)
        return fail(ExitCode::Preflight,
                    (path / file.path).string() + " has another name elsewhere; its owner is not changed",
                    "put a copy in its place");
    return own_entry(fd.get(), path, file);
}

}  // namespace

Result<std::size_t> ConfigDirectory::make_equal(const std::vector<File>& wanted,
                                                const std::optional<fs::path>& aside) {
    std::map<std::string, const File*> targets;
    for (const File& file : wanted) {
        if (!is_plain_name(file.path))
            return fail(ExitCode::NeedsHands,
                        "an image of the config holds a file that cannot be one: " + file.path);
        if (file.content)
            targets[file.path] = &file;
        else
            targets.erase(file.path);
    }
    const FileUser user(owner_);
    BDUPDATE_ASSIGN(const auto listing, list());
    const int directory = directory_.get();
    std::size_t touched = 0;
    for (const auto& [name, stamp] : listing) {
        if (targets.count(name) != 0) continue;
        BDUPDATE_ASSIGN(const std::optional<Entry> entry, read_entry(directory, path_, name));
        if (!entry) continue;
        if (aside) BDUPDATE_TRY(keep_aside(*aside, name, *entry));
        if (::unlinkat(directory, name.c_str(), 0) != 0 && errno != ENOENT)
            return entry_failure("remove", path_, name, errno);
        ++touched;
    }
    for (const auto& [name, file] : targets) {
        BDUPDATE_ASSIGN(const std::optional<Entry> entry, read_entry(directory, path_, name));
        if (entry && entry->content == *file->content) {
            if (same_owner_and_mode(*entry, *file)) continue;
            BDUPDATE_TRY(set_owner_and_mode(directory, path_, *file));
            ++touched;
            continue;
        }
        if (entry && aside) BDUPDATE_TRY(keep_aside(*aside, name, *entry));
        BDUPDATE_TRY(write_entry(directory, path_, *file));
        ++touched;
    }
    remove_temporaries(directory);
    BDUPDATE_TRY(sync({}));
    // What comes next is compared with this state: a repeated pass may write again what was just taken back.
    if (auto looked = image(); !looked) return fail(std::move(looked).error());
    return touched;
}

}  // namespace bdupdate::config
