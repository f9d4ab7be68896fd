#include "mysql_connection.h"

#include <errmsg.h>
#include <mysqld_error.h>

#include <array>

#include "mysql_login.h"
#include "mysql_tls.h"

namespace bdupdate::db {

namespace {

constexpr unsigned default_port = 3306;

/// MariaDB says no more to an account, or to everybody, that has to connect that way.
constexpr const char* encryption_hint =
    "; and whether the server wants an encrypted connection (PDO::MYSQL_ATTR_SSL_CA in 'pdo')";

/// ER_SECURE_TRANSPORT_REQUIRED of MySQL and MariaDB, which libmariadb's header does not name.
constexpr unsigned er_secure_transport_required = 3159;

#if defined(BDUPDATE_LIBMARIADB_VARIABLES)
constexpr const char* login_method_hint =
    "a bdupdate that has libmariadb linked in knows mysql_native_password and caching_sha2_password: give "
    "the "
    "account one of them, or use the Debian package of bdupdate";
#else
constexpr const char* login_method_hint =
    "install libmariadb's plugins (Debian: libmariadb3), or give the account another login method";
#endif

tl::unexpected<Error> connect_failure(MYSQL* handle, const site::DatabaseSettings& settings) {
    const unsigned number = mysql_errno(handle);
    const std::string words = mysql_error(handle);
    const std::string server = server_text(settings);
    // The number is the server's refusal of the login that could not be made then.
    if (const std::string method = missing_login_method(words); !method.empty())
        return fail(ExitCode::Preflight,
                    "the database server at " + server + " wants the login method " + method +
                        " of its account " + settings.username + ", which is not here: " + words,
                    login_method_hint);
    if (number == ER_ACCESS_DENIED_ERROR || number == ER_ACCESS_DENIED_NO_PASSWORD_ERROR)
        return fail(ExitCode::Preflight, "the database server at " + server + " refuses the login: " + words,
                    std::string("check the user name and password of $database in settings.php") +
                        (settings.tls.wanted() || !settings.unix_socket.empty() ? "" : encryption_hint));
    if (number == ER_BAD_DB_ERROR || number == ER_DBACCESS_DENIED_ERROR)
        return fail(ExitCode::Preflight,
                    "cannot use database " + settings.database + " on the server at " + server + ": " + words,
                    "check the database name of $database in settings.php, and what its user may do");
    if (number == CR_SSL_CONNECTION_ERROR)
        return fail(ExitCode::Preflight,
                    "no encrypted connection to the database server at " + server + ": " + words,
                    "check the certificates in the 'pdo' options of $databases in settings.php");
    if (number == er_secure_transport_required)
        return fail(ExitCode::Preflight,
                    "the database server at " + server + " wants an encrypted connection: " + words,
                    "name its certificate authority in settings.php: 'pdo' => "
                    "[PDO::MYSQL_ATTR_SSL_CA => '/path/ca.pem']");
    return fail(ExitCode::Preflight, "cannot reach the database server at " + server + ": " + words,
                "is it running? --db-host, --db-port and --db-socket say where this machine reaches it");
}

void set_options(MYSQL* handle, std::chrono::seconds connect_timeout) {
    const auto seconds = static_cast<unsigned>(connect_timeout.count());
    const unsigned no = 0;
    // Long enough for a GET_LOCK or a metadata lock wait, short enough to notice a server that has gone
    // silent.
    const unsigned io_seconds = 900;
    mysql_optionsv(handle, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    mysql_optionsv(handle, MYSQL_OPT_READ_TIMEOUT, &io_seconds);
    mysql_optionsv(handle, MYSQL_OPT_WRITE_TIMEOUT, &io_seconds);
    mysql_optionsv(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_optionsv(handle, MYSQL_OPT_LOCAL_INFILE, &no);
}

// An own sql_mode: strict, so that nothing is cut silently; autocommit whatever the server's default says.
constexpr const char* session_settings =
    "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_VALUE_ON_ZERO', autocommit = 1, "
    "wait_timeout = 604800, lock_wait_timeout = 60, innodb_lock_wait_timeout = 60";

}  // namespace

std::string server_text(const site::DatabaseSettings& settings) {
    if (!settings.unix_socket.empty()) return settings.unix_socket;
    const std::string host =
        settings.host.find(':') == std::string::npos ? settings.host : "[" + settings.host + "]";
    return host + ":" + std::to_string(settings.port > 0 ? settings.port : static_cast<int>(default_port));
}

Result<std::unique_ptr<MySqlConnection>> MySqlConnection::open(const site::DatabaseSettings& settings,
                                                               std::chrono::seconds connect_timeout,
                                                               bool read_only) {
    std::unique_ptr<MYSQL, Close> handle(mysql_init(nullptr));
    if (!handle) return fail(ExitCode::Preflight, "out of memory while connecting to the database");
#if defined(BDUPDATE_LIBMARIADB_VARIABLES)
    if (!register_caching_sha2(handle.get()))
        return fail(ExitCode::Preflight,
                    std::string("cannot set up MySQL's login: ") + mysql_error(handle.get()));
#endif
    set_options(handle.get(), connect_timeout);
    const bool by_socket = !settings.unix_socket.empty();
    BDUPDATE_TRY(set_tls(handle.get(), settings.tls, by_socket));
    const auto port = settings.port > 0 ? static_cast<unsigned>(settings.port) : default_port;
    // CLIENT_FOUND_ROWS: an UPDATE that finds its row but changes nothing must count as found.
    const unsigned long flags = CLIENT_FOUND_ROWS | (read_only ? CLIENT_MULTI_STATEMENTS : 0UL);
    if (mysql_real_connect(handle.get(), by_socket ? "localhost" : settings.host.c_str(),
                           settings.username.c_str(), settings.password.c_str(), settings.database.c_str(),
                           port, by_socket ? settings.unix_socket.c_str() : nullptr, flags) == nullptr)
        return connect_failure(handle.get(), settings);
    return std::unique_ptr<MySqlConnection>(new MySqlConnection(
        handle.release(), "database " + settings.database + " on " + server_text(settings), read_only));
}

Result<void> MySqlConnection::start(const std::vector<std::string>& ahead) {
    if (read_only_) {
        // READ ONLY is a second guard behind our own; servers before MySQL 5.6 do not know it.
        std::vector<std::string> texts = {session_settings, "SET SESSION TRANSACTION READ ONLY"};
        texts.insert(texts.end(), ahead.begin(), ahead.end());
        ask_together(texts);
        if (const auto set = ahead_.find(session_settings); set != ahead_.end() && set->second.rows)
            return {};
        ahead_.clear();  // a proxy may refuse such packets
    }
    if (auto set = execute(session_settings); !set) return fail(std::move(set).error());
    if (read_only_) static_cast<void>(execute("SET SESSION TRANSACTION READ ONLY"));
    return {};
}

void MySqlConnection::ask_together(const std::vector<std::string>& texts) {
    std::string packet;
    for (const std::string& text : texts) packet += (packet.empty() ? "" : "; ") + text;
    Result<void> there = send(packet);
    for (const std::string& text : texts) {
        Answer answer{there ? fetch() : fail(there.error()), problem_};
        const bool failed = !answer.rows;
        ahead_.insert_or_assign(text, std::move(answer));
        if (failed) return;
        // On to the next answer; a statement that the server refused says so here.
        if (mysql_next_result(handle_.get()) > 0) there = failure();
    }
}

std::string MySqlConnection::literal(const Param& param) const {
    if (param.kind == Param::Kind::Null) return "NULL";
    if (param.kind == Param::Kind::Integer) return std::to_string(param.number);
    if (param.kind == Param::Kind::Blob) {
        static constexpr std::array<char, 17> digits = {"0123456789abcdef"};
        if (param.bytes.empty()) return "''";
        std::string hex = "x'";
        hex.reserve(2 * param.bytes.size() + 3);
        for (const char byte : param.bytes) {
            const auto value = static_cast<unsigned char>(byte);
            hex += digits[value >> 4U];
            hex += digits[value & 15U];
        }
        return hex + "'";
    }
    std::string text(2 * param.bytes.size() + 1, '\0');
    text.resize(mysql_real_escape_string(handle_.get(), text.data(), param.bytes.data(), param.bytes.size()));
    return "'" + text + "'";
}

std::string MySqlConnection::bound(const std::string& sql, const std::vector<Param>& params) const {
    std::string text;
    auto next = params.begin();
    for (const char c : sql) {
        if (c == '?' && next != params.end())
            text += literal(*next++);
        else
            text += c;
    }
    return text;
}

Result<void> MySqlConnection::send(const std::string& text) {
    problem_ = Problem::None;
    if (mysql_real_query(handle_.get(), text.data(), text.size()) != 0) return failure();
    return {};
}

tl::unexpected<Error> MySqlConnection::failure() {
    const unsigned number = mysql_errno(handle_.get());
    switch (number) {
        case ER_DUP_ENTRY:
            problem_ = Problem::DuplicateKey;
            break;
        case ER_NO_SUCH_TABLE:
            problem_ = Problem::MissingTable;
            break;
        case ER_BAD_FIELD_ERROR:
            problem_ = Problem::MissingColumn;
            break;
        case ER_NO_SUCH_THREAD:
            problem_ = Problem::NoSuchSession;
            break;
        case ER_UNKNOWN_SYSTEM_VARIABLE:
        case ER_NOT_SUPPORTED_YET:
        case ER_SP_DOES_NOT_EXIST:
            problem_ = Problem::Refused;
            break;
        default:
            problem_ = Problem::Other;
    }
    const std::string words = mysql_error(handle_.get());
    if (number == CR_SERVER_GONE_ERROR || number == CR_SERVER_LOST)
        return fail(ExitCode::Preflight, place_ + ": the connection was lost: " + words);
    return fail(ExitCode::Preflight, place_ + ": " + words);
}

Result<std::vector<Row>> MySqlConnection::query(const std::string& sql, const std::vector<Param>& params) {
    const std::string text = bound(sql, params);
    if (auto known = ahead_.extract(text); known) {
        problem_ = known.mapped().problem;
        return std::move(known.mapped().rows);
    }
    BDUPDATE_TRY(send(text));
    return fetch();
}

Result<std::vector<Row>> MySqlConnection::fetch() {
    const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_store_result(handle_.get()),
                                                                          mysql_free_result);
    if (!result && mysql_field_count(handle_.get()) == 0) return std::vector<Row>();  // a SET
    if (!result) return failure();
    const unsigned columns = mysql_num_fields(result.get());
    std::vector<Row> rows;
    rows.reserve(mysql_num_rows(result.get()));
    while (MYSQL_ROW fields = mysql_fetch_row(result.get())) {
        const unsigned long* lengths = mysql_fetch_lengths(result.get());
        Row row(columns);
        for (unsigned i = 0; i < columns; ++i)
            if (fields[i] != nullptr) row[i].emplace(fields[i], lengths[i]);
        rows.push_back(std::move(row));
    }
    return rows;
}

Result<std::uint64_t> MySqlConnection::execute(const std::string& sql, const std::vector<Param>& params) {
    BDUPDATE_TRY(send(bound(sql, params)));
    // A statement may still answer with rows (DO does not, SELECT does): they must be read away.
    if (MYSQL_RES* result = mysql_store_result(handle_.get())) mysql_free_result(result);
    return mysql_affected_rows(handle_.get());
}

Result<void> MySqlConnection::change_schema(const std::string& sql) {
    // What is open is committed by it, and what follows is by itself again.
    open_ = false;
    if (auto done = execute(sql); !done) return fail(std::move(done).error());
    return {};
}

std::string MySqlConnection::quoted(const std::string& name) const {
    std::string text;
    std::size_t start = 0;
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', start)) {
        text += quoted_exactly(name.substr(start, dot - start)) + ".";
        start = dot + 1;
    }
    return text + quoted_exactly(name.substr(start));
}

std::string MySqlConnection::quoted_exactly(const std::string& name) const {
    std::string text = "`";
    for (const char c : name) {
        text += c;
        if (c == '`') text += c;
    }
    return text + "`";
}

std::string MySqlConnection::table_question(const std::string& full_name) const {
    return "SELECT 1 FROM " + quoted(full_name) + " LIMIT 0";
}

Result<bool> MySqlConnection::has_table(const std::string& full_name) {
    auto rows = query(table_question(full_name));
    if (rows) return true;
    if (problem_ == Problem::MissingTable) return false;
    return fail(std::move(rows).error());
}

Result<void> MySqlConnection::ping() {
    if (mysql_ping(handle_.get()) != 0) return failure();
    return {};
}

}  // namespace bdupdate::db
