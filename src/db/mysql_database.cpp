#include "mysql_database.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "bdupdate/base/digest.h"

namespace bdupdate::db {

namespace {

constexpr std::string_view scratch_prefix = "bdupdate_scratch_";

std::size_t to_size(const std::vector<Row>& rows) {
    std::size_t value = 0;
    if (!rows.empty() && rows[0][0]) {
        const std::string& text = *rows[0][0];
        std::from_chars(text.data(), text.data() + text.size(), value);
    }
    return value;
}

}  // namespace

std::future<void> prepare_client() {
    // We always say the port ourselves (mysql_connection.cpp). Left at 0, the library would look "mysql" up
    // in /etc/services, which goes through every name service that the machine knows of.
#ifdef BDUPDATE_LIBMARIADB_VARIABLES
    if (mysql_port == 0) mysql_port = MYSQL_PORT;
#endif
    try {
        return std::async(std::launch::async,
                          [] { static_cast<void>(mysql_library_init(0, nullptr, nullptr)); });
    } catch (const std::system_error&) {
        return {};  // no thread to be had: mysql_init() does it in time
    }
}

Result<std::unique_ptr<Database>> open_mysql(const site::DatabaseSettings& settings, site::Kind kind,
                                             const OpenOptions& options) {
    return MySqlDatabase::open(settings, kind, options);
}

Result<std::unique_ptr<Database>> MySqlDatabase::open(const site::DatabaseSettings& settings, site::Kind kind,
                                                      const OpenOptions& options) {
    BDUPDATE_ASSIGN(std::unique_ptr<MySqlConnection> session,
                    MySqlConnection::open(settings, options.connect_timeout, options.read_only));
    std::unique_ptr<MySqlDatabase> database(
        new MySqlDatabase(std::move(session), settings, options.read_only));
    database->stale_after_ = options.stale_after;
    database->set_kind(kind);
    BDUPDATE_TRY(database->session_->start(database->first_questions()));
    BDUPDATE_TRY(database->identify());
    BDUPDATE_TRY(database->find_schema_table(kind, options.allow_missing_schema));
    return std::unique_ptr<Database>(std::move(database));
}

std::string MySqlDatabase::name_question() const {
    return session_->is_mariadb() ? "SELECT @@server_uid" : "SELECT @@server_uuid";
}

std::vector<std::string> MySqlDatabase::first_questions() const {
    // Old servers do not know their own name, and the mark is missing as a rule: what fails comes last.
    return {session_->table_question(full("system")),
            module_numbers_sql(),
            module_rows_sql(),
            hook_order_sql(),
            maintenance_sql(maintenance_places().front()),
            name_question(),
            session_->table_question(mark_table())};
}

Result<void> MySqlDatabase::identify() {
    const std::string version = session_->server_version();
    server_.product = session_->is_mariadb() ? "MariaDB" : "MySQL";
    server_.version = version;
    // The server's own name for itself makes the identity the same by socket, by host name and through a
    // container's port.
    std::string name = server_text(settings_);
    auto rows = connection_.query(name_question());
    if (rows && !rows->empty() && rows->front()[0] && !rows->front()[0]->empty()) name = *rows->front()[0];
    if (!rows && connection_.problem() != Problem::Refused) return fail(std::move(rows).error());
    const std::string& system = full("system");
    server_.identity = "mysql server=" + name + " database=" + settings_.database +
                       " prefix=" + system.substr(0, system.size() - 6);
    return {};
}

Result<std::vector<Database::Table>> MySqlDatabase::all_tables() {
    BDUPDATE_ASSIGN(
        const std::vector<Row> rows,
        connection_.query(
            "SELECT TABLE_NAME, ENGINE, TABLE_TYPE, TABLE_COLLATION FROM "
            "information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE <> 'SEQUENCE'"));
    std::vector<Table> all;
    for (const Row& row : rows)
        all.push_back(
            {row[0].value_or(""), row[1].value_or(""), row[2].value_or("") == "VIEW", row[3].value_or("")});
    std::sort(all.begin(), all.end(), [](const Table& a, const Table& b) { return a.name < b.name; });
    return all;
}

Result<std::vector<std::string>> MySqlDatabase::columns(const std::string& full_name) {
    BDUPDATE_ASSIGN(const std::vector<Row> rows,
                    connection_.query("SELECT COLUMN_NAME FROM information_schema.COLUMNS "
                                      "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?",
                                      {Param::text(full_name)}));
    std::vector<std::string> names;
    for (const Row& row : rows) names.push_back(row[0].value_or(""));
    return names;
}

std::string MySqlDatabase::mark_definition() const {
    // Free text is binary, so that any bytes come back; the rest compares exactly.
    return "CREATE TABLE IF NOT EXISTS " + connection_.quoted(mark_table()) +
           " (id TINYINT NOT NULL PRIMARY KEY, run VARCHAR(64) NOT NULL, epoch BIGINT NOT NULL, "
           "seq BIGINT NOT NULL, plan BIGINT NOT NULL, step BIGINT NOT NULL, state VARCHAR(16) NOT NULL, "
           "after_restore VARCHAR(16) NOT NULL, sandbox LONGBLOB NOT NULL, maintenance_before LONGBLOB NULL, "
           "schema_hash VARCHAR(64) NOT NULL, state_dir BLOB NOT NULL, host VARCHAR(255) NOT NULL, "
           "user VARCHAR(255) NOT NULL, site_fingerprint VARCHAR(64) NOT NULL, holder VARCHAR(512) NOT NULL) "
           "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";
}

Result<Database::StoredCode> MySqlDatabase::stored_code() {
    BDUPDATE_ASSIGN(const std::vector<Table> ours, tables());
    BDUPDATE_ASSIGN(const std::vector<Row> triggers,
                    connection_.query("SELECT EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS "
                                      "WHERE TRIGGER_SCHEMA = DATABASE()"));
    StoredCode code;
    for (const Row& row : triggers)
        for (const Table& table : ours)
            if (table.name == row[0]) ++code.triggers;
    BDUPDATE_ASSIGN(const std::vector<Row> routines,
                    connection_.query("SELECT COUNT(*) FROM information_schema.ROUTINES "
                                      "WHERE ROUTINE_SCHEMA = DATABASE()"));
    code.routines = to_size(routines);
    return code;
}

Result<bool> MySqlDatabase::may_set_definer() {
    BDUPDATE_ASSIGN(const std::vector<Row> grants, connection_.query("SHOW GRANTS"));
    for (const Row& row : grants) {
        const std::string grant = row[0].value_or("");
        if (grant.find(" ON *.* ") == std::string::npos) continue;
        // One privilege, four names: old servers, MariaDB, MySQL 8.0, MySQL 8.2.
        for (const char* name : {"ALL PRIVILEGES", "SUPER", "SET USER", "SET_USER_ID", "SET_ANY_DEFINER"})
            if (grant.find(name) != std::string::npos) return true;
    }
    return false;
}

Result<void> MySqlDatabase::drop_tables(const std::vector<std::string>& names) {
    BDUPDATE_TRY(writable("tables"));
    if (names.empty()) return {};
    std::string list;
    for (const std::string& name : names)
        list += (list.empty() ? "" : ", ") + connection_.quoted_exactly(name);
    if (auto off = connection_.execute("SET SESSION foreign_key_checks = 0"); !off)
        return fail(std::move(off).error());
    Result<void> outcome;
    // A name may be a view's or a table's: each statement skips what is of the other kind.
    for (const char* kind : {"VIEW", "TABLE"})
        if (auto gone = connection_.execute(std::string("DROP ") + kind + " IF EXISTS " + list);
            !gone && outcome)
            outcome = fail(std::move(gone).error());
    if (auto on = connection_.execute("SET SESSION foreign_key_checks = 1"); !on && outcome)
        outcome = fail(std::move(on).error());
    return outcome;
}

Result<bool> MySqlDatabase::pass_lock(const std::string& name, std::chrono::seconds timeout) {
    const auto taken =
        connection_.query("SELECT GET_LOCK(?, ?)", {Param::text(name), Param::integer(timeout.count())});
    if (!taken && connection_.problem() == Problem::Refused) return false;
    if (!taken) return fail(taken.error());
    if (to_size(*taken) != 1)
        return fail(ExitCode::Held, "a database session that should have ended still holds lock " + name,
                    "wait for it, or end it on the server");
    if (auto freed = connection_.query("SELECT RELEASE_LOCK(?)", {Param::text(name)}); !freed)
        return fail(freed.error());
    return true;
}

Result<std::string> MySqlDatabase::create_scratch() {
    const std::string name = std::string(scratch_prefix) + random_hex(8);
    auto made =
        connection_.execute("CREATE DATABASE " + connection_.quoted_exactly(name) + " CHARACTER SET utf8mb4");
    if (made) return name;
    Error error = std::move(made).error();
    const bool refused = error.message.find("denied") != std::string::npos;
    const auto account = connection_.query("SELECT CURRENT_USER()");
    const std::string user = account && !account->empty() ? (*account)[0][0].value_or("") : "";
    const std::size_t at = user.rfind('@');
    if (refused && at != std::string::npos)
        error.hint = "GRANT ALL ON `bdupdate\\_scratch\\_%`.* TO '" + user.substr(0, at) + "'@'" +
                     user.substr(at + 1) + "', or verify without --deep";
    return fail(std::move(error));
}

Result<void> MySqlDatabase::drop_scratch(const std::string& name) {
    if (name.rfind(scratch_prefix, 0) != 0)
        return fail(ExitCode::Preflight, name + " is no scratch database: it is not dropped");
    if (auto gone = connection_.execute("DROP DATABASE IF EXISTS " + connection_.quoted_exactly(name)); !gone)
        return fail(std::move(gone).error());
    return {};
}

Result<void> MySqlDatabase::copy_to(const std::filesystem::path& file) {
    return fail(ExitCode::Preflight, "cannot copy " + connection_.place() + " to " + file.string() +
                                         ": only SQLite files are copied");
}

}  // namespace bdupdate::db
