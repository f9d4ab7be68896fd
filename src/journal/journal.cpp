#include "bdupdate/journal/journal.h"

#include <array>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "connection.h"
#include "unsynced.h"

namespace bdupdate::journal {

namespace {

constexpr std::array<std::pair<RunState, std::string_view>, 5> state_names = {{
    {RunState::Running, "running"},
    {RunState::Stopped, "stopped"},
    {RunState::Finishing, "finishing"},
    {RunState::Finished, "finished"},
    {RunState::Closed, "closed"},
}};

RunState state_from(std::string_view text) {
    for (const auto& [state, name] : state_names)
        if (name == text) return state;
    return RunState::Running;
}

constexpr std::string_view run_columns =
    "id, state, started_ms, ended_ms, outcome, docroot, site_fingerprint, core_version, code_stamp, host, "
    "user, pid, "
    "maintenance_supported, maintenance_before, backup";

Run run_from(Statement& row) {
    Run run;
    run.id = row.text(0);
    run.state = state_from(row.text(1));
    run.started_ms = row.number(2);
    run.ended_ms = row.optional_number(3);
    run.outcome = row.text(4);
    run.docroot = row.text(5);
    run.site_fingerprint = row.text(6);
    run.core_version = row.text(7);
    run.code_stamp = row.text(8);
    run.host = row.text(9);
    run.user = row.text(10);
    run.pid = row.number(11);
    run.maintenance_supported = row.number(12) != 0;
    run.maintenance_before = row.optional_text(13);
    run.backup = row.text(14);
    return run;
}

Result<std::vector<Run>> select_runs(sqlite3* handle, Statement& statement) {
    std::vector<Run> runs;
    for (;;) {
        BDUPDATE_ASSIGN(const bool more, statement.row());
        if (!more) break;
        runs.push_back(run_from(statement));
    }
    for (Run& run : runs) {
        Statement options(handle, "SELECT name, value FROM run_option WHERE run = ?");
        options.bind(run.id);
        for (;;) {
            BDUPDATE_ASSIGN(const bool more, options.row());
            if (!more) break;
            run.options[options.text(0)] = options.text(1);
        }
    }
    return runs;
}

std::optional<Run> first_of(std::vector<Run>&& runs) {
    return runs.empty() ? std::nullopt : std::optional(std::move(runs.front()));
}

}  // namespace

std::string_view to_string(RunState state) {
    for (const auto& [known, name] : state_names)
        if (known == state) return name;
    return "";
}

Result<void> Journal::together(const std::function<Result<void>()>& calls) {
    BDUPDATE_ASSIGN(Transaction transaction, Transaction::begin(connection_->handle.get()));
    BDUPDATE_TRY(calls());
    return transaction.commit();
}

Result<void> Journal::add_run(const Run& run) {
    sqlite3* handle = connection_->handle.get();
    BDUPDATE_ASSIGN(Transaction transaction, Transaction::begin(handle));
    BDUPDATE_TRY(Statement(handle, "INSERT INTO run (" + std::string(run_columns) +
                                       ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                     .bind(run.id)
                     .bind(to_string(run.state))
                     .bind(run.started_ms)
                     .bind_optional(run.ended_ms)
                     .bind(run.outcome)
                     .bind(run.docroot)
                     .bind(run.site_fingerprint)
                     .bind(run.core_version)
                     .bind(run.code_stamp)
                     .bind(run.host)
                     .bind(run.user)
                     .bind(run.pid)
                     .bind(std::int64_t{run.maintenance_supported})
                     .bind_optional(run.maintenance_before)
                     .bind(run.backup)
                     .run());
    for (const auto& [name, value] : run.options)
        BDUPDATE_TRY(Statement(handle, "INSERT INTO run_option (run, name, value) VALUES (?, ?, ?)")
                         .bind(run.id)
                         .bind(name)
                         .bind(value)
                         .run());
    return transaction.commit();
}

Result<std::optional<Run>> Journal::run(const std::string& id) {
    sqlite3* handle = connection_->handle.get();
    Statement statement(handle, "SELECT " + std::string(run_columns) + " FROM run WHERE id = ?");
    statement.bind(id);
    BDUPDATE_ASSIGN(auto runs, select_runs(handle, statement));
    return first_of(std::move(runs));
}

Result<std::vector<Run>> Journal::runs_like(const std::string& beginning) {
    sqlite3* handle = connection_->handle.get();
    Statement statement(handle, "SELECT " + std::string(run_columns) +
                                    " FROM run WHERE substr(id, 1, length(?1)) = ?1 ORDER BY rowid DESC");
    statement.bind(beginning);
    return select_runs(handle, statement);
}

Result<std::optional<Run>> Journal::open_run() {
    sqlite3* handle = connection_->handle.get();
    Statement statement(
        handle, "SELECT " + std::string(run_columns) +
                    " FROM run WHERE state NOT IN ('finished', 'closed') ORDER BY rowid DESC LIMIT 1");
    BDUPDATE_ASSIGN(auto runs, select_runs(handle, statement));
    return first_of(std::move(runs));
}

Result<std::vector<Run>> Journal::runs(std::size_t newest) {
    sqlite3* handle = connection_->handle.get();
    Statement statement(handle,
                        "SELECT " + std::string(run_columns) + " FROM run ORDER BY rowid DESC LIMIT ?");
    statement.bind(static_cast<std::int64_t>(newest));
    return select_runs(handle, statement);
}

Result<void> Journal::set_state(const std::string& run, RunState state, const std::string& outcome) {
    const bool ended = state == RunState::Finished || state == RunState::Closed;
    std::optional<Unsynced> unsynced;
    if (state == RunState::Finished) unsynced.emplace(connection_->handle.get());
    return Statement(connection_->handle.get(),
                     "UPDATE run SET state = ?, outcome = ?, ended_ms = ? WHERE id = ?")
        .bind(to_string(state))
        .bind(outcome)
        .bind_optional(ended ? std::optional(wall_milliseconds()) : std::nullopt)
        .bind(run)
        .run();
}

Result<void> Journal::set_option(const std::string& run, const std::string& name, const std::string& value) {
    return Statement(connection_->handle.get(),
                     "INSERT OR REPLACE INTO run_option (run, name, value) VALUES (?, ?, ?)")
        .bind(run)
        .bind(name)
        .bind(value)
        .run();
}

Result<void> Journal::set_backup(const std::string& run, const std::string& backup) {
    return Statement(connection_->handle.get(), "UPDATE run SET backup = ? WHERE id = ?")
        .bind(backup)
        .bind(run)
        .run();
}

Result<std::int64_t> Journal::add_plan(const std::string& run, const std::vector<Step>& steps) {
    sqlite3* handle = connection_->handle.get();
    BDUPDATE_ASSIGN(Transaction transaction, Transaction::begin(handle));
    Statement last(handle, "SELECT coalesce(max(plan), 0) FROM plan WHERE run = ?");
    BDUPDATE_TRY(last.bind(run).row());
    const std::int64_t number = last.number(0) + 1;
    BDUPDATE_TRY(Statement(handle, "INSERT INTO plan (run, plan, decided_ms) VALUES (?, ?, ?)")
                     .bind(run)
                     .bind(number)
                     .bind(wall_milliseconds())
                     .run());
    std::int64_t position = 0;
    for (const Step& step : steps)
        BDUPDATE_TRY(Statement(handle, "INSERT INTO step VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                         .bind(run)
                         .bind(number)
                         .bind(position++)
                         .bind(step.module)
                         .bind(step.number)
                         .bind(step.function)
                         .bind(step.description)
                         .bind(step.file)
                         .bind(std::int64_t{step.line})
                         .bind(join(step.after, " "))
                         .bind(std::int64_t{step.last_of_module})
                         .run());
    BDUPDATE_TRY(transaction.commit());
    return number;
}

Result<std::vector<Step>> Journal::plan(const std::string& run, std::int64_t number) {
    Statement row(connection_->handle.get(),
                  "SELECT module, number, function, description, file, line, after, last_of_module FROM step "
                  "WHERE run = ? AND plan = ? ORDER BY position");
    row.bind(run).bind(number);
    std::vector<Step> steps;
    for (;;) {
        BDUPDATE_ASSIGN(const bool more, row.row());
        if (!more) return steps;
        Step step{row.text(0), row.text(1),       row.text(2),
                  row.text(3), row.text(4),       static_cast<int>(row.number(5)),
                  {},          row.number(7) != 0};
        const std::string after = row.text(6);
        for (const std::string_view name : split(after, ' '))
            if (!name.empty()) step.after.emplace_back(name);
        steps.push_back(std::move(step));
    }
}

Result<void> Journal::set_worker(const std::string& run, const WorkerRecord& worker) {
    // What ends this machine ends the process; a server's session may live on.
    std::optional<Unsynced> unsynced;
    if (worker.connection_id == 0) unsynced.emplace(connection_->handle.get());
    return Statement(connection_->handle.get(), "INSERT OR REPLACE INTO worker VALUES (?, ?, ?, ?, ?)")
        .bind(run)
        .bind(worker.pid)
        .bind(static_cast<std::int64_t>(worker.start_time))
        .bind(static_cast<std::int64_t>(worker.connection_id))
        .bind(worker.lock_name)
        .run();
}

Result<std::optional<WorkerRecord>> Journal::worker(const std::string& run) {
    Statement row(connection_->handle.get(),
                  "SELECT pid, start_time, connection_id, lock_name FROM worker WHERE run = ?");
    BDUPDATE_ASSIGN(const bool found, row.bind(run).row());
    if (!found) return std::optional<WorkerRecord>();
    return std::optional(WorkerRecord{row.number(0), static_cast<std::uint64_t>(row.number(1)),
                                      static_cast<std::uint64_t>(row.number(2)), row.text(3)});
}

Result<void> Journal::set_tables_before(const std::string& run, const std::vector<std::string>& names) {
    return Statement(connection_->handle.get(),
                     "INSERT OR REPLACE INTO fact VALUES ('tables_before ' || ?, ?)")
        .bind(run)
        .bind(join(names, "\n"))
        .run();
}

Result<std::vector<std::string>> Journal::tables_before(const std::string& run) {
    Statement row(connection_->handle.get(), "SELECT value FROM fact WHERE name = 'tables_before ' || ?");
    std::vector<std::string> names;
    BDUPDATE_ASSIGN(const bool found, row.bind(run).row());
    if (!found) return names;
    const std::string text = row.text(0);
    for (const std::string_view name : split(text, '\n')) names.emplace_back(name);
    return names;
}

Result<void> Journal::add_made_tables(const std::string& run, const std::vector<std::string>& names) {
    if (names.empty()) return {};
    sqlite3* handle = connection_->handle.get();
    BDUPDATE_ASSIGN(Transaction transaction, Transaction::begin(handle));
    for (const std::string& name : names)
        BDUPDATE_TRY(
            Statement(handle, "INSERT OR REPLACE INTO fact VALUES ('made_table ' || ? || ' ' || ?2, ?2)")
                .bind(run)
                .bind(name)
                .run());
    return transaction.commit();
}

Result<std::vector<std::string>> Journal::made_tables(const std::string& run, std::int64_t since_ms) {
    Statement rows(
        connection_->handle.get(),
        "SELECT DISTINCT fact.value FROM fact JOIN run ON fact.name = 'made_table ' || run.id || ' ' || "
        "fact.value WHERE run.id = ? OR run.started_ms >= ? ORDER BY 1");
    rows.bind(run).bind(since_ms);
    std::vector<std::string> names;
    for (;;) {
        BDUPDATE_ASSIGN(const bool found, rows.row());
        if (!found) return names;
        names.push_back(rows.text(0));
    }
}

Result<std::string> Journal::fact(const char* name) {
    Statement row(connection_->handle.get(), "SELECT value FROM fact WHERE name = ?");
    row.bind(name);
    BDUPDATE_ASSIGN(const bool found, row.row());
    return found ? row.text(0) : std::string();
}

Result<void> Journal::set_fact(const char* name, const std::string& value) {
    return Statement(connection_->handle.get(), "INSERT OR REPLACE INTO fact VALUES (?, ?)")
        .bind(name)
        .bind(value)
        .run();
}

Result<std::string> Journal::flushed_stamp() {
    return fact("flushed_stamp");
}

Result<void> Journal::set_flushed_stamp(const std::string& stamp) {
    return set_fact("flushed_stamp", stamp);
}

Result<std::string> Journal::flushed_at() {
    return fact("flushed_at");
}

Result<void> Journal::set_flushed_at(const std::string& place) {
    const Unsynced unsynced(connection_->handle.get());
    return set_fact("flushed_at", place);
}

// One row, so that key and reason cannot belong to different failures.
Result<std::optional<Journal::FailedPlan>> Journal::failed_plan() {
    Statement row(connection_->handle.get(), "SELECT value FROM fact WHERE name = 'failed_plan'");
    BDUPDATE_ASSIGN(const bool found, row.row());
    if (!found) return std::optional<FailedPlan>();
    const std::string value = row.text(0);
    const std::size_t end = value.find('\n');
    if (end == std::string::npos) return std::optional<FailedPlan>();
    return std::optional(FailedPlan{value.substr(0, end), value.substr(end + 1)});
}

Result<void> Journal::set_failed_plan(const std::optional<FailedPlan>& plan) {
    sqlite3* handle = connection_->handle.get();
    if (!plan) return Statement(handle, "DELETE FROM fact WHERE name = 'failed_plan'").run();
    return Statement(handle, "INSERT OR REPLACE INTO fact VALUES ('failed_plan', ?)")
        .bind(plan->key + "\n" + plan->why)
        .run();
}

}  // namespace bdupdate::journal
