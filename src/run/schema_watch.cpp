#include "schema_watch.h"

#include <algorithm>
#include <set>

namespace bdupdate::run {

namespace {

using Changes = std::vector<journal::SchemaChange>;

template <class Definition>
using Definitions = std::map<std::string, Definition>;

template <class Definition>
std::optional<std::string> definition(const Definitions<Definition>& all, const std::string& name) {
    const auto found = all.find(name);
    return found == all.end() ? std::nullopt : std::optional(found->second.text());
}

template <class Definition>
void compare(const std::string& table, const char* what, const Definitions<Definition>& before,
             const Definitions<Definition>& after, Changes& changes) {
    std::set<std::string> names;
    for (const auto& [name, text] : before) names.insert(name);
    for (const auto& [name, text] : after) names.insert(name);
    for (const std::string& name : names) {
        journal::SchemaChange change{table, what, name, definition(before, name), definition(after, name)};
        if (change.before != change.after) changes.push_back(std::move(change));
    }
}

/// A table that went and one that came, alike and the only ones that are: indexes may be called otherwise,
/// for SQLite's carry the name of their table.
std::map<std::string, std::string> renamed(const schema::Tables& before, const schema::Tables& after) {
    const auto alike = [](const schema::Table& a, const schema::Table& b) {
        return a.options == b.options && a.columns == b.columns && a.indexes.size() == b.indexes.size();
    };
    std::map<std::string, std::string> from;
    for (const auto& [name, shape] : after) {
        if (before.count(name) != 0) continue;
        std::size_t fitting = 0;
        std::string old;
        for (const auto& [gone, was] : before)
            if (after.count(gone) == 0 && alike(was, shape)) {
                ++fitting;
                old = gone;
            }
        for (const auto& [other, is] : after)
            if (other != name && before.count(other) == 0 && alike(is, shape)) ++fitting;
        if (fitting == 1 && !old.empty()) from[name] = old;
    }
    return from;
}

}  // namespace

Changes schema_changes(const schema::Tables& was_there, const schema::Tables& after) {
    const std::map<std::string, std::string> names = renamed(was_there, after);
    schema::Tables before = was_there;
    for (const auto& [name, old] : names) before.erase(old);
    std::set<std::string> tables;
    for (const auto& [name, shape] : before) tables.insert(name);
    for (const auto& [name, shape] : after) tables.insert(name);
    Changes changes;
    for (const std::string& name : tables) {
        if (const auto rename = names.find(name); rename != names.end()) {
            changes.push_back({name, "rename", "", rename->second, name});
            continue;
        }
        const schema::Tables::const_iterator old = before.find(name), now = after.find(name);
        const schema::Table none;
        const schema::Table& was = old == before.end() ? none : old->second;
        const schema::Table& is = now == after.end() ? none : now->second;
        if (old != before.end() && now != after.end() && was == is) continue;
        journal::SchemaChange change{name, "table", "", std::nullopt, std::nullopt};
        if (old != before.end()) change.before = was.options;
        if (now != after.end()) change.after = is.options;
        if (change.before != change.after) changes.push_back(std::move(change));
        compare(name, "column", was.columns, is.columns, changes);
        compare(name, "index", was.indexes, is.indexes, changes);
    }
    return changes;
}

void SchemaWatch::begin() {
    known_.reset();
    auto shapes = database_.shapes();
    auto cookie = database_.schema_cookie();
    if (!shapes || !cookie) return;
    known_ = std::move(*shapes);
    cookie_ = *cookie;
}

bool SchemaWatch::knew(const std::optional<std::vector<std::string>>& tables) const {
    return known_ && tables && std::all_of(tables->begin(), tables->end(), [this](const std::string& table) {
               return known_->count(table) != 0;
           });
}

std::optional<schema::Tables> SchemaWatch::now(const std::optional<std::vector<std::string>>& tables) const {
    const bool some = tables && !cookie_;
    auto seen = some ? database_.shapes_of(*tables) : database_.shapes();
    if (!seen) return std::nullopt;
    if (!some) return std::move(*seen);
    schema::Tables all = *known_;
    for (const std::string& name : *tables) all.erase(name);
    all.merge(*seen);
    return all;
}

Changes SchemaWatch::look(bool changed, const std::optional<std::vector<std::string>>& tables) {
    if (!known_) return {};
    if (cookie_) {
        const auto cookie = database_.schema_cookie();
        if (!cookie || *cookie == cookie_) return {};
        cookie_ = *cookie;
    } else if (!changed) {
        return {};
    }
    auto seen = now(tables);
    if (!seen) return {};
    Changes changes = schema_changes(*known_, *seen);
    known_ = std::move(*seen);
    changed_ = changed_ || !changes.empty();
    return changes;
}

std::vector<journal::RowsTouched> SchemaWatch::telling(const std::vector<worker::TableRows>& rows,
                                                       const std::string& prefix) const {
    std::vector<journal::RowsTouched> worth;
    for (const worker::TableRows& table : rows) {
        const bool prefixed = table.table.rfind(prefix, 0) == 0;
        const std::string name = prefixed ? table.table.substr(prefix.size()) : table.table;
        const bool housekeeping = name == "cache" || name.rfind("cache_", 0) == 0 || name == "semaphore";
        if (housekeeping || (known_ && known_->count(table.table) == 0)) continue;
        worth.push_back({table.table, table.inserted, table.updated, table.deleted});
    }
    return worth;
}

}  // namespace bdupdate::run
