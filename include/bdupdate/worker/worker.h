#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/base/subprocess.h"
#include "bdupdate/plan/plan.h"
#include "bdupdate/schema/declared.h"
#include "bdupdate/site/site.h"

namespace bdupdate::worker {

struct Options {
    std::vector<std::string> php = {"php"};  ///< --php, split into words
    /// --path-map HOST=THERE: how that PHP sees the docroot (and the config directory, SQLite file …): prefix
    /// replacement.
    std::vector<std::pair<std::string, std::string>> path_map;
    std::optional<RunAs> run_as;        ///< set when started by root with a plain php
    std::string memory_limit = "512M";  ///< PHP's memory_limit
    std::chrono::milliseconds pass_timeout = std::chrono::minutes(30);
    std::chrono::milliseconds boot_timeout = std::chrono::minutes(5);
    /// Every line that PHP or an update printed outside the protocol, and stderr. May be empty.
    std::function<void(std::string_view line)> talk;
    /// Polled while a request runs: true kills the process, and the request fails as Died ("aborted"). May be
    /// empty.
    std::function<bool()> aborted;
};

/// What the worker saw when it connected, before anything was written (crash safety, Start 8).
struct Handshake {
    std::string php_version;
    std::string mark_run;  ///< run id read from the mark through the site's own connection; "" = no mark seen
    std::string
        config_hash;  ///< ConfigDirectory::listing_hash() as PHP sees it; "" where config is in the database
    std::uint64_t connection_id = 0;
    pid_t pid = 0;
    std::uint64_t start_time = 0;  ///< process_start_time of our child
};

/// The mark's fields that a pass writes.
struct PassKey {
    std::string run;
    std::int64_t epoch = 0;
    std::int64_t seq = 0;  ///< N
    std::int64_t plan = 0;
    std::int64_t step = 0;
    /// The site has tables without transactions: the pass commits (N, open) before it calls its update.
    bool unprotected = false;
};

/// A PHP warning, notice, message or log entry of a pass; the same one several times is one, counted.
struct Message {
    /// "status", "warning", "error" (backdrop_set_message()), "php", "output", "watchdog", and "watchdog
    /// error" or "watchdog warning" by its severity.
    std::string kind;
    std::string text;  ///< HTML already turned into text
    std::uint64_t times = 1;

    /// "text (3 times)".
    [[nodiscard]] std::string counted_text() const {
        return times > 1 ? text + " (" + std::to_string(times) + " times)" : text;
    }
};

struct Requirement {
    enum class Severity { Info, Ok, Warning, Error } severity = Severity::Ok;
    std::string name, title, value, description;
};

struct BootReport {
    plan::Facts facts;
    std::vector<Requirement> requirements;  ///< Warning and Error only
    std::vector<std::string> merged_modules;
    /// Enabled before the boot and disabled by it (update_fix_compatibility()): `facts` no longer shows that
    /// they were.
    std::vector<std::string> disabled_modules;
    std::vector<Message> messages;  ///< what PHP and the site said while booting
    /// A schema change of the boot itself committed inside the open pass (as PassReport::split).
    bool split = false;
    /// The boot changed where modules' code is found, or which are enabled: what this process loaded is not
    /// what the next one loads. commit() this pass without an update, quit() and go on in a fresh worker. Set
    /// by boot() only.
    bool again = false;
};

/// Requests of core/update.php before the updates of a Drupal 7 database, in this order; each needs a process
/// of its own (docs/crash-safety.md, "From Drupal 7").
enum class UpgradeStep {
    First,         ///< the schema that a bootstrap needs, config directories, {system} rebuilt
    Info,          ///< what Backdrop requires enabled, {system} checked against the code
    Dependencies,  ///< modules that enabled ones need are enabled
};

struct UpgradeReport {
    std::vector<Requirement> requirements;  ///< Warning and Error only, as they are after the step
    std::vector<Message> messages;
};

/// What a look at a site found that nothing is to be changed on.
struct LookReport {
    Handshake shake;
    BootReport boot;
    schema::Declared schema;
};

enum class Failure {
    None,
    Exception,  ///< thrown by the update, any Throwable
    Fatal,      ///< PHP fatal error, including memory exhaustion
    Exit,       ///< exit() or die() in the update
    Died,       ///< killed by a signal, or end of file without a word
    Timeout,
    TransactionLost,  ///< deadlock, lock wait timeout, disk full …: worth repeating
    MissingFunction,
};

/// Rows of one table, by its full name.
struct TableRows {
    std::string table;
    std::int64_t inserted = 0, updated = 0, deleted = 0;
};

/// How a pass ended, before it is committed.
struct PassReport {
    Failure failure = Failure::None;
    /// false: the pass was not even opened; `error` says why, and where the mark is not at (N-1, done) of our
    /// run `interrupted` is set. See Worker::begin().
    bool begun = true;
    bool interrupted = false;
    std::string error;               ///< class, message, file and line for Exception and Fatal
    std::vector<std::string> trace;  ///< innermost first, "file:line function"
    double finished = 1.0;           ///< `#finished`; >= 1 is done
    std::string sandbox;             ///< serialized, empty when done
    std::string result;              ///< last pass's return value as text
    std::vector<Message> messages;
    std::vector<TableRows> rows;  ///< written through the site's database layer
    bool split =
        false;  ///< a schema change committed inside the pass: the mark reads (N, open) for everybody
    /// Of a split pass: the tables that its schema changes named, with prefix; nothing: it may be others,
    /// too.
    std::optional<std::vector<std::string>> altered_tables;
    bool modules_disabled = false;   ///< only a fresh worker is without their code
    std::uint64_t memory_bytes = 0;  ///< memory_get_usage(true) after the pass
    std::chrono::milliseconds elapsed{0};
};

struct Commit {
    std::optional<std::pair<std::string, int>>
        schema_version;   ///< module and number, after an update's last pass
    std::string sandbox;  ///< goes into the mark
    std::vector<std::string>
        hash_modules;          ///< whose numbers make the mark's schema_hash (docs/crash-safety.md)
    bool maintenance = false;  ///< switch maintenance mode on again where an update switched it off
};

struct CommitReport {
    std::string schema_hash;
};

/// A PHP process that has the site open. The protocol stands in docs/worker-protocol.md. After any failed
/// pass, and after any error of these calls, the only thing to do is discard(). One thread.
class Worker {
  public:
    virtual ~Worker() = default;

    /// Starts PHP, sends code and secrets, connects through the site's own settings. Nothing is written.
    /// Asks it for its version alone where check() was not called. Errors (Preflight): no PHP, too old
    /// (< 7.2), no PDO driver, PHP printing rubbish, settings.php dying.
    virtual Result<Handshake> start() = 0;

    /// Opens the transaction of pass N and moves the mark to (N, open) (A pass, 1-3). Error Interrupted when
    /// the mark is not at (N-1, done) with our run and epoch. A booted worker may do it together with the
    /// pass() that follows, and say there that it did not come to it (PassReport::begun).
    virtual Result<void> begin(const PassKey& key) = 0;

    /// Boots as core/update.php does (inside the open pass), then reports facts and requirements.
    virtual Result<BootReport> boot() = 0;

    /// One step of the upgrade from Drupal 7, on a worker that was started for this alone, while the mark
    /// reads (N, open) as in `key`. It commits as it goes.
    virtual Result<UpgradeReport> upgrade(const PassKey& key, UpgradeStep step);

    /// Facts again, from the booted process (new numbers, newly enabled modules).
    virtual Result<BootReport> facts() = 0;

    /// Calls the update function once. Always returns a report; failures of the update stand in it.
    virtual PassReport pass(const plan::Step& step, const std::string& sandbox) = 0;

    /// What commit() will be asked for if the next pass() is the last of its update. The worker may write it
    /// while the caller looks at the config directory; it commits on commit() alone.
    virtual void expect_commit(const Commit&) {}

    /// schema_version and the mark (N, done), then COMMIT. Error UpdateFailed when the commit failed.
    virtual Result<CommitReport> commit(const PassKey& key, const Commit& commit) = 0;

    /// Flushes all caches as update.php's end does (backdrop_flush_all_caches() with MAINTENANCE_MODE =
    /// 'update'); to be called on a worker that was started for this alone, or on one whose flush needs no
    /// process of its own. Messages of it come back.
    virtual Result<std::vector<Message>> flush() = 0;
    /// The flush only empties tables: it asks nothing of the code that this process has loaded and that the
    /// updates may have made stale.
    [[nodiscard]] virtual bool flushes_anywhere() const { return false; }

    /// Boots the site outside of any run, tells what is there, and rolls back what the boot wrote. No mark is
    /// needed. To be called on a worker that was started for this alone.
    virtual Result<LookReport> look();

    /// Ends the process without committing anything: SIGKILL, reaped. Safe to call twice.
    virtual void discard() = 0;
    /// Ends an idle process in order.
    virtual void quit() = 0;
};

/// Makes workers; tests put a fake in its place.
class WorkerFactory {
  public:
    virtual ~WorkerFactory() = default;
    virtual std::unique_ptr<Worker> make() = 0;
    /// Many workers will follow one another: the next one's process is to start while one works. Only a
    /// matter of speed.
    virtual void keep_one_ahead(bool /*wanted*/) {}
};

/// What PHP says of itself and of files before anything of the site is loaded.
struct PhpReport {
    std::string version;
    std::vector<std::string> syntax_errors;  ///< "file:line: PHP's words"
};

class PhpWorker;

/// A PHP process that is started ahead of its use: it loads the worker's code while this process does other
/// things, tells what preflight wants to know, and becomes the run's first worker.
class WarmPhp {
  public:
    /// Does not wait; that PHP cannot be started comes out of check().
    WarmPhp(const site::Site& site, const Options& options);
    ~WarmPhp();
    /// Asks PHP to parse these files; answer() waits for what it says.
    void check(const std::vector<std::filesystem::path>& files);
    /// Errors (Preflight): no PHP, too old (< 7.2), no PDO driver, PHP printing rubbish.
    Result<PhpReport> answer();
    /// The process, once; nothing where it did not answer well.
    std::unique_ptr<PhpWorker> take();

  private:
    std::unique_ptr<PhpWorker> worker_;
    Result<void> started_;
    std::optional<Result<PhpReport>> answer_;
    bool asked_ = false, good_ = false;
};

/// A factory of real PHP workers. `worker_lock` is Database::worker_lock_name(run). The first worker is the
/// warm one, if there is one; the second one's PHP starts while the first works, where the flush needs one.
std::unique_ptr<WorkerFactory> php_workers(const site::Site& site, std::string run, std::string worker_lock,
                                           Options options, std::shared_ptr<WarmPhp> warm = {});

/// Worker::look() by a real PHP of its own, which is gone afterwards. Errors: as start() and look().
Result<LookReport> look_at_site(const site::Site& site, const Options& options);

}  // namespace bdupdate::worker
