#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/plan/plan.h"

namespace bdupdate::run {

enum class MaintenancePolicy { Auto, Keep, Off };

/// What a run that failed does (docs/crash-safety.md, Failure of a pass).
enum class FailurePolicy {
    Restore,   ///< the run's backup is put back: the site is as before the run
    Stop,      ///< the run stays open where it stands, for `recover`
    Continue,  ///< the failed update and what needs it are left out, the rest goes on
};

std::string to_string(FailurePolicy policy);

/// Name of the journalled option that lists the updates which failed and are left out of the rest of the run.
inline constexpr const char* skipped_option = "skip-functions";

/// Name of the journalled option that lists the modules of --from whose first update is done: from then on
/// their recorded numbers count.
inline constexpr const char* begun_option = "from-begun";

/// A failure that somebody at a terminal can decide about.
struct FailureQuestion {
    Error error;  ///< what failed, and why
    bool can_restore = false, can_stop = false, can_continue = false;
    FailurePolicy policy = FailurePolicy::Stop;  ///< what happens where nobody answers
};

/// What `run` and `recover` may be told. `run` journals it as text, so that `recover` goes on alike.
struct Options {
    plan::Selection selection;
    bool backup = true;  ///< false: --no-backup
    std::size_t keep_backups = 5;
    std::optional<std::filesystem::path> backup_dir;
    MaintenancePolicy maintenance = MaintenancePolicy::Auto;
    bool clear_caches = true;  ///< false: --no-cache-clear
    bool allow_blocked = false;
    std::chrono::seconds lock_timeout{0};
    std::int64_t max_passes = 1'000'000;  ///< of one update
    /// Passes in a row with the same `#finished` and the same sandbox, after which an update counts as stuck.
    std::int64_t stuck_after = 1000;
    std::uint64_t worker_memory_bytes = 384ULL
                                        << 20;  ///< a worker that grew past this is replaced between passes
    std::vector<std::string> ignore_requirements;
    /// What PHP was allowed, where it was said: journalled here for who makes the workers of `recover`.
    std::optional<std::string> memory_limit;
    std::optional<std::chrono::seconds> pass_timeout;
    std::optional<FailurePolicy> on_failure;  ///< nothing: see failure_policy()
    bool retry = false;                       ///< try a plan again that failed before on the same code

    /// The signal that asks to stop after the current pass, or 0. Polled between passes.
    std::function<int()> stop_signal = [] { return 0; };
    /// Asked once a run has failed, where more than one way is open. Empty: nobody is there.
    std::function<FailurePolicy(const FailureQuestion&)> ask_on_failure;

    /// `restore`, but `stop` where a restore would take away what visitors wrote meanwhile (--maintenance
    /// off), and where there is nothing to restore (--no-backup).
    [[nodiscard]] FailurePolicy failure_policy() const {
        const bool restorable = backup && maintenance != MaintenancePolicy::Off;
        return on_failure.value_or(restorable ? FailurePolicy::Restore : FailurePolicy::Stop);
    }

    [[nodiscard]] std::map<std::string, std::string> journalled() const;
    void take_journalled(const std::map<std::string, std::string>& options);
};

}  // namespace bdupdate::run
