#include <charconv>
#include <thread>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/digest.h"
#include "bdupdate/base/text.h"
#include "mysql_database.h"

// GET_LOCK and the fence against sessions that outlive their client (docs/crash-safety.md, Lock and
// Recovery).

namespace bdupdate::db {

namespace {

constexpr auto poll_interval = std::chrono::milliseconds(50);

std::uint64_t number(const Row& row) {
    std::uint64_t value = 0;
    if (row[0]) std::from_chars(row[0]->data(), row[0]->data() + row[0]->size(), value);
    return value;
}

}  // namespace

std::string MySqlDatabase::lock_name(const std::string& purpose) const {
    // Names are the server's, not the database's. Lower case, for some servers do not tell the case of
    // database names.
    const std::string key = to_lower(settings_.database) + '\0' + full("system") + '\0' + purpose;
    return "bdupdate:" + sha256_hex(key).substr(0, 40);
}

std::string MySqlDatabase::worker_lock_name(const std::string& run) const {
    return lock_name("worker of " + run);
}

Result<std::uint64_t> MySqlDatabase::holder(const std::string& name) {
    BDUPDATE_ASSIGN(const std::vector<Row> rows,
                    connection_.query("SELECT IS_USED_LOCK(?)", {Param::text(name)}));
    return number(rows.front());
}

std::string MySqlDatabase::session_text(std::uint64_t id) {
    std::string text = "database session " + std::to_string(id);
    const auto rows = connection_.query("SELECT USER, HOST FROM information_schema.PROCESSLIST WHERE ID = ?",
                                        {Param::integer(static_cast<std::int64_t>(id))});
    if (rows && !rows->empty())
        text += " of " + rows->front()[0].value_or("?") + " from " + rows->front()[1].value_or("?");
    return text;
}

Result<Database::LockOutcome> MySqlDatabase::lock(std::chrono::seconds timeout) {
    const auto until = Monotonic::now() + timeout;
    const std::string name = lock_name("site");
    LockOutcome outcome;
    if (auto held = holds_lock(); held && *held && lock_supported_) {
        outcome.taken = true;  // GET_LOCK counts: a second one would outlive unlock()
        return outcome;
    }
    for (;;) {
        // A second at a time, so that a signal is not kept waiting for the whole timeout.
        const bool more = Monotonic::now() < until;
        const auto rows =
            connection_.query("SELECT GET_LOCK(?, ?)", {Param::text(name), Param::integer(more ? 1 : 0)});
        if (!rows && connection_.problem() == Problem::Refused) {
            lock_supported_ = false;
            outcome.taken = true;
            outcome.supported = false;
            return outcome;
        }
        if (!rows) return fail(rows.error());
        outcome.taken = number(rows->front()) == 1;
        if (outcome.taken) return outcome;
        if (Monotonic::now() >= until) break;
    }
    BDUPDATE_ASSIGN(outcome.session, holder(name));
    describe_holder(outcome);
    return outcome;
}

void MySqlDatabase::describe_holder(LockOutcome& outcome) {
    if (outcome.session == 0) {
        outcome.held_by = "a session that has just ended";
        return;
    }
    const std::string session = session_text(outcome.session);
    const std::string holder = marked_holder();
    outcome.held_by = holder.empty() ? session : holder + " (" + session + ")";
    const auto rows = connection_.query(
        "SELECT TIME FROM information_schema.PROCESSLIST WHERE ID = ? AND COMMAND = 'Sleep'",
        {Param::integer(static_cast<std::int64_t>(outcome.session))});
    if (!rows || rows->empty()) return;
    const auto silent = std::chrono::seconds(number(rows->front()));
    if (silent < stale_after_) return;
    outcome.stale = true;
    outcome.held_by += ", which has been silent for " +
                       duration_text(std::chrono::duration_cast<std::chrono::milliseconds>(silent));
}

Result<Database::LockOutcome> MySqlDatabase::look_at_lock() {
    LockOutcome outcome;
    const auto session = holder(lock_name("site"));
    if (!session && connection_.problem() == Problem::Refused) {
        outcome.supported = false;
        return outcome;
    }
    if (!session) return fail(session.error());
    outcome.session = *session;
    if (outcome.session != 0) describe_holder(outcome);
    return outcome;
}

Result<bool> MySqlDatabase::holds_lock() {
    if (!lock_supported_) return true;
    BDUPDATE_ASSIGN(const std::uint64_t other, holder(lock_name("site")));
    return other != 0 && other == session_->id();
}

Result<void> MySqlDatabase::unlock() {
    if (!lock_supported_) return {};
    if (auto freed = connection_.query("SELECT RELEASE_LOCK(?)", {Param::text(lock_name("site"))}); !freed)
        return fail(std::move(freed).error());
    return {};
}

Result<bool> MySqlDatabase::session_exists(std::uint64_t id) {
    // Numbers start again when the server does: one of another account or database is somebody else's.
    BDUPDATE_ASSIGN(const std::vector<Row> rows,
                    connection_.query(
                        "SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ? AND ID <> CONNECTION_ID() "
                        "AND DB = DATABASE() AND USER = SUBSTRING_INDEX(USER(), '@', 1)",
                        {Param::integer(static_cast<std::int64_t>(id))}));
    return !rows.empty();
}

Result<void> MySqlDatabase::kill(std::uint64_t id) {
    auto killed = connection_.execute("KILL " + std::to_string(id));
    if (killed || connection_.problem() == Problem::NoSuchSession) return {};
    Error error = std::move(killed).error();
    error.message = "cannot end database session " + std::to_string(id) + ": " + error.message;
    error.hint = "end it with an account that may, then try again";
    return fail(std::move(error));
}

Result<void> MySqlDatabase::end_session(std::uint64_t connection_id, const std::string& name,
                                        std::chrono::seconds timeout) {
    const auto until = Monotonic::now() + timeout;
    for (;;) {
        // The lock is taken before anything is written, and given back after the rollback: its holder is the
        // session that matters, even behind a proxy that counts connections in its own way.
        // Without a name: the holder of the site's own lock, whom the list of processes shows only to its
        // account.
        std::uint64_t locked_by = 0;
        auto found = holder(name.empty() ? lock_name("site") : name);
        if (!found && connection_.problem() != Problem::Refused) return fail(std::move(found).error());
        if (found && (!name.empty() || *found == connection_id)) locked_by = *found;
        bool alive = locked_by != 0;
        if (alive && locked_by != session_->id()) BDUPDATE_TRY(kill(locked_by));
        if (connection_id != 0 && connection_id != locked_by) {
            BDUPDATE_ASSIGN(const bool exists, session_exists(connection_id));
            if (exists) BDUPDATE_TRY(kill(connection_id));
            alive = alive || exists;
        }
        if (!alive) return {};
        if (Monotonic::now() >= until)
            return fail(ExitCode::Interrupted,
                        session_text(locked_by != 0 ? locked_by : connection_id) +
                            " was told to end but is still there: the server may be rolling it back",
                        "wait for it, then run `bdupdate recover` again");
        std::this_thread::sleep_for(poll_interval);
    }
}

}  // namespace bdupdate::db
