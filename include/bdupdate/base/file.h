#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "bdupdate/base/error.h"
#include "bdupdate/base/unique_fd.h"

namespace bdupdate {

/// Whole content of a file. Errors (Preflight) name the file and the system's reason.
Result<std::string> read_file(const std::filesystem::path& path);

struct WriteOptions {
    mode_t mode = 0600;
    /// Owner to give the file, or -1 to leave it as created. Only tried when running as root.
    uid_t uid = static_cast<uid_t>(-1);
    gid_t gid = static_cast<gid_t>(-1);
    /// fsync the file and its directory before returning.
    bool sync = true;
};

/// Writes `content` so that a reader sees the old file or the new one, never a part: temporary file in the
/// same directory, fsync, rename, fsync of the directory. Never follows a link at `path`.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content,
                                   const WriteOptions& options = {});

/// fsync of a directory, so that renames and removals in it last.
Result<void> sync_directory(const std::filesystem::path& path);

/// Creates a directory and its parents with mode 0700 where they do not exist.
Result<void> make_private_directory(const std::filesystem::path& path);

/// True when `path` (which need not exist) lies in `directory` or is it; links are resolved as far as they
/// exist.
bool is_inside(const std::filesystem::path& path, const std::filesystem::path& directory);

/// flock(2) on `path` (created 0600), released when the descriptor closes. Without a value: someone else
/// holds it.
Result<UniqueFd> lock_file(const std::filesystem::path& path, bool& held_by_other);

/// Whether somebody holds lock_file(path) now; nothing where that cannot be told. Leaves no trace.
std::optional<bool> is_locked(const std::filesystem::path& path);

/// "No such file or directory" and the like for an errno value.
std::string errno_text(int error_number);

}  // namespace bdupdate
