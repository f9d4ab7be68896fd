#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"
#include "bdupdate/run/run.h"

namespace bdupdate::test {

/// A database in memory with what a MySQL server would do to a transaction: rows() is what is committed, and
/// an open pass is a copy that becomes rows() at its commit, or at a schema change.
class FakeDatabase : public db::Database {
  public:
    std::vector<db::ModuleRow> committed;
    std::optional<db::Mark> mark_row;
    std::optional<std::string> maintenance_value;
    bool has_table = false, lock_held = true, locked_by_other = false, cron_busy = false,
         session_lingers = false;
    int ended_sessions = 0;
    /// Verbs that still write; behind them the server is gone, as to a run that was killed there.
    std::optional<int> writes_left;

    const db::Server& server() const override { return server_; }
    Result<void> ping() override { return {}; }
    db::SchemaTable schema_table() const override { return db::SchemaTable::System; }
    Result<std::vector<db::ModuleRow>> modules() override { return committed; }
    Result<std::vector<std::string>> hook_order() override { return std::vector<std::string>(); }
    Result<std::vector<Table>> tables() override { return std::vector<Table>(); }
    Result<std::optional<std::string>> active_config(const std::string&) override {
        return std::optional<std::string>();
    }
    Result<std::optional<db::UnfinishedBatch>> unfinished_batch() override {
        return std::optional<db::UnfinishedBatch>();
    }
    std::map<std::string, std::string> states;
    Result<std::optional<std::string>> state(const std::string& name) override {
        const auto found = states.find(name);
        return found == states.end() ? std::nullopt : std::optional(found->second);
    }
    Result<Maintenance> maintenance() override { return Maintenance{true, maintenance_value}; }
    Result<void> set_maintenance(const std::optional<std::string>& value) override {
        BDUPDATE_TRY(write());
        maintenance_value = value;
        return {};
    }
    Result<bool> take_cron(const std::string&, std::chrono::seconds) override {
        BDUPDATE_TRY(write());
        return !cron_busy;
    }
    Result<void> release_cron(const std::string&) override { return write(); }
    Result<bool> has_mark_table() override { return has_table; }
    Result<std::optional<db::Mark>> read_mark() override { return mark_row; }
    Result<void> create_mark(const db::Mark& mark) override {
        BDUPDATE_TRY(write());
        has_table = true;
        mark_row = mark;
        return {};
    }
    Result<void> replace_mark(const db::Mark& expected, const db::Mark& wanted) override {
        BDUPDATE_TRY(write());
        if (!mark_row || mark_row->run != expected.run || mark_row->epoch != expected.epoch ||
            mark_row->seq != expected.seq || mark_row->state != expected.state)
            return fail(ExitCode::Interrupted, "the mark moved");
        mark_row = wanted;
        return {};
    }
    Result<db::Mark> raise_epoch() override {
        BDUPDATE_TRY(write());
        ++mark_row->epoch;
        return *mark_row;
    }
    Result<void> drop_mark() override {
        BDUPDATE_TRY(write());
        has_table = false;
        mark_row.reset();
        return {};
    }
    Result<void> set_schema_version(const std::string& module, int number) override {
        for (db::ModuleRow& row : committed)
            if (row.name == module) row.schema_version = number;
        return {};
    }
    Result<LockOutcome> lock(std::chrono::seconds) override {
        return LockOutcome{.taken = !locked_by_other, .held_by = "host other, pid 1"};
    }
    Result<bool> holds_lock() override { return lock_held; }
    Result<void> unlock() override { return {}; }
    std::string worker_lock_name(const std::string& run) const override { return "worker:" + run; }
    Result<void> end_session(std::uint64_t, const std::string&, std::chrono::seconds) override {
        ++ended_sessions;
        if (session_lingers) return fail(ExitCode::Interrupted, "the session is still there");
        return {};
    }
    Result<void> copy_to(const std::filesystem::path&) override { return {}; }

    std::string schema_hash(const std::vector<std::string>& modules) {
        std::set<std::string> lines;
        for (const db::ModuleRow& row : committed)
            for (const std::string& name : modules)
                if (row.name == name) lines.insert(name + "=" + std::to_string(row.schema_version) + "\n");
        std::string text;
        for (const std::string& line : lines) text += line;
        return sha256_hex(text);
    }

  private:
    Result<void> write() {
        if (writes_left && (*writes_left)-- <= 0) return fail(ExitCode::Preflight, "the server is gone");
        return {};
    }
    db::Server server_{"MariaDB", "10.11", "fake server"};
};

/// What the updates of the fake site do, and how often they were called.
struct FakeSite {
    FakeDatabase database;
    std::filesystem::path config;
    /// By function name: what a call does to the report; the default is done at once.
    std::map<std::string, std::function<void(worker::PassReport&, const std::string& sandbox)>> updates;
    std::vector<scan::UpdateFunction> functions;
    std::vector<std::string> calls;  ///< functions called, in order; "boot" and "flush" too
    std::vector<worker::Requirement> requirements;
    std::deque<std::string>
        commit_errors;  ///< the next commits fail with these; "lost answer" commits all the same
    int flush_failures = 0;
    bool flushes_anywhere = false;  ///< as bare sites do
    int processes = 0;              ///< workers that were started
    std::vector<int> flushed_by;    ///< which of them flushed, from 1
    std::function<void()> after_flush;
    /// What a step from Drupal 7 does; its name is among `calls`.
    std::function<Result<worker::UpgradeReport>(worker::UpgradeStep)> upgrade;
    bool sees_other_database = false;

    plan::Facts facts() {
        plan::Facts facts;
        for (const db::ModuleRow& row : database.committed) {
            if (row.schema_version == -1) continue;
            plan::ModuleFacts module;
            module.name = row.name;
            module.schema_version = row.schema_version;
            module.enabled = row.enabled;
            for (const auto& function : functions)
                if (function.module == row.name) module.updates.push_back(function);
            facts.modules.push_back(module);
        }
        return facts;
    }
};

class FakeWorker : public worker::Worker {
  public:
    explicit FakeWorker(FakeSite& site) : site_(site) {}

    Result<worker::Handshake> start() override {
        number_ = ++site_.processes;
        worker::Handshake shake;
        shake.mark_run = site_.sees_other_database ? "" : site_.database.mark_row->run;
        auto directory = config::ConfigDirectory::open(site_.config);
        shake.config_hash = directory ? directory->listing_hash().value() : sha256_hex("");
        shake.connection_id = 7;
        return shake;
    }
    Result<void> begin(const worker::PassKey& key) override {
        const auto& mark = *site_.database.mark_row;
        if (mark.run != key.run || mark.epoch != key.epoch || mark.seq != key.seq - 1 ||
            mark.state != db::MarkState::Done)
            return fail(ExitCode::Interrupted, "the mark is not at pass " + std::to_string(key.seq - 1));
        return {};
    }
    Result<worker::BootReport> boot() override {
        site_.calls.emplace_back("boot");
        return facts();
    }
    Result<worker::UpgradeReport> upgrade(const worker::PassKey& key, worker::UpgradeStep step) override {
        constexpr const char* names[] = {"first", "info", "dependencies"};
        site_.calls.emplace_back(names[static_cast<int>(step)]);
        const auto& mark = *site_.database.mark_row;
        if (mark.run != key.run || mark.seq != key.seq || mark.state != db::MarkState::Open)
            return fail(ExitCode::Interrupted, "the mark is not at the open pass " + std::to_string(key.seq));
        return site_.upgrade ? site_.upgrade(step) : worker::UpgradeReport{};
    }
    Result<worker::BootReport> facts() override {
        worker::BootReport report;
        report.facts = site_.facts();
        report.requirements = site_.requirements;
        return report;
    }
    worker::PassReport pass(const plan::Step& step, const std::string& sandbox) override {
        site_.calls.push_back(step.update.function);
        worker::PassReport report;
        if (const auto found = site_.updates.find(step.update.function); found != site_.updates.end())
            found->second(report, sandbox);
        if (report.split) {
            ++site_.database.mark_row->seq;
            site_.database.mark_row->state = db::MarkState::Open;
            split_ = true;
        }
        return report;
    }
    Result<worker::CommitReport> commit(const worker::PassKey& key, const worker::Commit& commit) override {
        std::string error;
        if (!site_.commit_errors.empty()) {
            error = site_.commit_errors.front();
            site_.commit_errors.pop_front();
            if (error != "lost answer") return fail(ExitCode::UpdateFailed, error);
        }
        if (commit.schema_version)
            static_cast<void>(site_.database.set_schema_version(commit.schema_version->first,
                                                                commit.schema_version->second));
        db::Mark& mark = *site_.database.mark_row;
        mark.seq = key.seq;
        mark.plan = key.plan;
        mark.step = key.step;
        mark.state = db::MarkState::Done;
        mark.sandbox = commit.sandbox;
        mark.schema_hash = site_.database.schema_hash(commit.hash_modules);
        if (!error.empty()) return fail(ExitCode::UpdateFailed, error);
        return worker::CommitReport{mark.schema_hash};
    }
    Result<std::vector<worker::Message>> flush() override {
        site_.calls.emplace_back("flush");
        site_.flushed_by.push_back(number_);
        if (site_.after_flush) site_.after_flush();
        if (site_.flush_failures-- > 0) return fail(ExitCode::UpdateFailed, "no flush today");
        return std::vector<worker::Message>();
    }
    [[nodiscard]] bool flushes_anywhere() const override { return site_.flushes_anywhere; }
    void discard() override {}
    void quit() override {}

  private:
    FakeSite& site_;
    bool split_ = false;
    int number_ = 0;
};

class FakeWorkers : public worker::WorkerFactory {
  public:
    explicit FakeWorkers(FakeSite& site) : site_(site) {}
    std::unique_ptr<worker::Worker> make() override { return std::make_unique<FakeWorker>(site_); }

  private:
    FakeSite& site_;
};

}  // namespace bdupdate::test
