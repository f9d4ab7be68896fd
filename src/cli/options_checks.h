#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bdupdate::cli {

/// Options of the commands that check, and of `mark`.
struct LintOptions {
    std::vector<std::filesystem::path> paths;
    std::string against;              ///< a revision of git; empty: none
    std::vector<std::string> ignore;  ///< names of rules
    bool github = false;              ///< --format github
    bool list_rules = false;
};

struct DoctorOptions {
    int backup_days = 7;  ///< an older newest backup is worth a warning; 0: any is fine
    bool boot = true;     ///< false: --no-boot
};

struct VerifyOptions {
    bool strict = false;  ///< differences that are not new fail, too
};

struct MarkOptions {
    std::string wanted;  ///< MODULE=N
    bool backup = true;
};

struct CheckOptions {
    LintOptions lint;
    DoctorOptions doctor;
    VerifyOptions verify;
    MarkOptions mark;
};

}  // namespace bdupdate::cli
