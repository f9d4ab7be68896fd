// What people want to know of a run afterwards. Nobody decides by it.

#include "details.h"

#include "connection.h"
#include "unsynced.h"

namespace bdupdate::journal {

Result<void> add_details(sqlite3* handle, std::int64_t pass_id, const Pass& pass) {
    std::int64_t position = 0;
    for (const SchemaChange& change : pass.schema_changes)
        BDUPDATE_TRY(Statement(handle, "INSERT INTO schema_change VALUES (?, ?, ?, ?, ?, ?, ?)")
                         .bind(pass_id)
                         .bind(position++)
                         .bind(change.table)
                         .bind(change.what)
                         .bind(change.name)
                         .bind_optional(change.before)
                         .bind_optional(change.after)
                         .run());
    for (const RowsTouched& rows : pass.rows)
        BDUPDATE_TRY(Statement(handle, "INSERT OR REPLACE INTO rows_touched VALUES (?, ?, ?, ?, ?)")
                         .bind(pass_id)
                         .bind(rows.table)
                         .bind(rows.inserted)
                         .bind(rows.updated)
                         .bind(rows.deleted)
                         .run());
    return {};
}

Result<void> read_details(sqlite3* handle, std::int64_t pass_id, Pass& pass) {
    Statement change(
        handle,
        "SELECT table_name, what, name, before, after FROM schema_change WHERE pass = ? ORDER BY "
        "position");
    change.bind(pass_id);
    for (;;) {
        BDUPDATE_ASSIGN(const bool more, change.row());
        if (!more) break;
        pass.schema_changes.push_back({change.text(0), change.text(1), change.text(2),
                                       change.optional_text(3), change.optional_text(4)});
    }
    Statement rows(
        handle,
        "SELECT table_name, inserted, updated, deleted FROM rows_touched WHERE pass = ? ORDER BY table_name");
    rows.bind(pass_id);
    for (;;) {
        BDUPDATE_ASSIGN(const bool more, rows.row());
        if (!more) return {};
        pass.rows.push_back({rows.text(0), rows.number(1), rows.number(2), rows.number(3)});
    }
}

Result<void> Journal::add_phase(const std::string& run, const Phase& phase) {
    sqlite3* handle = connection_->handle.get();
    const Unsynced unsynced(handle);
    return Statement(handle, "INSERT INTO phase VALUES (?, ?, ?)")
        .bind(run)
        .bind(phase.what)
        .bind(phase.started_ms)
        .run();
}

Result<std::vector<Phase>> Journal::phases(const std::string& run) {
    std::vector<Phase> phases;
    if (!connection_->has_details) return phases;
    Statement row(connection_->handle.get(),
                  "SELECT what, started_ms FROM phase WHERE run = ? ORDER BY rowid");
    row.bind(run);
    for (;;) {
        BDUPDATE_ASSIGN(const bool more, row.row());
        if (!more) return phases;
        phases.push_back({row.text(0), row.number(1)});
    }
}

namespace {

// Run and tables are one value, so that they cannot belong to different ones.
std::string of_run(const std::string& run, const schema::Tables& tables) {
    return run + "\n" + schema::to_text(tables);
}

constexpr const char* before_fact = "schema_before";
constexpr const char* after_fact = "schema_after";

}  // namespace

Result<void> Journal::keep_tables_before(const std::string& run, const schema::Tables& tables) {
    sqlite3* handle = connection_->handle.get();
    {
        Statement known(handle, "SELECT 1 FROM fact WHERE name = ? AND substr(value, 1, ?) = ?");
        known.bind(before_fact).bind(static_cast<std::int64_t>(run.size())).bind(run);
        BDUPDATE_ASSIGN(const bool found, known.row());
        if (found) return {};
    }
    const Unsynced unsynced(handle);
    return set_fact(before_fact, of_run(run, tables));
}

Result<void> Journal::keep_tables_after(const std::string& run, const schema::Tables& tables) {
    const Unsynced unsynced(connection_->handle.get());
    return set_fact(after_fact, of_run(run, tables));
}

Result<std::optional<Journal::KeptTables>> Journal::kept_tables() {
    BDUPDATE_ASSIGN(const std::string before, fact(before_fact));
    const std::size_t end = before.find('\n');
    if (end == std::string::npos) return std::optional<KeptTables>();
    KeptTables kept;
    kept.run = before.substr(0, end);
    BDUPDATE_ASSIGN(kept.before, schema::from_text(before.substr(end + 1)));
    BDUPDATE_ASSIGN(const std::string after, fact(after_fact));
    if (after.compare(0, end + 1, before, 0, end + 1) == 0) {
        BDUPDATE_ASSIGN(kept.after, schema::from_text(after.substr(end + 1)));
    }
    return std::optional(std::move(kept));
}

Result<void> Journal::forget_tables() {
    return Statement(connection_->handle.get(), "DELETE FROM fact WHERE name IN (?, ?)")
        .bind(before_fact)
        .bind(after_fact)
        .run();
}

Result<std::vector<ConfigChange>> Journal::config_changes(const std::string& run) {
    Statement row(connection_->handle.get(),
                  "SELECT seq, path, content FROM image_file WHERE run = ?1 AND path IN (SELECT path FROM "
                  "image_file WHERE run = ?1 AND seq > 0 AND path NOT LIKE '/%') ORDER BY path, seq");
    row.bind(run);
    std::vector<ConfigChange> changes;
    std::string path;
    std::optional<std::string> before;
    for (;;) {
        BDUPDATE_ASSIGN(const bool more, row.row());
        if (!more) break;
        if (row.text(1) != path) before.reset();
        path = row.text(1);
        std::optional<std::string> after = row.optional_text(2);
        if (row.number(0) > 0 && before != after) changes.push_back({row.number(0), path, before, after});
        before = std::move(after);
    }
    return changes;
}

Result<std::map<std::string, Progress>> Journal::progress() {
    Statement row(connection_->handle.get(),
                  "SELECT run, count(DISTINCT CASE WHEN committed = 1 AND step >= 0 AND finished >= 1 THEN "
                  "function END), max(committed), max(started_ms + elapsed_ms) FROM pass GROUP BY run");
    std::map<std::string, Progress> progress;
    for (;;) {
        BDUPDATE_ASSIGN(const bool more, row.row());
        if (!more) return progress;
        progress[row.text(0)] = {static_cast<std::size_t>(row.number(1)), row.number(2) != 0, row.number(3)};
    }
}

}  // namespace bdupdate::journal
