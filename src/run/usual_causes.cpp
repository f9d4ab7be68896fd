#include "usual_causes.h"

#include <initializer_list>
#include <string_view>

#include "bdupdate/base/text.h"

namespace bdupdate::run {

namespace {

/// An error text, searched without regard to case.
class Words {
  public:
    explicit Words(const std::string& text) : text_(text), lower_(to_lower(text)) {}

    [[nodiscard]] bool any(std::initializer_list<std::string_view> parts) const {
        for (const std::string_view part : parts)
            if (lower_.find(to_lower(part)) != std::string::npos) return true;
        return false;
    }

    /// What stands between two marks, such as the name in "Table 'name' doesn't exist"; the first pair that
    /// is there.
    struct Marks {
        std::string_view before, after;
    };
    [[nodiscard]] std::string between(std::initializer_list<Marks> all) const {
        for (const Marks& marks : all) {
            const std::size_t at = lower_.find(to_lower(marks.before));
            if (at == std::string::npos) continue;
            const std::size_t begin = at + marks.before.size();
            const std::size_t end = marks.after.empty() ? lower_.find_first_of(" :;,()\n", begin)
                                                        : lower_.find(to_lower(marks.after), begin);
            if (end == std::string::npos && !marks.after.empty()) continue;
            return text_.substr(begin, end == std::string::npos ? end : end - begin);
        }
        return {};
    }

  private:
    const std::string& text_;
    std::string lower_;
};

/// "table x" or "a table"; the database's name in front of the table's goes.
std::string named(const char* what, std::string name) {
    if (const std::size_t dot = name.rfind('.'); dot != std::string::npos) name.erase(0, dot + 1);
    return name.empty() ? std::string("a ") + what : std::string(what) + " " + name;
}

/// Of the layer, which says it in words of its own.
std::string missing_object(const Words& words) {
    if (!words.any({"SchemaObjectDoesNotExistException"})) return {};
    return "the update changes what is not there: something of its module did not run to its end on this "
           "site, or "
           "runs twice; make it as its hook_schema() says, then run again";
}

std::string missing_table(const Words& words) {
    if (!words.any({"42S02", "no such table", "table doesn't exist"})) return {};
    return named("table", words.between({{"Table '", "'"},
                                         {"no such table: ", ""},
                                         {"primary key to table ", ": table"},
                                         {"Cannot rename ", " to "}})) +
           " is missing: something of its module did not run to its end on this site; make it as its "
           "hook_schema() says, then run again";
}

std::string missing_column(const Words& words) {
    if (!words.any({"42S22", "no such column", "has no column named", "field doesn't exist"})) return {};
    return named("column", words.between({{"Unknown column '", "'"},
                                          {"no such column: ", ""},
                                          {"has no column named ", ""},
                                          {"of field ", ":"}})) +
           " is missing: an earlier update of its module did not run to its end on this site, or was made "
           "for "
           "another version; add it as its hook_schema() says, then run again";
}

std::string duplicate_key(const Words& words) {
    if (!words.any({"Duplicate entry", "UNIQUE constraint failed"})) return {};
    const std::string key = words.between({{"for key '", "'"}, {"UNIQUE constraint failed: ", ""}});
    return "two rows are alike where " + (key.empty() ? "a key" : key) +
           " allows one: find them (SELECT …, COUNT(*) … GROUP BY … HAVING COUNT(*) > 1), keep one of each, "
           "then "
           "run again";
}

std::string there_already(const Words& words) {
    if (!words.any({"42S01", "42S21", "already exists", "exists already", "Duplicate column name",
                    "Duplicate key name"}))
        return {};
    return "this was made before, by an earlier try of this update or by hand: if nothing needs it, rename "
           "or "
           "drop it, then run again";
}

std::string memory(const Words& words) {
    if (!words.any({"Allowed memory size of", "Out of memory (allocated"})) return {};
    return "give PHP more memory: bdupdate run --retry --memory-limit 1G, or bdupdate recover --memory-limit "
           "1G";
}

std::string time_limit(const Words& words) {
    if (words.any({"Maximum execution time of"}))
        return "the update or a module sets a time limit of its own (set_time_limit(), ini_set()): take it "
               "out, for "
               "bdupdate sets none";
    if (words.any({"php did not answer within"}))
        return "if the update needs longer, give it more time: --pass-timeout SECONDS; if it hangs, on locks "
               "for "
               "one, SHOW PROCESSLIST tells";
    return {};
}

std::string lost_connection(const Words& words) {
    if (!words.any({"server has gone away", "Lost connection to"})) return {};
    return "the server ended the connection: its error log says whether it restarted, ran out of memory, or "
           "met a "
           "limit (wait_timeout, max_allowed_packet)";
}

std::string locked(const Words& words) {
    if (!words.any({"Lock wait timeout exceeded", "Deadlock found", "database is locked",
                    "database table is locked"}))
        return {};
    return "something else works on the same tables (cron, an import, a backup): let it end or stop it, then "
           "run "
           "again; maintenance mode keeps visitors away";
}

std::string packet(const Words& words) {
    if (!words.any({"max_allowed_packet"})) return {};
    return "raise max_allowed_packet on the database server (64M is a usual value)";
}

std::string config_file(const Words& words) {
    if (!words.any({"Failed to write configuration", "Failed to rename configuration",
                    "could not be made writable", "cannot be written"}))
        return {};
    return "the config directory must be writable for the user that PHP runs as: check its owner, mode and "
           "free "
           "space; run as root or as its owner";
}

std::string access(const Words& words) {
    if (words.any({"Access denied for user", "command denied to user"}))
        return "grant the database account of settings.php what is missing: SELECT, INSERT, UPDATE, DELETE, "
               "CREATE, "
               "DROP, INDEX, ALTER and LOCK TABLES on its database";
    if (words.any({"attempt to write a readonly database"}))
        return "the user that PHP runs as must be able to write the SQLite file and its directory";
    return {};
}

std::string no_space(const Words& words) {
    if (!words.any({"No space left on device", "database or disk is full", "is full (", "1114 The table"}))
        return {};
    return "make room on the disk that the database or the config lies on, then run again";
}

std::string key_too_long(const Words& words) {
    if (!words.any({"Specified key was too long", "Row size too large"})) return {};
    return "the table's row format is too small for utf8mb4: ALTER TABLE … ROW_FORMAT=DYNAMIC, then run "
           "again";
}

std::string strict_values(const Words& words) {
    if (words.any({"Incorrect string value"}))
        return "characters such as emoji need utf8mb4: convert the table (ALTER TABLE … CONVERT TO CHARACTER "
               "SET "
               "utf8mb4), or take them out of that row";
    if (words.any({"Data too long for column", "Out of range value"}))
        return "a value does not fit its column: shorten it in the row, or widen the column, then run again";
    if (words.any({"cannot be null", "doesn't have a default value", "NOT NULL constraint failed"}))
        return "a row lacks a value that its table demands: fill it in, then run again";
    if (words.any({"Invalid default value", "Incorrect date value", "Incorrect datetime value"}))
        return "the server's sql_mode refuses an old value such as 0000-00-00: mend it, or take NO_ZERO_DATE "
               "out of "
               "sql_mode";
    return {};
}

std::string code(const Words& words) {
    if (words.any({"DivisionByZeroError", "Division by zero"}))
        return "the update divides by a number that is 0 on this site: a fault of its module; look for a "
               "newer "
               "release";
    if (words.any({"TypeError", "ArgumentCountError", "Call to undefined method"}))
        return "the code does not fit this PHP, or its parts are of different versions: look for a newer "
               "release, or "
               "name an older PHP with --php";
    if (words.any({"killed by signal 9"}))
        return "the system may have run out of memory and ended PHP: its log (dmesg) says so";
    return {};
}

}  // namespace

std::string hint_for(const std::string& error) {
    const Words words(error);
    // What tells more comes first: a full disk shows as a failed write, a lost connection after a large
    // packet.
    for (const auto& cause : {no_space, packet, lost_connection, locked, access, config_file, missing_table,
                              missing_column, missing_object, duplicate_key, there_already, memory,
                              time_limit, key_too_long, strict_values, code})
        if (std::string hint = cause(words); !hint.empty()) return hint;
    return {};
}

}  // namespace bdupdate::run
