#include <cstdlib>
#include <fstream>

#include "settings.h"

namespace bdupdate::site {
namespace {

namespace fs = std::filesystem;

bool present(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

std::optional<Kind> kind_of(const fs::path& directory) {
    if (present(directory / "core/includes/bootstrap.inc")) return Kind::Backdrop;
    if (present(directory / "includes/bootstrap.inc") && present(directory / "modules/system"))
        return Kind::Drupal7;
    if (present(directory / "settings.php") && present(directory / "modules")) return Kind::Bare;
    return std::nullopt;
}

// define('BACKDROP_VERSION', '1.34.3'); stands within the first lines of bootstrap.inc.
std::string version_in(const fs::path& file, const std::string& constant) {
    constexpr std::size_t enough = 8192;
    std::string head(enough, '\0');
    std::ifstream in(file, std::ios::binary);
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(in.gcount()));
    std::size_t at = head.find("define('" + constant + "'");
    if (at == std::string::npos) return {};
    at = head.find(',', at);
    const std::size_t open = head.find_first_of("'\"", at);
    const std::size_t close = head.find_first_of("'\"", open == std::string::npos ? open : open + 1);
    if (close == std::string::npos) return {};
    return head.substr(open + 1, close - open - 1);
}

Place place_at(const fs::path& directory, Kind kind) {
    Place out;
    out.kind = kind;
    out.docroot = directory;
    if (kind == Kind::Backdrop) {
        out.core_version = version_in(directory / "core/includes/bootstrap.inc", "BACKDROP_VERSION");
    } else if (kind == Kind::Drupal7) {
        out.core_version = version_in(directory / "includes/bootstrap.inc", "VERSION");
        out.conf_path = "sites/default";
    }
    return out;
}

bool below_sites_of(const fs::path& directory, const fs::path& docroot) {
    return directory.lexically_relative(docroot).begin()->string() == "sites";
}

constexpr const char* what_counts =
    "a docroot has core/includes/bootstrap.inc (Backdrop), includes/bootstrap.inc and modules/system (Drupal "
    "7), or "
    "settings.php and modules/ (no core)";

}  // namespace

bool older_than(const std::string& version, int minor) {
    return version.rfind("1.", 0) == 0 && std::atoi(version.c_str() + 2) < minor;
}

bool is_docroot(const fs::path& directory) {
    return kind_of(directory).has_value();
}

Result<Place> find_place(const LocateOptions& options) {
    std::error_code problem;
    const fs::path start = fs::canonical(options.root.value_or(options.start), problem);
    const std::string named = options.root.value_or(options.start).string();
    if (problem)
        return fail(ExitCode::Preflight, "no such directory: " + named, "--root names the docroot of a site");
    if (options.root) {
        if (const auto kind = kind_of(start)) return place_at(start, *kind);
        return fail(ExitCode::Preflight, "no docroot: " + start.string(), what_counts);
    }
    // A directory of a multisite looks like a site without core: a docroot above it goes first.
    std::optional<fs::path> bare;
    for (fs::path here = start;; here = here.parent_path()) {
        const auto kind = kind_of(here);
        if (kind == Kind::Bare && !bare) bare = here;
        if (kind && kind != Kind::Bare) {
            if (bare && !below_sites_of(*bare, here)) break;
            return place_at(here, *kind);
        }
        if (here == here.parent_path()) break;
    }
    if (bare) return place_at(*bare, Kind::Bare);
    return fail(ExitCode::Preflight, "no docroot at " + start.string() + " or above it",
                std::string("change to a site's directory or name it with --root; ") + what_counts);
}

}  // namespace bdupdate::site
