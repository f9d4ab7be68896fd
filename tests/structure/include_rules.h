#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bdupdate::structure {

/// One `#include` line.
struct Include {
    std::string target;  ///< as written between the quotes or brackets
    bool quoted = false;
};

/// The includes of a source text, in order; those in comments do not count.
std::vector<Include> includes_of(std::string_view source);

/// The room (folder) that a path such as `src/plan/graph.cpp` or `include/bdupdate/plan/graph.h` lies in;
/// empty outside of the rooms.
std::string room_of(std::string_view path);

/// The rooms of docs/architecture.md.
const std::set<std::string>& rooms();

/// What a file includes against the rules of docs/architecture.md, one sentence each. `path` is relative to
/// the top of the tree, with forward slashes.
std::vector<std::string> violations(std::string_view path, std::string_view source);

}  // namespace bdupdate::structure
