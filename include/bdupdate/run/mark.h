#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// What setting a module's last-run number by hand would do.
struct MarkPlan {
    std::string module, number;  ///< the number as it was asked for
    int now = 0;                 ///< the number as a number
    std::optional<int> before;  ///< what is recorded; nothing: no row of this module (a bare site's {schema})
    bool makes_table = false;   ///< a bare site without {schema} gets it
    std::vector<std::string> pending;   ///< functions of this module that will be pending then
    std::vector<std::string> warnings;  ///< what is odd about the number
    [[nodiscard]] bool changes() const { return before != now; }
};

/// Reads only. Errors: Usage for a module that is not installed, and for a number that the table cannot hold
/// or that no update of the module reaches.
Result<MarkPlan> plan_mark(const site::Site& site, db::Database& database, const scan::ScanOptions& scan,
                           const std::string& module, const std::string& number);

struct MarkOptions {
    bool backup = true;
    std::filesystem::path backups;
    std::chrono::seconds lock_timeout{0};
};

struct Marked {
    std::string run;                    ///< id, in the journal
    std::optional<std::string> backup;  ///< id
};

/// Lock, backup, the number, and a line in the journal. Errors: Held (11), Interrupted (8: a run is open),
/// BackupFailed (6); nothing was changed then.
Result<Marked> mark(Context& context, const MarkPlan& plan, const MarkOptions& options);

/// Name of the journalled option of such a run: "MODULE=N"; and of what was recorded before, if anything.
inline constexpr const char* mark_option = "mark";
inline constexpr const char* mark_before_option = "mark-before";

}  // namespace bdupdate::run
