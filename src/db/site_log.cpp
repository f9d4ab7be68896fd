// The site's own log: what dblog_watchdog() does, without PHP.

#include "site_database.h"

namespace bdupdate::db {

namespace {

std::string php_string(const std::string& text) {
    return "s:" + std::to_string(text.size()) + ":\"" + text + "\";";
}

/// serialize() of an array of strings.
std::string serialized(const std::vector<std::pair<std::string, std::string>>& variables) {
    std::string text = "a:" + std::to_string(variables.size()) + ":{";
    for (const auto& [name, value] : variables) text += php_string(name) + php_string(value);
    return text + "}";
}

}  // namespace

Result<bool> SiteDatabase::write_log(const LogEntry& entry) {
    BDUPDATE_TRY(writable("the site's log"));
    // A table of that name without these columns is somebody else's.
    const auto no_log = [this] {
        return connection_.problem() == Problem::MissingTable ||
               connection_.problem() == Problem::MissingColumn;
    };
    const auto enabled = connection_.query("SELECT name FROM " + table("system") +
                                           " WHERE type = 'module' AND name = 'dblog' AND status = 1");
    if (!enabled && no_log()) return false;
    if (!enabled) return fail(enabled.error());
    if (enabled->empty()) return false;
    const Param variables = Param::blob(serialized(entry.variables));
    const auto there = connection_.query("SELECT wid FROM " + table("watchdog") +
                                             " WHERE type = ? AND timestamp = ? AND variables = ? LIMIT 1",
                                         {Param::text(entry.type), Param::integer(entry.time), variables});
    if (!there && no_log()) return false;
    if (!there) return fail(there.error());
    if (!there->empty()) return true;
    auto added = connection_.execute(
        "INSERT INTO " + table("watchdog") +
            " (uid, type, message, variables, severity, link, location, referer, hostname, timestamp) "
            "VALUES (0, ?, ?, ?, ?, '', '', '', '', ?)",
        {Param::text(entry.type), Param::text(entry.message), variables, Param::integer(entry.severity),
         Param::integer(entry.time)});
    if (!added && no_log()) return false;
    if (!added) return fail(std::move(added).error());
    return true;
}

}  // namespace bdupdate::db
