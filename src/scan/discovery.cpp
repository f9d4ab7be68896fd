#include "discovery.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "bdupdate/base/file.h"
#include "bdupdate/base/unique_fd.h"

namespace bdupdate::scan {

namespace {

constexpr int deepest_nesting = 30;  // file_scan_directory()'s max_depth

bool ignored(std::string_view name, site::Kind kind) {
    if (name[0] == '.') return kind != site::Kind::Drupal7 || name == "." || name == "..";
    if (kind == site::Kind::Drupal7) return name == "CVS";
    static constexpr std::array<std::string_view, 9> ignored_names = {
        "assets", "css", "scss", "less", "js", "images", "templates", "node_modules", "bower_components"};
    return std::find(ignored_names.begin(), ignored_names.end(), name) != ignored_names.end();
}

/// BACKDROP_PHP_FUNCTION_PATTERN.
bool is_php_name(std::string_view name) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               static_cast<unsigned char>(c) >= 0x7f;
    };
    if (name.empty() || !letter(name[0])) return false;
    return std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// Walks one search directory: files before directories and each directory with all below it before the next,
/// so that the first place found of a name is the one that core's merging leaves last, which wins.
class Walk {
  public:
    Walk(site::Kind kind, Listing& listing) : kind_(kind), listing_(listing) {}

    /// `path` is relative to `docroot`. A directory that does not exist is no error.
    Result<void> search(int docroot, const std::string& path) {
        directories_.clear();
        const int fd = ::openat(docroot, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) return errno == ENOENT || errno == ENOTDIR ? Result<void>{} : unreadable(path);
        found_.clear();
        BDUPDATE_TRY(walk(UniqueFd(fd), path));
        // A later search directory wins over the ones before it.
        for (auto& [name, candidates] : found_) {
            Candidates& all = listing_[name];
            all.ambiguous = is_ambiguous(candidates.places);
            candidates.places.insert(candidates.places.end(), all.places.begin(), all.places.end());
            all.places = std::move(candidates.places);
        }
        return {};
    }

  private:
    static tl::unexpected<Error> unreadable(const std::string& path) {
        return fail(ExitCode::Preflight, "cannot read the directory " + path + ": " + errno_text(errno),
                    "run bdupdate as root or as a user who may read the whole site");
    }

    Result<void> walk(UniqueFd fd, const std::string& path) {
        std::vector<std::string> below;
        // getdents64() itself: readdir() gives the same entries in the same order, with three system calls
        // more for each directory, and there are hundreds.
        alignas(dirent64) std::array<char, 16384> buffer;
        for (;;) {
            const ssize_t got = ::getdents64(fd.get(), buffer.data(), buffer.size());
            if (got < 0) return unreadable(path);
            if (got == 0) break;
            for (ssize_t at = 0; at < got;) {
                const auto* entry = reinterpret_cast<const dirent64*>(&buffer[static_cast<std::size_t>(at)]);
                at += entry->d_reclen;
                const std::string_view name = entry->d_name;
                if (ignored(name, kind_)) continue;
                if (is_directory(fd.get(), *entry))
                    below.emplace_back(name);
                else
                    take(name, path);
            }
        }
        directories_.push_back(fd.get());
        for (const std::string& name : below) BDUPDATE_TRY(enter(fd.get(), name, path));
        directories_.pop_back();
        return {};
    }

    Result<void> enter(int parent, const std::string& name, const std::string& path) {
        if (directories_.size() > deepest_nesting) return {};
        const std::string full = path + '/' + name;
        UniqueFd fd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!fd) return errno == ENOENT || errno == ELOOP ? Result<void>{} : unreadable(full);
        if (is_link_ && leads_upwards(fd.get())) return {};
        return walk(std::move(fd), full);
    }

    bool is_directory(int parent, const dirent64& entry) {
        if (entry.d_type == DT_DIR) return true;
        if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) return false;
        struct stat info {};
        if (::fstatat(parent, entry.d_name, &info, 0) != 0 || !S_ISDIR(info.st_mode)) return false;
        is_link_ = true;  // from here on loops are possible
        return true;
    }

    /// A link to a directory that we are in.
    [[nodiscard]] bool leads_upwards(int fd) const {
        struct stat info {};
        if (::fstat(fd, &info) != 0) return true;
        return std::any_of(directories_.begin(), directories_.end(), [&](int above) {
            struct stat other {};
            return ::fstat(above, &other) == 0 && other.st_dev == info.st_dev && other.st_ino == info.st_ino;
        });
    }

    void take(std::string_view file, const std::string& path) {
        const std::size_t dot = file.rfind('.');
        if (dot == std::string_view::npos) return;
        const std::string_view extension = file.substr(dot);
        const bool bare = kind_ == site::Kind::Bare && (extension == ".install" || extension == ".info");
        const std::string_view name = file.substr(0, dot);
        if ((extension != ".module" && !bare) || !is_php_name(name)) return;
        std::vector<Place>& places = found_[std::string(name)].places;
        // A bare module may be known by several of its files.
        if (bare && !places.empty() && places.back().directory == path) return;
        if (!places.empty() && places.back().directory == path)
            places.back().file = file;
        else
            places.push_back(Place{path, std::string(file)});
    }

    /// All other copies lie below the first one's directory, or the order of the directory decided.
    static bool is_ambiguous(const std::vector<Place>& places) {
        const std::string above = places.front().directory + '/';
        return std::any_of(places.begin() + 1, places.end(), [&](const Place& place) {
            return place.directory.compare(0, above.size(), above) != 0;
        });
    }

    site::Kind kind_;
    Listing& listing_;
    Listing found_;
    std::vector<int> directories_;  ///< the ones that are open, from the search directory down
    bool is_link_ = false;
};

std::vector<std::string> search_directories(const site::Site& site, const std::string& profile) {
    const bool sub_site = !site.conf_path.empty() && site.conf_path != ".";
    switch (site.kind) {
        case site::Kind::Backdrop: {
            std::vector<std::string> paths = {"core/modules", "core/profiles/" + profile + "/modules",
                                              "profiles/" + profile + "/modules", "modules"};
            if (sub_site) paths.push_back(site.conf_path + "/modules");
            return paths;
        }
        case site::Kind::Drupal7: {
            std::vector<std::string> paths = {"modules", "profiles/" + profile + "/modules",
                                              "sites/all/modules"};
            if (sub_site) paths.push_back(site.conf_path + "/modules");
            return paths;
        }
        case site::Kind::Bare:
            break;
    }
    return {"modules"};
}

bool exists(int docroot, const std::string& path) {
    return ::faccessat(docroot, path.c_str(), F_OK, 0) == 0;
}

}  // namespace

Result<Listing> list_modules(const site::Site& site, const std::string& profile) {
    const UniqueFd docroot(::open(site.docroot.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!docroot) {
        return fail(ExitCode::Preflight,
                    "cannot read the directory " + site.docroot.string() + ": " + errno_text(errno));
    }
    Listing listing;
    Walk walk(site.kind, listing);
    for (const std::string& path : search_directories(site, profile))
        BDUPDATE_TRY(walk.search(docroot.get(), path));
    // The profile takes the place of a module of its name; the one in core wins.
    for (const char* base : {"core/profiles/", "profiles/"}) {
        const std::string directory = base + profile;
        if (!exists(docroot.get(), directory + '/' + profile + ".profile")) continue;
        listing[profile] = Candidates{{Place{directory, profile + ".profile"}}, false};
        break;
    }
    return listing;
}

}  // namespace bdupdate::scan
