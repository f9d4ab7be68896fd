#include "entries.h"

#include <dirent.h>
#include <fcntl.h>

#include <cerrno>
#include <memory>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/file_user.h"

namespace bdupdate::config {

namespace fs = std::filesystem;

namespace {

Result<void> fill(int fd, std::string_view bytes, const fs::path& path, const std::string& name) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return entry_failure("write", path, name, errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> write_in_place(int directory, const fs::path& path, const File& file) {
    const UniqueFd fd(::openat(directory, file.path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return entry_failure("write", path, file.path, errno);
    BDUPDATE_TRY(fill(fd.get(), *file.content, path, file.path));
    if (::ftruncate(fd.get(), static_cast<off_t>(file.content->size())) != 0 || ::fsync(fd.get()) != 0)
        return entry_failure("write", path, file.path, errno);
    return {};
}

/// Whether replacing the file would take it away from its owner: neither root nor that owner.
bool must_keep_inode(int directory, const File& file) {
    struct stat info {};
    return ::geteuid() != 0 && ::fstatat(directory, file.path.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(info.st_mode) && info.st_uid != ::geteuid();
}

}  // namespace

bool is_json_name(std::string_view name) {
    return name.size() > 5 && name.substr(name.size() - 5) == ".json";
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
           name.find('\0') == std::string_view::npos;
}

Stamp stamp_of(const struct stat& info) {
    constexpr std::int64_t second = 1'000'000'000;
    return {info.st_mtim.tv_sec * second + info.st_mtim.tv_nsec,
            info.st_ctim.tv_sec * second + info.st_ctim.tv_nsec, info.st_size, info.st_ino};
}

tl::unexpected<Error> entry_failure(const std::string& what, const fs::path& path, const std::string& name,
                                    int error_number) {
    return fail(ExitCode::Preflight,
                "cannot " + what + " " + (path / name).string() + ": " + errno_text(error_number));
}

Result<std::optional<Entry>> read_entry(int directory, const fs::path& path, const std::string& name) {
    // O_NONBLOCK: a planted FIFO must not hold us.
    const UniqueFd fd(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd && errno == ENOENT) return std::optional<Entry>();
    if (!fd && errno == ELOOP)
        return fail(ExitCode::Preflight,
                    (path / name).string() + " is a link; none is followed in a config directory",
                    "put the file itself in its place");
    if (!fd) return entry_failure("read", path, name, errno);
    std::optional<Entry> entry(std::in_place);
    if (::fstat(fd.get(), &entry->info) != 0) return entry_failure("read", path, name, errno);
    if (!S_ISREG(entry->info.st_mode))
        return fail(ExitCode::Preflight, (path / name).string() + " is no regular file");
    std::string& content = entry->content;
    content.resize(static_cast<std::size_t>(entry->info.st_size) + 1);
    std::size_t size = 0;
    for (;;) {
        const ssize_t got = ::read(fd.get(), content.data() + size, content.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return entry_failure("read", path, name, errno);
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
        if (size == content.size()) content.resize(2 * size);
    }
    content.resize(size);
    return entry;
}

Result<void> own_entry(int fd, const fs::path& path, const File& file) {
    // Only root may give files away; others keep their own and try the group. The file is open, so that
    // nothing planted can be meant.
    const bool root = ::geteuid() == 0;
    const FileUser as_root(root_user);
    if (::fchown(fd, root ? file.uid : static_cast<uid_t>(-1), file.gid) != 0 && root)
        return entry_failure("set the owner of", path, file.path, errno);
    if (::fchmod(fd, file.mode & 07777U) != 0)
        return entry_failure("set the mode of", path, file.path, errno);
    return {};
}

void remove_temporaries(int directory) {
    const int again = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, CloseDirectory> listing(again < 0 ? nullptr : ::fdopendir(again));
    if (!listing) return;
    while (const dirent* entry = ::readdir(listing.get()))
        if (std::string_view(entry->d_name).rfind(temporary_prefix, 0) == 0)
            ::unlinkat(directory, entry->d_name, 0);
}

Result<void> write_entry(int directory, const fs::path& path, const File& file, std::string_view ending) {
    if (must_keep_inode(directory, file)) return write_in_place(directory, path, file);
    const std::string temporary = std::string(temporary_prefix) + random_hex(8) + std::string(ending);
    UniqueFd fd(
        ::openat(directory, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd && (errno == EACCES || errno == EPERM)) {
        // A directory that is not ours: what exists can still be written.
        if (::faccessat(directory, file.path.c_str(), W_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) == 0)
            return write_in_place(directory, path, file);
        return entry_failure("write", path, file.path, EACCES);
    }
    if (!fd) return entry_failure("create a file for", path, file.path, errno);
    Result<void> outcome = fill(fd.get(), *file.content, path, file.path);
    if (outcome) outcome = own_entry(fd.get(), path, file);
    if (outcome && ::fsync(fd.get()) != 0) outcome = entry_failure("sync", path, file.path, errno);
    fd.reset();
    if (outcome && ::renameat(directory, temporary.c_str(), directory, file.path.c_str()) != 0)
        outcome = entry_failure("replace", path, file.path, errno);
    if (!outcome) ::unlinkat(directory, temporary.c_str(), 0);
    return outcome;
}

}  // namespace bdupdate::config
