#pragma once

#include <filesystem>

#include "bdupdate/backup/backup.h"

namespace bdupdate::backup {

/// Dumps the site's own tables and views into db_default.sql.gz, data of cache tables left out, and where
/// there are any, triggers and routines into db_default.routines.sql.gz. Fills in files, tables and notes of
/// `backup`.
Result<void> dump_mysql(const site::Site& site, db::Database& database, const CreateOptions& options,
                        Backup& backup);

}  // namespace bdupdate::backup
