#include "settings.h"

#include <unistd.h>

#include <cstdlib>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"

namespace bdupdate::site {
namespace {

namespace fs = std::filesystem;
using php::Unknown;
using php::Value;

constexpr const char* connection_keys[] = {"driver", "database", "username",  "password",    "host", "port",
                                           "prefix", "charset",  "collation", "unix_socket", "pdo"};

// The surroundings of `require settings.php` in backdrop_settings_initialize() when update.php runs.
php::EvaluateOptions surroundings(const Place& place, const LocateOptions& options) {
    php::EvaluateOptions out;
    std::error_code problem;
    const fs::path file = place.settings_file();
    const fs::path real = fs::canonical(file, problem);  // as __FILE__ is
    out.file = problem ? file : real;
    out.working_directory = place.docroot;
    out.environment_known = !options.php_elsewhere;
    const Value root(place.docroot.string());
    const Value conf_path(place.conf_path == "." || place.kind == Kind::Drupal7 ? place.conf_path
                                                                                : "./" + place.conf_path);
    out.functions = {{"conf_path", conf_path},
                     {"fast_404", Value()},
                     {"drupal_fast_404", Value()},
                     {"backdrop_is_cli", Value(true)},
                     {"drupal_is_cli", Value(true)}};
    out.constants["MAINTENANCE_MODE"] = Value("update");
    out.variables["conf"] = Value(php::Array());
    if (place.kind == Kind::Drupal7) {
        out.constants["DRUPAL_ROOT"] = root;
        out.constants["VERSION"] = Value(place.core_version);
        out.globals = {"base_url",
                       "base_path",
                       "base_root",
                       "databases",
                       "db_url",
                       "db_prefix",
                       "cookie_domain",
                       "conf",
                       "installed_profile",
                       "update_free_access",
                       "drupal_hash_salt",
                       "is_https",
                       "base_secure_url",
                       "base_insecure_url"};
        return out;
    }
    out.constants["BACKDROP_ROOT"] = root;
    if (!place.core_version.empty()) out.constants["BACKDROP_VERSION"] = Value(place.core_version);
    out.variables["conf_path"] = conf_path;
    if (older_than(place.core_version, 28)) out.variables["settings"] = Value(php::Array());
    out.globals = {"base_url",        "base_path",         "base_root",
                   "databases",       "cookie_domain",     "conf",
                   "settings",        "installed_profile", "is_https",
                   "base_secure_url", "base_insecure_url", "config_directories",
                   "config"};
    return out;
}

std::optional<Unknown> unknown_connection(const Value& connection) {
    if (const Unknown* why = connection.unknown()) return *why;
    for (const char* key : connection_keys) {
        const Value part = element(connection, key);
        if (const Unknown* why = part.unknown_inside()) return *why;
    }
    return std::nullopt;
}

// Why a variable that matters is not known, if one is not.
std::optional<Unknown> first_unknown(const Settings& settings, Kind kind) {
    const Value database = settings.get("database");
    if (auto why = unknown_connection(database)) return why;
    if (auto why = unknown_connection(settings.get("databases", {"default", "default"}))) return why;
    const Value others[] = {settings.get("config_directories", {"active"}),
                            settings.get("config_directories", {"staging"}),
                            settings.get("settings", {"config_active_class"}),
                            settings.get("settings", {"backup_directory"}),
                            settings.get("settings", {"update_free_access"}),
                            settings.get("settings", {"restore_free_access"}),
                            settings.get("config", {"system.core", "install_profile"}),
                            settings.get("database_prefix"),
                            settings.get("database_charset"),
                            settings.get("update_free_access"),
                            settings.get("_SERVER", {"BACKDROP_SETTINGS"})};
    for (const Value& value : others) {
        if (const Unknown* why = value.unknown_inside()) return *why;
    }
    const Value profile = settings.get("conf", {"install_profile"});
    if (kind == Kind::Drupal7 && profile.unknown_inside() != nullptr) return *profile.unknown_inside();
    return std::nullopt;
}

// Strings that are no UTF-8 come wrapped, for JSON cannot hold them.
Value unwrapped(const Value& value) {
    const php::Array* elements = value.array();
    if (elements == nullptr) return value;
    if (elements->size() == 1 && elements->entries()[0].first == php::Key("bdupdate_base64")) {
        bool ok = true;
        return Value(base64_decode(text_of(elements->entries()[0].second), ok));
    }
    php::Array out;
    for (const auto& [key, part] : elements->entries()) out[key] = unwrapped(part);
    return Value(std::move(out));
}

// Directories that a PHP in a container names, as they are called here.
Value mapped_back(const Value& value, const LocateOptions& options) {
    if (const php::Array* elements = value.array()) {
        php::Array out;
        for (const auto& [key, part] : elements->entries()) out[key] = mapped_back(part, options);
        return Value(std::move(out));
    }
    return value.string() == nullptr ? value : Value(path_here(*value.string(), options));
}

Result<Settings> ask(const Place& place, const Unknown& why, const LocateOptions& options,
                     const AskPhp& ask_php) {
    const auto answer = ask_php ? ask_php(place.docroot, place.settings_file())
                                : fail(ExitCode::Preflight, "no PHP is given");
    if (!answer) {
        Error error{ExitCode::Usage,
                    "settings.php is not understood without PHP: " + why.why,
                    "PHP is needed for this statement: install it, or name it with --php; or write the "
                    "statement in a "
                    "simpler way",
                    {}};
        return fail(error.join(answer.error()));
    }
    const auto decoded = php::decode_json(*answer);
    if (!decoded || decoded->array() == nullptr) {
        return fail(ExitCode::Usage, "PHP's answer about " + place.settings_file().string() + " is no JSON",
                    "does settings.php end the program?");
    }
    Settings out;
    out.asked_php = true;
    out.notes.push_back("settings.php was read by PHP, for bdupdate does not follow " + why.why);
    for (const auto& [key, value] : decoded->array()->entries()) {
        const auto* name = std::get_if<std::string>(&key);
        if (name == nullptr) continue;
        const bool has_paths = *name == "config_directories" || *name == "settings";
        out.variables[*name] = has_paths ? mapped_back(unwrapped(value), options) : unwrapped(value);
    }
    if (const Value server = out.get("backdrop_settings"); server.string() != nullptr) {
        out.server_settings = *server.string();
    }
    return out;
}

}  // namespace

std::string path_here(const std::string& path, const LocateOptions& options) {
    for (const auto& [here, there] : options.path_map) {
        const bool inside =
            path.rfind(there, 0) == 0 && (path.size() == there.size() || path[there.size()] == '/');
        if (inside) return here + path.substr(there.size());
    }
    return path;
}

Value element(const Value& from, const char* key) {
    if (from.unknown() != nullptr) return from;
    const Value* found = from.array() != nullptr ? from.array()->find(php::key_of(key)) : nullptr;
    return found != nullptr ? *found : Value();
}

Value element(const Value& from, std::initializer_list<const char*> keys) {
    Value out = from;
    for (const char* key : keys) out = element(out, key);
    return out;
}

std::string text_of(const Value& value) {
    return value.array() != nullptr ? std::string() : value.to_string();
}

Value Settings::get(const std::string& name) const {
    const auto found = variables.find(name);
    return found == variables.end() ? Value() : found->second;
}

Value Settings::get(const std::string& name, std::initializer_list<const char*> keys) const {
    const auto found = variables.find(name);
    return found == variables.end() ? Value() : element(found->second, keys);
}

Result<Settings> read_settings(const Place& place, const LocateOptions& options, const AskPhp& ask_php) {
    const fs::path file = place.settings_file();
    if (std::error_code ignored; !fs::exists(file, ignored)) {
        return fail(ExitCode::Preflight, "no settings.php: " + file.string(),
                    "a site that is not installed yet has no updates; --site names a site below sites/");
    }
    auto source = read_file(file);
    if (!source) {
        source.error().hint = "run bdupdate as root or as the user who may read the site's files";
        return fail(std::move(source).error());
    }
    php::SystemWorld world;
    BDUPDATE_ASSIGN(const php::Evaluation result,
                    php::evaluate_file(*source, surroundings(place, options), world));
    Settings out;
    for (const char* name :
         {"database", "databases", "config_directories", "settings", "config", "database_prefix",
          "database_charset", "update_free_access", "conf", "_SERVER"}) {
        out.variables[name] = result.get(name);
    }
    if (auto why = first_unknown(out, place.kind)) return ask(place, *why, options, ask_php);
    if (const Value server = out.get("_SERVER", {"BACKDROP_SETTINGS"}); !server.is_null()) {
        out.server_settings = text_of(server);
    } else if (const char* own = std::getenv("BACKDROP_SETTINGS")) {  // NOLINT(concurrency-mt-unsafe)
        out.server_settings = own;
    } else if (options.php_elsewhere && text_of(out.get("database")).empty() &&
               !out.get("database").truthy()) {
        return ask(place, Unknown{"BACKDROP_SETTINGS of a PHP that runs elsewhere"}, options, ask_php);
    }
    return out;
}

Result<void> apply_server_settings(Settings& settings, const std::string& json) {
    const auto decoded = php::decode_json(json);
    if (!decoded || decoded->array() == nullptr || decoded->unknown_inside() != nullptr) {
        return fail(ExitCode::Usage, "BACKDROP_SETTINGS is no JSON object",
                    "core refuses it too: correct the variable");
    }
    for (const auto& [key, value] : decoded->array()->entries()) {
        const auto* name = std::get_if<std::string>(&key);
        if (name == nullptr || *name == "databases" || *name == "database") continue;
        Value& variable = settings.variables[*name];
        if (*name != "settings" || value.array() == nullptr) {
            variable = value;
            continue;
        }
        php::Array merged = variable.array() != nullptr ? *variable.array() : php::Array();
        for (const auto& [part, one] : value.array()->entries()) merged[part] = one;
        variable = Value(std::move(merged));
    }
    return {};
}

}  // namespace bdupdate::site
