#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bdupdate/base/clock.h"
#include "bdupdate/run/run.h"
#include "messages.h"
#include "schema_watch.h"

namespace bdupdate::run {

/// Why the engine stopped before everything was done.
struct Halt {
    enum class Why {
        Signal,   ///< asked to stop; the last pass is committed
        Failed,   ///< a pass failed and was undone: the site stands after the last committed pass
        Split,    ///< a pass failed after a schema change in it was committed: cannot be undone by a rollback
        Refused,  ///< the worker's facts forbid the run (requirements, cycle …); the pass was undone
        Vanished,  ///< of `recover`: an update that is still to be run is not in the code any more
        Unclear,  ///< what became of the pass cannot be told now (connection lost, session that does not end)
        Overtaken,    ///< the mark is another run's, or of a later epoch: somebody recovered this run
        Stands,       ///< only the answer to the commit was lost: no failure
        NothingLeft,  ///< `continue`: without the failed updates there is nothing to run; nothing was
                      ///< committed
    } why = Why::Failed;
    Error error;
    /// Whose fault a failure was: an update's, or of what stands around it (boot, journal, flush, check).
    enum class Stage { Machinery, Update } stage = Stage::Machinery;
};

/// Somebody asked to stop by that signal.
Halt stopped_by(int signal);

/// Runs passes: the one place where worker, mark, journal and config directory meet. Invariant between two
/// calls: the mark reads (mark().seq, done), the config directory is image(mark().seq), and no worker holds
/// an open transaction.
class Engine {
  public:
    Engine(Context& context, const Options& options, db::Mark mark);

    /// The plan that was made without PHP. Where the booted worker's first plan is another one, the worker's
    /// wins and the listener is told.
    void expect(const plan::Plan& plan);

    /// Goes on with a journalled plan from its step `position`; for `recover`. The sandbox is the mark's.
    void resume(std::int64_t plan_number, std::vector<journal::Step> steps, std::size_t position);

    /// Plans anew at the next run_everything(): options' selection leaves out what failed.
    void replan();

    /// Runs until nothing is pending any more. Nothing: done.
    std::optional<Halt> run_everything();

    /// Flushes caches, in a fresh process where the kind of site wants one; a failed flush is repeated once,
    /// in a fresh process. `code_stamp`: of the code that it runs. No worker is left afterwards.
    Result<void> flush(const std::string& code_stamp);

    [[nodiscard]] const db::Mark& mark() const { return mark_; }
    [[nodiscard]] std::size_t updates_done() const { return updates_done_; }
    [[nodiscard]] std::size_t remaining() const { return steps_.size() - std::min(position_, steps_.size()); }
    /// Passes of the current update stand in the database, and its sandbox waits for the next one.
    [[nodiscard]] bool between_passes() const { return !sandbox_.empty(); }
    /// Function of the step that is being run; empty: none.
    [[nodiscard]] std::string current() const {
        return position_ < steps_.size() ? steps_[position_].function : "";
    }

  private:
    using Step = journal::Step;
    std::optional<Halt> upgrade();
    Result<void> take_upgrade_steps(const db::Mark& reached);
    void look_at_schema();
    void keep_schema();
    Result<void> open_config_directory();
    std::optional<Halt> run_step(const Step& step);
    std::optional<Halt> pass_with_repeats(const Step* step, worker::PassReport& report);
    std::optional<Halt> try_pass(const Step* step, worker::PassReport& report);
    std::optional<Halt> open_pass();
    std::optional<Halt> call_and_commit(const Step* step, worker::PassReport& report);
    [[nodiscard]] worker::Commit commit_of(const Step* step, const worker::PassReport& report) const;
    Result<void> keep_config_image(std::int64_t seq, std::size_t& files);
    Result<void> check_handshake(const worker::Handshake& shake);
    Result<void> look_at_tables();
    Result<void> start_worker();
    Result<void> take_facts(worker::BootReport boot);
    Result<void> check_still_there(const plan::Facts& facts);
    Result<void> check_requirements(const std::vector<worker::Requirement>& requirements);
    Result<void> decide(const plan::Plan& plan);
    std::optional<Halt> find_more();
    void note_difference();
    Result<std::vector<worker::Message>> flush_once();
    Result<void> note_flush(const std::string& place);
    Halt undo(Error cause);
    Result<void> undo_config();
    [[nodiscard]] plan::Selection selection() const;
    Result<void> note_begun(const Step& step);
    [[nodiscard]] worker::PassKey next_key(const Step* step) const;
    void record(const Step* step, const worker::PassReport& report, std::int64_t seq,
                std::size_t config_files, bool committed, bool split = false);
    void tell_trouble(const std::string& when, const std::vector<worker::Message>& messages);
    void drop_worker(bool in_order);

    Context& context_;
    const Options& options_;
    db::Mark mark_;
    std::string worker_lock_;
    std::unique_ptr<worker::WorkerFactory> workers_;
    std::unique_ptr<worker::Worker> worker_;
    std::optional<worker::Handshake> shake_;
    bool booted_ = false;
    bool pass_open_ = false;
    bool split_ = false;  ///< a schema change committed inside the open pass, in the boot that belongs to it
    bool unprotected_ = false;  ///< the site has tables without transactions
    std::optional<config::ConfigDirectory> config_;

    bool planned_ = false;  ///< a plan was decided from the worker's facts, or taken from the journal
    bool resumed_ =
        false;  ///< the plan came from the journal: boot checks that its functions are still there
    std::int64_t plan_number_ = 0;
    std::vector<Step> steps_;
    std::vector<std::string> planned_modules_;  ///< of plan_number_: the mark's schema_hash is of them
    std::size_t position_ = 0;
    std::string sandbox_;
    std::optional<std::vector<std::string>> expected_;  ///< functions, until the first plan was compared
    std::size_t updates_done_ = 0;
    std::set<std::string> begun_;  ///< modules of --from whose numbers are this run's own by now
    std::size_t plans_ = 0;
    std::size_t boots_again_ = 0;
    SchemaWatch schema_;
    bool goes_on_ = false;  ///< passes of this run were committed before this call
    /// For records: of the pass that is open, the update called and everything committed.
    std::pair<Monotonic::time_point, std::int64_t> pass_began_;
    journal::Pass last_pass_;
    MessageTally said_;           ///< in the passes of the current update so far
    std::set<std::string> told_;  ///< what boots and the flush said, and requirements: each is told once
};

}  // namespace bdupdate::run
