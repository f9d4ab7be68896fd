// Finds the files: the working tree, and for --against a revision of it.

#include <algorithm>
#include <set>

#include "bdupdate/base/file.h"
#include "bdupdate/base/subprocess.h"
#include "bdupdate/base/text.h"
#include "bdupdate/lint/lint.h"
#include "bdupdate/scan/info_file.h"
#include "source.h"

namespace bdupdate::lint {

namespace fs = std::filesystem;

namespace {

constexpr int deepest = 30;

bool ends_with(const std::string& text, std::string_view end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// `./modules/foo` and `modules/foo//` as people would write them.
std::string shown(const fs::path& path) {
    return path.lexically_normal().string();
}

/// Entries of a directory, sorted, without those that begin with a dot.
Result<std::vector<fs::directory_entry>> entries_of(const fs::path& directory) {
    std::vector<fs::directory_entry> entries;
    std::error_code error;
    for (auto at = fs::directory_iterator(directory, error); !error && at != fs::directory_iterator();
         at.increment(error))
        if (at->path().filename().string().front() != '.') entries.push_back(*at);
    if (error) return fail(ExitCode::Preflight, "cannot read " + directory.string() + ": " + error.message());
    std::sort(entries.begin(), entries.end());
    return entries;
}

Result<void> find_installs(const fs::path& directory, int depth, std::set<fs::path>& found) {
    if (depth > deepest) return {};
    BDUPDATE_ASSIGN(const auto entries, entries_of(directory));
    for (const fs::directory_entry& entry : entries) {
        std::error_code ignored;
        const std::string name = entry.path().filename();
        if (entry.is_symlink(ignored) && entry.is_directory(ignored)) continue;  // may lead in circles
        if (entry.is_directory(ignored)) {
            if (name != "node_modules" && name != "bower_components")
                BDUPDATE_TRY(find_installs(entry.path(), depth + 1, found));
        } else if (ends_with(name, ".install") && entry.is_regular_file(ignored)) {
            found.insert(entry.path());
        }
    }
    return {};
}

bool holds_module(const std::vector<fs::directory_entry>& entries) {
    return std::any_of(entries.begin(), entries.end(), [](const fs::directory_entry& entry) {
        return ends_with(entry.path().string(), ".info");
    });
}

bool is_code(const std::string& extension) {
    return extension == ".module" || extension == ".inc" || extension == ".php" || extension == ".profile" ||
           extension == ".engine";
}

/// The module's code but its .install; directories of modules within it are left to those.
Result<void> read_others(const fs::path& directory, const std::string& module, int depth,
                         std::vector<SourceFile>& others) {
    BDUPDATE_ASSIGN(const auto entries, entries_of(directory));
    if (depth > 0 && (depth > deepest || holds_module(entries))) return {};
    for (const fs::directory_entry& entry : entries) {
        std::error_code ignored;
        const fs::path& path = entry.path();
        if (entry.is_directory(ignored)) {
            const std::string name = path.filename();
            if (!entry.is_symlink(ignored) && name != "node_modules" && name != "vendor" &&
                name != "libraries")
                BDUPDATE_TRY(read_others(path, module, depth + 1, others));
            continue;
        }
        const std::string extension = path.extension();
        // Another module's .module beside it is that one's business.
        if (!is_code(extension) || (extension == ".module" && path.stem() != module)) continue;
        BDUPDATE_ASSIGN(std::string text, read_file(path));
        others.push_back({shown(path), std::move(text)});
    }
    return {};
}

Result<void> read_config(const fs::path& directory, ModuleFiles& files) {
    std::error_code ignored;
    files.has_config = fs::is_directory(directory, ignored);
    if (!files.has_config) return {};
    BDUPDATE_ASSIGN(const auto entries, entries_of(directory));
    for (const fs::directory_entry& entry : entries) {
        if (entry.path().extension() != ".json") continue;
        BDUPDATE_ASSIGN(files.config[entry.path().stem()], read_file(entry.path()));
    }
    return {};
}

/// What the .info says of core and of being disabled; a file of a module that has none keeps the defaults.
void read_info(const fs::path& file, ModuleFiles& files) {
    const auto text = read_file(file);
    if (!text) return;
    const php::Array info = scan::parse_info(*text);
    const php::Value* core = info.find(std::string("core"));
    const php::Value* backdrop = info.find(std::string("backdrop"));
    if (backdrop == nullptr && core != nullptr && core->string() != nullptr && core->to_string() == "7.x")
        files.rules = plan::Rules::Drupal7;
    const php::Value* required = info.find(std::string("required"));
    files.always_enabled = required != nullptr && required->unknown_inside() == nullptr && required->truthy();
}

Result<ModuleFiles> read_module(const fs::path& install) {
    ModuleFiles files;
    files.module = install.stem();
    files.install.name = shown(install);
    BDUPDATE_ASSIGN(files.install.text, read_file(install));
    const fs::path directory = install.has_parent_path() ? install.parent_path() : fs::path(".");
    BDUPDATE_TRY(read_others(directory, files.module, 0, files.others));
    BDUPDATE_TRY(read_config(directory / "config", files));
    read_info(directory / (files.module + ".info"), files);
    return files;
}

// --- git, by its plumbing: nothing there runs what a repository's config or hooks name

Result<Completed> git(const fs::path& directory, const std::vector<std::string>& arguments) {
    SpawnOptions options;
    options.argv = {"git", "-C", directory.empty() ? "." : directory.string(), "--literal-pathspecs"};
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    options.environment = {{"GIT_OPTIONAL_LOCKS", "0"}, {"GIT_NO_LAZY_FETCH", "1"}, {"LC_ALL", "C"}};
    return run_program(options, {}, std::chrono::minutes(1));
}

std::string first_line(const std::string& text) {
    return std::string(trim(text.substr(0, text.find('\n'))));
}

Result<std::string> git_output(const fs::path& directory, const std::vector<std::string>& arguments) {
    BDUPDATE_ASSIGN(Completed done, git(directory, arguments));
    if (done.status.ok()) return std::move(done.out);
    return fail(ExitCode::Preflight, "git cannot read " + shown(directory) + ": " + first_line(done.err));
}

/// The commit that a revision names in the repository of `directory`.
Result<std::string> commit_of(const fs::path& directory, const std::string& revision) {
    if (revision.front() == '-')
        return fail(ExitCode::Usage, "--against " + revision + " is no revision of git");
    BDUPDATE_ASSIGN(const Completed inside, git(directory, {"rev-parse", "--is-inside-work-tree"}));
    if (!inside.status.ok())
        return fail(ExitCode::Usage, "--against needs git: " + first_line(inside.err),
                    "run it in the module's repository");
    BDUPDATE_ASSIGN(const Completed done,
                    git(directory, {"rev-parse", "--verify", "--quiet", revision + "^{commit}"}));
    if (done.status.ok()) return std::string(trim(done.out));
    return fail(ExitCode::Usage, "git knows no revision " + revision + " in " + shown(directory),
                "in a shallow clone, fetch it first");
}

/// The .install as it was; nothing where that revision does not have it.
Result<std::optional<std::string>> released_text(const fs::path& directory, const std::string& commit,
                                                 const std::string& name) {
    BDUPDATE_ASSIGN(const std::string entry, git_output(directory, {"ls-tree", "-z", commit, "--", name}));
    // "100644 blob HASH\tname\0"
    const std::size_t blob = entry.find(" blob "), tab = entry.find('\t');
    if (blob == std::string::npos || tab == std::string::npos) return std::optional<std::string>();
    BDUPDATE_ASSIGN(std::string text,
                    git_output(directory, {"cat-file", "blob", entry.substr(blob + 6, tab - blob - 6)}));
    return std::optional<std::string>(std::move(text));
}

/// .install files with updates that were there and are not; one of the same name elsewhere was moved.
Result<std::vector<Finding>> removed_files(const fs::path& directory, const std::string& commit,
                                           const std::set<std::string>& names) {
    std::vector<Finding> findings;
    BDUPDATE_ASSIGN(const std::string list,
                    git_output(directory, {"ls-tree", "-r", "-z", "--name-only", commit, "--", "."}));
    for (const std::string_view entry : split(list, '\0')) {
        const fs::path path(entry);
        std::error_code ignored;
        if (path.extension() != ".install" || names.count(path.filename()) > 0 ||
            fs::exists(directory / path, ignored))
            continue;
        BDUPDATE_ASSIGN(const auto text, released_text(directory, commit, std::string(entry)));
        if (!text) continue;
        const SourceFile file{shown(directory / path), *text};
        const Source source(file);
        const auto count = static_cast<std::size_t>(std::count_if(
            source.updates().begin(), source.updates().end(),
            [&path](const Update& update) { return update.module == to_lower(path.stem().string()); }));
        if (count == 0) continue;
        findings.push_back(
            {file.name, 1, Severity::Error, "removed",
             "the file was released with " + counted(count, "update") +
                 " and is gone: sites that have not run them will pass over them without a word",
             "put it back, with " + path.stem().string() +
                 "_update_last_removed() where its updates are really to go"});
    }
    return findings;
}

fs::path directory_of(const fs::path& file) {
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

Result<void> compare(const std::vector<fs::path>& directories, const std::string& revision,
                     const std::vector<fs::path>& installs, Collection& collection) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < installs.size(); ++i) {
        names.insert(installs[i].filename());
        const fs::path directory = directory_of(installs[i]);
        BDUPDATE_ASSIGN(const std::string commit, commit_of(directory, revision));
        BDUPDATE_ASSIGN(collection.modules[i].released,
                        released_text(directory, commit, installs[i].filename()));
    }
    for (const fs::path& directory : directories) {
        BDUPDATE_ASSIGN(const std::string commit, commit_of(directory, revision));
        BDUPDATE_ASSIGN(auto removed, removed_files(directory, commit, names));
        collection.removed.insert(collection.removed.end(), removed.begin(), removed.end());
    }
    return {};
}

}  // namespace

Result<Collection> collect(const std::vector<fs::path>& paths, const std::string& against) {
    std::set<fs::path> found;
    std::vector<fs::path> directories;
    for (const fs::path& path : paths) {
        std::error_code ignored;
        const fs::path normal = path.lexically_normal();
        if (fs::is_directory(normal, ignored)) {
            directories.push_back(normal);
            BDUPDATE_TRY(find_installs(normal, 0, found));
        } else if (!fs::exists(normal, ignored)) {
            return fail(ExitCode::Usage, path.string() + ": no such file or directory");
        } else if (normal.extension() != ".install") {
            return fail(ExitCode::Usage, path.string() + " is no .install file",
                        "name .install files, or directories that hold modules");
        } else {
            found.insert(normal);
        }
    }
    Collection collection;
    const std::vector<fs::path> installs(found.begin(), found.end());
    for (const fs::path& install : installs) {
        BDUPDATE_ASSIGN(ModuleFiles files, read_module(install));
        collection.modules.push_back(std::move(files));
    }
    if (!against.empty()) BDUPDATE_TRY(compare(directories, against, installs, collection));
    return collection;
}

}  // namespace bdupdate::lint
