#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "bdupdate/base/digest.h"
#include "bdupdate/run/view.h"

namespace bdupdate::run {

namespace fs = std::filesystem;

namespace {

bool is_code(const fs::path& path) {
    const fs::path extension = path.extension();
    return extension == ".info" || extension == ".install" || extension == ".module" || extension == ".inc";
}

void add_tree(const fs::path& docroot, const fs::path& tree, std::vector<std::string>& lines) {
    std::error_code error;
    fs::recursive_directory_iterator entry(docroot / tree, fs::directory_options::skip_permission_denied,
                                           error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        if (!is_code(entry->path())) continue;
        struct stat status {};
        if (::stat(entry->path().c_str(), &status) != 0) continue;
        lines.push_back(entry->path().lexically_relative(docroot).string() + " " +
                        std::to_string(status.st_size) + " " + std::to_string(status.st_mtim.tv_sec) + "." +
                        std::to_string(status.st_mtim.tv_nsec));
    }
}

}  // namespace

std::string code_stamp(const site::Site& site) {
    std::vector<std::string> lines;
    for (const char* tree :
         {"core/includes", "core/modules", "core/profiles", "profiles", "modules", "includes"})
        add_tree(site.docroot, tree, lines);
    if (site.kind == site::Kind::Drupal7) add_tree(site.docroot, "sites/all/modules", lines);
    if (site.conf_path != ".") add_tree(site.docroot, fs::path(site.conf_path) / "modules", lines);
    std::sort(lines.begin(), lines.end());
    Sha256 digest;
    digest.update(site.core_version);
    for (const std::string& line : lines) digest.update("\n" + line);
    return digest.hex();
}

}  // namespace bdupdate::run
