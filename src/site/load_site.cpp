#include "bdupdate/site/site.h"
#include "settings.h"

namespace bdupdate::site {
namespace {

namespace fs = std::filesystem;
using php::Value;

// As config_get_config_directory() does: a path that starts with a dot or a slash is one as it stands, and
// relative ones start at the docroot, where core works; a plain name stands in the directory of settings.php.
fs::path config_directory(const Place& place, const std::string& path) {
    if (path.empty()) return {};
    const bool plain = path[0] != '.' && path[0] != '/' && path[0] != '\\';
    const fs::path base = plain ? place.docroot / place.conf_path : place.docroot;
    fs::path out = (base / path).lexically_normal();
    return out.has_filename() ? out : out.parent_path();
}

Result<void> read_config(const Place& place, Settings& settings, Site& site) {
    const std::string storage = text_of(settings.get("settings", {"config_active_class"}));
    site.config_in_database = storage == "ConfigDatabaseStorage";
    if (!storage.empty() && storage != "ConfigDatabaseStorage" && storage != "ConfigFileStorage") {
        settings.notes.push_back("active configuration is kept by " + storage +
                                 ", which bdupdate does not know");
    }
    site.active_config = config_directory(place, text_of(settings.get("config_directories", {"active"})));
    site.staging_config = config_directory(place, text_of(settings.get("config_directories", {"staging"})));
    if (site.config_in_database) site.active_config.clear();
    if (!site.active_config.empty() || site.config_in_database || place.kind != Kind::Backdrop) return {};
    return fail(ExitCode::Usage,
                "$config_directories['active'] is not set in " + place.settings_file().string(),
                "core cannot work without it: name the site's config directory");
}

void apply_overrides(const LocateOptions& options, DatabaseSettings& database) {
    if (!options.db_host.empty()) {
        database.host = options.db_host;
        database.unix_socket.clear();
    }
    if (options.db_port != 0) database.port = options.db_port;
    if (!options.db_socket.empty()) database.unix_socket = options.db_socket;
    Tls& tls = database.tls;
    for (std::string* file : {&tls.key, &tls.certificate, &tls.ca, &tls.ca_directory})
        *file = path_here(*file, options);
}

void read_access(const Place& place, const Settings& settings, Site& site) {
    site.update_free_access = place.kind == Kind::Drupal7
                                  ? settings.get("update_free_access").truthy()
                                  : settings.get("settings", {"update_free_access"}).truthy();
    site.restore_free_access = settings.get("settings", {"restore_free_access"}).truthy();
    const std::string backups = text_of(settings.get("settings", {"backup_directory"}));
    if (!backups.empty()) site.backup_directory = (place.docroot / backups).lexically_normal();
    const Value profile = place.kind == Kind::Drupal7
                              ? settings.get("conf", {"install_profile"})
                              : settings.get("config", {"system.core", "install_profile"});
    if (!profile.is_null()) site.install_profile_override = text_of(profile);
}

/// As _cache_get_object() of core's cache.inc chooses for the bin that states (Drupal 7: variables) are
/// cached in.
std::string state_cache(const Place& place, const Settings& settings) {
    const bool drupal = place.kind == Kind::Drupal7;
    const char* const where = drupal ? "conf" : "settings";
    Value chosen = settings.get(where, {drupal ? "cache_class_cache_bootstrap" : "cache_class_cache"});
    if (chosen.is_null()) chosen = settings.get(where, {"cache_default_class"});
    if (chosen.unknown_inside() != nullptr) return "a class that settings.php chooses at run time";
    const std::string name = text_of(chosen);
    return name == (drupal ? "DrupalDatabaseCache" : "BackdropDatabaseCache") ? "" : name;
}

std::string readable_name(const Place& place) {
    std::string out = place.docroot.filename().string();
    constexpr std::string_view sites = "sites/";
    const bool default_site = place.conf_path == "." || place.conf_path == "sites/default";
    if (!default_site) out += "-" + place.conf_path.substr(sites.size());
    return out;
}

}  // namespace

std::string DatabaseSettings::table(const std::string& name) const {
    const auto own = table_prefixes.find(name);
    return (own == table_prefixes.end() ? prefix : own->second) + name;
}

Result<Site> load_site(const LocateOptions& options, const AskPhp& ask_php) {
    BDUPDATE_ASSIGN(Place place, find_place(options));
    BDUPDATE_TRY(choose_site(place, options, ask_php));
    BDUPDATE_ASSIGN(Settings settings, read_settings(place, options, ask_php));
    Site site;
    site.kind = place.kind;
    site.name = readable_name(place);
    site.docroot = place.docroot;
    site.settings_file = place.settings_file();
    site.conf_path = place.conf_path;
    site.core_version = place.core_version;
    BDUPDATE_ASSIGN(site.database, database_settings(place, settings));
    apply_overrides(options, site.database);
    BDUPDATE_TRY(read_config(place, settings, site));
    read_access(place, settings, site);
    site.state_cache = state_cache(place, settings);
    site.backdrop_settings = settings.server_settings.value_or("");
    site.asked_php = settings.asked_php;
    site.notes = std::move(settings.notes);
    return site;
}

}  // namespace bdupdate::site
