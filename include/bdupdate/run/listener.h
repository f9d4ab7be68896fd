#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bdupdate/backup/backup.h"
#include "bdupdate/journal/journal.h"
#include "bdupdate/plan/plan.h"

namespace bdupdate::run {

/// Where the booted site plans otherwise than its files and rows promised. The booted site is right; the
/// difference is a fault of bdupdate, or of code that declares updates while it runs.
struct PlanDifference {
    std::vector<std::string> added;             ///< update functions that only the booted site has pending
    std::vector<std::string> missing;           ///< those that it has not
    std::optional<std::string> reordered_from;  ///< the same ones, in another order from this one on
    [[nodiscard]] bool any() const { return !added.empty() || !missing.empty() || reordered_from; }
};

/// Hears of a run as it happens; says nothing about the outcome, which the caller gets. Default: deaf.
class Listener {
  public:
    virtual ~Listener() = default;
    /// A stretch of work begins: "backing up", "flushing caches" …
    virtual void phase(const std::string& /*what*/) {}
    virtual void backed_up(const backup::Backup& /*backup*/, std::chrono::milliseconds /*elapsed*/) {}
    /// As of backup::Progress.
    virtual void backup_progress(const std::string& /*what*/, std::uint64_t /*bytes*/,
                                 std::uint64_t /*expected*/) {}
    virtual void restore_progress(const std::string& /*what*/, std::uint64_t /*bytes*/,
                                  std::uint64_t /*expected*/) {}
    virtual void planned(const std::vector<journal::Step>& /*steps*/) {}
    /// The same of a plan that an earlier process began with; some of its steps are done.
    virtual void resumed(const std::vector<journal::Step>& /*steps*/) {}
    /// Before the first planned() of a run, or not at all.
    virtual void plan_differs(const PlanDifference& /*difference*/) {}
    virtual void step_started(const journal::Step& /*step*/, std::size_t /*index*/, std::size_t /*total*/) {}
    /// After each pass that is not the last; `finished` is the update's `#finished`, 0 to 1.
    virtual void pass_done(const journal::Step& /*step*/, std::int64_t /*pass*/, double /*finished*/) {}
    virtual void step_finished(const journal::Step& /*step*/, const journal::Pass& /*last_pass*/,
                               std::int64_t /*passes*/, std::chrono::milliseconds /*elapsed*/) {}
    virtual void step_failed(const journal::Step& /*step*/, const journal::Pass& /*pass*/) {}
    virtual void warning(const std::string& /*text*/) {}
    /// Of `recover`: what was found and what follows from it.
    virtual void decided(const std::string& /*text*/) {}
    virtual void note(const std::string& /*text*/) {}
    /// A line that PHP or an update printed.
    virtual void talk(std::string_view /*line*/) {}
};

}  // namespace bdupdate::run
