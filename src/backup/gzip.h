#pragma once

#include <zlib.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "bdupdate/backup/backup.h"
#include "bdupdate/base/digest.h"
#include "bdupdate/base/unique_fd.h"

namespace bdupdate::backup {

using Sink = std::function<Result<void>(std::string_view)>;

/// Writes a new .gz file (0600, never over an existing one), taking its checksum on the way. Level 1: three
/// times faster than gzip's own choice for a tenth more bytes.
class GzipFile {
  public:
    static Result<std::unique_ptr<GzipFile>> create(const std::filesystem::path& path);
    GzipFile(const GzipFile&) = delete;
    GzipFile& operator=(const GzipFile&) = delete;
    ~GzipFile();

    Result<void> write(std::string_view bytes);
    /// Ends and syncs the file. Nothing may be written afterwards.
    Result<FileEntry> finish();

  private:
    GzipFile(std::filesystem::path path, UniqueFd fd);
    Result<void> deflate_some(int flush);

    std::filesystem::path path_;
    UniqueFd fd_;
    z_stream stream_{};
    std::vector<unsigned char> out_;
    Sha256 sha256_;
    FileEntry entry_;
};

/// Reads any file once: every byte goes through the checksum, and to `sink` where there is one. The returned
/// entry is what was found. Errors (BackupFailed): unreadable; those of `sink`.
Result<FileEntry> read_plain(const std::filesystem::path& path, const Sink& sink = {});

/// Reads a .gz file once: every compressed byte goes through the checksum, every uncompressed one to `sink`.
/// The returned entry is what was found. Errors (BackupFailed): unreadable, cut short, damaged, or followed
/// by other bytes.
Result<FileEntry> read_gzip(const std::filesystem::path& path, const Sink& sink);

}  // namespace bdupdate::backup
