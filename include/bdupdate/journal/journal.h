#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/config/config_directory.h"
#include "bdupdate/schema/tables.h"

namespace bdupdate::journal {

/// How far a run came, as the journal tells it (the mark decides about passes; docs/crash-safety.md).
enum class RunState {
    Running,    ///< or killed while it ran
    Stopped,    ///< cleanly, after a pass: by policy or by a signal; `recover` goes on
    Finishing,  ///< everything done, the end is being tidied up
    Finished,   ///< updated
    Closed,     ///< ended without its updates: nothing had happened, or everything was put back
};
std::string_view to_string(RunState state);

/// Everything that is known of a run before its first change, and what became of it.
struct Run {
    std::string id;  ///< 32 hexadecimal characters
    RunState state = RunState::Running;
    std::int64_t started_ms = 0;  ///< wall clock
    std::optional<std::int64_t> ended_ms;
    std::string outcome;                         ///< a sentence for people, once it ended or stopped
    std::map<std::string, std::string> options;  ///< of the command line, so that `recover` goes on alike
    std::string docroot, site_fingerprint, core_version, code_stamp;
    std::string host, user;
    std::int64_t pid = 0;
    bool maintenance_supported = true;
    std::optional<std::string> maintenance_before;  ///< serialized; nothing: there was no value
    std::string backup;                             ///< id; empty: none was made
};

/// A step of a plan as it was decided; enough to go on with it later.
struct Step {
    std::string module, number, function, description, file;
    int line = 0;
    std::vector<std::string> after;
    bool last_of_module = false;
};

/// How far a run came, as its passes tell it.
struct Progress {
    std::size_t updates = 0;   ///< finished
    bool committed = false;    ///< any pass was
    std::int64_t last_ms = 0;  ///< end of its last pass (wall clock)
};

/// The PHP process of a pass, for the fences of recovery.
struct WorkerRecord {
    std::int64_t pid = 0;
    std::uint64_t start_time = 0;
    std::uint64_t connection_id = 0;
    std::string lock_name;
};

/// Something of the database's structure that a pass changed. `what` is "table", "column" or "index"; a table
/// that came or went brings rows for each of its columns and indexes along. Or it is "rename": of a table,
/// from `before` to `after`.
struct SchemaChange {
    std::string table;                         ///< full name
    std::string what, name;                    ///< name: of column or index; of a table ""
    std::optional<std::string> before, after;  ///< in the server's words; nothing: it was, or is, not there
};

/// Rows that an update wrote through the site's database layer, as the driver counts them.
struct RowsTouched {
    std::string table;  ///< full name
    std::int64_t inserted = 0, updated = 0, deleted = 0;
};

/// A file of the config directory that a pass changed. Without content: it was, or is, not there.
struct ConfigChange {
    std::int64_t seq = 0;
    std::string path;
    std::optional<std::string> before, after;
};

/// A stretch of a run's work that is no update: it lasts until the next phase or pass.
struct Phase {
    std::string what;
    std::int64_t started_ms = 0;  ///< wall clock
};

/// A pass that was tried; `committed` says that the mark reached (seq, done).
struct Pass {
    std::int64_t seq = 0, plan = 0, step = -1;  ///< step -1: a pass that only booted the site
    std::string function;
    bool committed = false, split = false;
    std::int64_t started_ms = 0, elapsed_ms = 0;
    double finished = 1.0;
    std::string result;                                         ///< the update's message, as text
    std::string error;                                          ///< why it failed; empty: it did not
    std::vector<std::pair<std::string, std::string>> messages;  ///< kind, text
    std::size_t config_files = 0;                               ///< written or deleted
    std::vector<SchemaChange> schema_changes;
    std::vector<RowsTouched> rows;
};

/// The journal: SQLite in the state directory, WAL, synchronous FULL. Each call is one synced transaction,
/// where it does not say otherwise. It never decides how far the database is. Errors name the file; a full
/// disk is Preflight before the first change.
class Journal {
  public:
    /// Creates the file (0600) where it is missing. Errors: Preflight.
    static Result<Journal> open(const std::filesystem::path& file);
    /// For readers that must leave no trace. A missing file: an empty optional.
    static Result<std::optional<Journal>> open_read_only(const std::filesystem::path& file);
    Journal(Journal&&) noexcept;
    Journal& operator=(Journal&&) noexcept;
    ~Journal();

    /// Calls `calls`, which call this journal, in one synced transaction; an error of theirs takes all of it
    /// back.
    Result<void> together(const std::function<Result<void>()>& calls);

    Result<void> add_run(const Run& run);
    Result<std::optional<Run>> run(const std::string& id);
    /// Runs whose id begins like this, newest first.
    Result<std::vector<Run>> runs_like(const std::string& beginning);
    /// Of each run that has passes, by its id.
    Result<std::map<std::string, Progress>> progress();
    /// The newest run that is neither finished nor closed.
    Result<std::optional<Run>> open_run();
    Result<std::vector<Run>> runs(std::size_t newest);
    /// `Finished` is not synced: it comes behind `Finishing`, from which recovery says the same, and last, so
    /// that closing the journal syncs it.
    Result<void> set_state(const std::string& run, RunState state, const std::string& outcome);
    /// Remembers something about a run beside the options that it began with, or replaces one of them.
    Result<void> set_option(const std::string& run, const std::string& name, const std::string& value);
    Result<void> set_backup(const std::string& run, const std::string& backup);

    /// The plan's number in its run, from 1.
    Result<std::int64_t> add_plan(const std::string& run, const std::vector<Step>& steps);
    Result<std::vector<Step>> plan(const std::string& run, std::int64_t number);

    /// Synced where there is a server's session: the process itself does not outlive a power cut.
    Result<void> set_worker(const std::string& run, const WorkerRecord& worker);
    Result<std::optional<WorkerRecord>> worker(const std::string& run);

    /// Not synced: a power cut may take the newest passes along, and nobody decides by them.
    Result<void> add_pass(const std::string& run, const Pass& pass);
    Result<std::vector<Pass>> passes(const std::string& run);

    /// Not synced, as add_pass().
    Result<void> add_phase(const std::string& run, const Phase& phase);
    Result<std::vector<Phase>> phases(const std::string& run);

    /// Image `seq` of the config directory: 0 holds every file, later ones what their pass wrote or deleted.
    /// Replaces an image of that number.
    Result<void> put_image(const std::string& run, std::int64_t seq, const std::vector<config::File>& files);
    /// image(k): image 0 plus 1..k. Error NeedsHands when there is no image 0.
    Result<std::vector<config::File>> image(const std::string& run, std::int64_t k);
    /// What the images above 0 changed, by pass and path; empty after they were dropped.
    Result<std::vector<ConfigChange>> config_changes(const std::string& run);
    /// What a run changes beside the config files (`seq` as of images): settings.php and, by a path that ends
    /// with a slash, config directories. Absolute paths; without content: it is not there. Replaces what was
    /// there of that number.
    Result<void> put_surroundings(const std::string& run, std::int64_t seq,
                                  const std::vector<config::File>& files);
    /// As of image k, what is not there included; empty for runs that change no such thing.
    Result<std::vector<config::File>> surroundings(const std::string& run, std::int64_t k);
    Result<bool> has_image(const std::string& run, std::int64_t seq);
    Result<void> drop_images_above(const std::string& run, std::int64_t k);

    /// Full names of the tables that were there before a run without a backup, which would tell.
    Result<void> set_tables_before(const std::string& run, const std::vector<std::string>& names);
    Result<std::vector<std::string>> tables_before(const std::string& run);
    /// Full names of tables that were first seen after a pass of this run (crash safety, Restore).
    Result<void> add_made_tables(const std::string& run, const std::vector<std::string>& names);
    /// Those of `run` and of every run that started at `since_ms` or later.
    Result<std::vector<std::string>> made_tables(const std::string& run, std::int64_t since_ms);

    /// How the tables were before the first change of the newest run that looked, and after its last one, for
    /// `verify`. Only the newest run's are kept. Nothing replaces what a run found before its first change.
    /// Not synced, as add_pass().
    struct KeptTables {
        std::string run;
        schema::Tables before;
        std::optional<schema::Tables> after;  ///< nothing: as before, or the run did not come to its end
    };
    Result<void> keep_tables_before(const std::string& run, const schema::Tables& tables);
    Result<void> keep_tables_after(const std::string& run, const schema::Tables& tables);
    Result<std::optional<KeptTables>> kept_tables();
    /// The database was replaced: what was kept tells nothing of it any more.
    Result<void> forget_tables();

    /// What failed last and is not to be tried again by itself.
    struct FailedPlan {
        std::string key;  ///< of plan and code
        std::string why;
    };
    Result<std::optional<FailedPlan>> failed_plan();
    Result<void> set_failed_plan(const std::optional<FailedPlan>& plan);

    /// The code stamp at the last cache flush that is known of; empty: none is.
    Result<std::string> flushed_stamp();
    Result<void> set_flushed_stamp(const std::string& stamp);
    /// How far which run was at its last flush, in the words of who flushed; empty: none is known of.
    Result<std::string> flushed_at();
    /// Not synced: a power cut may mean one more flush, as a kill just before does.
    Result<void> set_flushed_at(const std::string& place);

  private:
    struct Connection;
    explicit Journal(std::unique_ptr<Connection> connection);
    Result<std::string> fact(const char* name);
    Result<void> set_fact(const char* name, const std::string& value);
    std::unique_ptr<Connection> connection_;
};

}  // namespace bdupdate::journal
