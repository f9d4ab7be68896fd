#include "sites.h"

#include <glob.h>

#include <algorithm>
#include <set>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "workplace.h"

namespace bdupdate::cli {

namespace fs = std::filesystem;

namespace {

SiteChoice at(const fs::path& root) {
    const fs::path normal = fs::absolute(root).lexically_normal();
    SiteChoice choice;
    choice.root = normal.has_filename() ? normal : normal.parent_path();
    return choice;
}

/// One docroot a line; relative ones start where the file lies.
std::vector<SiteChoice> read_list(const fs::path& file, const std::string& text) {
    std::vector<SiteChoice> sites;
    for (const std::string_view raw : split(text, '\n')) {
        const std::string_view line = trim(raw);
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        sites.push_back(at(file.parent_path() / line));
    }
    return sites;
}

bool looks_like_config(const std::string& text) {
    for (const std::string_view line : split(text, '\n'))
        if (const std::string_view start = trim(line); !start.empty() && start.front() == '[') return true;
    return false;
}

Result<ManySites> read_sections(const fs::path& path) {
    BDUPDATE_ASSIGN(ConfigFile read, read_config_file(path));
    BDUPDATE_TRY(check_config(read));
    ManySites many;
    many.sites_file = std::make_shared<const ConfigFile>(std::move(read));
    BDUPDATE_ASSIGN(const auto sections, site_sections(*many.sites_file));
    for (const SiteSection& section : sections) {
        const std::string where = path.string() + ":" + std::to_string(section.line);
        if (!section.root)
            return fail(ExitCode::Usage, where + ": [site." + section.name + "] names no root",
                        "root = \"…\": the docroot of the site");
        SiteChoice choice = at(*section.root);
        std::error_code ignored;
        const bool directory = fs::exists(*section.root / "sites" / section.name / "settings.php", ignored);
        choice.name = section.name;
        choice.site = !section.site.empty() ? section.site : directory ? section.name : "";
        choice.sites_file = many.sites_file.get();
        choice.section = section;
        many.sites.push_back(std::move(choice));
    }
    return many;
}

/// The docroots that a pattern matches; what it matches by the way is no site.
std::vector<SiteChoice> match(const std::string& pattern, Output& output) {
    glob_t found{};
    std::vector<SiteChoice> sites;
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
        for (std::size_t i = 0; i < found.gl_pathc; ++i) {
            const SiteChoice site = at(found.gl_pathv[i]);
            if (site::is_docroot(site.root))
                sites.push_back(site);
            else
                output.talk("note: left out, for it is no docroot: " + site.root.string());
        }
    ::globfree(&found);
    return sites;
}

Result<ManySites> sites_from(const std::string& from, Output& output) {
    std::error_code ignored;
    ManySites many;
    if (fs::is_regular_file(from, ignored)) {
        const auto text = read_file(from);
        if (!text) return fail(ExitCode::Usage, text.error().message, "--sites-from FILE");
        if (looks_like_config(*text)) return read_sections(fs::absolute(from));
        many.sites = read_list(fs::absolute(from), *text);
    } else {
        many.sites = match(from, output);
    }
    if (many.sites.empty())
        return fail(ExitCode::Usage, "--sites-from " + from + " names no site",
                    "a file with one docroot a line, a config file with sections [site.NAME], or a glob in "
                    "quotes");
    return many;
}

/// Each docroot's own sites in its place. One that cannot be read stays as it is, and is told of in its turn.
std::vector<SiteChoice> expand(const GlobalOptions& options, const std::vector<SiteChoice>& docroots,
                               Output& output) {
    std::vector<SiteChoice> sites;
    for (const SiteChoice& docroot : docroots) {
        GlobalOptions here = options;
        here.root = docroot.root;
        const auto all = docroot.site.empty() ? sites_of(here, output)
                                              : Result<site::SitesOfDocroot>({docroot.root, {docroot.site}});
        if (!all) sites.push_back(docroot);
        if (!all) continue;
        for (const std::string& name : all->names) {
            sites.push_back(docroot);
            sites.back().site = name;
            if (all->names.size() > 1 && !docroot.name.empty()) sites.back().name += ":" + name;
        }
    }
    return sites;
}

/// The longest directory that all of them lie below.
fs::path common_parent(const std::vector<SiteChoice>& sites) {
    fs::path common = sites.front().root.parent_path();
    for (const SiteChoice& site : sites) {
        const fs::path parent = site.root.parent_path();
        fs::path shared;
        for (auto a = common.begin(), b = parent.begin(); a != common.end() && b != parent.end() && *a == *b;
             ++a, ++b)
            shared /= *a;
        common = shared;
    }
    return common;
}

void leave_out_doubles(std::vector<SiteChoice>& sites, Output& output) {
    std::set<std::pair<fs::path, std::string>> seen;
    std::vector<SiteChoice> kept;
    for (SiteChoice& site : sites) {
        std::error_code error;
        const fs::path real = fs::canonical(site.root, error);
        if (seen.emplace(error ? site.root : real, site.site).second)
            kept.push_back(std::move(site));
        else
            output.talk("note: named twice: " + site.root.string());
    }
    sites = std::move(kept);
}

}  // namespace

void name_sites(std::vector<SiteChoice>& sites) {
    if (sites.empty()) return;
    const fs::path common = common_parent(sites);
    const bool one_docroot = std::all_of(sites.begin(), sites.end(), [&sites](const SiteChoice& site) {
        return site.root == sites.front().root;
    });
    std::map<std::string, int> used;
    for (SiteChoice& site : sites) {
        if (site.name.empty()) {
            site.name = one_docroot ? site.site : site.root.lexically_relative(common).string();
            if (site.name.empty()) site.name = site.root.filename().string();
            const bool main = site.site.empty() || site.site == "default";
            if (!one_docroot && !main) site.name += ":" + site.site;
        }
        if (const int before = used[site.name]++; before > 0)
            site.name += " (" + std::to_string(before + 1) + ")";
    }
}

Result<ManySites> find_sites(const GlobalOptions& options, Output& output) {
    ManySites many;
    if (options.sites_from.empty()) {
        BDUPDATE_ASSIGN(const auto all, sites_of(options, output));
        for (const std::string& name : all.names) {
            many.sites.push_back(at(all.docroot));
            many.sites.back().site = name;
        }
    } else {
        BDUPDATE_ASSIGN(many, sites_from(options.sites_from, output));
        if (options.all_sites) many.sites = expand(options, many.sites, output);
    }
    leave_out_doubles(many.sites, output);
    name_sites(many.sites);
    return many;
}

}  // namespace bdupdate::cli
