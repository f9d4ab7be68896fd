#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/schema/tables.h"
#include "bdupdate/site/site.h"

namespace bdupdate::db {

/// What was really reached; the identity of a site (crash safety: state directory, fingerprint).
struct Server {
    std::string product;  ///< "MariaDB", "MySQL", "SQLite"
    std::string version;
    std::string
        identity;  ///< server uid/uuid, host, port, database and prefix; SQLite: the real path. Stable text
};

/// One row of {system} with type = 'module' (bare sites without it: of {schema}).
struct ModuleRow {
    std::string name;
    int schema_version = -1;
    bool enabled = false;
    int weight = 0;
    std::string filename;
};

/// Where the last-run numbers live.
enum class SchemaTable { System, Schema };

enum class MarkState { Preparing, Open, Done, Restoring, Finishing };
std::string_view to_string(MarkState state);
std::optional<MarkState> mark_state_from(std::string_view text);

/// The one row of {bdupdate_mark}: it alone says how far the database is (docs/crash-safety.md).
struct Mark {
    std::string run;         ///< id of the run, 32 hexadecimal characters
    std::int64_t epoch = 1;  ///< raised by every recovery: the fence against an older run
    std::int64_t seq = 0;    ///< passes through the whole run, across plans
    std::int64_t plan = 0;   ///< journal's number of the plan
    std::int64_t step = 0;   ///< index into that plan, from 0; the step of pass `seq`
    MarkState state = MarkState::Preparing;
    std::string after_restore;  ///< "", "rerun" or "close"
    std::string sandbox;  ///< PHP-serialized sandbox of an update that is between two passes; empty: none
    std::optional<std::string>
        maintenance_before;   ///< serialized state value as it was; nothing: the row was absent
    std::string schema_hash;  ///< hash of the planned modules' numbers after pass seq
    std::string state_dir, host, user;
    std::string site_fingerprint;  ///< sha256 of Server::identity
};

/// Where a run with this mark stands, for people: "stands after pass 24".
std::string standing(const Mark& mark);

/// A run that holds the lock pings its server at least this often, whatever else it waits for; a session that
/// has been silent for `usual_stale_after` has lost its process.
inline constexpr std::chrono::seconds heartbeat_every{30};
inline constexpr std::chrono::seconds usual_stale_after{180};

/// {batch} or {queue} rows that update.php left behind.
struct UnfinishedBatch {
    std::string where;  ///< table and id, for people
};

/// What watchdog() would log.
struct LogEntry {
    std::string type, message;  ///< `message` may have placeholders, such as %update
    std::vector<std::pair<std::string, std::string>> variables;  ///< placeholder, text
    int severity = 3;                                            ///< WATCHDOG_ERROR
    std::int64_t time = 0;                                       ///< seconds, wall clock
};

struct OpenOptions {
    bool read_only = true;  ///< strictly no trace: SQLite opens without creating -wal or -shm files
    std::chrono::seconds connect_timeout{10};
    std::chrono::seconds stale_after = usual_stale_after;  ///< see LockOutcome::stale; tests have less time
    /// SQLite only: the file whose flock is the lock of the site. Never the database file. Empty: lock() is
    /// refused.
    std::filesystem::path lock_file;
    /// A database without {system} (bare sites: and without {schema}) is taken, too: for `mark` on a bare
    /// site, see create_schema_table(), and for a restore into what is left of a site. One with a mark always
    /// is: a killed restore may have left nothing else.
    bool allow_missing_schema = false;
};

/// The site's database: verbs of this project's domain, no general query. Every error names the table or the
/// server and carries the server's own words; a lost connection is Preflight before the first change. One
/// thread at a time.
class Database {
  public:
    virtual ~Database() = default;

    virtual const Server& server() const = 0;
    /// Asks the server that it is still there (also keeps wait_timeout away).
    virtual Result<void> ping() = 0;

    // --- what is installed
    virtual SchemaTable schema_table() const = 0;
    /// Every row with type = 'module', in the order the server gives them without ORDER BY (semantics 5:
    /// core's query).
    virtual Result<std::vector<ModuleRow>> modules() = 0;
    /// Installed modules by `ORDER BY weight, name` in the table's own collation: the order of the hooks.
    virtual Result<std::vector<std::string>> hook_order() = 0;
    /// All tables of the site (its prefix; without the mark's), sorted; with engine names on MySQL.
    struct Table {
        std::string name;    ///< with prefix, as stored
        std::string engine;  ///< "InnoDB"; "" on SQLite
        bool is_view = false;
        std::string collation = {};  ///< of new columns; "" on SQLite and of views
    };
    virtual Result<std::vector<Table>> tables() = 0;
    /// A key of config kept in {config_active}: its raw data, or nothing.
    virtual Result<std::optional<std::string>> active_config(const std::string& name) = 0;
    virtual Result<std::optional<UnfinishedBatch>> unfinished_batch() = 0;

    /// A row of {state}, serialized; nothing where it, or the whole table, is not there.
    virtual Result<std::optional<std::string>> state(const std::string& name);
    /// The same of Drupal's {variable}.
    virtual Result<std::optional<std::string>> variable(const std::string& name);

    // --- maintenance mode (state 'maintenance_mode'; {variable} while there is no {state})
    struct Maintenance {
        bool supported = true;             ///< false: a bare site without {state}
        std::optional<std::string> value;  ///< serialized PHP value; nothing: the row is absent
        [[nodiscard]] bool on() const;     ///< truthy by PHP's rules
    };
    virtual Result<Maintenance> maintenance() = 0;
    /// Writes the value, or removes the row; drops {cache}'s `states` entry so that it is seen.
    virtual Result<void> set_maintenance(const std::optional<std::string>& serialized) = 0;
    /// core's semaphore `cron`: false when somebody holds it now. It is taken for `lease` and must be renewed
    /// by take_cron with the same owner. Sites without {semaphore}: true.
    virtual Result<bool> take_cron(const std::string& owner, std::chrono::seconds lease) = 0;
    virtual Result<void> release_cron(const std::string& owner) = 0;

    // --- the mark
    virtual Result<bool> has_mark_table() = 0;
    virtual Result<std::optional<Mark>> read_mark() = 0;
    virtual Result<void> create_mark(const Mark& mark) = 0;
    /// Writes all fields where run, epoch, seq and state are still those of `expected`; error Interrupted (8)
    /// where not.
    virtual Result<void> replace_mark(const Mark& expected, const Mark& wanted) = 0;
    /// Reads it FOR UPDATE and raises its epoch by one; the fence (c) of recovery.
    virtual Result<Mark> raise_epoch() = 0;
    virtual Result<void> drop_mark() = 0;
    /// Calls `verbs`, which call verbs of this database, in one transaction; an error of theirs takes back
    /// all that they wrote. So on SQLite. MySQL commits at create_mark() and drop_mark(): what stands before
    /// them there is one transaction, and what follows is one each. Therefore the verbs stand in an order of
    /// which recovery knows every beginning (docs/crash-safety.md).
    virtual Result<void> together(const std::function<Result<void>()>& verbs);
    virtual Result<void> set_schema_version(const std::string& module, int number) = 0;

    // --- the lock, one run a site. MySQL: GET_LOCK on this connection; SQLite: flock on a file beside the
    // state (given at open). held_by is filled in when it is not ours.
    struct LockOutcome {
        bool taken = false;
        /// false: the server refuses GET_LOCK (some proxies and clusters); the mark's epoch alone is the
        /// fence then, and `taken` is true.
        bool supported = true;
        std::string held_by;        ///< "alice on web1, pid 4711, since …" as far as it is known
        std::uint64_t session = 0;  ///< the server's number of the holder's session; 0: not known, or SQLite
        /// The holder's session has said nothing for longer than a live run ever does (heartbeat_every).
        bool stale = false;
    };
    virtual Result<LockOutcome> lock(std::chrono::seconds timeout) = 0;
    /// Who holds the lock now, without taking it: held_by is empty where nobody does, or where that cannot be
    /// told (SQLite: its lock is a file, see is_locked() in base).
    virtual Result<LockOutcome> look_at_lock();
    /// Whether the lock is still this connection's: asked before each commit.
    virtual Result<bool> holds_lock() = 0;
    virtual Result<void> unlock() = 0;
    /// The name of the lock that the worker takes while it lives ("" on SQLite).
    virtual std::string worker_lock_name(const std::string& run) const = 0;
    /// Fence (b): ends a server session and waits until `lock_name` is free. Nothing to do on SQLite.
    virtual Result<void> end_session(std::uint64_t connection_id, const std::string& lock_name,
                                     std::chrono::seconds timeout) = 0;

    // --- for backup (SQLite only; MySQL uses its dump program)
    /// Copies the whole database, as it stands at one moment, into a new file, without the mark's table,
    /// journal_mode=DELETE. Not synced.
    virtual Result<void> copy_to(const std::filesystem::path& file) = 0;

    // --- for backup, restore and preflight. A fake in a test need not know these: they refuse unless
    // overridden.
    /// Prefixes of other sites in the same database, found by their `*system` table with core's columns;
    /// longest first.
    virtual Result<std::vector<std::string>> other_prefixes();
    /// Full names of `cache` and `cache_*` tables that have core's cache columns: their data need not be
    /// kept.
    virtual Result<std::vector<std::string>> cache_tables();
    /// Triggers on the site's tables, and stored routines of the database, as far as this account may see
    /// them.
    struct StoredCode {
        std::size_t triggers = 0, routines = 0;
    };
    virtual Result<StoredCode> stored_code();
    /// Privileges that a run needs on the site's tables and that this account surely lacks: CREATE, ALTER …
    /// What cannot be told (roles, privileges on single tables, forms that are not known) counts as granted.
    virtual Result<std::vector<std::string>> missing_privileges();
    /// How large things are, as far as the server tells it without reading tables for long.
    struct Capacity {
        std::uint64_t data_bytes = 0;    ///< rows of the site's tables, without caches; SQLite: the file
        std::uint64_t packet_bytes = 0;  ///< max_allowed_packet of this server; 0: there is no such limit
        std::uint64_t largest_row =
            0;  ///< bytes; 0: surely below half a packet, or not to be found out quickly
        std::string largest_row_table;
    };
    virtual Result<Capacity> capacity();
    /// Capacity::data_bytes alone, and without a further question once capacity() was asked.
    virtual Result<std::uint64_t> data_bytes();
    /// Whether this account may create views, triggers and routines in another account's name.
    virtual Result<bool> may_set_definer();
    /// Full names of the site's tables that were written to or altered in the last seconds, as far as the
    /// server knows: for people who must mend by hand. SQLite: none.
    virtual Result<std::vector<std::string>> changed_tables(std::chrono::seconds within);
    /// Rows of a table given by its full name.
    virtual Result<std::uint64_t> count_rows(const std::string& table);
    /// Drops tables and views by full name, whatever order foreign keys want; names that do not exist are
    /// skipped.
    virtual Result<void> drop_tables(const std::vector<std::string>& names);
    /// Which of these full names of tables are not this site's: without its prefix, or of another site whose
    /// longer prefix begins alike.
    virtual Result<std::vector<std::string>> foreign_names(const std::vector<std::string>& names);
    /// Takes a named lock and gives it back: nobody holds it now. False: this server has none (or SQLite).
    virtual Result<bool> pass_lock(const std::string& name, std::chrono::seconds timeout);
    /// A new, empty database on the same server, for a look at a backup. Error: the server's refusal, with
    /// what to grant. drop_scratch() takes only names that begin like those of create_scratch().
    virtual Result<std::string> create_scratch();
    virtual Result<void> drop_scratch(const std::string& name);
    /// SQLite: makes the database equal to `file` plus this mark, by one call of the backup API (crash
    /// safety, Restore). Where tables of others stand beside the site's, only its own are replaced, in one
    /// transaction.
    virtual Result<void> replace_with(const std::filesystem::path& file, const Mark& mark);
    /// Which of these tables, given by full names, hold no row. All must be there.
    virtual Result<std::vector<std::string>> empty_tables(const std::vector<std::string>& names);
    /// How the site's tables are made, the mark's left out.
    virtual Result<schema::Tables> shapes();
    /// The same of these tables only, given by full names; those that are not there are left out. MySQL only:
    /// on SQLite all of them are seen as quickly.
    virtual Result<schema::Tables> shapes_of(const std::vector<std::string>& names);
    /// A number that changes with each schema change; nothing where the server has none (MySQL).
    virtual Result<std::optional<std::int64_t>> schema_cookie();
    /// Adds an entry to the site's own log, {watchdog} of module dblog, unless the very same one is there:
    /// repeatable after a kill. False: the site keeps no log there, or the module is disabled.
    virtual Result<bool> write_log(const LogEntry& entry);
    /// {schema}(name, schema_version) of a bare site that has none.
    virtual Result<void> create_schema_table();
};

/// Sets up the client library of MySQL on a thread of its own (half a millisecond, most of it OpenSSL's), for
/// whoever has other things to do before open_database(). What is returned waits for it at its end.
[[nodiscard]] std::future<void> prepare_client();

/// Opens the site's database. Errors (Preflight): unreachable, wrong password, unknown database, missing
/// {system} table
/// ("this database has no Backdrop site in it" …), not a SQLite file; each names host, port or path, never
/// the password.
Result<std::unique_ptr<Database>> open_database(const site::DatabaseSettings& settings, site::Kind kind,
                                                const OpenOptions& options = {});

}  // namespace bdupdate::db
