#include "site_files.h"

#include <algorithm>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"
#include "bdupdate/config/places.h"
#include "bdupdate/site/config_names.h"
#include "drupal7.h"

namespace bdupdate::run {

namespace fs = std::filesystem;

namespace {

bool is_directory_row(const config::File& row) {
    return row.path.back() == '/';
}

fs::path directory_of(const config::File& row) {
    return row.path.substr(0, row.path.size() - 1);
}

/// Config directories themselves; their parents only hold them.
bool is_innermost(const config::File& row, const std::vector<config::File>& rows) {
    return std::none_of(rows.begin(), rows.end(), [&row](const config::File& other) {
        return other.path.size() > row.path.size() && other.path.compare(0, row.path.size(), row.path) == 0;
    });
}

void add_missing(const fs::path& directory, std::vector<config::File>& rows) {
    if (directory.empty()) return;
    const fs::path there = config::nearest_existing(directory);
    for (fs::path at = directory; at != there && at.has_relative_path(); at = at.parent_path()) {
        const std::string path = at.string() + "/";
        const bool known = std::any_of(rows.begin(), rows.end(),
                                       [&path](const config::File& row) { return row.path == path; });
        if (!known) rows.push_back({path, std::nullopt, 0, 0, 0});
    }
}

/// As config_get_config_directory() reads a name that core chose.
fs::path chosen_directory(const site::Site& site, const std::string& token, const char* type) {
    return (site.docroot / site.conf_path / "files" / ("config_" + token) / type).lexically_normal();
}

}  // namespace

bool keeps_files(const site::Site& site) {
    return !site.config_in_database && !site.active_config.empty();
}

Result<std::optional<config::ConfigDirectory>> open_config(const Context& context) {
    if (!keeps_files(context.site)) return std::optional<config::ConfigDirectory>();
    std::error_code ignored;
    if (!fs::exists(context.site.active_config, ignored)) {
        BDUPDATE_ASSIGN(const bool to_come, is_drupal7_database(context.site, context.database));
        if (to_come) return std::optional<config::ConfigDirectory>();
    }
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(context.site.active_config));
    return std::optional<config::ConfigDirectory>(std::move(directory));
}

Result<void> foresee_site_files(Context& context, const std::string& run) {
    const site::Site& site = context.site;
    if (!keeps_files(site)) return {};
    fs::path active = site.active_config, staging = site.staging_config;
    BDUPDATE_ASSIGN(const config::File settings, config::read_place(site.settings_file));
    config::File rewritten = settings;
    std::error_code ignored;
    if (!fs::exists(active, ignored) && config::may_write(settings.path, context.run_as)) {
        const std::string token = random_hex(16);
        if (auto text = site::with_config_directories(*settings.content, site.conf_path, token)) {
            rewritten.content = std::move(*text);
            active = chosen_directory(site, token, "active");
            staging = chosen_directory(site, token, "staging");
        }
    }
    std::vector<config::File> before, after;
    add_missing(active, before);
    add_missing(staging, before);
    for (config::File row : before) {
        row.content.emplace();
        after.push_back(std::move(row));
    }
    before.push_back(settings);
    after.push_back(rewritten);
    BDUPDATE_TRY(context.journal.put_surroundings(run, 0, before));
    return context.journal.put_surroundings(run, 1, after);
}

Result<void> put_settings(Context& context, const std::string& run, std::int64_t k) {
    BDUPDATE_ASSIGN(const auto rows, context.journal.surroundings(run, k));
    bool settings = false;
    for (const config::File& row : rows) {
        if (is_directory_row(row) || !row.content) continue;
        BDUPDATE_TRY(config::write_place(row));
        settings = true;
    }
    return settings && context.read_settings_again ? context.read_settings_again() : Result<void>();
}

Result<void> put_site_files(Context& context, const std::string& run, std::int64_t k) {
    if (!keeps_files(context.site)) return {};
    BDUPDATE_TRY(put_settings(context, run, k));
    BDUPDATE_ASSIGN(auto rows, context.journal.surroundings(run, k));
    const fs::path aside = context.paths.aside(run);
    // Parents sort before what is in them.
    std::sort(rows.begin(), rows.end(),
              [](const config::File& a, const config::File& b) { return a.path < b.path; });
    for (const config::File& row : rows)
        if (is_directory_row(row) && row.content) BDUPDATE_TRY(config::ensure_directory(directory_of(row)));
    for (auto row = rows.rbegin(); row != rows.rend(); ++row)
        if (is_directory_row(*row) && !row->content)
            BDUPDATE_TRY(config::remove_directory(directory_of(*row), is_innermost(*row, rows), aside));
    BDUPDATE_TRY(context.journal.drop_images_above(run, k));
    BDUPDATE_ASSIGN(const auto image, context.journal.image(run, k));
    BDUPDATE_ASSIGN(auto directory, open_config(context));
    if (!directory) return {};
    BDUPDATE_TRY(directory->make_equal(image, aside));
    return {};
}

Result<void> sync_site_files(Context& context, const std::string& run) {
    BDUPDATE_ASSIGN(const auto rows, context.journal.surroundings(run, 0));
    std::error_code ignored;
    for (const config::File& row : rows)
        if (is_directory_row(row) && is_innermost(row, rows) && fs::is_directory(directory_of(row), ignored))
            BDUPDATE_TRY(config::sync_tree(directory_of(row), context.site.docroot));
    return {};
}

}  // namespace bdupdate::run
