#include <unistd.h>

#include <cstdlib>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"
#include "bdupdate/run/run.h"

namespace bdupdate::run {

namespace fs = std::filesystem;

namespace {

std::optional<fs::path> default_base() {
    if (::geteuid() == 0) return fs::path("/var/lib/bdupdate");
    const char* state = std::getenv("XDG_STATE_HOME");
    if (state != nullptr && *state == '/') return fs::path(state) / "bdupdate";
    const char* home = std::getenv("HOME");
    if (home != nullptr && *home == '/') return fs::path(home) / ".local/state/bdupdate";
    return std::nullopt;
}

/// Letters, digits, dot, dash and underscore stay; anything else becomes a dash.
std::string file_safe(std::string name) {
    for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-' && c != '_') c = '-';
    return name.empty() || name.front() == '.' ? "site" + name : name;
}

}  // namespace

Result<fs::path> state_directory(const std::optional<fs::path>& base, const site::Site& site,
                                 const db::Server& server) {
    const auto chosen = base ? std::optional(fs::absolute(*base).lexically_normal()) : default_base();
    if (!chosen)
        return fail(ExitCode::Preflight, "no place for the state directory: HOME is not set",
                    "use --state-dir DIR");
    fs::path directory = *chosen / (file_safe(site.name) + "-" + sha256_hex(server.identity).substr(0, 12));
    if (is_inside(directory, site.docroot))
        return fail(ExitCode::Preflight,
                    "the state directory " + directory.string() + " lies inside the docroot",
                    "backups there could be downloaded by anybody: choose a --state-dir outside " +
                        site.docroot.string());
    return directory;
}

}  // namespace bdupdate::run
