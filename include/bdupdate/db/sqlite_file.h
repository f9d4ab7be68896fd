#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"

namespace bdupdate::db {

struct TableRows {
    std::string name;
    std::uint64_t rows = 0;
};

/// Reads a SQLite file that is no site (a backup's copy): its integrity, and every table with its number of
/// rows, sorted by name. Leaves no trace. Errors (Preflight): not a SQLite file, damaged.
Result<std::vector<TableRows>> read_sqlite_file(const std::filesystem::path& path);

/// Makes a new SQLite file by these statements; none must be there. Errors (Preflight): the file is there, a
/// statement fails.
Result<void> make_sqlite_file(const std::filesystem::path& path, const std::string& statements);

}  // namespace bdupdate::db
