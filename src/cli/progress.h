#pragma once

#include <functional>

#include "bdupdate/base/clock.h"
#include "bdupdate/report/events.h"
#include "bdupdate/run/listener.h"
#include "options.h"
#include "output.h"

namespace bdupdate::cli {

/// Tells of a run while it goes on: a line per finished update on stderr, a live line on a terminal; with
/// --format json one object per line on stdout.
class Progress : public run::Listener {
  public:
    Progress(Output& output, Format format) : output_(output), json_(format == Format::Json) {}

    /// For worker::Options::aborted, which is polled while PHP works: keeps the live line's time going. Lives
    /// no longer than this.
    std::function<bool()> watching(std::function<bool()> aborted);

    /// What decided() need not say again: it stood before a question.
    void has_told(std::string text) { told_ = std::move(text); }

    void phase(const std::string& what) override;
    void backed_up(const backup::Backup& backup, std::chrono::milliseconds elapsed) override;
    void backup_progress(const std::string& what, std::uint64_t bytes, std::uint64_t expected) override;
    void restore_progress(const std::string& what, std::uint64_t bytes, std::uint64_t expected) override;
    void planned(const std::vector<journal::Step>& steps) override;
    void resumed(const std::vector<journal::Step>& steps) override { columns_ = report::run_columns(steps); }
    void plan_differs(const run::PlanDifference& difference) override;
    void step_started(const journal::Step& step, std::size_t index, std::size_t total) override;
    void pass_done(const journal::Step& step, std::int64_t pass, double finished) override;
    void step_finished(const journal::Step& step, const journal::Pass& last_pass, std::int64_t passes,
                       std::chrono::milliseconds elapsed) override;
    void step_failed(const journal::Step& step, const journal::Pass& pass) override;
    void warning(const std::string& text) override;
    void decided(const std::string& text) override;
    void note(const std::string& text) override;

  private:
    void hear_signal();
    void begin(report::Live live);
    void begin_phase(const std::string& what);
    void bytes_done(const std::string& doing, const std::string& what, std::uint64_t bytes,
                    std::uint64_t expected);
    /// Draws the live line, unless that was done a moment ago.
    void draw();
    void tell_messages(const journal::Pass& pass);

    Output& output_;
    bool json_, booting_ = false, told_signal_ = false;
    std::size_t index_ = 0, total_ = 0;
    report::RunColumns columns_;
    std::string told_;
    report::Live live_;
    Monotonic::time_point begun_{}, moving_{}, drawn_{};
};

}  // namespace bdupdate::cli
