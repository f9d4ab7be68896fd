#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/site/site.h"

namespace bdupdate::scan {

/// A function that core would run as an update (backdrop_get_schema_versions()).
struct UpdateFunction {
    std::string module;       ///< lower-case
    std::string number;       ///< as written: "1005", "01000"
    std::string function;     ///< name as declared
    std::string description;  ///< the doc comment with its markers stripped, as update_get_update_list() does
    std::string file;         ///< its absolute path; no std::filesystem::path: copies of those are dear
    int line = 0;             ///< of the `function` keyword, from 1
};

/// `$deps[module][number][other_module] = other_number`: other must run before module.
struct Dependency {
    std::string module;
    std::string number;
    std::string other_module;
    std::string other_number;
    std::string declared_by;  ///< whose hook it is; empty where that is not known (the worker's facts)
};

/// What hook_update_dependencies() or hook_update_last_removed() is known to return.
enum class HookState { Absent, Known, NeedsPhp };

enum class CodeState {
    Present,
    NotFound,   ///< no .module, or no .info beside it
    Merged,     ///< in backdrop_merged_modules()
    WrongCore,  ///< .info without `backdrop = 1.x`
    PhpTooOld,  ///< .info asks for a newer PHP than the one that is known
};

/// A module's code as it lies in the file system.
struct ModuleCode {
    std::string name;
    CodeState state = CodeState::NotFound;
    std::filesystem::path directory;             ///< absolute; empty when NotFound
    std::string human_name, version, core, php;  ///< of the .info
    std::vector<std::string> requires_modules;   ///< `dependencies[]` of the .info, as written
    HookState last_removed_state = HookState::Absent;
    int last_removed = 0;  ///< valid when Known
    HookState dependencies_state = HookState::Absent;
    std::vector<Dependency> dependencies;     ///< in the hook's order, valid when Known
    std::string needs_php_why;                ///< file, line and statement, when a state is NeedsPhp
    std::optional<std::string> syntax_error;  ///< of a file that would be loaded, with file and line
};

struct Inventory {
    std::map<std::string, ModuleCode> modules;  ///< every module asked for, and none else
    /// By module: its updates in the order they were found. Keys may be names that no module has.
    std::map<std::string, std::vector<UpdateFunction>> updates;
    std::vector<std::string> warnings;  ///< ambiguous copies, shadowed core modules, duplicate functions …
};

/// A module of the site, as the database lists it.
struct WantedModule {
    std::string name;
    bool enabled = false;  ///< then its .module is loaded too, and may hold updates
};

/// The reading of a site's directories and files, going on beside other work.
class ReadAhead;

/// Begins it on a thread of its own, which needs no database until it knows where all modules are. Null where
/// no thread can be had.
std::shared_ptr<ReadAhead> begin_reading(const site::Site& site, const std::string& install_profile);

struct ScanOptions {
    std::string install_profile = "standard";
    /// Begun for the same site and profile. The first scan takes what it found; later ones look again, for
    /// code may have changed. May be null.
    std::shared_ptr<ReadAhead> begun;
    std::string
        php_version;  ///< of the PHP that will run updates; empty: unknown, PhpTooOld is never reported
    /// Asks real PHP to load an .install file and call a hook; JSON of the result. May be empty: then
    /// NeedsPhp stays.
    std::function<Result<std::string>(const std::filesystem::path& file, const std::string& function)>
        ask_php;
};

/// Finds the code of `wanted` and the update functions in it, by semantics of core's
/// system_rebuild_module_data() and backdrop_load_updates(), without PHP. Errors (Preflight): a directory
/// that cannot be read; a duplicate function.
Result<Inventory> scan_modules(const site::Site& site, const std::vector<WantedModule>& wanted,
                               const ScanOptions& options);

}  // namespace bdupdate::scan
