// Config that waits to be imported: what is in it wins over what updates will have changed.

#include <map>

#include "bdupdate/base/text.h"
#include "bdupdate/config/config_directory.h"
#include "bdupdate/run/preflight.h"

namespace bdupdate::run {

namespace {

bool is_config_name(const std::string& name) {
    return name.size() > 5 && name.compare(name.size() - 5, 5, ".json") == 0;
}

using Contents = std::map<std::string, std::string>;  ///< by file name, without blanks at the end

Result<Contents> contents_of(const std::filesystem::path& path) {
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(path));
    BDUPDATE_ASSIGN(const auto image, directory.image());
    Contents contents;
    for (const config::File& file : image)
        if (is_config_name(file.path)) contents[file.path] = trim(file.content.value_or(""));
    return contents;
}

/// The active config of a site that keeps it in the database, as far as `staging` has the same names: core
/// writes the same text there.
Result<Contents> rows_of(db::Database& database, const Contents& staging) {
    Contents contents;
    for (const auto& [name, ignored] : staging) {
        BDUPDATE_ASSIGN(const auto data, database.active_config(name.substr(0, name.size() - 5)));
        if (data) contents[name] = trim(*data);
    }
    return contents;
}

}  // namespace

std::optional<Finding> check_staging(const site::Site& site, db::Database& database) {
    if (site.staging_config.empty() || (!site.config_in_database && site.active_config.empty())) return {};
    std::error_code ignored;
    if (!std::filesystem::is_directory(site.staging_config, ignored)) return {};
    // Usually it is empty, and nothing more is read. One that cannot be read is nothing to import.
    const auto staging = contents_of(site.staging_config);
    if (!staging || staging->empty()) return {};
    const auto active =
        site.config_in_database ? rows_of(database, *staging) : contents_of(site.active_config);
    if (!active) return {};
    std::size_t changed = 0, added = 0, missing = 0;
    for (const auto& [name, text] : *staging) {
        const auto found = active->find(name);
        if (found == active->end())
            ++added;
        else if (found->second != text)
            ++changed;
    }
    for (const auto& [name, text] : *active) missing += staging->count(name) == 0 ? 1 : 0;
    if (changed + added + missing == 0) return {};
    std::vector<std::string> parts;
    if (changed > 0) parts.push_back(std::to_string(changed) + " changed");
    if (added > 0) parts.push_back(std::to_string(added) + " new");
    if (missing > 0) parts.push_back(std::to_string(missing) + " missing");
    return Finding{
        false,
        {ExitCode::Preflight,
         "the staging directory " + site.staging_config.string() + " differs from the active config (" +
             join(parts, ", ") + "): importing it after the run would undo what updates change",
         "import it or empty it first",
         {}}};
}

}  // namespace bdupdate::run
