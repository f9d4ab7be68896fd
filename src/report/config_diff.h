#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bdupdate/journal/journal.h"

namespace bdupdate::report {

/// A key of a config file that changed, such as "season.first_month". Values as compact JSON; nothing: the
/// key was, or is, not there.
struct KeyChange {
    std::string key;
    std::optional<std::string> before, after;
};

/// What is shown instead of a value that looks like a password.
inline constexpr const char* hidden_value = "(hidden)";

/// Key by key, in the order of the new file; nothing where either side is no JSON. Values of keys that are
/// called like passwords are hidden, and so are passwords in URLs.
std::optional<std::vector<KeyChange>> key_changes(const journal::ConfigChange& change);

/// Texts of both sides that must not be printed, as they stand in the file.
std::vector<std::string> secrets_of(const journal::ConfigChange& change);

}  // namespace bdupdate::report
