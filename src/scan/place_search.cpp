#include "place_search.h"

#include <future>
#include <system_error>
#include <utility>

#include "bdupdate/base/file.h"
#include "bdupdate/php/functions.h"
#include "bdupdate/php/interpreter.h"

namespace bdupdate::scan {

namespace {

std::string profile_of(const site::Site& site, const std::string& install_profile) {
    const std::string profile = site.install_profile_override.value_or(install_profile);
    return profile.empty() ? "standard" : profile;
}

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

Result<Places> search(const site::Site& site, const std::string& profile) {
    Places places;
    BDUPDATE_ASSIGN(places.merged, merged_modules(site, places.warnings));
    BDUPDATE_ASSIGN(places.listing, list_modules(site, profile));
    return places;
}

}  // namespace

class PlaceSearch {
  public:
    PlaceSearch(site::Site site, std::string profile)
        : profile_(std::move(profile)),
          places_(std::async(std::launch::async, [site = std::move(site), profile = profile_] {
              return search(site, profile);
          })) {}

    /// Whether it can still be taken, and looked where this profile wants it.
    [[nodiscard]] bool is_for(const std::string& profile) const {
        return places_.valid() && profile == profile_;
    }
    Result<Places> take() { return places_.get(); }

  private:
    std::string profile_;
    std::future<Result<Places>> places_;
};

std::shared_ptr<PlaceSearch> begin_search(const site::Site& site, const std::string& install_profile) {
    try {
        return std::make_shared<PlaceSearch>(site, profile_of(site, install_profile));
    } catch (const std::system_error&) {
        return nullptr;
    }
}

Result<Places> find_places(const site::Site& site, const ScanOptions& options) {
    const std::string profile = profile_of(site, options.install_profile);
    if (options.begun != nullptr && options.begun->is_for(profile)) return options.begun->take();
    return search(site, profile);
}

}  // namespace bdupdate::scan
