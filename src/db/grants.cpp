#include "grants.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "bdupdate/base/text.h"

namespace bdupdate::db {

namespace {

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}

/// Reads a quoted or bare name at the beginning of `text` and takes it away; false where there is none.
bool take_name(std::string_view& text, std::string& name) {
    name.clear();
    if (text.empty()) return false;
    const char quote = text.front();
    if (quote != '`' && quote != '"' && quote != '\'') {
        const std::size_t end = std::min(text.find_first_of(". "), text.size());
        name = text.substr(0, end);
        text.remove_prefix(end);
        return !name.empty();
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == quote && i + 1 < text.size() && text[i + 1] == quote)
            ++i;
        else if (text[i] == quote) {
            text.remove_prefix(i + 1);
            return true;
        }
        name += text[i];
    }
    return false;
}

/// A database of a grant is a LIKE pattern: `_` and `%` are wildcards unless escaped.
bool matches(std::string_view pattern, std::string_view name) {
    if (pattern.empty()) return name.empty();
    if (pattern.front() == '%') {
        for (std::size_t skip = 0; skip <= name.size(); ++skip)
            if (matches(pattern.substr(1), name.substr(skip))) return true;
        return false;
    }
    if (name.empty()) return false;
    const bool escaped = pattern.front() == '\\' && pattern.size() > 1;
    const char wanted = pattern[escaped ? 1 : 0];
    if ((escaped || wanted != '_') && std::tolower(static_cast<unsigned char>(wanted)) !=
                                          std::tolower(static_cast<unsigned char>(name.front())))
        return false;
    return matches(pattern.substr(escaped ? 2 : 1), name.substr(1));
}

/// "SELECT, INSERT (`a`, `b`), LOCK TABLES" cut at the commas outside of parentheses.
std::vector<std::string> privileges_of(std::string_view list) {
    std::vector<std::string> result(1);
    int depth = 0;
    for (const char c : list) {
        if (c == '(') ++depth;
        if (c == ')') --depth;
        if (c == ',' && depth == 0)
            result.emplace_back();
        else
            result.back() += c;
    }
    for (std::string& privilege : result) privilege = upper(trim(privilege));
    return result;
}

void read_line(std::string_view line, const std::string& database, Grants& grants) {
    constexpr std::string_view grant = "GRANT ";
    constexpr std::string_view on = " ON ";
    if (!starts_with_ignoring_case(line, grant)) {
        grants.unsure = true;  // REVOKE lines of partial revokes, and whatever else there may be
        return;
    }
    line.remove_prefix(grant.size());
    const std::size_t at = upper(line).find(on);
    if (at == std::string::npos) {
        grants.unsure = true;  // a role: what it grants is not listed here
        return;
    }
    const std::vector<std::string> privileges = privileges_of(line.substr(0, at));
    if (privileges.front() == "PROXY") return;
    line = trim(line.substr(at + on.size()));
    for (const std::string_view kind : {"TABLE ", "PROCEDURE ", "FUNCTION ", "PACKAGE "})
        if (starts_with_ignoring_case(line, kind) && kind != "TABLE ") return;
    std::string scope, object;
    const bool read = take_name(line, scope) && !line.empty() && line.front() == '.';
    if (read) line.remove_prefix(1);
    if (!read || !take_name(line, object)) {
        grants.unsure = true;
        return;
    }
    if (scope != "*" && !matches(scope, database)) return;
    if (object != "*") {
        grants.unsure = true;  // on single tables
        return;
    }
    for (const std::string& privilege : privileges) {
        if (privilege.find('(') != std::string::npos) grants.unsure = true;
        grants.held.insert(privilege == "ALL" ? "ALL PRIVILEGES" : privilege);
    }
}

}  // namespace

Grants read_grants(const std::vector<std::string>& lines, const std::string& database) {
    Grants grants;
    if (lines.empty()) grants.unsure = true;
    for (const std::string& line : lines) read_line(trim(line), database, grants);
    return grants;
}

}  // namespace bdupdate::db
