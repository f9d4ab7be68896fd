#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/backup/backup.h"
#include "bdupdate/base/error.h"
#include "bdupdate/config/config_directory.h"
#include "bdupdate/db/database.h"
#include "bdupdate/journal/journal.h"
#include "bdupdate/journal/paths.h"
#include "bdupdate/recovery/decision.h"
#include "bdupdate/run/listener.h"
#include "bdupdate/run/options.h"
#include "bdupdate/run/preflight.h"
#include "bdupdate/run/view.h"
#include "bdupdate/site/site.h"
#include "bdupdate/worker/worker.h"

namespace bdupdate::run {

/// Makes workers for a run: id of the run and name of the lock that the worker takes.
using MakeWorkers = std::function<std::unique_ptr<worker::WorkerFactory>(const std::string& run,
                                                                         const std::string& worker_lock)>;

/// Everything a run works on; all of it outlives the run.
struct Context {
    const site::Site& site;
    db::Database& database;
    journal::Journal& journal;
    journal::Paths paths;
    scan::ScanOptions scan;
    MakeWorkers make_workers;
    Listener& listener;
    std::string host, user;
    std::optional<RunAs> run_as;              ///< whom the worker runs as, where not as this process
    std::shared_ptr<worker::WarmPhp> warm{};  ///< PHP started ahead for preflight; may be null
    /// Reads settings.php anew into `site`: an upgrade from Drupal 7 changes it. May be empty.
    std::function<Result<void>()> read_settings_again{};
};

/// How a run ended.
enum class End {
    NothingPending,  ///< and nothing was touched
    Updated,
    Partly,  ///< failed updates and what needs them were left out; everything else is done, and the run ended
    Stopped,      ///< the run is open; `recover` goes on
    Untouched,    ///< failed before anything was committed; the site is exactly as before
    Restored,     ///< an update failed, and the run's backup put everything back
    NeedsHands,   ///< what a failed pass left cannot be undone here, or the restore failed; the run is open
    Forgotten,    ///< `recover --forget`: the site stays as it is
    Interrupted,  ///< what the database holds is not known now; the run is open, `recover` finds out
};

/// An update that failed and was left out of the rest of its run.
struct FailedUpdate {
    std::string function, error;
    std::string hint;                  ///< what to do; may be empty
    std::vector<std::string> details;  ///< further lines
};

/// A table that had rows before the run and has none after it.
struct VanishedRows {
    std::string table;       ///< full name
    std::uint64_t rows = 0;  ///< before, counted in the backup
    bool gone = false;       ///< the table itself is not there any more: dropped, or renamed
};

/// How the run changed the active config directory.
struct ConfigFiles {
    std::size_t created = 0, changed = 0, deleted = 0;
    bool in_work_tree = false;   ///< of git: `git diff` can show them
    bool staging_waits = false;  ///< the staging directory holds config: importing it would undo the changes
    [[nodiscard]] std::size_t total() const { return created + changed + deleted; }
};

struct Outcome {
    End end = End::NothingPending;
    ExitCode code = ExitCode::Done;
    std::optional<Error> error;  ///< why it did not end as Updated or NothingPending
    /// Of `recover` where no update was left to do: what it did of the run's end.
    enum class Remainder { None, FlushAndCheck, Tidying, Record } remainder = Remainder::None;
    std::string run;                     ///< id
    std::size_t updates = 0;             ///< done by this call
    std::size_t remaining = 0;           ///< planned and not done
    std::size_t not_selected = 0;        ///< pending still, for --module or --skip left them out
    std::string failed;                  ///< the update at which it ended; empty: none
    std::optional<std::string> backup;   ///< id
    ConfigFiles config_files;            ///< created, changed, deleted in this run
    std::vector<VanishedRows> vanished;  ///< of End::Updated and End::Partly
    bool maintenance_on = false;         ///< now
    bool maintenance_known = true;       ///< false: the database does not answer
    bool boots = true;                   ///< false: restored, and the site was seen not to boot any more
    std::vector<FailedUpdate> failures;  ///< left out by `continue`
    std::vector<std::string> lost;       ///< of End::Forgotten: what nobody can finish or take back any more
    std::vector<plan::Blocked> blocked;
    std::vector<plan::ModuleNote> modules;
    std::chrono::milliseconds elapsed{0};
};

/// Whether `run` has anything to do on this site now.
struct Need {
    View view;
    std::string stamp;   ///< code_stamp()
    bool flush = false;  ///< nothing pending, but the code is newer than at the last flush that is known of
    std::vector<Finding> findings;  ///< of preflight; where one refuses, execute() does
    std::string php_version;        ///< of the PHP that answered preflight; empty: it was not asked
    [[nodiscard]] bool anything() const { return !view.plan.steps.empty() || flush; }
    /// The first finding that stands against a run; null: nothing does.
    [[nodiscard]] const Finding* refusal() const;
};

/// What an assessment looks at; all of it outlives the call.
struct Survey {
    const site::Site& site;
    db::Database& database;
    const journal::Paths& paths;
    const scan::ScanOptions& scan;
    std::optional<RunAs> run_as;
    journal::Journal* journal = nullptr;  ///< null: there is none yet
    worker::WarmPhp* warm = nullptr;      ///< null: PHP is not asked
    bool even_if_idle = false;            ///< preflight also where a run would have nothing to do
};

/// Before assess(): a mark may be that of a run at work, here or on another host, and not of one that did not
/// end. Waits for it as Options::lock_timeout says. Errors: Held (11).
Result<void> wait_for_run_at_work(Context& context, const Options& options);

/// The run that is at work on a site, or did not end there.
struct OpenRun {
    bool marked = false;                 ///< there is one
    std::optional<db::Mark> mark;        ///< nothing: only the mark's table is there
    std::optional<std::string> at_work;  ///< who works on it, "alice on web1, pid 4711, since …"; nothing:
                                         ///< nobody does, and it waits for `recover`, or that cannot be told
};
/// Reads only, holds no lock, and costs nothing beyond the question for the mark's table where there is none.
Result<OpenRun> find_open_run(db::Database& database, const journal::Paths& paths);

/// Reads only. Errors: a run at work (11) or interrupted (8), and what keeps the plan from being made.
/// Everything else that stands against a run is found at once and stands in Need::findings.
Result<Need> assess(const Survey& survey, const Options& options);
Result<Need> assess(const Context& context, const Options& options);

/// The run, from lock to report (docs/architecture.md). Errors: everything found before the first change;
/// nothing was touched then. What happened afterwards stands in the Outcome.
Result<Outcome> execute(Context& context, const Options& options, const Need& need);

/// What `recover` needs to know of today; everything else is as the run began.
struct Attending {
    std::function<int()> stop_signal = [] { return 0; };                       ///< as in Options
    std::function<FailurePolicy(const FailureQuestion&)> ask_on_failure = {};  ///< as in Options
    std::optional<std::filesystem::path> backup_dir =
        {};  ///< where backups are, if the journal does not know
};

/// What recover() would find now, for the question before it.
struct Foresight {
    std::optional<db::Mark> mark;  ///< nothing: only the journal knows of the run
    std::string explanation;       ///< what was found and what follows from it
};
/// Reads only. Nothing: no run is open. Errors: Held (11).
Result<std::optional<Foresight>> foresee(Context& context, const recovery::Request& request);

/// Finishes what an interrupted run left, by the table of docs/crash-safety.md: fences first, then
/// recovery::decide(). Errors: the refusals of that table. Nothing open: End::NothingPending.
Result<Outcome> recover(Context& context, const recovery::Request& request, const Attending& attending = {});

/// The state directory of a site: BASE/NAME-HASH with BASE from --state-dir, else /var/lib/bdupdate for root,
/// else $XDG_STATE_HOME/bdupdate. HASH is of the server's identity. Errors (Preflight): inside the docroot.
Result<std::filesystem::path> state_directory(const std::optional<std::filesystem::path>& base,
                                              const site::Site& site, const db::Server& server);

}  // namespace bdupdate::run
