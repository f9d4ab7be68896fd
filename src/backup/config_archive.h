#pragma once

#include <filesystem>
#include <vector>

#include "bdupdate/backup/backup.h"
#include "bdupdate/config/config_directory.h"

namespace bdupdate::backup {

/// Writes config files as a .tar.gz: the names as they are, at the top, as Backdrop's exportArchive() puts
/// them.
Result<FileEntry> write_config_archive(const std::filesystem::path& path,
                                       const std::vector<config::File>& files);

struct ConfigArchive {
    FileEntry entry;  ///< as found on disk
    std::vector<config::File> files;
};

/// Reads one back. Errors (BackupFailed): damaged, or holding anything but plain files at the top.
Result<ConfigArchive> read_config_archive(const std::filesystem::path& path);

}  // namespace bdupdate::backup
