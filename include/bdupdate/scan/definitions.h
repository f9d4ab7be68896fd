#pragma once

#include <string>
#include <vector>

#include "bdupdate/site/site.h"

namespace bdupdate::scan {

/// What PHP missed: something that a file of the code base may define.
struct Symbol {
    enum class Kind { Function, Class, Constant } kind = Kind::Function;
    std::string name;  ///< as PHP wrote it, perhaps with a namespace
};

/// The symbol that PHP's words speak of ("Call to undefined function x()", "Class "X" not found", "Undefined
/// constant "X"", and what the bare API says in their place); without a name: none. Pure.
Symbol missing_symbol(const std::string& error);

/// A place in the code base that defines a symbol.
struct Definition {
    std::string file;    ///< relative to the docroot
    std::string module;  ///< whose directory the file lies in; empty: none's (core's includes, a theme)
};

/// Searches all PHP files below the docroot, files and directories that hold no code left out. Modules' own
/// places come before core's. For the words about a failure: it reads the whole code base. A file that cannot
/// be read is left out.
std::vector<Definition> find_definitions(const site::Site& site, const Symbol& symbol);

}  // namespace bdupdate::scan
