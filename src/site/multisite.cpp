#include <algorithm>
#include <set>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "settings.h"

namespace bdupdate::site {
namespace {

namespace fs = std::filesystem;

bool has_settings(const Place& place, const std::string& directory) {
    std::error_code ignored;
    return !directory.empty() &&
           fs::is_regular_file(place.docroot / "sites" / directory / "settings.php", ignored);
}

std::set<std::string> directories(const Place& place) {
    std::set<std::string> out;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(place.docroot / "sites", ignored)) {
        const std::string name = entry.path().filename().string();
        if (has_settings(place, name)) out.insert(name);
    }
    return out;
}

// A link to another site's directory: the same site by another name.
bool is_alias(const Place& place, const std::string& name) {
    const fs::path sites = place.docroot / "sites";
    std::error_code error;
    if (!fs::is_symlink(sites / name, error)) return false;
    const fs::path target = fs::canonical(sites / name, error);
    return !error && target.parent_path() == fs::canonical(sites, error);
}

// `$sites` of sites/sites.php.
Result<php::Value> sites_map(const Place& place, const LocateOptions& options, const AskPhp& ask_php) {
    const fs::path file = place.docroot / "sites/sites.php";
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return php::Value();
    BDUPDATE_ASSIGN(const std::string source, read_file(file));
    php::SystemWorld world;
    php::EvaluateOptions evaluate;
    evaluate.file = file;
    evaluate.working_directory = place.docroot;
    evaluate.environment_known = !options.php_elsewhere;
    evaluate.globals.emplace();
    evaluate.constants["BACKDROP_ROOT"] = php::Value(place.docroot.string());
    evaluate.variables["sites"] = php::Value(php::Array());
    for (const char* name : {"http_host", "script_name"}) {
        evaluate.variables[name] = php::Value(php::Unknown{std::string("$") + name + " of a request"});
    }
    BDUPDATE_ASSIGN(const php::Evaluation result, php::evaluate_file(source, evaluate, world));
    php::Value sites = result.get("sites");
    const php::Unknown* why = sites.unknown_inside();
    if (why == nullptr) return sites;
    const std::string reason = why->why;
    const auto answer = ask_php ? ask_php(place.docroot, file) : fail(ExitCode::Preflight, "no PHP to ask");
    const auto decoded = answer ? php::decode_json(*answer) : std::nullopt;
    if (decoded) return element(*decoded, "sites");
    return fail(ExitCode::Usage, "sites/sites.php is not understood without PHP: " + reason,
                answer ? "" : "PHP could not be asked: " + answer.error().message);
}

std::vector<std::string> parts(std::string_view text, char separator) {
    std::vector<std::string> out;
    for (const std::string_view part : split(text, separator)) out.emplace_back(part);
    return out;
}

std::string joined(std::vector<std::string>::const_iterator first,
                   std::vector<std::string>::const_iterator last) {
    return join(std::vector<std::string>(first, last), ".");
}

// The directory that core would take for a host and a path, port first: 8080.www.example.com.sub down to
// example.com.
std::string directory_for(const Place& place, const php::Value& sites, const std::string& host,
                          const std::string& path) {
    std::vector<std::string> server = parts(host.substr(0, host.find_last_not_of('.') + 1), ':');
    std::reverse(server.begin(), server.end());
    server = parts(join(server, "."), '.');
    const std::vector<std::string> uri = parts(path + "/index.php", '/');
    for (std::size_t i = uri.size() - 1; i > 0; --i) {
        for (std::size_t j = server.size(); j > 0; --j) {
            std::string directory = joined(server.end() - static_cast<std::ptrdiff_t>(j), server.end()) +
                                    joined(uri.begin(), uri.begin() + static_cast<std::ptrdiff_t>(i));
            const std::string mapped = text_of(element(sites, directory.c_str()));
            std::error_code ignored;
            if (!mapped.empty() && fs::exists(place.docroot / "sites" / mapped, ignored)) directory = mapped;
            if (has_settings(place, directory)) return directory;
        }
    }
    return {};
}

std::string without_scheme(const std::string& site) {
    const std::size_t scheme = site.find("://");
    std::string out = scheme == std::string::npos ? site : site.substr(scheme + 3);
    while (!out.empty() && out.back() == '/') out.pop_back();
    return out;
}

// The site whose directory the user stands in.
std::string directory_of_start(const Place& place, const LocateOptions& options) {
    std::error_code problem;
    const fs::path start = fs::canonical(options.start, problem);
    if (problem || options.root) return {};
    const fs::path relative = start.lexically_relative(place.docroot);
    auto part = relative.begin();
    if (part == relative.end() || *part != "sites" || ++part == relative.end()) return {};
    return has_settings(place, part->string()) ? part->string() : "";
}

Result<void> unknown_site(const std::string& message, const std::set<std::string>& available,
                          bool has_default) {
    std::vector<std::string> names(available.begin(), available.end());
    if (has_default) names.insert(names.begin(), "default (settings.php of the docroot)");
    return fail(ExitCode::Usage, message,
                names.empty() ? "this docroot has no sites" : "--site takes one of: " + join(names, ", "));
}

Result<void> choose_drupal_site(Place& place, const LocateOptions& options) {
    const std::string wanted = options.site.empty() ? "default" : without_scheme(options.site);
    if (!has_settings(place, wanted)) {
        return unknown_site("no site " + wanted + " below " + (place.docroot / "sites").string(),
                            directories(place), false);
    }
    place.conf_path = "sites/" + wanted;
    return {};
}

}  // namespace

Result<void> choose_site(Place& place, const LocateOptions& options, const AskPhp& ask_php) {
    const std::string wanted = without_scheme(options.site);
    const bool default_wanted = wanted == "default" || wanted == ".";
    if (place.kind == Kind::Drupal7) return choose_drupal_site(place, options);
    if (place.kind == Kind::Bare) {
        if (wanted.empty() || default_wanted) return {};
        return fail(ExitCode::Usage, "no site " + wanted + ": a docroot without core has one site only",
                    "leave out --site");
    }
    std::error_code ignored;
    const bool has_default = fs::exists(place.settings_file(), ignored);
    if (default_wanted) return {};
    const std::set<std::string> all = directories(place);
    const std::string here = wanted.empty() ? directory_of_start(place, options) : "";
    if (wanted.empty() && here.empty() && (has_default || all.empty())) return {};
    BDUPDATE_ASSIGN(const php::Value sites, sites_map(place, options, ask_php));
    const bool counts = sites.array() != nullptr && !sites.array()->empty();
    if (!counts) {
        if (wanted.empty()) return {};
        return fail(
            ExitCode::Usage,
            "no site " + wanted + ": sites/sites.php maps no sites, so core looks at none below sites/",
            "fill $sites in sites/sites.php, or leave out --site");
    }
    std::string chosen = here;
    if (!wanted.empty()) {
        const std::size_t slash = std::min(wanted.find('/'), wanted.size());
        chosen = has_settings(place, wanted)
                     ? wanted
                     : directory_for(place, sites, to_lower(wanted.substr(0, slash)), wanted.substr(slash));
    } else if (here.empty()) {
        if (all.size() > 1) return unknown_site("this docroot has several sites", all, false);
        chosen = *all.begin();
    }
    if (chosen.empty())
        return unknown_site("no site " + wanted + " in " + place.docroot.string(), all, has_default);
    place.conf_path = "sites/" + chosen;
    return {};
}

Result<SitesOfDocroot> sites_of(const LocateOptions& options, const AskPhp& ask_php) {
    BDUPDATE_ASSIGN(Place place, find_place(options));
    const std::string main = "default";
    if (place.kind == Kind::Bare) return SitesOfDocroot{place.docroot, {main}};
    std::vector<std::string> names;
    for (const std::string& name : directories(place))
        if (name != main && !is_alias(place, name)) names.push_back(name);
    bool has_main = has_settings(place, main);
    if (place.kind == Kind::Backdrop) {
        std::error_code ignored;
        has_main = fs::exists(place.settings_file(), ignored);
        if (!names.empty()) {
            BDUPDATE_ASSIGN(const php::Value sites, sites_map(place, options, ask_php));
            if (sites.array() == nullptr || sites.array()->empty()) names.clear();
        }
        if (has_main && !names.empty()) {
            BDUPDATE_ASSIGN(const Settings settings, read_settings(place, options, ask_php));
            has_main = !is_untouched(settings);
        }
    }
    if (has_main) names.insert(names.begin(), main);
    if (names.empty())
        return fail(ExitCode::Preflight, "no site in " + place.docroot.string() + ": no settings.php");
    return SitesOfDocroot{place.docroot, std::move(names)};
}

}  // namespace bdupdate::site
