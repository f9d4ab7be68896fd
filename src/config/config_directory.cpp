#include "bdupdate/config/config_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <map>
#include <memory>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/file_user.h"
#include "bdupdate/base/text.h"
#include "entries.h"

namespace bdupdate::config {

namespace fs = std::filesystem;

namespace {

/// File times move in steps of the kernel's tick (up to 10 ms): two writes within one may carry the same
/// stamp.
constexpr std::int64_t same_stamp_ns = 20'000'000;

std::int64_t wall_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

/// Whoever may replace the config directory by a link could lead root anywhere: a link on the way must be
/// root's or the owner's of what it leads to.
Result<void> check_links(const fs::path& path, uid_t owner) {
    if (::geteuid() != 0) return {};
    fs::path at;
    for (const fs::path& part : fs::absolute(path).lexically_normal()) {
        at /= part;
        struct stat info {};
        if (part.empty() || ::lstat(at.c_str(), &info) != 0 || !S_ISLNK(info.st_mode)) continue;
        if (info.st_uid == 0 || info.st_uid == owner) continue;
        return fail(ExitCode::Preflight,
                    "config directory " + path.string() + " is reached by a link of user " +
                        std::to_string(info.st_uid) + " (" + at.string() + ") and belongs to user " +
                        std::to_string(owner) + "; as root, such a link is not followed",
                    "put the directory itself in its place, or give the link to root");
    }
    return {};
}

}  // namespace

Result<ConfigDirectory> ConfigDirectory::open(const fs::path& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) {
        struct stat info {};
        if (::fstat(fd.get(), &info) != 0) return entry_failure("look at", path, "", errno);
        BDUPDATE_TRY(check_links(path, info.st_uid));
        const bool other = ::geteuid() == 0 && info.st_uid != 0;
        return ConfigDirectory(path, std::move(fd),
                               other ? std::optional(RunAs{info.st_uid, info.st_gid}) : std::nullopt);
    }
    const int reason = errno;
    const std::string name = "config directory " + path.string();
    if (reason == ENOENT)
        return fail(ExitCode::Preflight, name + " does not exist",
                    "check $config_directories in settings.php");
    if (reason == ENOTDIR) return fail(ExitCode::Preflight, name + " is not a directory");
    return fail(ExitCode::Preflight, "cannot read " + name + ": " + errno_text(reason));
}

Result<ConfigDirectory::Listing> ConfigDirectory::entries() const {
    const FileUser user(owner_);
    // Opened anew: a duplicated descriptor would share its position with every other one.
    const int fd = ::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, CloseDirectory> directory(fd < 0 ? nullptr : ::fdopendir(fd));
    if (!directory)
        return fail(ExitCode::Preflight,
                    "cannot read config directory " + path_.string() + ": " + errno_text(errno));
    Listing files;
    while (const dirent* entry = ::readdir(directory.get())) {
        const std::string name = entry->d_name;
        if (!is_plain_name(name) || name.rfind(temporary_prefix, 0) == 0) continue;
        struct stat info {};
        if (::fstatat(fd, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) continue;
            return entry_failure("look at", path_, name, errno);
        }
        if (S_ISDIR(info.st_mode) && !is_json_name(name)) continue;
        if (!S_ISREG(info.st_mode))
            return fail(ExitCode::Preflight,
                        (path_ / name).string() + " is " +
                            (S_ISLNK(info.st_mode) ? "a link; none is followed in a config directory"
                                                   : "no regular file"),
                        S_ISLNK(info.st_mode) ? "put the file itself in its place" : "");
        files.emplace_back(name, stamp_of(info));
    }
    return files;
}

Result<ConfigDirectory::Listing> ConfigDirectory::list() const {
    BDUPDATE_ASSIGN(Listing files, entries());
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return files;
}

Result<std::optional<File>> ConfigDirectory::read(const std::string& name, Known& known) const {
    const FileUser user(owner_);
    BDUPDATE_ASSIGN(std::optional<Entry> entry, read_entry(directory_.get(), path_, name));
    if (!entry) return std::optional<File>();
    const struct stat& info = entry->info;
    known = {stamp_of(info), sha256_hex(entry->content), info.st_mode & 07777U, info.st_uid, info.st_gid};
    return std::optional<File>(
        File{name, std::move(entry->content), info.st_mode & 07777U, info.st_uid, info.st_gid});
}

Result<std::vector<File>> ConfigDirectory::image() {
    known_.clear();
    return changes();
}

Result<std::vector<File>> ConfigDirectory::changes() {
    const std::int64_t started = wall_ns();
    const std::uint64_t look = ++looks_;
    BDUPDATE_ASSIGN(const Listing listing, entries());
    // What is known stays as it was until nothing can fail any more; a pass looks at every file, so that of
    // those that did not change nothing is copied.
    std::vector<std::pair<std::string, Known>> fresh;
    std::vector<File> changed;
    for (const auto& [name, stamp] : listing) {
        const auto before = known_.find(name);
        const bool seen = before != known_.end();
        if (seen && before->second.stamp == stamp && stamp.ctime_ns + same_stamp_ns < taken_ns_) {
            before->second.look = look;
            continue;
        }
        Known known;
        BDUPDATE_ASSIGN(std::optional<File> file, read(name, known));
        if (!file) continue;  // vanished since the listing: counts as deleted below
        const bool same = seen && before->second.digest == known.digest &&
                          before->second.mode == known.mode && before->second.uid == known.uid &&
                          before->second.gid == known.gid;
        if (seen) before->second.look = look;
        known.look = look;
        fresh.emplace_back(name, std::move(known));
        if (!same) changed.push_back(std::move(*file));
    }
    for (auto at = known_.begin(); at != known_.end();) {
        const Known& known = at->second;
        if (known.look != look) {
            changed.push_back({at->first, std::nullopt, known.mode, known.uid, known.gid});
            at = known_.erase(at);
        } else {
            ++at;
        }
    }
    for (auto& [name, known] : fresh) known_[name] = std::move(known);
    taken_ns_ = started;
    std::sort(changed.begin(), changed.end(), [](const File& a, const File& b) { return a.path < b.path; });
    return changed;
}

Result<std::string> ConfigDirectory::listing_hash() {
    BDUPDATE_ASSIGN(const auto listing, list());
    std::vector<std::string> lines;
    for (const auto& [name, stamp] : listing)
        if (is_json_name(name)) lines.push_back(name + " " + std::to_string(stamp.size) + "\n");
    std::sort(lines.begin(), lines.end());
    return sha256_hex(join(lines, ""));
}

Result<void> ConfigDirectory::sync(const std::vector<std::string>& paths) {
    const FileUser user(owner_);
    for (const std::string& name : paths) {
        if (!is_plain_name(name)) return fail(ExitCode::Preflight, "not a config file's name: " + name);
        const UniqueFd fd(
            ::openat(directory_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (!fd && errno == ENOENT) continue;
        if (!fd || ::fsync(fd.get()) != 0) return entry_failure("sync", path_, name, errno);
    }
    if (::fsync(directory_.get()) != 0)
        return fail(ExitCode::Preflight,
                    "cannot sync config directory " + path_.string() + ": " + errno_text(errno));
    return {};
}

std::vector<File> combine(const std::vector<File>& image0, const std::vector<std::vector<File>>& later) {
    std::map<std::string, const File*> newest;
    for (const File& file : image0) newest[file.path] = &file;
    for (const std::vector<File>& image : later)
        for (const File& file : image) newest[file.path] = &file;
    std::vector<File> result;
    for (const auto& [path, file] : newest)
        if (file->content) result.push_back(*file);
    return result;
}

}  // namespace bdupdate::config
