#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "bdupdate/base/subprocess.h"
#include "bdupdate/worker/worker.h"
#include "support/temp_directory.h"

namespace bdupdate::test {

/// A bare site in a temporary directory with one module, `probe` (schema_version 1000), whose .install the
/// test writes. SQLite, unless a MySQL database is given. The mark stands at (0, done) of run `run`.
class BareSite {
  public:
    explicit BareSite(const std::string& install_code, const site::DatabaseSettings* mysql = nullptr);

    [[nodiscard]] const site::Site& site() const { return site_; }
    [[nodiscard]] const std::filesystem::path& root() const { return directory_.path(); }
    /// Runs SQL through PHP's PDO on a connection of its own; the rows, values joined by '|', one a line.
    [[nodiscard]] std::string query(const std::string& sql) const;
    /// "seq state", such as "1 done".
    [[nodiscard]] std::string mark() const { return query("SELECT seq, state FROM bdupdate_mark"); }
    [[nodiscard]] std::string schema_version() const {
        return query("SELECT schema_version FROM system WHERE name = 'probe'");
    }

    [[nodiscard]] std::unique_ptr<worker::Worker> worker(worker::Options options = {}) const;
    [[nodiscard]] static worker::PassKey key(std::int64_t seq);
    [[nodiscard]] static plan::Step step(const std::string& number);
    static inline const std::string run = "feed";

  private:
    /// PHP code that finds a PDO connection in $p; what it prints.
    [[nodiscard]] std::string run_php(const std::string& code) const;

    TempDirectory directory_;
    site::Site site_;
};

/// A worker with an open pass 1, booted.
std::unique_ptr<worker::Worker> booted(const BareSite& site, worker::Options options = {});

/// One pass of probe_update_1001() in a fresh worker (left in `worker`).
worker::PassReport run_update(const BareSite& site, std::unique_ptr<worker::Worker>& worker,
                              const worker::Options& options = {});

/// Ends an update: what commit() of its last pass takes.
worker::Commit last_commit();

namespace detail {

inline void write(const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

inline std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += (c == '\'' || c == '\\') ? std::string("\\") + c : std::string(1, c);
    return result + "'";
}

constexpr const char* tables[] = {
    "CREATE TABLE system (filename VARCHAR(190) PRIMARY KEY, name VARCHAR(190), type VARCHAR(12), status "
    "INTEGER, "
    "schema_version INTEGER, weight INTEGER, info BLOB)",
    "INSERT INTO system VALUES ('modules/probe/probe.module', 'probe', 'module', 1, 1000, 0, '')",
    "CREATE TABLE bdupdate_mark (id INTEGER PRIMARY KEY, run VARCHAR(64), epoch BIGINT, seq BIGINT, plan "
    "BIGINT, "
    "step BIGINT, state VARCHAR(16), sandbox BLOB, schema_hash VARCHAR(64))",
    "INSERT INTO bdupdate_mark VALUES (1, 'feed', 1, 0, 0, 0, 'done', '', '')",
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name VARCHAR(100))",
    "INSERT INTO item VALUES (1, 'one'), (2, 'two')",
};

inline std::string statements() {
    std::string list;
    for (const char* const sql : tables) list += quoted(sql) + ",";
    return list;
}

}  // namespace detail

inline BareSite::BareSite(const std::string& install_code, const site::DatabaseSettings* mysql) {
    const std::filesystem::path root = directory_.path();
    detail::write(root / "settings.php", "<?php\n");
    detail::write(root / "modules/probe/probe.info", "name = Probe\nbackdrop = 1.x\ntype = module\n");
    detail::write(root / "modules/probe/probe.module", "<?php\n");
    detail::write(root / "modules/probe/probe.install", "<?php\n" + install_code);
    detail::write(root / "config/system.core.json", "{}\n");
    site_.kind = site::Kind::Bare;
    site_.docroot = root;
    site_.settings_file = root / "settings.php";
    site_.conf_path = ".";
    site_.active_config = root / "config";
    if (mysql != nullptr) {
        site_.database = *mysql;
    } else {
        site_.database.driver = site::Driver::Sqlite;
        site_.database.database = (root / "site.sqlite").string();
    }
    static_cast<void>(run_php("foreach (array(" + detail::statements() + ") as $q) { $p->exec($q); }"));
}

inline std::string BareSite::query(const std::string& sql) const {
    return run_php("$s=$p->query(" + detail::quoted(sql) +
                   ");$r=$s->columnCount()?$s->fetchAll(3):array();"
                   "echo implode(\"\\n\",array_map(function($x){return implode('|',$x);},$r));");
}

inline std::string BareSite::run_php(const std::string& code) const {
    const site::DatabaseSettings& database = site_.database;
    const std::string dsn =
        database.driver == site::Driver::Sqlite
            ? "sqlite:" + database.database
            : "mysql:unix_socket=" + database.unix_socket + ";dbname=" + database.database;
    SpawnOptions options;
    options.argv = {"php", "-d", "display_errors=stderr", "-r",
                    "$p=new PDO(" + detail::quoted(dsn) + "," + detail::quoted(database.username) + "," +
                        detail::quoted(database.password) + ");$p->setAttribute(3,2);" + code};
    auto done = run_program(options);
    if (!done || !done->status.ok())
        throw std::runtime_error(code + ": " + (done ? done->err : done.error().message));
    return done->out;
}

inline std::unique_ptr<worker::Worker> BareSite::worker(worker::Options options) const {
    return worker::php_workers(site_, run, site_.database.driver == site::Driver::MySql ? "probe_worker" : "",
                               std::move(options))
        ->make();
}

inline worker::PassKey BareSite::key(std::int64_t seq) {
    worker::PassKey key;
    key.run = run;
    key.epoch = 1;
    key.seq = seq;
    key.plan = 1;
    return key;
}

inline plan::Step BareSite::step(const std::string& number) {
    plan::Step step;
    step.update.module = "probe";
    step.update.number = number;
    step.update.function = "probe_update_" + number;
    return step;
}

inline std::unique_ptr<worker::Worker> booted(const BareSite& site, worker::Options options) {
    auto worker = site.worker(std::move(options));
    const auto check = [](const auto& result) {
        if (!result) {
            std::string text = result.error().message;
            for (const std::string& detail : result.error().details) text += "\n" + detail;
            throw std::runtime_error(text);
        }
    };
    check(worker->start());
    check(worker->begin(BareSite::key(1)));
    check(worker->boot());
    return worker;
}

inline worker::PassReport run_update(const BareSite& site, std::unique_ptr<worker::Worker>& worker,
                                     const worker::Options& options) {
    worker = booted(site, options);
    return worker->pass(BareSite::step("1001"), "");
}

inline worker::Commit last_commit() {
    worker::Commit commit;
    commit.schema_version = {"probe", 1001};
    commit.hash_modules = {"probe"};
    return commit;
}

}  // namespace bdupdate::test
