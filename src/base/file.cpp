#include "bdupdate/base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

#include "bdupdate/base/digest.h"

namespace bdupdate {

namespace fs = std::filesystem;

std::string errno_text(int error_number) {
    return std::generic_category().message(error_number);
}

Result<std::string> read_file(const fs::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail(ExitCode::Preflight, "cannot read " + path.string() + ": " + errno_text(errno));
    struct stat status {};
    std::string content;
    if (::fstat(fd.get(), &status) == 0 && status.st_size > 0)
        content.reserve(static_cast<std::size_t>(status.st_size) + 1);
    char buffer[65536];
    for (;;) {
        const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return fail(ExitCode::Preflight, "cannot read " + path.string() + ": " + errno_text(errno));
        if (got == 0) return content;
        content.append(buffer, static_cast<std::size_t>(got));
    }
}

namespace {

Result<void> write_all(int fd, std::string_view content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t put = ::write(fd, content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0)
            return fail(ExitCode::Preflight, "cannot write " + path.string() + ": " + errno_text(errno));
        content.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

Result<void> fill_temporary(int fd, const fs::path& path, std::string_view content,
                            const WriteOptions& options) {
    BDUPDATE_TRY(write_all(fd, content, path));
    if (::fchmod(fd, options.mode) != 0)
        return fail(ExitCode::Preflight,
                    "cannot set the mode of " + path.string() + ": " + errno_text(errno));
    if (::geteuid() == 0 &&
        (options.uid != static_cast<uid_t>(-1) || options.gid != static_cast<gid_t>(-1)) &&
        ::fchown(fd, options.uid, options.gid) != 0)
        return fail(ExitCode::Preflight,
                    "cannot set the owner of " + path.string() + ": " + errno_text(errno));
    if (options.sync && ::fsync(fd) != 0)
        return fail(ExitCode::Preflight, "cannot sync " + path.string() + ": " + errno_text(errno));
    return {};
}

}  // namespace

Result<void> write_file_atomically(const fs::path& path, std::string_view content,
                                   const WriteOptions& options) {
    const fs::path temporary =
        path.parent_path() / ("." + path.filename().string() + "." + random_hex(6) + ".tmp");
    UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd)
        return fail(ExitCode::Preflight, "cannot create " + temporary.string() + ": " + errno_text(errno));
    if (auto filled = fill_temporary(fd.get(), path, content, options); !filled) {
        ::unlink(temporary.c_str());
        return filled;
    }
    fd.reset();
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        const int reason = errno;
        ::unlink(temporary.c_str());
        return fail(ExitCode::Preflight, "cannot replace " + path.string() + ": " + errno_text(reason));
    }
    if (options.sync) return sync_directory(path.parent_path());
    return {};
}

Result<void> sync_directory(const fs::path& path) {
    const fs::path target = path.empty() ? fs::path(".") : path;
    const UniqueFd fd(::open(target.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0)
        return fail(ExitCode::Preflight,
                    "cannot sync the directory " + target.string() + ": " + errno_text(errno));
    return {};
}

Result<void> make_private_directory(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) return {};
    if (path.has_parent_path() && path.parent_path() != path)
        BDUPDATE_TRY(make_private_directory(path.parent_path()));
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(ExitCode::Preflight,
                    "cannot create the directory " + path.string() + ": " + errno_text(errno));
    if (!fs::is_directory(path, error))
        return fail(ExitCode::Preflight, path.string() + " is in the way: a directory is needed there");
    return {};
}

bool is_inside(const fs::path& path, const fs::path& directory) {
    std::error_code error;
    const fs::path inner = fs::weakly_canonical(fs::absolute(path), error);
    const fs::path outer = fs::weakly_canonical(fs::absolute(directory), error);
    const fs::path relative = inner.lexically_relative(outer);
    return !relative.empty() && *relative.begin() != "..";
}

Result<UniqueFd> lock_file(const fs::path& path, bool& held_by_other) {
    held_by_other = false;
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd)
        return fail(ExitCode::Preflight,
                    "cannot open the lock file " + path.string() + ": " + errno_text(errno));
    // A glance of is_locked() is no holder, and is over at once.
    for (int glances = 0; glances < 3; ++glances) {
        if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
        if (errno != EWOULDBLOCK) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    held_by_other = errno == EWOULDBLOCK;
    return fail(held_by_other ? ExitCode::Held : ExitCode::Preflight,
                held_by_other ? "the lock file " + path.string() + " is held by another process"
                              : "cannot lock " + path.string() + ": " + errno_text(errno));
}

std::optional<bool> is_locked(const fs::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return errno == ENOENT ? std::optional<bool>(false) : std::nullopt;
    if (::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) return false;
    return errno == EWOULDBLOCK ? std::optional<bool>(true) : std::nullopt;
}

}  // namespace bdupdate
