#include <charconv>

#include "bdupdate/php/url.h"
#include "settings.h"

namespace bdupdate::site {
namespace {

using php::Array;
using php::Key;
using php::Value;

constexpr const char* default_url = "mysql://user:pass@localhost/database_name";

bool is_default(const Value& database) {
    if (database.string() != nullptr) return *database.string() == default_url;
    const Array* parts = database.array();
    return parts != nullptr && parts->size() == 4 &&
           text_of(element(database, "database")) == "database_name" &&
           text_of(element(database, "username")) == "user" &&
           text_of(element(database, "password")) == "pass" &&
           text_of(element(database, "host")) == "localhost";
}

// sqlite:///abs/path, sqlite:rel/path
std::optional<std::string> sqlite_path(const std::string& url) {
    constexpr std::string_view scheme = "sqlite:";
    if (url.rfind(scheme, 0) != 0) return std::nullopt;
    std::string_view path = std::string_view(url).substr(scheme.size());
    if (path.rfind("///", 0) == 0) path.remove_prefix(2);
    return php::url_decode(path, true);
}

Result<Value> from_url(const Place& place, const std::string& url, const Value& prefix) {
    Array out;
    if (const auto path = sqlite_path(url)) {
        out[Key("driver")] = Value("sqlite");
        out[Key("database")] = Value(*path);
        out[Key("prefix")] = prefix;
        return Value(std::move(out));
    }
    const auto parts = php::parse_url(url);
    if (!parts || parts->array() == nullptr) {
        return fail(
            ExitCode::Usage,
            "$database in " + place.settings_file().string() + " is no URL that can be parsed",
            "write it as mysql://user:password@host/name, with @ : / # and ? in the password url-encoded");
    }
    const auto decoded = [&](const char* key) {
        return Value(php::url_decode(text_of(element(*parts, key)), true));
    };
    const std::string path = text_of(element(*parts, "path"));
    out[Key("driver")] = element(*parts, "scheme");
    out[Key("database")] = Value(php::url_decode(path.empty() ? path : path.substr(1), true));
    out[Key("username")] = decoded("user");
    out[Key("password")] = decoded("pass");
    out[Key("host")] = element(*parts, "host");
    out[Key("port")] = element(*parts, "port");
    out[Key("prefix")] = prefix;
    return Value(std::move(out));
}

Value from_array(const Array& given) {
    Array out = given;
    const auto standard = [&out](const char* key, const Value& value) {
        if (out.find(Key(key)) == nullptr) out[Key(key)] = value;
    };
    standard("prefix", Value(""));
    standard("driver", Value("mysql"));
    standard("port", Value());
    standard("charset", Value("utf8mb4"));
    standard("collation", Value("utf8mb4_general_ci"));
    return Value(std::move(out));
}

// A target without a driver is a list of connections of which core takes any.
Value one_connection(const Value& target, Settings& settings) {
    if (target.array() == nullptr || target.array()->empty() || element(target, "driver").truthy())
        return target;
    const Value* first = target.array()->find(Key(std::int64_t{0}));
    if (first == nullptr) return target;
    if (target.array()->size() > 1) {
        settings.notes.emplace_back(
            "settings.php gives several connections for the database; the first one is used");
    }
    return *first;
}

/// Numbers of PHP's PDO::MYSQL_ATTR_SSL_KEY and so on.
constexpr std::int64_t ssl_key = 1007, ssl_cert = 1008, ssl_ca = 1009, ssl_capath = 1010, ssl_cipher = 1011,
                       ssl_verify = 1014;

Tls read_tls(const Place& place, const Value& pdo) {
    Tls tls;
    if (pdo.array() == nullptr) return tls;
    const auto option = [&pdo](std::int64_t number) {
        const Value* found = pdo.array()->find(Key(number));
        return found != nullptr ? *found : Value();
    };
    const auto file = [&](std::int64_t number) {
        const std::string path = text_of(option(number));
        return path.empty() ? path : (place.docroot / path).lexically_normal().string();
    };
    tls.key = file(ssl_key);
    tls.certificate = file(ssl_cert);
    tls.ca = file(ssl_ca);
    tls.ca_directory = file(ssl_capath);
    tls.cipher = text_of(option(ssl_cipher));
    tls.verify = option(ssl_verify).is_null() || option(ssl_verify).truthy();
    return tls;
}

void read_prefix(const Value& prefix, DatabaseSettings& out) {
    if (prefix.array() == nullptr) {
        out.prefix = text_of(prefix);
        return;
    }
    for (const auto& [key, value] : prefix.array()->entries()) {
        const auto* table = std::get_if<std::string>(&key);
        if (table == nullptr) continue;
        if (*table == "default")
            out.prefix = text_of(value);
        else
            out.table_prefixes[*table] = text_of(value);
    }
}

Result<void> read_driver(const Place& place, const std::string& driver, DatabaseSettings& out) {
    out.driver = driver == "sqlite" ? Driver::Sqlite : Driver::MySql;
    if (driver == "mysql" || (driver == "sqlite" && place.kind != Kind::Backdrop)) return {};
    const std::string file = place.settings_file().string();
    if (driver == "sqlite") {
        return fail(ExitCode::Preflight, "SQLite in " + file + ": Backdrop has no driver for it",
                    "SQLite works for Drupal 7 and for docroots without core");
    }
    if (driver == "pgsql" || driver == "postgres" || driver == "postgresql") {
        return fail(ExitCode::Preflight, "PostgreSQL in " + file + " is not supported",
                    "bdupdate works on MySQL, MariaDB and SQLite");
    }
    return fail(ExitCode::Preflight, "unsupported database driver \"" + driver + "\" in " + file,
                "bdupdate works on MySQL, MariaDB and SQLite");
}

Result<void> require_parts(const Place& place, const DatabaseSettings& database) {
    const std::string where = " in " + place.settings_file().string() + " is empty";
    const char* const hint = "complete $database in settings.php, or the file that it includes";
    if (database.database.empty()) return fail(ExitCode::Usage, "the name of the database" + where, hint);
    if (database.driver == Driver::Sqlite) return {};
    if (database.username.empty()) return fail(ExitCode::Usage, "the database's user" + where, hint);
    const bool socket_alone = !database.unix_socket.empty() && database.host.empty();
    if (database.host.empty() && !socket_alone)
        return fail(ExitCode::Usage, "the database's host" + where, hint);
    return {};
}

/// Drupal's driver keeps prefixed tables in files of their own, DATABASE-PREFIX, and one transaction over
/// several files is not one for readers who meet it half-way, nor for a backup of one of them.
Result<void> refuse_attached(const Place& place, const DatabaseSettings& database) {
    bool prefixed = !database.prefix.empty();
    for (const auto& own : database.table_prefixes) prefixed = prefixed || !own.second.empty();
    if (!prefixed) return {};
    return fail(
        ExitCode::Preflight,
        "the table prefix in " + place.settings_file().string() +
            ": Drupal 7 keeps SQLite tables with a prefix in another file each, which bdupdate does not "
            "update",
        "run Drupal's own update.php on this site");
}

Result<Value> connection(const Place& place, Settings& settings) {
    const Value database = settings.get("database");
    Array databases =
        settings.get("databases").array() != nullptr ? *settings.get("databases").array() : Array();
    const bool used = database.truthy() && !is_default(database);
    if (used) {
        Value converted;
        if (database.array() != nullptr) {
            if (older_than(place.core_version, 30)) {
                return fail(ExitCode::Usage,
                            "$database in " + place.settings_file().string() +
                                " is an array, which Backdrop " + place.core_version + " does not take",
                            "write it as mysql://user:password@host/name, or use Backdrop 1.30 or later");
            }
            converted = from_array(*database.array());
            if (text_of(element(converted, "host")).empty() &&
                text_of(element(converted, "driver")) == "mysql") {
                return fail(ExitCode::Usage,
                            "the database's host in " + place.settings_file().string() + " is empty",
                            "core needs a host even where unix_socket is given");
            }
        } else {
            BDUPDATE_ASSIGN(converted, from_url(place, text_of(database), settings.get("database_prefix")));
        }
        Value& key = databases[Key("default")];
        if (key.array() == nullptr) key = Value(Array());
        (*key.array())[Key("default")] = std::move(converted);
    }
    if (settings.server_settings) {
        BDUPDATE_TRY(apply_server_settings(settings, *settings.server_settings));
        const auto decoded = php::decode_json(*settings.server_settings);
        const Value more = decoded ? element(*decoded, "databases") : Value();
        if (more.array() != nullptr) databases = php::replace_recursively(databases, *more.array());
    }
    const Value target = one_connection(element(Value(databases), {"default", "default"}), settings);
    if (target.array() != nullptr && !target.array()->empty()) return target;
    const std::string file = place.settings_file().string();
    if (is_default(database)) {
        return fail(ExitCode::Usage, file + " is the untouched default: user:pass@localhost/database_name",
                    "was it overwritten when core was replaced? put the site's own settings.php back");
    }
    return fail(ExitCode::Usage, file + " names no database",
                "set $database, or BACKDROP_SETTINGS in the environment");
}

}  // namespace

bool is_untouched(const Settings& settings) {
    return is_default(settings.get("database"));
}

Result<DatabaseSettings> database_settings(const Place& place, Settings& settings) {
    BDUPDATE_ASSIGN(const Value target, connection(place, settings));
    DatabaseSettings out;
    BDUPDATE_TRY(read_driver(place, text_of(element(target, "driver")), out));
    out.database = text_of(element(target, "database"));
    out.username = text_of(element(target, "username"));
    out.password = text_of(element(target, "password"));
    out.host = text_of(element(target, "host"));
    out.unix_socket = text_of(element(target, "unix_socket"));
    const std::string port = text_of(element(target, "port"));
    std::from_chars(port.data(), port.data() + port.size(), out.port);
    read_prefix(element(target, "prefix"), out);
    out.charset = text_of(element(target, "charset"));
    if (out.charset.empty()) out.charset = text_of(settings.get("database_charset"));
    out.collation = text_of(element(target, "collation"));
    out.tls = read_tls(place, element(target, "pdo"));
    BDUPDATE_TRY(require_parts(place, out));
    if (out.driver == Driver::Sqlite) {
        if (place.kind == Kind::Drupal7) BDUPDATE_TRY(refuse_attached(place, out));
        out.database = (place.docroot / out.database).lexically_normal().string();
    }
    return out;
}

}  // namespace bdupdate::site
