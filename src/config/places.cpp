#include "bdupdate/config/places.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "bdupdate/base/file.h"
#include "bdupdate/base/file_user.h"
#include "entries.h"

namespace bdupdate::config {

namespace fs = std::filesystem;

namespace {

/// Who owns a directory, for the work in it.
std::optional<RunAs> owner_of(const fs::path& directory) {
    struct stat info {};
    if (::geteuid() != 0 || ::stat(directory.c_str(), &info) != 0 || info.st_uid == 0) return std::nullopt;
    return RunAs{info.st_uid, info.st_gid};
}

Result<UniqueFd> open_directory(const fs::path& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return entry_failure("open", path, "", errno);
    return fd;
}

}  // namespace

Result<File> read_place(const fs::path& path) {
    std::error_code problem;
    const fs::path real = fs::canonical(path, problem);
    if (problem) return fail(ExitCode::Preflight, "cannot read " + path.string() + ": " + problem.message());
    BDUPDATE_ASSIGN(const UniqueFd directory, open_directory(real.parent_path()));
    BDUPDATE_ASSIGN(std::optional<Entry> entry,
                    read_entry(directory.get(), real.parent_path(), real.filename().string()));
    if (!entry) return fail(ExitCode::Preflight, real.string() + " is gone");
    const struct stat& info = entry->info;
    return File{real.string(), std::move(entry->content), info.st_mode & 07777U, info.st_uid, info.st_gid};
}

Result<void> write_place(const File& wanted) {
    const fs::path path = wanted.path;
    BDUPDATE_ASSIGN(const UniqueFd directory, open_directory(path.parent_path()));
    const fs::path parent = path.parent_path();
    File file = wanted;
    file.path = path.filename().string();
    // What a kill left half-written holds the site's secrets, too. As PHP nobody gets to read it meanwhile.
    remove_temporaries(directory.get());
    BDUPDATE_ASSIGN(const std::optional<Entry> entry, read_entry(directory.get(), parent, file.path));
    if (entry && entry->content == *file.content && (entry->info.st_mode & 07777U) == file.mode &&
        entry->info.st_uid == file.uid && entry->info.st_gid == file.gid)
        return {};
    BDUPDATE_TRY(write_entry(directory.get(), parent, file, path.extension().string()));
    return sync_directory(parent);
}

bool may_write(const fs::path& file, const std::optional<RunAs>& user) {
    const FileUser as(user);
    return static_cast<bool>(UniqueFd(::open(file.c_str(), O_WRONLY | O_CLOEXEC)));
}

fs::path nearest_existing(const fs::path& path) {
    std::error_code ignored;
    fs::path at = path;
    while (!fs::exists(at, ignored) && at.has_relative_path()) at = at.parent_path();
    return at;
}

Result<void> ensure_directory(const fs::path& path) {
    const fs::path there = nearest_existing(path);
    const FileUser user(owner_of(there));
    fs::path at = there;
    for (const fs::path& part : path.lexically_relative(there)) {
        if (part == ".") break;
        at /= part;
        if (::mkdir(at.c_str(), 0775) != 0 && errno != EEXIST)
            return fail(ExitCode::Preflight, "cannot create " + at.string() + ": " + errno_text(errno),
                        "core keeps the site's configuration there");
    }
    return {};
}

Result<void> remove_directory(const fs::path& path, bool contents, const fs::path& aside) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) return {};
    if (contents) {
        BDUPDATE_ASSIGN(auto directory, ConfigDirectory::open(path));
        BDUPDATE_TRY(directory.make_equal({}, aside));
    }
    const FileUser user(owner_of(path.parent_path()));
    if (::rmdir(path.c_str()) != 0 && errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT)
        return fail(ExitCode::Preflight, "cannot remove " + path.string() + ": " + errno_text(errno));
    return sync_directory(path.parent_path());
}

Result<void> sync_tree(const fs::path& path, const fs::path& top) {
    BDUPDATE_ASSIGN(auto directory, ConfigDirectory::open(path));
    BDUPDATE_ASSIGN(const auto files, directory.image());
    std::vector<std::string> names;
    for (const File& file : files) names.push_back(file.path);
    BDUPDATE_TRY(directory.sync(names));
    for (fs::path at = path; at != top && at.has_relative_path();) {
        at = at.parent_path();
        BDUPDATE_TRY(sync_directory(at));
    }
    return {};
}

}  // namespace bdupdate::config
