#include "place_search.h"

#include <utility>

#include "bdupdate/base/file.h"
#include "bdupdate/php/functions.h"
#include "bdupdate/php/interpreter.h"

namespace bdupdate::scan {

namespace {

/// backdrop_merged_modules(), read from the site's own core.
Result<std::vector<std::string>> merged_modules(const site::Site& site, std::vector<std::string>& warnings) {
    std::vector<std::string> merged;
    if (site.kind != site::Kind::Backdrop) return merged;
    const std::filesystem::path file = site.docroot / "core/includes/module.inc";
    const Result<std::string> source = read_file(file);
    if (!source) return fail(source.error());
    for (const php::FunctionDeclaration& function : php::outline(*source).functions) {
        if (function.name != "backdrop_merged_modules") continue;
        php::SystemWorld world;
        php::EvaluateOptions options;
        options.file = file;
        const php::Value value = php::evaluate_body(function.body, options, world);
        if (value.array() == nullptr || value.unknown_inside() != nullptr) break;
        for (const auto& entry : value.array()->entries()) merged.push_back(entry.second.to_string());
        return merged;
    }
    // Cores before 1.1 have no such function; one that cannot be read is worth a word.
    if (source->find("backdrop_merged_modules") != std::string::npos)
        warnings.emplace_back(
            "core/includes/module.inc: backdrop_merged_modules() cannot be read without PHP");
    return merged;
}

}  // namespace

Result<Places> find_places(const site::Site& site, const std::string& profile) {
    Places places;
    BDUPDATE_ASSIGN(places.merged, merged_modules(site, places.warnings));
    BDUPDATE_ASSIGN(places.listing, list_modules(site, profile));
    return places;
}

std::filesystem::path module_file(const site::Site& site, const std::string& name, const Place& place) {
    const bool bare_file = place.file != name + ".module" && site.kind == site::Kind::Bare;
    return site.docroot / place.directory / (bare_file ? name + ".module" : place.file);
}

std::filesystem::path install_file(const site::Site& site, const std::string& name, const Place& place) {
    return site.docroot / place.directory / (name + ".install");
}

}  // namespace bdupdate::scan
