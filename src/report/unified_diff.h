#pragma once

#include <optional>
#include <string>

namespace bdupdate::report {

/// A unified diff with three lines of context, as `patch -p1` and `git apply` take it in the directory of
/// `path`; without content: the file was, or is, not there. Nothing for files that hold a zero byte, which
/// are no text. Without the line "diff --git": names behind that one count from the top of a work tree.
std::optional<std::string> unified_diff(const std::string& path, const std::optional<std::string>& before,
                                        const std::optional<std::string>& after);

}  // namespace bdupdate::report
