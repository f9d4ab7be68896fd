#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ast.h"
#include "bdupdate/php/value.h"

namespace bdupdate::php {

/// The variables of a file or of one call of a function.
struct Scope {
    std::map<std::string, Value> variables;
    std::map<std::string, std::string> aliases;  ///< `$a = &$b`: a -> b, where b's value stands
    std::map<std::string, Unknown> pinned;  ///< referenced in ways that are not followed: never known again
    std::optional<Unknown> rest;            ///< variables that are not listed may have been set
    std::optional<Unknown> lost;            ///< nothing here will be known again
    std::set<std::string> globals;          ///< of a function: names it declared `global`

    [[nodiscard]] const std::string& canonical(const std::string& name) const;
    void taint(const std::string& name, const Unknown& why);
    void taint_all(const Unknown& why);
    void lose(const Unknown& why);
    void pin(const std::string& name, const Unknown& why);
    [[nodiscard]] Value read(const std::string& name) const;
    /// Points into the scope; null when the value is not simply stored here.
    [[nodiscard]] const Value* stored(const std::string& name) const;
};

/// Everything that running PHP code changes.
struct State {
    Scope file;     ///< of the file and those it includes
    Scope outside;  ///< global variables of the code around the file
    std::vector<Scope> calls;
    std::map<std::string, Value> constants;
    std::map<std::string, std::shared_ptr<Function>> functions;  ///< by lower-case name
    std::map<std::string, bool> included;                        ///< real paths; false: perhaps
    std::map<std::string, std::string> environment;              ///< by putenv()
    std::optional<Unknown> environment_unknown;
    std::optional<Unknown> files_unknown;  ///< the code wrote to the file system
    std::optional<Unknown> include_path_unknown;
    std::filesystem::path directory;  ///< working directory
    std::optional<Unknown> directory_unknown;
};

/// What is known when either of two ways may have been taken.
State merge(State one, State other, const Unknown& why);
Value merge(const Value& one, const Value& other, const Unknown& why);

}  // namespace bdupdate::php
