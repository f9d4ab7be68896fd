#include "engine.h"

#include <csignal>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "beginning.h"
#include "restoring.h"
#include "site_files.h"

namespace bdupdate::run {

namespace {

constexpr std::size_t most_boots_again = 5;

plan::Step plan_step(const journal::Step& step) {
    plan::Step result;
    result.update = {step.module, step.number, step.function, step.description, step.file, step.line};
    result.after = step.after;
    result.last_of_module = step.last_of_module;
    return result;
}

}  // namespace

Halt stopped_by(int signal) {
    const char* const words = signal == SIGINT    ? "stopped by Ctrl-C (SIGINT)"
                              : signal == SIGHUP  ? "stopped, for the terminal was closed (SIGHUP)"
                              : signal == SIGTERM ? "stopped by SIGTERM"
                                                  : "stopped by a signal";
    return {Halt::Why::Signal, {ExitCode::Interrupt, words, "", {}}};
}

Engine::Engine(Context& context, const Options& options, db::Mark mark)
    : context_(context),
      options_(options),
      mark_(std::move(mark)),
      worker_lock_(context.database.worker_lock_name(mark_.run)),
      workers_(context.make_workers(mark_.run, worker_lock_)),
      schema_(context.database) {
    sandbox_ = mark_.sandbox;
}

std::optional<Halt> Engine::run_everything() {
    if (const int signal = options_.stop_signal(); signal != 0) return stopped_by(signal);
    if (auto opened = open_config_directory(); !opened) return Halt{Halt::Why::Failed, opened.error()};
    if (!expected_ || !expected_->empty()) look_at_schema();
    if (auto halt = upgrade()) return halt;
    if (auto looked = look_at_tables(); !looked) return Halt{Halt::Why::Failed, looked.error()};
    note_phase(context_, mark_.run, "booting the site");
    for (;;) {
        while (position_ < steps_.size())
            if (auto halt = run_step(steps_[position_])) return halt;
        if (auto halt = find_more()) return halt;
        if (steps_.empty()) break;
    }
    // Where the flush needs no process of its own, the worker that ran the updates does it.
    if (worker_ && !(options_.clear_caches && worker_->flushes_anywhere())) drop_worker(true);
    keep_schema();
    return std::nullopt;
}

/// `verify` compares with what is there before the first change: only of this run, not of one that goes on.
void Engine::look_at_schema() {
    schema_.begin();
    goes_on_ = mark_.seq > 0;
    if (goes_on_ || schema_.known() == nullptr) return;
    if (auto kept = context_.journal.keep_tables_before(mark_.run, *schema_.known()); !kept)
        context_.listener.warning(kept.error().message);  // nothing of the run depends on it
}

/// And with what the run made: that may be damaged later, too. A run that goes on does not know what was
/// changed before it.
void Engine::keep_schema() {
    if (schema_.known() == nullptr || (!schema_.changed() && !goes_on_)) return;
    // Once more all of it: what went past the site's database layer was not told of.
    static_cast<void>(schema_.look(true));
    if (auto kept = context_.journal.keep_tables_after(mark_.run, *schema_.known()); !kept)
        context_.listener.warning(kept.error().message);
}

Result<void> Engine::open_config_directory() {
    BDUPDATE_ASSIGN(config_, open_config(context_));
    if (!config_) return {};
    if (auto look = config_->image(); !look) return fail(std::move(look).error());
    return {};
}

/// All passes of one update, from the first one or from the sandbox that an earlier call left.
std::optional<Halt> Engine::run_step(const Step& step) {
    const auto started = Monotonic::now();
    std::int64_t passes = 0, alike = 0;
    double finished_before = -1;
    said_.clear();
    context_.listener.step_started(step, position_, steps_.size());
    for (;;) {
        worker::PassReport report;
        const std::string sandbox_before = sandbox_;
        if (auto halt = pass_with_repeats(&step, report)) return halt;
        ++passes;
        if (report.finished >= 1) break;
        context_.listener.pass_done(step, passes, report.finished);
        alike = report.finished == finished_before && sandbox_ == sandbox_before ? alike + 1 : 0;
        finished_before = report.finished;
        if (alike >= options_.stuck_after || passes >= options_.max_passes)
            return undo(
                {ExitCode::UpdateFailed,
                 step.function + " makes no progress after " +
                     counted(static_cast<std::size_t>(passes), "pass", "passes"),
                 "its $sandbox['#finished'] stays below 1; it is a fault of the module " + step.module,
                 {}});
        if (const int signal = options_.stop_signal(); signal != 0) return stopped_by(signal);
    }
    ++position_;
    ++updates_done_;
    context_.listener.step_finished(
        step, last_pass_, passes,
        std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - started));
    if (const int signal = options_.stop_signal(); signal != 0 && position_ < steps_.size())
        return stopped_by(signal);
    return std::nullopt;
}

std::optional<Halt> Engine::pass_with_repeats(const Step* step, worker::PassReport& report) {
    constexpr int most_tries =
        4;  // crash safety, A pass: an undone pass whose transaction was lost repeats up to 3 times
    for (int attempt = 1;; ++attempt) {
        report = {};
        auto halt = try_pass(step, report);
        if (!halt) return std::nullopt;
        const bool worth_repeating = halt->why == Halt::Why::Failed &&
                                     report.failure == worker::Failure::TransactionLost &&
                                     attempt < most_tries;
        if (!worth_repeating) return halt;
        context_.listener.warning((step == nullptr ? std::string("booting") : step->function) +
                                  " lost its transaction (" + report.error + ") and is repeated");
    }
}

std::optional<Halt> Engine::try_pass(const Step* step, worker::PassReport& report) {
    if (auto halt = open_pass()) return halt;
    return call_and_commit(step, report);
}

/// A started, booted worker with the transaction of the next pass open. Booting belongs to the worker's first
/// pass, for it writes; where there is no plan yet, the booted worker's facts decide it.
std::optional<Halt> Engine::open_pass() {
    if (pass_open_) return std::nullopt;
    if (!worker_)
        if (auto started = start_worker(); !started) return undo(started.error());
    if (auto begun = worker_->begin(next_key(nullptr)); !begun) return undo(begun.error());
    pass_open_ = true;
    if (booted_) return std::nullopt;
    auto boot = worker_->boot();
    if (!boot) return undo(boot.error());
    booted_ = true;
    split_ = boot->split;
    tell_trouble("while the site booted", boot->messages);
    if (boot->again && ++boots_again_ <= most_boots_again) {
        // What this process loaded is not what the next one loads: keep what the boot wrote, and boot afresh.
        worker::PassReport report;
        if (auto halt = call_and_commit(nullptr, report)) return halt;
        drop_worker(true);
        return open_pass();
    }
    if (auto fine = take_facts(std::move(*boot)); !fine) {
        Halt undone = undo(fine.error());
        if (undone.why == Halt::Why::Failed)
            undone.why =
                fine.error().code == ExitCode::Interrupted ? Halt::Why::Vanished : Halt::Why::Refused;
        return undone;
    }
    return std::nullopt;
}

/// Steps 4-7 of a pass.
std::optional<Halt> Engine::call_and_commit(const Step* step, worker::PassReport& report) {
    const worker::PassKey key = next_key(step);
    pass_began_ = {Monotonic::now(), wall_milliseconds()};
    if (step != nullptr) {
        worker_->expect_commit(commit_of(step, {}));
        report = worker_->pass(plan_step(*step), sandbox_);
    }
    if (!report.begun)
        return undo({report.interrupted ? ExitCode::Interrupted : ExitCode::UpdateFailed,
                     "cannot open pass " + std::to_string(key.seq) + ": " + report.error, "", report.trace});
    if (report.failure != worker::Failure::None) {
        record(step, report, key.seq, 0, false);
        Error error{ExitCode::UpdateFailed, step->function + " failed: " + report.error, "", report.trace};
        Halt halt = undo(std::move(error));
        halt.stage = Halt::Stage::Update;
        return halt;
    }
    std::size_t files = 0;
    if (auto kept = keep_config_image(key.seq, files); !kept) return undo(kept.error());
    auto held = context_.database.holds_lock();
    if (!held || !*held)
        return undo(
            held ? Error{ExitCode::Held, "the lock on the site was lost", "another run may hold it now", {}}
                 : held.error());
    const worker::Commit commit = commit_of(step, report);
    auto committed = worker_->commit(key, commit);
    const bool split = split_ || report.split;
    // What was killed before this run went on may have made tables that nobody has noted yet.
    const bool made_tables = split && (split_ || goes_on_ || !schema_.knew(report.altered_tables));
    if (committed) {
        pass_open_ = split_ = false;
        mark_.seq = key.seq;
        mark_.plan = key.plan;
        mark_.step = key.step;
        mark_.sandbox = sandbox_ = commit.sandbox;
        mark_.schema_hash = committed->schema_hash;
        mark_.state = db::MarkState::Done;
    } else {
        Halt halt = undo(committed.error());
        if (halt.why != Halt::Why::Stands) return halt;
        context_.listener.warning("the answer to a commit was lost, but the commit stands: " +
                                  committed.error().message);
    }
    record(step, report, key.seq, files, true, split);
    if (step != nullptr && report.finished >= 1)
        if (auto noted = note_begun(*step); !noted) return Halt{Halt::Why::Failed, noted.error()};
    if (made_tables)
        if (auto noted = note_new_tables(context_, options_, mark_.run); !noted)
            return Halt{Halt::Why::Failed, noted.error()};
    if (!worker_) return std::nullopt;
    if (report.modules_disabled || report.memory_bytes > options_.worker_memory_bytes) drop_worker(true);
    return std::nullopt;
}

worker::Commit Engine::commit_of(const Step* step, const worker::PassReport& report) const {
    worker::Commit commit;
    const bool done = step != nullptr && report.finished >= 1;
    if (done) commit.schema_version = {step->module, std::stoi(step->number)};
    commit.sandbox = done ? std::string() : step == nullptr ? mark_.sandbox : report.sandbox;
    commit.hash_modules = planned_modules_;
    commit.maintenance = options_.maintenance != MaintenancePolicy::Off;
    return commit;
}

/// A pass that only boots leaves the mark's step where it is: recovery goes on behind it.
worker::PassKey Engine::next_key(const Step* step) const {
    const std::int64_t reached = plan_number_ == mark_.plan ? mark_.step : -1;
    return {mark_.run,
            mark_.epoch,
            mark_.seq + 1,
            plan_number_,
            step == nullptr ? reached : static_cast<std::int64_t>(position_),
            unprotected_};
}

Result<void> Engine::keep_config_image(std::int64_t seq, std::size_t& files) {
    if (!config_) return {};
    BDUPDATE_ASSIGN(const auto changes, config_->changes());
    files = changes.size();
    if (changes.empty()) return {};
    return context_.journal.put_image(mark_.run, seq, changes);
}

void Engine::record(const Step* step, const worker::PassReport& report, std::int64_t seq,
                    std::size_t config_files, bool committed, bool split) {
    journal::Pass pass;
    pass.seq = seq;
    pass.plan = plan_number_;
    pass.step = step == nullptr ? -1 : static_cast<std::int64_t>(position_);
    pass.function = step == nullptr ? "" : step->function;
    pass.committed = committed;
    pass.split = report.split;
    pass.elapsed_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - pass_began_.first).count();
    pass.started_ms = pass_began_.second;
    pass.finished = report.finished;
    pass.result = report.result;
    pass.error = report.error;
    pass.config_files = config_files;
    if (committed) {
        // The boot that a pass may begin with does not tell what it changed.
        pass.schema_changes = schema_.look(split, report.split ? report.altered_tables : std::nullopt);
        pass.rows = schema_.telling(report.rows, context_.site.database.prefix);
    }
    for (const worker::Message& message : report.messages)
        pass.messages.emplace_back(message.kind, message.counted_text());
    if (auto added = context_.journal.add_pass(mark_.run, pass); !added)
        context_.listener.warning(added.error().message);  // the record of a pass decides about nothing
    // The journal has what was said pass by pass, people are told it update by update.
    said_.add(report.messages);
    pass.messages = said_.lines();
    if (!committed && step != nullptr) context_.listener.step_failed(*step, pass);
    last_pass_ = std::move(pass);
}

/// A boot comes with each worker, and says the same each time.
void Engine::tell_trouble(const std::string& when, const std::vector<worker::Message>& messages) {
    for (const worker::Message& message : messages) {
        const std::string line = message.kind + ": " + message.counted_text();
        if (!tells_of_trouble(message))
            context_.listener.note(line);
        else if (told_.insert(message.kind + message.text).second)
            context_.listener.warning(when + ", " + line);
    }
}

void Engine::drop_worker(bool in_order) {
    if (!worker_) return;
    if (in_order)
        worker_->quit();
    else
        worker_->discard();
    worker_.reset();
    booted_ = false;
    pass_open_ = split_ = false;
}

}  // namespace bdupdate::run
