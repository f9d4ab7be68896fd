#pragma once

#include <dirent.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "bdupdate/config/config_directory.h"

// Files of a directory through its descriptor: no path is walked twice, no link is followed. Private to this
// room.

namespace bdupdate::config {

/// Begins the names of our own temporary files; one that a crash left behind is no config.
inline constexpr std::string_view temporary_prefix = ".bdupdate-";

[[nodiscard]] bool is_json_name(std::string_view name);
/// A plain file name: not empty, no slash, not "." or "..".
[[nodiscard]] bool is_plain_name(std::string_view name);

Stamp stamp_of(const struct stat& info);

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

struct Entry {
    std::string content;
    struct stat info {};
};

/// Reads a regular file; nothing where there is none. Errors (Preflight): a link, a special file, unreadable.
Result<std::optional<Entry>> read_entry(int directory, const std::filesystem::path& path,
                                        const std::string& name);

/// Replaces or creates a file so that a reader sees the old one or the new one; in place where the owner
/// could not be kept otherwise. Synced; the directory is not.
/// `ending` is that of its temporary file's name.
Result<void> write_entry(int directory, const std::filesystem::path& path, const File& file,
                         std::string_view ending = "");

/// Removes leftovers of a writer that was killed.
void remove_temporaries(int directory);

/// Gives an existing file the mode and, as root, the owner of `file`.
Result<void> own_entry(int fd, const std::filesystem::path& path, const File& file);

tl::unexpected<Error> entry_failure(const std::string& what, const std::filesystem::path& path,
                                    const std::string& name, int error_number);

}  // namespace bdupdate::config
