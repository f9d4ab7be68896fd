#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bdupdate::php {

/// A function that a file declares outside of classes and other functions. All views point into the source.
struct FunctionDeclaration {
    std::string name;  ///< as written, with its namespace in front ("a\b\name") where there is one
    std::string_view doc_comment;  ///< what ReflectionFunction::getDocComment() gives; empty: none
    std::uint32_t line = 0;        ///< of the `function` keyword, from 1
    std::string_view declaration;  ///< from `function` to the closing brace
    std::string_view body;         ///< between its braces
    bool conditional = false;      ///< inside of a block: PHP declares it only when that runs
};

/// Code outside of functions that loads, or may load, another file.
struct Load {
    enum class Kind {
        Include,  ///< include, require and their _once forms; `text` is the expression
        Call,     ///< a call of `name`, a function that loads files; `text` is its arguments
        Eval,     ///< `text` is the expression
    };
    Kind kind = Kind::Include;
    std::string_view name;  ///< the keyword or function, as written
    std::string_view text;
    std::uint32_t line = 0;
    bool conditional = false;  ///< inside of a block, or behind an operator that may leave it out
};

struct SyntaxError {
    std::uint32_t line = 0;
    std::string text;  ///< "unclosed '{'"; lower-case, without the file's name
};

/// What loading a file would declare and load.
struct Outline {
    std::vector<FunctionDeclaration> functions;
    std::vector<Load> loads;
    /// Set where brackets do not match or a string or comment does not end: other mistakes take PHP to be
    /// seen.
    std::optional<SyntaxError> error;
};

/// Finds the functions of a file and the files it loads, by leaping over all bodies. The source must outlive
/// the result.
Outline outline(std::string_view source);

/// The doc comment of an update function as update_get_update_list() turns it into a description.
std::string update_description(std::string_view doc_comment);

/// Splits the name of an update function, lower-cased and greedily, by core's `^(.+)_update_(\d+)$`
/// (backdrop_get_schema_versions()). False when it is none.
bool split_update_name(std::string_view name, std::string& module, std::string& number);

}  // namespace bdupdate::php
