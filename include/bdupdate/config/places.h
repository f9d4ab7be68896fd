#pragma once

#include <filesystem>
#include <optional>

#include "bdupdate/base/error.h"
#include "bdupdate/base/subprocess.h"
#include "bdupdate/config/config_directory.h"

// What stands around the files of a config directory: settings.php, and the directory itself.

namespace bdupdate::config {

/// A file of a site outside its config directories, whole; `path` is absolute, links in it resolved. Errors:
/// Preflight.
Result<File> read_place(const std::filesystem::path& path);

/// Makes a file equal to `wanted` (content, mode and, as root, owner), so that a reader sees the old one or
/// the new one; in place where this process may write the file alone. Nothing is touched where it is equal
/// already. Synced. Errors: Preflight.
Result<void> write_place(const File& wanted);

/// Whether `user` (nothing: this process) may write a file that exists.
bool may_write(const std::filesystem::path& file, const std::optional<RunAs>& user);

/// The path itself where it exists, else its nearest parent that does.
std::filesystem::path nearest_existing(const std::filesystem::path& path);

/// Creates a config directory and the parents that it lacks, as the children of the nearest one that there
/// is: with its owner, where this is root. Errors: Preflight.
Result<void> ensure_directory(const std::filesystem::path& path);

/// Removes a directory that core made for config. With `contents` its files go first, kept under `aside`;
/// without them, and where something else is in it, it stays. Nothing happens where it is not there.
Result<void> remove_directory(const std::filesystem::path& path, bool contents,
                              const std::filesystem::path& aside);

/// fsync of a directory's files and of the directories on the way to it, up to and including `top`.
Result<void> sync_tree(const std::filesystem::path& path, const std::filesystem::path& top);

}  // namespace bdupdate::config
