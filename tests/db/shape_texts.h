#pragma once

#include <map>
#include <string>

namespace bdupdate::test {

/// Columns or indexes of a table, by name, as messages write them.
template <class Definition>
std::map<std::string, std::string> texts(const std::map<std::string, Definition>& definitions) {
    std::map<std::string, std::string> texts;
    for (const auto& [name, definition] : definitions) texts[name] = definition.text();
    return texts;
}

}  // namespace bdupdate::test
