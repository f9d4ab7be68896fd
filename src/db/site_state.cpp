#include <algorithm>
#include <array>
#include <cstdio>

#include "bdupdate/base/clock.h"
#include "site_database.h"

// Maintenance mode and core's semaphore: what state_set() and lock_acquire() do, without PHP.

namespace bdupdate::db {

namespace {

/// expire as core writes it: microtime(TRUE) plus the lease.
std::string seconds_text(double seconds) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.4f", seconds);
    return text.data();
}

double now_seconds() {
    return static_cast<double>(wall_milliseconds()) / 1000.0;
}

}  // namespace

Param serialized_param(const std::string& value) {
    // As PHP binds it: text. Only bytes that are no plain text need more care.
    const bool plain = std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
    return plain ? Param::text(value) : Param::blob(value);
}

Result<std::optional<std::string>> SiteDatabase::state(const std::string& name) {
    return value_in("state", name);
}

Result<std::optional<std::string>> SiteDatabase::variable(const std::string& name) {
    return value_in("variable", name);
}

Result<std::optional<std::string>> SiteDatabase::value_in(const char* where, const std::string& name) {
    auto rows =
        connection_.query("SELECT value FROM " + table(where) + " WHERE name = ?", {Param::text(name)});
    if (!rows && connection_.problem() == Problem::MissingTable) return std::optional<std::string>();
    if (!rows) return fail(std::move(rows).error());
    return rows->empty() ? std::optional<std::string>() : rows->front()[0];
}

std::string SiteDatabase::maintenance_sql(const char* where) const {
    return "SELECT value FROM " + table(where) + " WHERE name = 'maintenance_mode'";
}

std::vector<const char*> SiteDatabase::maintenance_places() const {
    if (kind_ == site::Kind::Drupal7) return {"variable"};
    return {"state", "variable"};
}

Result<Database::Maintenance> SiteDatabase::maintenance() {
    Maintenance result;
    for (const char* name : maintenance_places()) {
        auto rows = connection_.query(maintenance_sql(name));
        if (rows) {
            if (!rows->empty()) result.value = rows->front()[0];
            return result;
        }
        if (connection_.problem() != Problem::MissingTable) return fail(std::move(rows).error());
    }
    result.supported = false;
    return result;
}

Result<void> SiteDatabase::set_maintenance(const std::optional<std::string>& serialized) {
    BDUPDATE_TRY(writable("maintenance mode"));
    bool state = false;
    if (kind_ != site::Kind::Drupal7) {
        BDUPDATE_ASSIGN(state, connection_.has_table(full("state")));
    }
    if (!state) {
        BDUPDATE_ASSIGN(const bool variable, connection_.has_table(full("variable")));
        if (!variable)
            return fail(ExitCode::Preflight,
                        "maintenance mode is not known to this site: " + connection_.place() +
                            " has neither a table " + full("state") + " nor " + full("variable"));
    }
    // The cached copy of all states (Drupal 7: variables); where the cache lives elsewhere there is nothing
    // to delete here.
    std::vector<std::string> caches;
    for (const char* cache : {"cache", "cache_bootstrap"}) {
        BDUPDATE_ASSIGN(const bool there, connection_.has_table(full(cache)));
        if (there) caches.push_back(table(cache));
    }
    const std::string values = table(state ? "state" : "variable");
    const std::string cid = state ? "states" : "variables";
    return connection_.transaction([&]() -> Result<void> {
        if (serialized) {
            BDUPDATE_ASSIGN(
                const std::uint64_t found,
                connection_.execute("UPDATE " + values + " SET value = ? WHERE name = 'maintenance_mode'",
                                    {serialized_param(*serialized)}));
            if (found == 0)
                if (auto added = connection_.execute(
                        "INSERT INTO " + values + " (name, value) VALUES ('maintenance_mode', ?)",
                        {serialized_param(*serialized)});
                    !added)
                    return fail(std::move(added).error());
        } else if (auto gone =
                       connection_.execute("DELETE FROM " + values + " WHERE name = 'maintenance_mode'");
                   !gone) {
            return fail(std::move(gone).error());
        }
        for (const std::string& cache : caches)
            if (auto cleared =
                    connection_.execute("DELETE FROM " + cache + " WHERE cid = ?", {Param::text(cid)});
                !cleared)
                return fail(std::move(cleared).error());
        return {};
    });
}

Result<bool> SiteDatabase::take_cron(const std::string& owner, std::chrono::seconds lease) {
    BDUPDATE_TRY(writable("the semaphore cron"));
    const std::string semaphore = table("semaphore");
    const Param expire = Param::text(seconds_text(now_seconds() + static_cast<double>(lease.count())));
    auto renewed =
        connection_.execute("UPDATE " + semaphore + " SET expire = ? WHERE name = 'cron' AND value = ?",
                            {expire, Param::text(owner)});
    if (!renewed && connection_.problem() == Problem::MissingTable) return true;
    if (!renewed) return fail(std::move(renewed).error());
    if (*renewed > 0) return true;
    if (auto expired = connection_.execute("DELETE FROM " + semaphore + " WHERE name = 'cron' AND expire < " +
                                           seconds_text(now_seconds()));
        !expired)
        return fail(std::move(expired).error());
    auto taken =
        connection_.execute("INSERT INTO " + semaphore + " (name, value, expire) VALUES ('cron', ?, ?)",
                            {Param::text(owner), expire});
    if (taken) return true;
    if (connection_.problem() == Problem::DuplicateKey) return false;
    return fail(std::move(taken).error());
}

Result<void> SiteDatabase::release_cron(const std::string& owner) {
    BDUPDATE_TRY(writable("the semaphore cron"));
    auto gone = connection_.execute(
        "DELETE FROM " + table("semaphore") + " WHERE name = 'cron' AND value = ?", {Param::text(owner)});
    if (!gone && connection_.problem() != Problem::MissingTable) return fail(std::move(gone).error());
    return {};
}

}  // namespace bdupdate::db
