#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "bdupdate/plan/plan.h"

namespace bdupdate::run {

enum class MaintenancePolicy { Auto, Keep, Off };

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

    /// The signal that asks to stop after the current pass, or 0. Polled between passes.
    std::function<int()> stop_signal = [] { return 0; };

    [[nodiscard]] std::map<std::string, std::string> journalled() const;
    void take_journalled(const std::map<std::string, std::string>& options);
};

}  // namespace bdupdate::run
