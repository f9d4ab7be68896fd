#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/base/subprocess.h"
#include "bdupdate/base/unique_fd.h"

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

/// The active config directory. Links in it are never followed; a link or a special file in it is an error
/// that names it. Directories in it (such as `.git`) are none of core's and are left alone, unless one is
/// called *.json. The directory is held open: what `path` leads to later does not matter. Root works in it as
/// the directory's owner, so that nothing planted in it leads to what only root may touch; a link on the way
/// to it is followed only where it is root's or the directory's owner's. Not thread-safe.
class ConfigDirectory {
  public:
    /// Errors (Preflight): missing, not a directory, not readable.
    static Result<ConfigDirectory> open(const std::filesystem::path& path);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Every file, read whole (image 0), sorted by path. Remembers what it saw for changes().
    Result<std::vector<File>> image();

    /// Files written, created or deleted since the last image() or changes(); everything when there was none.
    /// A file whose stamp is equal but whose ctime is within 20 ms of the last look is read again and
    /// compared by digest (crash safety, A pass 6). A file written anew with equal content, mode and owner is
    /// no change.
    Result<std::vector<File>> changes();

    /// Makes the directory equal to `wanted` (by path: the newest image of each file; everything else is
    /// removed), each file by an atomic write with mode and owner; in place where this process is neither
    /// root nor the file's owner. What is overwritten or removed is kept under `aside` first, when given;
    /// nothing there is ever overwritten. Only files that differ are touched; their number is returned.
    /// Later changes() are against
    /// the result. Repeatable, and synced when it returns.
    Result<std::size_t> make_equal(const std::vector<File>& wanted,
                                   const std::optional<std::filesystem::path>& aside);

    /// Errors (Preflight) naming the first *.json file that is empty or is no JSON, and the problem's
    /// position.
    Result<void> check_json();

    /// Whether this process (or `run_as`, when root) can create, replace and remove files here, and write
    /// each file in place as core does. The error names what cannot.
    Result<void> check_writable(const std::optional<RunAs>& run_as = {});

    /// sha256 over the lines "path size\n" of the *.json files, the lines sorted by bytes: the worker
    /// computes the same (handshake).
    Result<std::string> listing_hash();

    /// fsync of every file given that still exists, and of the directory.
    Result<void> sync(const std::vector<std::string>& paths);

  private:
    struct Known {
        Stamp stamp;
        std::string digest;
        mode_t mode = 0;
        uid_t uid = 0;
        gid_t gid = 0;
        std::uint64_t look = 0;  ///< the look that saw it last
    };
    using Listing = std::vector<std::pair<std::string, Stamp>>;

    ConfigDirectory(std::filesystem::path path, UniqueFd directory, std::optional<RunAs> owner)
        : path_(std::move(path)), directory_(std::move(directory)), owner_(owner) {}
    /// Every file, in no order.
    Result<Listing> entries() const;
    /// The same by name.
    Result<Listing> list() const;
    /// Nothing when the file vanished meanwhile. Fills in `known`.
    Result<std::optional<File>> read(const std::string& name, Known& known) const;

    std::filesystem::path path_;
    UniqueFd directory_;
    std::optional<RunAs> owner_;  ///< whom root becomes for the work in it; nothing: the directory is root's
    std::unordered_map<std::string, Known> known_;
    std::uint64_t looks_ = 0;
    std::int64_t taken_ns_ = 0;  ///< when the last look began (wall clock)
};

/// image 0 plus later images, applied in order: the newest state of each path; deleted ones gone.
std::vector<File> combine(const std::vector<File>& image0, const std::vector<std::vector<File>>& later);

}  // namespace bdupdate::config
