#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"

namespace bdupdate::config {

/// A file as it stands in an image. Without content: the file was deleted.
struct File {
    std::string path;  ///< relative to the directory, such as "system.core.json"; ".htaccess" counts too
    std::optional<std::string> content;
    mode_t mode = 0644;
    uid_t uid = 0;
    gid_t gid = 0;
};

/// What a look at a file tells without reading it.
struct Stamp {
    std::int64_t mtime_ns = 0, ctime_ns = 0, size = 0;
    std::uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
};

/// Files by path, with their stamps, and when the look was taken (wall clock, ns).
struct Listing {
    std::map<std::string, Stamp> files;
    std::int64_t taken_ns = 0;
};

/// The active config directory. Links in it are never followed; anything that is no regular file is an error
/// that names it. Not thread-safe.
class ConfigDirectory {
  public:
    /// Errors (Preflight): missing, not a directory, not readable.
    static Result<ConfigDirectory> open(const std::filesystem::path& path);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Every file, read whole (image 0). Remembers the listing for changes().
    Result<std::vector<File>> image();

    /// Files written, created or deleted since the last image() or changes(). A file whose stamp is equal but
    /// whose ctime is within 20 ms of the last look is read again and compared by digest (crash safety, A
    /// pass 6).
    Result<std::vector<File>> changes();

    /// Makes the directory equal to `wanted` (by path: the newest image of each file; everything else is
    /// removed), each file by an atomic write with mode and owner. What is overwritten or removed is kept
    /// under `aside` first, when given. Only files that differ are touched. Repeatable.
    Result<std::size_t> make_equal(const std::vector<File>& wanted,
                                   const std::optional<std::filesystem::path>& aside);

    /// Errors (Preflight) naming the first *.json file that is empty or is no JSON, and the problem's
    /// position.
    Result<void> check_json();

    /// Whether this process (or `run_as`, when root) can create, replace and remove files here. Error names
    /// what cannot.
    Result<void> check_writable();

    /// sha256 over the sorted "path size" lines of *.json files: the worker computes the same (handshake).
    Result<std::string> listing_hash();

    /// fsync of every file given (and of the directory).
    Result<void> sync(const std::vector<std::string>& paths);

  private:
    explicit ConfigDirectory(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
    Listing last_;
    std::map<std::string, std::string> digests_;
};

/// image 0 plus later images, applied in order: the newest state of each path; deleted ones gone.
std::vector<File> combine(const std::vector<File>& image0, const std::vector<std::vector<File>>& later);

}  // namespace bdupdate::config
