#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"

namespace bdupdate::cli {

/// `key = value` of a config file.
struct ConfigEntry {
    /// What its section and the dots in its key name: {"run"}, {"site", "www.example.com", "run"}.
    std::vector<std::string> section;
    std::string key;
    std::vector<std::string> values;
    bool listed = false;  ///< written as a list, or in quotes: commas in a value are part of it
    int line = 0;         ///< from 1
};

struct ConfigFile {
    std::filesystem::path path;
    std::vector<ConfigEntry> entries;

    /// "/etc/bdupdate.conf:12"
    [[nodiscard]] std::string place(const ConfigEntry& entry) const;
};

/// The form that INI and TOML share (docs/config-file.md). Not CLI11's own reader: that one knows no line
/// numbers, cuts a quoted value at a `#`, and puts the file before the environment.
/// Errors (Usage) name file and line.
Result<ConfigFile> parse_config(const std::filesystem::path& path, std::string_view text);

/// Errors (Usage): it cannot be read; or this is root, and others may write it, who would then say which
/// program root starts.
Result<ConfigFile> read_config_file(const std::filesystem::path& path);

/// Where a config file is looked for that nobody named: /etc/bdupdate.conf for root, else
/// bdupdate/config in $XDG_CONFIG_HOME or ~/.config. Never in or near a docroot.
std::optional<std::filesystem::path> default_config_file(
    uid_t user, const std::map<std::string, std::string>& environment);

/// `[site.NAME]` with everything below it.
struct SiteSection {
    std::string name;
    std::optional<std::filesystem::path> root;  ///< absolute; a relative one starts where the file lies
    std::string site;                           ///< of a multisite; empty: not said
    std::vector<ConfigEntry> entries;           ///< without the first two parts of their sections
    int line = 0;
};

/// In the order of the file. Error (Usage): a section `[site]` without a name.
Result<std::vector<SiteSection>> site_sections(const ConfigFile& file);

}  // namespace bdupdate::cli
