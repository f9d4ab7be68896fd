#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// How bad something is.
enum class Health {
    Ok,       ///< worth a line for who asks (-v)
    Warning,  ///< a run would work; somebody should look
    Error,    ///< a run would be refused, or fail
};

/// What was found in one place.
struct Diagnosis {
    std::string about;  ///< "php", "backups": a word for each place that is looked at
    Health health = Health::Ok;
    Error finding;  ///< message and hint
};

/// What doctor needs beside what a run does.
struct Practice {
    int backup_days = 7;  ///< a newest backup that is older gets a warning; 0: any age is fine
    /// Boots the site and tells what it found; empty: it is not booted.
    std::function<Result<worker::LookReport>()> look = {};
    std::string php = "php";                     ///< of --php, for hints
    bool php_is_here = true;                     ///< no wrapper: php.ini files of this machine are its own
    std::filesystem::path php_etc = "/etc/php";  ///< where Debian keeps php.ini by version and use
};

/// Everything that would make a run fail, or that its operator should mend first, in the order in which it is
/// looked at (docs/doctor.md). Writes nothing; the boot is rolled back.
std::vector<Diagnosis> diagnose(const Survey& survey, const Options& options, const Practice& practice);

}  // namespace bdupdate::run
