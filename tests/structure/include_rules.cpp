#include "structure/include_rules.h"

#include <algorithm>
#include <map>
#include <regex>

namespace bdupdate::structure {

namespace {

using Names = std::set<std::string>;

/// Which rooms a room may include besides itself. `cli` is in nobody's list.
const std::map<std::string, Names>& allowed() {
    static const std::map<std::string, Names> table = {
        {"base", {}},
        {"php", {"base"}},
        {"site", {"base", "php"}},
        {"scan", {"base", "php", "site"}},
        {"plan", {"base", "php", "site", "scan"}},
        {"lint", {"base", "php", "scan", "plan"}},
        {"schema", {"base"}},
        {"db", {"base", "site", "schema"}},
        {"config", {"base"}},
        {"backup", {"base", "site", "schema", "db", "config"}},
        {"journal", {"base", "schema", "config"}},
        {"recovery", {"base", "site", "schema", "db", "config", "backup", "journal"}},
        {"worker", {"base", "php", "site", "scan", "plan", "schema"}},
        {"run",
         {"base", "php", "site", "scan", "plan", "schema", "db", "config", "backup", "journal", "recovery",
          "worker"}},
        // Values only: what these rooms hand out (of db: Server, Mark), never a worker or the file system.
        {"report", {"base", "site", "scan", "plan", "lint", "schema", "db", "backup", "journal", "run"}},
        {"cli",
         {"base", "php", "site", "scan", "plan", "schema", "db", "config", "backup", "journal", "recovery",
          "worker", "run", "report", "lint"}},
    };
    return table;
}

/// Rooms that compute: the same input gives the same output, and nothing outside is read or written.
const Names pure_rooms = {"php", "plan", "schema", "report"};

/// Where a library's headers may be named. `prefix` is matched against the include's target.
struct LibraryRule {
    std::string prefix;
    Names rooms;
    bool public_headers;  ///< also in include/bdupdate/
};

const std::vector<LibraryRule>& library_rules() {
    static const std::vector<LibraryRule> rules = {
        {"CLI/", {"cli"}, false},
        {"sqlite3.h", {"db", "journal"}, false},
        {"mysql.h", {"db"}, false},
        {"mysql/", {"db"}, false},
        {"mariadb/", {"db"}, false},
        {"archive.h", {"backup"}, false},
        {"archive_entry.h", {"backup"}, false},
        {"utf8proc.h", {"report"}, false},
        {"nlohmann/", rooms(), false},
    };
    return rules;
}

/// Headers that reach outside of the process; nothing for a pure room.
const std::vector<std::string> effects = {
    "spdlog/",
    "fstream",
    "iostream",
    "unistd.h",
    "fcntl.h",
    "sys/",
    "thread",
    "dirent.h",
    "signal.h",
    "csignal",
    "bdupdate/base/file.h",
    "bdupdate/base/subprocess.h",
};

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

bool is_public_header(std::string_view path) {
    return starts_with(path, "include/bdupdate/");
}

std::string bdupdate_target_room(const std::string& target) {
    return starts_with(target, "bdupdate/") ? room_of("include/" + target) : std::string();
}

/// The one way out of a pure room: the evaluator sees files and environment through php::World, and this is
/// the World of the real machine.
const Names adapters = {"src/php/system_world.cpp"};

/// Inside of recovery only the decision is pure; carrying it out is not.
bool is_pure(std::string_view path, const std::string& room) {
    if (adapters.count(std::string(path)) > 0) return false;
    return pure_rooms.count(room) > 0 || starts_with(path, "src/recovery/deci") ||
           starts_with(path, "include/bdupdate/recovery/deci");
}

void check_rooms(const std::string& room, const Include& include, std::vector<std::string>& found) {
    if (include.quoted && include.target.find("..") != std::string::npos)
        found.push_back("includes " + include.target + ": name the room instead of climbing out of it");
    if (!starts_with(include.target, "bdupdate/")) return;
    const std::string target = bdupdate_target_room(include.target);
    if (target.empty()) {
        found.push_back("includes " + include.target + ", which is in no room");
    } else if (target != room && allowed().at(room).count(target) == 0) {
        found.push_back(room + " may not know " + target + " (" + include.target + ")");
    }
}

void check_libraries(std::string_view path, const std::string& room, const Include& include,
                     std::vector<std::string>& found) {
    for (const LibraryRule& rule : library_rules()) {
        if (!starts_with(include.target, rule.prefix)) continue;
        if (rule.rooms.count(room) == 0) found.push_back(include.target + " does not belong in " + room);
        if (!rule.public_headers && is_public_header(path))
            found.push_back(include.target + " in a public header");
    }
    if (!is_pure(path, room)) return;
    for (const std::string& prefix : effects)
        if (starts_with(include.target, prefix))
            found.push_back(include.target + " in " + room + ", which only computes");
    // A report formats times; what is decided must not depend on them.
    if (include.target == "bdupdate/base/clock.h" && room != "report")
        found.push_back(include.target + " in " + room + ", which only computes");
}

}  // namespace

std::vector<Include> includes_of(std::string_view source) {
    static const std::regex line("^[ \\t]*#[ \\t]*include[ \\t]*([<\"])([^>\"]+)[>\"]");
    std::vector<Include> result;
    bool in_comment = false;
    std::size_t start = 0;
    while (start < source.size()) {
        const std::size_t end = std::min(source.find('\n', start), source.size());
        const std::string text(source.substr(start, end - start));
        start = end + 1;
        std::smatch match;
        if (!in_comment && std::regex_search(text, match, line))
            result.push_back({match[2], match[1] == "\""});
        const std::size_t opened = text.rfind("/*"), closed = text.rfind("*/");
        if (opened != std::string::npos && (closed == std::string::npos || closed < opened))
            in_comment = true;
        if (closed != std::string::npos && (opened == std::string::npos || opened < closed))
            in_comment = false;
    }
    return result;
}

std::string room_of(std::string_view path) {
    for (const std::string_view top : {"include/bdupdate/", "src/"}) {
        if (!starts_with(path, top)) continue;
        const std::string_view rest = path.substr(top.size());
        const std::size_t slash = rest.find('/');
        if (slash == std::string_view::npos) return "";
        const std::string room(rest.substr(0, slash));
        return rooms().count(room) > 0 ? room : "";
    }
    return "";
}

const std::set<std::string>& rooms() {
    static const Names names = [] {
        Names result;
        for (const auto& entry : allowed()) result.insert(entry.first);
        return result;
    }();
    return names;
}

std::vector<std::string> violations(std::string_view path, std::string_view source) {
    std::vector<std::string> found;
    const std::string room = room_of(path);
    if (room.empty()) return {"lies in no room of docs/architecture.md"};
    for (const Include& include : includes_of(source)) {
        check_rooms(room, include, found);
        check_libraries(path, room, include, found);
    }
    for (std::string& sentence : found) sentence = std::string(path) + ": " + sentence;
    return found;
}

}  // namespace bdupdate::structure
