#pragma once

#include "bdupdate/backup/backup.h"

namespace bdupdate::backup {

/// How much of a backup is looked at.
enum class Depth {
    Checksums,  ///< every byte of every file; nothing is unpacked
    Contents    ///< the archives are unpacked, too, and the rows counted
};

/// Reads every file of a backup back and holds it against its manifest, complete or not.
Result<void> check_files(const Backup& backup, Depth depth);

}  // namespace bdupdate::backup
