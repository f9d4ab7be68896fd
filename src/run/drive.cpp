// Runs the engine to its end, and does what follows where it did not come to it.

#include <algorithm>

#include "advice.h"
#include "bdupdate/base/text.h"
#include "beginning.h"
#include "closing.h"
#include "failed_plan.h"
#include "policy.h"
#include "restoring.h"
#include "site_files.h"
#include "site_log.h"
#include "vanished.h"

namespace bdupdate::run {

namespace {

/// Whether what was planned is really done: the numbers in the database, read anew.
Result<void> verify(Context& context, const Options& options, Outcome& outcome) {
    plan::Selection selection = options.selection;
    selection.from.clear();  // what it made pending is recorded by now
    BDUPDATE_ASSIGN(const View view, look(context.site, context.database, context.scan, selection));
    outcome.blocked = view.plan.blocked;
    // What the boot disabled (update_fix_compatibility()) was told of before the run; it looks like an orphan
    // now.
    if (outcome.modules.empty()) outcome.modules = view.plan.modules;
    if (!view.plan.steps.empty())
        return fail(ExitCode::UpdateFailed,
                    view.plan.steps.front().update.function + " is still pending after the run",
                    "see `bdupdate status`");
    if (!options.selection.only_modules.empty() || !options.selection.skip_modules.empty()) {
        // Made without what was chosen, the plan may be refused: of a module that was left out for that.
        if (const auto all = plan::make_plan(view.facts)) outcome.not_selected = all->steps.size();
    }
    BDUPDATE_ASSIGN(auto directory, open_config(context));
    return directory ? directory->check_json() : Result<void>();
}

/// End 1: caches and the check.
Result<void> complete(Context& context, const Options& options, const journal::Run& run, Engine& engine,
                      Outcome& outcome) {
    if (options.clear_caches) {
        enter_phase(context, run.id, "flushing caches");
        BDUPDATE_TRY(engine.flush(run.code_stamp));
    }
    enter_phase(context, run.id, "checking");
    BDUPDATE_TRY(verify(context, options, outcome));
    if (outcome.updates == 0) return {};
    if (auto vanished = vanished_rows(context, options, run))
        outcome.vanished = std::move(*vanished);
    else
        context.listener.warning(vanished.error().message);  // the updates are done all the same
    return {};
}

/// `.git` is a directory in a work tree, and a file in a submodule or a further work tree. git itself is not
/// asked: as root it would read what the site's owner configured.
bool is_in_work_tree(const std::filesystem::path& directory) {
    for (std::filesystem::path at = directory; at != at.parent_path(); at = at.parent_path()) {
        std::error_code ignored;
        if (std::filesystem::exists(at / ".git", ignored)) return true;
    }
    return false;
}

bool holds_config(const std::filesystem::path& directory) {
    std::error_code error;
    for (auto at = std::filesystem::directory_iterator(directory, error);
         !error && at != std::filesystem::directory_iterator(); at.increment(error))
        if (at->path().extension() == ".json") return true;
    return false;
}

Result<ConfigFiles> sync_config(Context& context, const journal::Run& run) {
    BDUPDATE_ASSIGN(auto directory, open_config(context));
    if (!directory) return ConfigFiles{};
    BDUPDATE_ASSIGN(const auto before, context.journal.image(run.id, 0));
    BDUPDATE_ASSIGN(const auto now, directory->image());
    std::map<std::string, std::string> old;
    for (const config::File& file : before) old[file.path] = file.content.value_or("");
    ConfigFiles count;
    std::vector<std::string> changed;
    for (const config::File& file : now) {
        const auto found = old.find(file.path);
        if (found == old.end() || found->second != file.content) {
            changed.push_back(file.path);
            ++(found == old.end() ? count.created : count.changed);
        }
        if (found != old.end()) old.erase(found);
    }
    BDUPDATE_TRY(directory->sync(changed));
    count.deleted = old.size();
    if (count.total() > 0) {
        count.in_work_tree = is_in_work_tree(context.site.active_config);
        count.staging_waits = holds_config(context.site.staging_config);
    }
    return count;
}

/// End 2-4: synced config, then only tidying up is left.
Result<void> finish(Context& context, const Options& options, const journal::Run& run, Engine& engine,
                    Outcome& outcome) {
    BDUPDATE_ASSIGN(outcome.config_files, sync_config(context, run));
    return end_run(context, options, run, engine.mark());
}

/// Everything after the last update. A failure before the end begins is one of the run; afterwards only
/// tidying up is left, which `recover` repeats.
std::optional<Halt> conclude(Context& context, const Options& options, const journal::Run& run,
                             Engine& engine, Outcome& outcome) {
    if (auto completed = complete(context, options, run, engine, outcome); !completed)
        return Halt{Halt::Why::Failed, completed.error()};
    if (auto finished = finish(context, options, run, engine, outcome); !finished) {
        Error error = finished.error();
        if (error.hint.empty()) error.hint = "bdupdate recover";
        return Halt{Halt::Why::Unclear, std::move(error)};
    }
    return std::nullopt;
}

/// The updates that failed and were left out, with what is known of each failure.
std::vector<FailedUpdate> left_out(Context& context, const Options& options, const journal::Run& run) {
    std::vector<FailedUpdate> all;
    const auto passes = context.journal.passes(run.id);
    for (const std::string& function : options.selection.skip_functions) {
        Error error{ExitCode::UpdateFailed, "", "", {}};
        if (passes)
            for (const journal::Pass& pass : *passes)
                if (pass.function == function && !pass.committed) error.message = pass.error;
        advise(context, error);
        all.push_back({function, error.message, error.hint, error.details});
    }
    return all;
}

/// One failed run, from the halt of its engine on.
class Failure {
  public:
    Failure(Context& context, Options& options, const journal::Run& run, Engine& engine, Halt& halt,
            Outcome& outcome)
        : context_(context), options_(options), run_(run), engine_(engine), halt_(halt), outcome_(outcome) {
        facts_.why = halt.why;
        facts_.stage = halt.stage;
        facts_.committed = engine.mark().seq > 0;
        facts_.update_begun = engine.between_passes();
        facts_.has_backup = !run.backup.empty();
        facts_.signal = options.stop_signal() != 0;
    }

    /// Does what follows; true: the run goes on with the rest.
    bool follow() {
        if (facts_.why != Halt::Why::Unclear && facts_.why != Halt::Why::Overtaken) regain_lock();
        if (facts_.why == Halt::Why::NothingLeft)
            tell_what_was_left_out();
        else if (halt_.error.code != ExitCode::Interrupt)
            advise(context_, halt_.error);
        switch (choose()) {
            case Consequence::LeaveAlone:
                outcome_.end = End::Interrupted;
                outcome_.code =
                    facts_.why == Halt::Why::Overtaken ? halt_.error.code : ExitCode::UpdateFailed;
                break;
            case Consequence::CloseUntouched:
                close();
                break;
            case Consequence::Restore:
                restore();
                break;
            case Consequence::Stop:
                stop();
                break;
            case Consequence::NeedsHands:
                give_up();
                break;
            case Consequence::GoOn:
                return leave_out();
        }
        outcome_.error = std::move(halt_.error);
        return false;
    }

  private:
    void tell_what_was_left_out() {
        outcome_.failures = left_out(context_, options_, run_);
        for (const FailedUpdate& failed : outcome_.failures) {
            auto& details = halt_.error.details;
            details.push_back(failed.function + " failed: " + failed.error);
            details.insert(details.end(), failed.details.begin(), failed.details.end());
            if (halt_.error.hint.empty()) halt_.error.hint = failed.hint;
        }
    }

    /// A lock is lost with its connection. Only who holds it may touch what the run has done.
    void regain_lock() {
        const auto held = context_.database.holds_lock();
        if (held && *held) return;
        const auto again = context_.database.lock(std::chrono::seconds(0));
        if (again && again->taken) return;
        facts_.why = again ? Halt::Why::Overtaken : Halt::Why::Unclear;
        halt_.error.join(again ? Error{ExitCode::Held, "the site is held by " + again->held_by, "", {}}
                               : again.error());
        if (again) halt_.error.code = ExitCode::Held;
        halt_.error.hint = "bdupdate recover";
    }

    Consequence choose() {
        const FailurePolicy policy = options_.failure_policy();
        const Consequence by_policy = consequence(facts_, policy);
        // What failed by itself is not tried again by itself, whatever becomes of the site now.
        if (halt_.error.code == ExitCode::UpdateFailed && !facts_.signal &&
            by_policy != Consequence::LeaveAlone && by_policy != Consequence::GoOn)
            remember_failure(context_, run_, halt_.error.message);
        const auto can = [this](FailurePolicy other, Consequence wanted) {
            return consequence(facts_, other) == wanted;
        };
        FailureQuestion question;
        question.error = halt_.error;
        question.policy = policy;
        question.can_restore = can(FailurePolicy::Restore, Consequence::Restore);
        question.can_stop = can(FailurePolicy::Stop, Consequence::Stop);
        question.can_continue = can(FailurePolicy::Continue, Consequence::GoOn);
        const int ways = int{question.can_restore} + int{question.can_stop} + int{question.can_continue};
        if (!options_.ask_on_failure || facts_.signal || ways < 2) return by_policy;
        const FailurePolicy answer = options_.ask_on_failure(question);
        if (answer != policy) {
            // `recover` goes on alike.
            if (auto kept = context_.journal.set_option(run_.id, "on-failure", to_string(answer)); !kept)
                context_.listener.warning(kept.error().message);
            options_.on_failure = answer;
        }
        return consequence(facts_, answer);
    }

    [[nodiscard]] ExitCode code_of(ExitCode code) const {
        const int signal = options_.stop_signal();
        return signal != 0 ? static_cast<ExitCode>(128 + signal) : code;
    }

    void close() {
        outcome_.end = End::Untouched;
        outcome_.code = code_of(halt_.error.code);
        if (auto closed = close_untouched(context_, run_, halt_.error.message); !closed) {
            halt_.error.join(closed.error());
            halt_.error.hint = "bdupdate recover";
            outcome_.end = End::Interrupted;
        }
    }

    void stop() {
        outcome_.end = End::Stopped;
        const bool touched = halt_.error.code == ExitCode::Preflight;  // not any more "nothing touched"
        outcome_.code = code_of(touched ? ExitCode::UpdateFailed : halt_.error.code);
        // "Stopped" makes recovery take today's config for the operator's: it has to be on the disk by then.
        log_failures(context_, run_.id);
        auto kept = sync_config(context_, run_);
        if (!kept) {
            halt_.error.join(kept.error());
        } else if (auto stopped =
                       context_.journal.set_state(run_.id, journal::RunState::Stopped, halt_.error.message);
                   !stopped) {
            halt_.error.join(stopped.error());
        }
        if (auto released = context_.database.release_cron(run_.id); !released)
            halt_.error.join(released.error());
    }

    void restore() {
        const std::string failed = halt_.error.message;
        outcome_.end = End::Restored;
        // Requirements that an upgrade's first steps did not meet: nothing of the site has changed, as
        // with 5.
        const bool before_updates = engine_.mark().seq == 0 && halt_.error.code == ExitCode::Preflight;
        outcome_.code = before_updates ? ExitCode::Preflight : ExitCode::UpdateFailed;
        auto mark = context_.database.read_mark();
        auto restored =
            !mark || !*mark
                ? fail(mark ? Error{ExitCode::NeedsHands, "the run's mark is gone", "", {}} : mark.error())
                : restore_and_close(context_, options_, run_, **mark, failed);
        if (!restored) return need_hands(restored.error());
        outcome_.boots = !*restored;
        if (!*restored) return;
        halt_.error.join(**restored);
        halt_.error.hint = (*restored)->hint;
        outcome_.code = ExitCode::NeedsHands;
    }

    void give_up() {
        Error error{ExitCode::NeedsHands,
                    "there is no backup to take the schema change back with",
                    "mend what " + outcome_.failed + " changes by hand, then bdupdate recover --forget",
                    {}};
        name_changed_tables(context_, run_, error);
        need_hands(error);
    }

    void need_hands(const Error& why) {
        halt_.error.hint = why.hint;
        halt_.error.join(why);
        stop();
        outcome_.end = End::NeedsHands;
        outcome_.code = ExitCode::NeedsHands;
    }

    bool leave_out() {
        context_.listener.warning(halt_.error.message + "; it is left out, and so is what needs it");
        log_failures(context_, run_.id);
        auto& skipped = options_.selection.skip_functions;
        skipped.push_back(outcome_.failed);
        // Before the next plan, so that a kill in between does not bring it back.
        if (auto kept = context_.journal.set_option(run_.id, skipped_option, join(skipped, ",")); !kept) {
            halt_.error.join(kept.error());
            facts_.stage = Halt::Stage::Machinery;
            return follow();
        }
        engine_.replan();
        return true;
    }

    Context& context_;
    Options& options_;
    const journal::Run& run_;
    Engine& engine_;
    Halt& halt_;
    Outcome& outcome_;
    FailureFacts facts_;
};

/// Done, but perhaps for updates that were left out.
void tell_success(Context& context, const Options& options, const journal::Run& run, Outcome& outcome) {
    const auto& skipped = options.selection.skip_functions;
    outcome.end = skipped.empty() ? End::Updated : End::Partly;
    outcome.code = skipped.empty() ? leftovers_code(options, outcome) : ExitCode::UpdateFailed;
    if (skipped.empty()) {
        forget_failure(context);
        return;
    }
    remember_rest(context, options);
    outcome.failures = left_out(context, options, run);
}

}  // namespace

void drive(Context& context, Options& options, const journal::Run& run, Engine& engine, Outcome& outcome) {
    for (;;) {
        std::optional<Halt> halt = engine.run_everything();
        outcome.updates = engine.updates_done();
        outcome.remaining = engine.remaining();
        outcome.failed = engine.current();
        if (!halt) halt = conclude(context, options, run, engine, outcome);
        if (!halt) {
            tell_success(context, options, run, outcome);
            break;
        }
        if (!Failure(context, options, run, engine, *halt, outcome).follow()) break;
    }
    const auto now = context.database.maintenance();
    outcome.maintenance_known = now.has_value();
    if (now) outcome.maintenance_on = now->on();
}

}  // namespace bdupdate::run
