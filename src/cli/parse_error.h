#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace bdupdate::cli {

/// What is wrong with a command line and what was perhaps meant, in the words of all other errors: lines to
/// print.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace bdupdate::cli
