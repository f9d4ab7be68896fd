#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/php/interpreter.h"
#include "bdupdate/site/site.h"

namespace bdupdate::site {

/// A site directory before its settings are read.
struct Place {
    Kind kind = Kind::Backdrop;
    std::filesystem::path docroot;  ///< links resolved
    std::string core_version;
    std::string conf_path = ".";  ///< "." or "sites/NAME"

    [[nodiscard]] std::filesystem::path settings_file() const {
        return (docroot / conf_path / "settings.php").lexically_normal();
    }
};

/// True for a Backdrop of the 1.x series before 1.MINOR; false where the version is not known.
bool older_than(const std::string& version, int minor);

/// Searches upwards from the start directory, or judges --root.
Result<Place> find_place(const LocateOptions& options);
/// Which of the sites of a docroot is meant: sets `conf_path`. Follows find_conf_path() of
/// core/includes/bootstrap.inc.
Result<void> choose_site(Place& place, const LocateOptions& options, const AskPhp& ask_php);

/// What settings.php leaves behind, by the names of its variables.
struct Settings {
    std::map<std::string, php::Value> variables;
    std::optional<std::string> server_settings;  ///< $_SERVER['BACKDROP_SETTINGS'], as settings.php left it
    bool asked_php = false;
    std::vector<std::string> notes;

    [[nodiscard]] php::Value get(const std::string& name) const;
    /// `$name['a']['b']`; null when there is none.
    [[nodiscard]] php::Value get(const std::string& name, std::initializer_list<const char*> keys) const;
};

/// Evaluates settings.php, asking PHP where a variable that matters is not known.
Result<Settings> read_settings(const Place& place, const LocateOptions& options, const AskPhp& ask_php);
/// `$settings` and the others as BACKDROP_SETTINGS changes them (backdrop_settings_initialize()).
Result<void> apply_server_settings(Settings& settings, const std::string& json);

/// The connection of the site: conversion of `$database`, then BACKDROP_SETTINGS, then `$database_charset`.
Result<DatabaseSettings> database_settings(const Place& place, Settings& settings);

/// `$database` is what core's own settings.php says before anybody has filled it in.
bool is_untouched(const Settings& settings);

/// A path as a PHP elsewhere names it, as it is called here.
std::string path_here(const std::string& path, const LocateOptions& options);

php::Value element(const php::Value& from, const char* key);
php::Value element(const php::Value& from, std::initializer_list<const char*> keys);
/// The text of a setting; empty for null and for what is no text.
std::string text_of(const php::Value& value);

}  // namespace bdupdate::site
