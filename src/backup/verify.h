#pragma once

#include "bdupdate/backup/backup.h"

namespace bdupdate::backup {

/// Reads every file of a backup back and holds it against its manifest, complete or not.
Result<void> check_files(const Backup& backup);

}  // namespace bdupdate::backup
