#pragma once

#include <filesystem>

#include "workplace.h"

namespace bdupdate::cli {

/// Where a report may be written, checked before a run: the directory must be there, and not inside the
/// docroot, where anybody could read it. Error: Preflight.
Result<void> check_report_place(const std::filesystem::path& file, const site::Site& site);

/// Writes the report of a run (0600).
Result<void> write_report(journal::Journal& journal, const Workplace& place, const std::string& run,
                          const std::filesystem::path& file);

}  // namespace bdupdate::cli
