#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bdupdate/php/functions.h"
#include "bdupdate/php/interpreter.h"
#include "bdupdate/scan/inventory.h"
#include "discovery.h"
#include "read_ahead.h"

namespace bdupdate::scan {

/// A function that tells something about updates: hook_update_last_removed(), hook_update_dependencies().
struct HookFunction {
    std::string function;  ///< as declared
    std::string body;      ///< with as many newlines in front as bring its lines to their numbers in the file
    std::filesystem::path file;
};

/// "Loads" PHP files as core would, follows what they load in turn, and gathers what concerns updates.
class Loader {
  public:
    Loader(const site::Site& site, const Listing& listing, const std::vector<WantedModule>& wanted,
           ReadAhead& ahead);

    /// Loads a file (absolute path), once only, on behalf of `code`, which takes a syntax error. A file that
    /// is not there is none. Errors (Preflight): an update function declared twice; a file that cannot be
    /// read.
    Result<void> load(const std::filesystem::path& file, ModuleCode& code);

    std::map<std::string, std::vector<UpdateFunction>> updates;
    std::map<std::string, HookFunction> hooks;  ///< by lower-cased name
    std::vector<std::string> warnings;

    /// A path as messages show it: relative to the docroot when inside of it.
    [[nodiscard]] std::string shown(const std::filesystem::path& file) const;
    /// What evaluated code of `file` may know.
    [[nodiscard]] php::EvaluateOptions evaluate_options(const std::filesystem::path& file) const;

  private:
    Result<void> gather(const std::filesystem::path& file, const php::Outline& outline, ModuleCode& code);
    Result<void> add(const php::FunctionDeclaration& function, const std::filesystem::path& file);
    Result<void> add_update(UpdateFunction update, bool conditional);
    void add_hook(const php::FunctionDeclaration& function, const std::filesystem::path& file);
    Result<void> follow(const php::Load& load, const std::filesystem::path& file, ModuleCode& code);
    Result<void> follow_call(const php::Load& load, const std::filesystem::path& file, ModuleCode& code);
    Result<void> load_include(const std::string& module, const std::string& name, ModuleCode& code);
    php::Value evaluate(std::string_view expression, const php::Load& load,
                        const std::filesystem::path& file);
    [[nodiscard]] std::string with_module_paths(std::string_view expression) const;
    void warn(const std::filesystem::path& file, std::uint32_t line, const std::string& text);

    const site::Site& site_;
    const Listing& listing_;
    const std::vector<WantedModule>& wanted_;
    ReadAhead& ahead_;
    php::SystemWorld world_;
    std::set<std::pair<dev_t, ino_t>> loaded_;
    struct Seen {
        std::string file;
        int line = 0;
        bool conditional = false;
    };
    std::map<std::string, Seen> seen_;  ///< update functions by lower-cased name
};

}  // namespace bdupdate::scan
