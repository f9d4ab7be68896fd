#include "doctor_php.h"

#include <algorithm>
#include <set>

#include "bdupdate/base/text.h"

namespace bdupdate::run {

namespace fs = std::filesystem;

namespace {

using Names = std::set<std::string>;

Names entries_of(const fs::path& directory) {
    Names names;
    std::error_code error;
    for (auto at = fs::directory_iterator(directory, error); !error && at != fs::directory_iterator();
         at.increment(error))
        names.insert(at->path().filename());
    return names;
}

/// "20-gd.ini" -> "gd".
Names extensions_in(const fs::path& conf) {
    Names names;
    for (const std::string& file : entries_of(conf)) {
        if (fs::path(file).extension() != ".ini") continue;
        const std::string stem = fs::path(file).stem();
        const std::size_t dash = stem.find('-');
        names.insert(dash == std::string::npos ? stem : stem.substr(dash + 1));
    }
    return names;
}

struct WebPhp {
    std::string version;  ///< "8.2"
    fs::path directory;
};

/// PHPs that are set up for a web server here.
std::vector<WebPhp> web_phps(const fs::path& etc) {
    std::vector<WebPhp> found;
    for (const std::string& version : entries_of(etc))
        for (const char* use : {"fpm", "apache2", "cgi"}) {
            std::error_code ignored;
            if (fs::exists(etc / version / use / "php.ini", ignored))
                found.push_back({version, etc / version / use});
        }
    return found;
}

std::string listed(const Names& names) {
    return join({names.begin(), names.end()}, ", ");
}

Diagnosis warning(std::string message, std::string hint) {
    return {"php", Health::Warning, {ExitCode::Preflight, std::move(message), std::move(hint), {}}};
}

/// Its extensions are loaded by the .ini files of conf.d; those that are compiled in stand in none of them.
std::optional<Diagnosis> compare_extensions(const WebPhp& web, const fs::path& cli) {
    const Names here = extensions_in(cli / "conf.d");
    Names missing;
    for (const std::string& name : extensions_in(web.directory / "conf.d"))
        if (here.count(name) == 0 && name != "opcache" && name != "xdebug") missing.insert(name);
    if (missing.empty()) return std::nullopt;
    return warning("the web server's PHP loads " + listed(missing) + " (" +
                       (web.directory / "conf.d").string() +
                       "), and the command line's does not: an update may need it",
                   "phpenmod -s cli " + join({missing.begin(), missing.end()}, " "));
}

}  // namespace

std::vector<Diagnosis> compare_with_web_server(const std::string& php, const fs::path& etc,
                                               const std::string& version) {
    const std::size_t dot = version.find('.', version.find('.') + 1);
    const std::string ours = version.substr(0, dot);
    const std::vector<WebPhp> webs = web_phps(etc);
    if (version.empty() || webs.empty()) return {};
    Names versions;
    for (const WebPhp& web : webs) versions.insert(web.version);
    if (versions.count(ours) == 0)
        return {warning(php + " is PHP " + version + ", and the web server's is " + listed(versions) +
                            ": requirements and updates may see another PHP than visitors do",
                        "--php php" + *versions.rbegin())};
    std::vector<Diagnosis> found;
    for (const WebPhp& web : webs)
        if (web.version == ours)
            if (auto differs = compare_extensions(web, etc / ours / "cli"))
                found.push_back(std::move(*differs));
    if (found.empty())
        found.push_back(
            {"php",
             Health::Ok,
             {ExitCode::Preflight, php + " is PHP " + version + ", as the web server's", "", {}}});
    return found;
}

}  // namespace bdupdate::run
