#pragma once

namespace bdupdate::journal {

/// PRAGMA user_version of a journal written by this program.
inline constexpr int schema_number = 2;
/// The oldest one that it reads; journals of that are brought up to date when they are opened for writing.
inline constexpr int oldest_schema_number = 1;

inline constexpr const char* schema_sql = R"sql(
CREATE TABLE run (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER, outcome TEXT NOT NULL,
    docroot TEXT NOT NULL, site_fingerprint TEXT NOT NULL, core_version TEXT NOT NULL, code_stamp TEXT NOT NULL,
    host TEXT NOT NULL, user TEXT NOT NULL, pid INTEGER NOT NULL, maintenance_supported INTEGER NOT NULL,
    maintenance_before BLOB, backup TEXT NOT NULL);
CREATE TABLE run_option (run TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, name));
CREATE TABLE step (
    run TEXT NOT NULL, plan INTEGER NOT NULL, position INTEGER NOT NULL, module TEXT NOT NULL, number TEXT NOT NULL,
    function TEXT NOT NULL, description TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, after TEXT NOT NULL,
    last_of_module INTEGER NOT NULL, PRIMARY KEY (run, plan, position));
CREATE TABLE plan (run TEXT NOT NULL, plan INTEGER NOT NULL, decided_ms INTEGER NOT NULL, PRIMARY KEY (run, plan));
CREATE TABLE worker (
    run TEXT PRIMARY KEY, pid INTEGER NOT NULL, start_time INTEGER NOT NULL, connection_id INTEGER NOT NULL,
    lock_name TEXT NOT NULL);
CREATE TABLE pass (
    id INTEGER PRIMARY KEY, run TEXT NOT NULL, seq INTEGER NOT NULL, plan INTEGER NOT NULL, step INTEGER NOT NULL,
    function TEXT NOT NULL, committed INTEGER NOT NULL, split INTEGER NOT NULL, started_ms INTEGER NOT NULL,
    elapsed_ms INTEGER NOT NULL, finished REAL NOT NULL, result TEXT NOT NULL, error TEXT NOT NULL,
    config_files INTEGER NOT NULL);
CREATE INDEX pass_run ON pass (run, seq);
CREATE TABLE message (pass INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (pass, position));
CREATE TABLE image (run TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (run, seq));
CREATE TABLE image_file (
    run TEXT NOT NULL, seq INTEGER NOT NULL, path TEXT NOT NULL, content BLOB, mode INTEGER NOT NULL,
    uid INTEGER NOT NULL, gid INTEGER NOT NULL, PRIMARY KEY (run, path, seq));
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL);
)sql";

/// From 1 to 2: what people want to know of a pass besides.
inline constexpr const char* details_sql = R"sql(
CREATE TABLE schema_change (
    pass INTEGER NOT NULL, position INTEGER NOT NULL, table_name TEXT NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL,
    before TEXT, after TEXT, PRIMARY KEY (pass, position));
CREATE TABLE rows_touched (
    pass INTEGER NOT NULL, table_name TEXT NOT NULL, inserted INTEGER NOT NULL, updated INTEGER NOT NULL,
    deleted INTEGER NOT NULL, PRIMARY KEY (pass, table_name));
CREATE TABLE phase (run TEXT NOT NULL, what TEXT NOT NULL, started_ms INTEGER NOT NULL);
CREATE INDEX phase_run ON phase (run);
)sql";

}  // namespace bdupdate::journal
