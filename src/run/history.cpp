#include "bdupdate/run/history.h"

#include <algorithm>
#include <map>
#include <set>

#include "bdupdate/base/text.h"
#include "bdupdate/run/mark.h"

namespace bdupdate::run {

namespace {

using Passes = std::vector<journal::Pass>;

RunSummary::Kind kind_of(const journal::Run& run) {
    if (run.options.count("restore") != 0) return RunSummary::Kind::Restore;
    return run.options.count(mark_option) != 0 ? RunSummary::Kind::Mark : RunSummary::Kind::Updates;
}

RunSummary::Result result_of(const journal::Run& run, RunSummary::Kind kind, bool committed) {
    using Result = RunSummary::Result;
    const bool restore = kind == RunSummary::Kind::Restore;
    switch (run.state) {
        case journal::RunState::Running:
        case journal::RunState::Finishing:
            return Result::Open;
        case journal::RunState::Stopped:
            return Result::Stopped;
        case journal::RunState::Finished:
            if (restore) return Result::Restored;
            return run.outcome == "updated" || kind == RunSummary::Kind::Mark ? Result::Updated
                                                                              : Result::Partly;
        case journal::RunState::Closed:
            break;
    }
    if (run.outcome == "forgotten") return Result::Forgotten;
    if (restore) return run.outcome == "the restore did not begin" ? Result::Untouched : Result::Restored;
    return committed ? Result::Restored : Result::Untouched;
}

/// What is known of it: updates that a restore took back do not count.
RunSummary summary_of(const journal::Run& run, std::size_t done, std::int64_t last_ms, bool committed) {
    RunSummary summary;
    summary.kind = kind_of(run);
    summary.result = result_of(run, summary.kind, committed);
    summary.run = run;
    summary.updates = summary.result == RunSummary::Result::Restored ? 0 : done;
    summary.elapsed_ms = run.ended_ms.value_or(std::max(last_ms, run.started_ms)) - run.started_ms;
    return summary;
}

/// A restore in the middle of a run (crash safety, `rerun`) begins it anew: what was done before does not
/// count. `recover` numbers its passes as the run did, so that a number that comes again tells.
Passes standing(Passes all, std::size_t& repeated) {
    std::int64_t lowest = INT64_MAX;
    Passes kept;
    for (auto pass = all.rbegin(); pass != all.rend(); ++pass) {
        if (pass->committed && pass->seq >= lowest) {
            ++repeated;
            continue;
        }
        if (pass->committed) lowest = pass->seq;
        kept.push_back(std::move(*pass));
    }
    std::reverse(kept.begin(), kept.end());
    return kept;
}

/// The state of a path before the first change to it, and after the last one.
void merge(std::vector<journal::ConfigChange>& into, const journal::ConfigChange& change) {
    for (journal::ConfigChange& known : into)
        if (known.path == change.path) {
            known.after = change.after;
            return;
        }
    into.push_back(change);
}

void merge(std::vector<journal::RowsTouched>& into, const journal::RowsTouched& rows) {
    for (journal::RowsTouched& known : into)
        if (known.table == rows.table) {
            known.inserted += rows.inserted;
            known.updated += rows.updated;
            known.deleted += rows.deleted;
            return;
        }
    into.push_back(rows);
}

void drop_unchanged(std::vector<journal::ConfigChange>& changes) {
    changes.erase(std::remove_if(changes.begin(), changes.end(),
                                 [](const journal::ConfigChange& c) { return c.before == c.after; }),
                  changes.end());
    std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
}

void add_messages(UpdateRecord& update, const journal::Pass& pass) {
    for (const auto& message : pass.messages)
        if (std::find(update.messages.begin(), update.messages.end(), message) == update.messages.end())
            update.messages.push_back(message);
}

void add_pass(UpdateRecord& update, const journal::Pass& pass,
              const std::vector<journal::ConfigChange>& config) {
    if (update.passes++ == 0) update.started_ms = pass.started_ms;
    update.elapsed_ms += pass.elapsed_ms;
    update.state = !pass.committed       ? UpdateRecord::State::Failed
                   : pass.finished < 1.0 ? UpdateRecord::State::Begun
                                         : UpdateRecord::State::Done;
    update.result = pass.result;
    update.error = pass.error;
    add_messages(update, pass);
    if (!pass.committed) return;
    for (const journal::ConfigChange& change : config)
        if (change.seq == pass.seq) merge(update.config, change);
    for (const journal::RowsTouched& rows : pass.rows) merge(update.rows, rows);
    update.schema.insert(update.schema.end(), pass.schema_changes.begin(), pass.schema_changes.end());
}

/// Steps of all plans of the passes, by function.
Result<std::map<std::string, journal::Step>> steps_of(journal::Journal& journal, const std::string& run,
                                                      const Passes& passes) {
    std::set<std::int64_t> plans;
    for (const journal::Pass& pass : passes) plans.insert(pass.plan);
    std::map<std::string, journal::Step> steps;
    for (const std::int64_t plan : plans) {
        BDUPDATE_ASSIGN(const auto all, journal.plan(run, plan));
        for (const journal::Step& step : all) steps[step.function] = step;
    }
    return steps;
}

void describe(UpdateRecord& update, const journal::Step& step) {
    update.function = step.function;
    update.module = step.module;
    update.number = step.number;
    update.description = step.description;
}

/// Passes in a row of one function are one update, until one fails. One that only booted is worth telling
/// where it changed something.
std::vector<UpdateRecord> updates_of(const Passes& passes, const std::map<std::string, journal::Step>& steps,
                                     const std::vector<journal::ConfigChange>& config) {
    std::vector<UpdateRecord> updates;
    const journal::Pass* before = nullptr;
    for (const journal::Pass& pass : passes) {
        const bool goes_on = before != nullptr && before->function == pass.function && before->committed &&
                             before->finished < 1.0;
        if (!goes_on) updates.emplace_back();
        before = &pass;
        UpdateRecord& update = updates.back();
        const auto step = steps.find(pass.function);
        if (step != steps.end()) describe(update, step->second);
        update.function = pass.function;
        add_pass(update, pass, config);
    }
    updates.erase(std::remove_if(updates.begin(), updates.end(),
                                 [](const UpdateRecord& update) {
                                     return update.function.empty() && update.config.empty() &&
                                            update.schema.empty();
                                 }),
                  updates.end());
    return updates;
}

/// What an open run has planned and not begun.
Result<void> add_waiting(journal::Journal& journal, const journal::Run& run, const Passes& passes,
                         std::vector<UpdateRecord>& updates) {
    if (run.state != journal::RunState::Running && run.state != journal::RunState::Stopped) return {};
    std::set<std::string> begun;
    std::int64_t newest = 0;
    for (const journal::Pass& pass : passes) {
        begun.insert(pass.function);
        newest = std::max(newest, pass.plan);
    }
    BDUPDATE_ASSIGN(const auto steps, journal.plan(run.id, newest));
    for (const journal::Step& step : steps) {
        if (begun.count(step.function) != 0) continue;
        UpdateRecord& update = updates.emplace_back();
        describe(update, step);
        update.state = UpdateRecord::State::Waiting;
    }
    return {};
}

/// A phase lasts until the next thing that is known to begin.
std::vector<PhaseRecord> phases_of(const std::vector<journal::Phase>& phases, const Passes& passes,
                                   std::int64_t end_ms) {
    std::set<std::int64_t> begins = {end_ms};
    for (const journal::Phase& phase : phases) begins.insert(phase.started_ms);
    for (const journal::Pass& pass : passes) begins.insert(pass.started_ms);
    std::vector<PhaseRecord> records;
    for (const journal::Phase& phase : phases) {
        const auto next = begins.upper_bound(phase.started_ms);
        const std::int64_t end = next == begins.end() ? phase.started_ms : *next;
        records.push_back({phase.what, phase.started_ms, end - phase.started_ms});
    }
    return records;
}

std::int64_t last_known_ms(const std::vector<journal::Phase>& phases, const Passes& passes) {
    std::int64_t last = 0;
    for (const journal::Phase& phase : phases) last = std::max(last, phase.started_ms);
    for (const journal::Pass& pass : passes) last = std::max(last, pass.started_ms + pass.elapsed_ms);
    return last;
}

}  // namespace

std::string_view to_string(RunSummary::Kind kind) {
    static constexpr const char* names[] = {"updates", "restore", "mark"};
    return names[static_cast<int>(kind)];
}

std::string_view to_string(RunSummary::Result result) {
    static constexpr const char* names[] = {"open",      "stopped",  "updated",  "partly",
                                            "untouched", "restored", "forgotten"};
    return names[static_cast<int>(result)];
}

std::string_view to_string(UpdateRecord::State state) {
    static constexpr const char* names[] = {"done", "failed", "begun", "waiting", "taken-back"};
    return names[static_cast<int>(state)];
}

Result<std::vector<RunSummary>> read_history(journal::Journal& journal, std::size_t newest) {
    BDUPDATE_ASSIGN(const auto runs, journal.runs(newest));
    BDUPDATE_ASSIGN(auto progress, journal.progress());
    std::vector<RunSummary> all;
    for (const journal::Run& run : runs) {
        const journal::Progress& known = progress[run.id];
        all.push_back(summary_of(run, known.updates, known.last_ms, known.committed));
    }
    return all;
}

Result<journal::Run> find_run(journal::Journal& journal, const std::string& beginning) {
    BDUPDATE_ASSIGN(auto runs, beginning.empty() ? journal.runs(1) : journal.runs_like(to_lower(beginning)));
    if (runs.empty())
        return fail(
            ExitCode::Usage,
            beginning.empty() ? "no run is known of this site" : "no run of this site is called " + beginning,
            beginning.empty() ? "" : "bdupdate history");
    if (runs.size() > 1 && runs.front().id != beginning)
        return fail(ExitCode::Usage, counted(runs.size(), "run") + " of this site begin with " + beginning,
                    "give more of its name: see bdupdate history");
    return std::move(runs.front());
}

Result<RunRecord> read_run(journal::Journal& journal, const journal::Run& run) {
    RunRecord record;
    BDUPDATE_ASSIGN(Passes all, journal.passes(run.id));
    BDUPDATE_ASSIGN(const auto phases, journal.phases(run.id));
    BDUPDATE_ASSIGN(const auto config, journal.config_changes(run.id));
    const std::int64_t last = last_known_ms(phases, all);
    const Passes passes = standing(std::move(all), record.repeated_passes);
    BDUPDATE_ASSIGN(const auto steps, steps_of(journal, run.id, passes));
    record.updates = updates_of(passes, steps, config);
    for (UpdateRecord& update : record.updates) drop_unchanged(update.config);
    for (const journal::ConfigChange& change : config) merge(record.config, change);
    drop_unchanged(record.config);
    std::set<std::string> done;
    bool committed = false;
    for (const journal::Pass& pass : passes) {
        committed = committed || pass.committed;
        if (pass.committed && pass.step >= 0 && pass.finished >= 1.0) done.insert(pass.function);
    }
    record.summary = summary_of(run, done.size(), last, committed);
    record.phases = phases_of(phases, passes, run.started_ms + record.summary.elapsed_ms);
    if (record.summary.result == RunSummary::Result::Restored)
        for (UpdateRecord& update : record.updates)
            if (update.state != UpdateRecord::State::Failed) update.state = UpdateRecord::State::TakenBack;
    BDUPDATE_TRY(add_waiting(journal, run, passes, record.updates));
    return record;
}

}  // namespace bdupdate::run
