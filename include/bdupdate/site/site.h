#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"

namespace bdupdate::site {

enum class Kind { Backdrop, Drupal7, Bare };
enum class Driver { MySql, Sqlite };

/// The options in a connection's 'pdo' by which PHP is to encrypt it. Paths are absolute.
struct Tls {
    std::string key, certificate, ca, ca_directory, cipher;
    bool verify = true;  ///< the server's certificate and its name, as PHP does where nothing else is said

    /// PHP encrypts where one of these is given.
    [[nodiscard]] bool wanted() const {
        return !(key.empty() && certificate.empty() && ca.empty() && ca_directory.empty() && cipher.empty());
    }
};

/// $databases['default']['default'] after conversion. Strings are decoded (no url encoding left).
struct DatabaseSettings {
    Driver driver = Driver::MySql;
    std::string database;  ///< MySQL: its name. SQLite: the absolute path of the file
    std::string username;
    std::string password;
    std::string host;
    int port = 0;                                       ///< 0: the driver's default
    std::string unix_socket;                            ///< wins over host and port when not empty
    std::string prefix;                                 ///< default table prefix
    std::map<std::string, std::string> table_prefixes;  ///< per table, from an array prefix
    std::string charset;
    std::string collation;
    Tls tls;

    /// Full name of a table of the site: prefix applied.
    [[nodiscard]] std::string table(const std::string& name) const;
};

/// A site as its settings describe it. Nothing here was read from the database.
struct Site {
    Kind kind = Kind::Backdrop;
    std::string name;  ///< readable: last part of the docroot, with the site directory in a multisite
    std::filesystem::path docroot;        ///< absolute, links resolved
    std::filesystem::path settings_file;  ///< absolute
    std::string conf_path;                ///< as core's conf_path(): "." or "sites/NAME"
    std::string core_version;             ///< BACKDROP_VERSION, VERSION of Drupal 7; empty for bare sites
    DatabaseSettings database;
    bool config_in_database = false;
    std::filesystem::path active_config;                  ///< absolute; empty when kept in the database
    std::filesystem::path staging_config;                 ///< absolute; may be empty
    std::optional<std::string> install_profile_override;  ///< as settings.php overrides it
    /// Class that keeps the cache bin where states (Drupal 7: variables) are cached; empty: core's own, in
    /// the database.
    std::string state_cache;
    bool update_free_access = false;
    bool restore_free_access = false;
    std::optional<std::filesystem::path> backup_directory;  ///< $settings['backup_directory'], absolute
    std::string backdrop_settings;   ///< BACKDROP_SETTINGS as given, passed on to the worker
    bool asked_php = false;          ///< settings.php could not be read without PHP
    std::vector<std::string> notes;  ///< why PHP was asked, and other things worth a line of talk
};

/// Asks real PHP what settings.php leaves behind: returns the JSON of the variables of interest
/// {"database":…, "databases":…, "config_directories":…, "settings":…, "config":…, "database_prefix":…}.
using AskPhp = std::function<Result<std::string>(const std::filesystem::path& docroot,
                                                 const std::filesystem::path& settings_file)>;

struct LocateOptions {
    std::optional<std::filesystem::path> root;  ///< --root; else upwards from `start`
    std::filesystem::path start;                ///< the current directory
    std::string site;                           ///< --site NAME|URI; empty: the only or default one
    std::string db_host, db_socket;             ///< --db-host, --db-socket: replace what settings.php says
    int db_port = 0;                            ///< --db-port
    bool php_elsewhere = false;                 ///< --php is a wrapper: our environment is not that PHP's
    /// --path-map (here, there): paths in PHP's answer are mapped back.
    std::vector<std::pair<std::string, std::string>> path_map;
};

/// Finds the docroot and reads the settings.
/// Errors: Usage (2) for settings.php broken, not understood, or untouched; Preflight (5) for no docroot, an
/// unreadable settings.php, or an unsupported driver. Order of settings: docs/settings.md.
Result<Site> load_site(const LocateOptions& options, const AskPhp& ask_php);

/// A docroot and all of its sites that core would look at.
struct SitesOfDocroot {
    std::filesystem::path docroot;
    std::vector<std::string> names;  ///< as LocateOptions::site takes them, "default" first; never empty
};

/// A settings.php of the docroot that nobody has filled in is no site where there are others. Errors as
/// load_site().
Result<SitesOfDocroot> sites_of(const LocateOptions& options, const AskPhp& ask_php);

/// Whether a directory is what load_site() takes for a docroot.
bool is_docroot(const std::filesystem::path& directory);

}  // namespace bdupdate::site
