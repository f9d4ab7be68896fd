#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/plan/numbering.h"

/// Checks .install files against Backdrop's rules for updates, without a site and without PHP. docs/lint.md
/// lists the rules.
namespace bdupdate::lint {

enum class Severity {
    Error,    ///< an update will not run, will not run where it must, or dies
    Warning,  ///< it can fail on sites that are not the author's, or says nothing to who runs it
};

/// Something to mend. `rule` is a name of rules().
struct Finding {
    std::string file;        ///< as the module's files were named
    std::uint32_t line = 1;  ///< from 1
    Severity severity = Severity::Warning;
    std::string rule;
    std::string message;
    std::string hint;  ///< how to mend it
};

struct Rule {
    const char* name;
    const char* what;  ///< one line
};
/// Every rule there is, in the order of docs/lint.md.
const std::vector<Rule>& rules();

/// A file of source, under the name that findings give it.
struct SourceFile {
    std::string name;
    std::string text;
};

/// What there is to know of one module.
struct ModuleFiles {
    std::string module;  ///< the name of its .install without the ending
    SourceFile install;
    std::vector<SourceFile> others;             ///< its .module, .inc …
    std::map<std::string, std::string> config;  ///< its config/*.json by name without ".json"
    bool has_config = false;                    ///< there is a config directory
    bool always_enabled = false;                ///< `required = TRUE` in its .info
    plan::Rules rules = plan::Rules::Backdrop;  ///< Drupal 7 where its .info says `core = 7.x`
    /// The .install as it is in the revision of --against; nothing: no revision, or the file is new.
    std::optional<std::string> released;
};

/// All findings in one module, by line. What a comment `bdupdate-lint: ignore RULE` allows is left out. Pure.
std::vector<Finding> check(const ModuleFiles& files);

/// Modules whose .install files `paths` name or hold, in order of their paths; and .install files with
/// updates that a revision has and the working tree has not.
struct Collection {
    std::vector<ModuleFiles> modules;
    std::vector<Finding> removed;  ///< whole files that are gone
};

/// Reads the modules' files. `against`: a revision of the git repository that each file lies in; empty: none.
/// Errors: Usage for a path that does not exist or a revision that git does not know; Preflight where a file
/// or git cannot be read.
Result<Collection> collect(const std::vector<std::filesystem::path>& paths, const std::string& against);

}  // namespace bdupdate::lint
