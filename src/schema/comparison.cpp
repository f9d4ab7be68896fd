#include "bdupdate/schema/comparison.h"

#include <algorithm>
#include <set>

#include "bdupdate/base/text.h"
#include "types.h"

namespace bdupdate::schema {

std::string_view to_string(Difference::Thing thing) {
    switch (thing) {
        case Difference::Thing::Table:
            return "table";
        case Difference::Thing::Column:
            return "column";
        case Difference::Thing::Index:
            break;
    }
    return "index";
}

std::string_view to_string(Difference::Aspect aspect) {
    switch (aspect) {
        case Difference::Aspect::Existence:
            return "existence";
        case Difference::Aspect::Type:
            return "type";
        case Difference::Aspect::Null:
            return "null";
        case Difference::Aspect::Default:
            return "default";
        case Difference::Aspect::Columns:
            break;
    }
    return "columns";
}

namespace {

using Thing = Difference::Thing;
using Aspect = Difference::Aspect;
using Text = std::optional<std::string>;

constexpr const char* primary_key = "PRIMARY";
constexpr std::string_view nameless = "sqlite_autoindex_";

/// Databases compare names of columns and indexes without regard to case.
template <class Value>
std::map<std::string, std::pair<std::string, const Value*>> by_lower_name(
    const std::map<std::string, Value>& all) {
    std::map<std::string, std::pair<std::string, const Value*>> result;
    for (const auto& [name, value] : all) result[to_lower(name)] = {name, &value};
    return result;
}

std::string without_prefix_length(const std::string& column) {
    const std::size_t at = column.find('(');
    return at == std::string::npos || column.back() != ')' ? column : column.substr(0, at);
}

bool same_columns(const std::vector<std::string>& declared, const std::vector<std::string>& real) {
    return std::equal(declared.begin(), declared.end(), real.begin(), real.end(),
                      [](const std::string& a, const std::string& b) {
                          return to_lower(a) == to_lower(without_prefix_length(b));
                      });
}

std::string key_text(bool unique, const std::vector<std::string>& columns) {
    return (unique ? "unique (" : "(") + join(columns, ", ") + ")";
}

/// One declared table and the real one.
class TableComparison {
  public:
    TableComparison(std::string name, const DeclaredTable& declared, const Table& real, Dialect dialect,
                    std::vector<Difference>& found)
        : name_(std::move(name)), declared_(declared), real_(real), dialect_(dialect), found_(found) {}

    void run() {
        columns();
        primary();
        indexes();
    }

  private:
    void add(Thing thing, Aspect aspect, const std::string& name, Text declared, Text real) {
        found_.push_back(
            {thing, aspect, name_, declared_.module, name, std::move(declared), std::move(real)});
    }

    void columns() {
        const auto real = by_lower_name(real_.columns);
        std::set<std::string> seen;
        for (const auto& [name, column] : declared_.columns) {
            const auto there = real.find(to_lower(name));
            seen.insert(to_lower(name));
            if (there == real.end())
                add(Thing::Column, Aspect::Existence, name, declaration_text(column, dialect_), std::nullopt);
            else
                column_as_declared(name, column, *there->second.second);
        }
        for (const auto& [lower, column] : real)
            if (seen.count(lower) == 0)
                add(Thing::Column, Aspect::Existence, column.first, std::nullopt, column.second->text());
    }

    void column_as_declared(const std::string& name, const DeclaredColumn& declared, const Column& real) {
        if (const auto types = differing_types(declared, real, dialect_))
            add(Thing::Column, Aspect::Type, name, types->first, types->second);
        // Databases forbid NULL in a primary key, or, as SQLite does for a serial, do not say that they do.
        const bool in_key =
            declared.type == "serial" ||
            std::any_of(declared_.primary.begin(), declared_.primary.end(),
                        [&](const std::string& key) { return to_lower(key) == to_lower(name); });
        if (!in_key && declared.not_null != real.not_null)
            add(Thing::Column, Aspect::Null, name, declared.not_null ? "not null" : "null",
                real.not_null ? "not null" : "null");
        if (const auto defaults = differing_defaults(declared, real))
            add(Thing::Column, Aspect::Default, name, defaults->first, defaults->second);
    }

    /// SQLite tells which columns are part of it; beside a serial it can have no other.
    void primary() {
        std::vector<std::string> wanted = declared_.primary, is;
        if (dialect_ == Dialect::MySql) {
            if (const auto key = real_.indexes.find(primary_key); key != real_.indexes.end())
                is = key->second.columns;
            if (same_columns(wanted, is)) return;
        } else {
            for (const auto& [name, column] : declared_.columns)
                if (column.type == "serial") wanted = {name};
            for (const auto& [name, column] : real_.columns)
                if (column.extra == "primary key") is.push_back(name);
            std::vector<std::string> sorted = wanted;
            std::sort(sorted.begin(), sorted.end());
            if (same_columns(sorted, is)) return;
        }
        const bool both = !wanted.empty() && !is.empty();
        add(Thing::Index, both ? Aspect::Columns : Aspect::Existence, primary_key,
            wanted.empty() ? Text() : key_text(false, wanted), is.empty() ? Text() : key_text(false, is));
    }

    void indexes() {
        auto left = by_lower_name(real_.indexes);
        left.erase(to_lower(primary_key));
        for (const auto& [name, columns] : declared_.unique) index_as_declared(name, columns, true, left);
        for (const auto& [name, columns] : declared_.indexes) index_as_declared(name, columns, false, left);
        for (const auto& [lower, index] : left)
            add(Thing::Index, Aspect::Existence, index.first, std::nullopt, index.second->text());
    }

    using Indexes = std::map<std::string, std::pair<std::string, const Index*>>;

    /// Takes what it finds out of `left`.
    void index_as_declared(const std::string& name, const std::vector<std::string>& columns, bool unique,
                           Indexes& left) {
        const auto found = find_index(name, columns, unique, left);
        if (found == left.end())
            return add(Thing::Index, Aspect::Existence, name, key_text(unique, columns), std::nullopt);
        const Index& real = *found->second.second;
        if (real.unique != unique || !same_columns(columns, real.columns))
            add(Thing::Index, Aspect::Columns, name, key_text(unique, columns), real.text());
        left.erase(found);
    }

    Indexes::iterator find_index(const std::string& name, const std::vector<std::string>& columns,
                                 bool unique, Indexes& left) {
        if (dialect_ == Dialect::MySql) return left.find(to_lower(name));
        for (const std::string& candidate : {name_ + "_" + name, name})
            if (const auto found = left.find(to_lower(candidate)); found != left.end()) return found;
        if (!unique) return left.end();
        return std::find_if(left.begin(), left.end(), [&](const auto& index) {
            return index.first.rfind(nameless, 0) == 0 && index.second.second->unique &&
                   same_columns(columns, index.second.second->columns);
        });
    }

    std::string name_;
    const DeclaredTable& declared_;
    const Table& real_;
    Dialect dialect_;
    std::vector<Difference>& found_;
};

}  // namespace

Comparison compare(const Declared& declared, const Tables& real, Dialect dialect,
                   const std::function<std::string(const std::string&)>& full_name) {
    Comparison result;
    std::map<std::string, const DeclaredTable*> expected;
    for (const auto& [name, table] : declared.tables) expected[full_name(name)] = &table;
    std::set<std::string> known;
    const auto lower = by_lower_name(real);
    for (const auto& [name, table] : expected) {
        if (name.find('.') != std::string::npos) {
            result.elsewhere.push_back(name);
            continue;
        }
        ++result.tables;
        auto there = real.find(name);
        // MySQL on some systems, and SQLite everywhere, do not care for the case of tables' names.
        if (there == real.end())
            if (const auto found = lower.find(to_lower(name));
                found != lower.end() && expected.count(found->second.first) == 0)
                there = real.find(found->second.first);
        if (there == real.end()) {
            result.differences.push_back({Thing::Table, Aspect::Existence, name, table->module, "",
                                          counted(table->columns.size(), "column"), std::nullopt});
            continue;
        }
        known.insert(there->first);
        // A view shows what somebody chose to show.
        if (there->second.options != "view")
            TableComparison(name, *table, there->second, dialect, result.differences).run();
    }
    for (const auto& [name, table] : real)
        if (known.count(name) == 0 && table.options != "view") result.undeclared.push_back(name);
    return result;
}

namespace {

/// What is declared is the same in both. Where the real side is another one it is another difference, but for
/// what should not be there at all: the columns of an index that nobody declares may be renamed.
bool same(const Difference& a, const Difference& b) {
    const bool extra = a.aspect == Aspect::Existence && a.real && b.real;
    return a.thing == b.thing && a.aspect == b.aspect && a.table == b.table && a.name == b.name &&
           (extra || a.real == b.real);
}

}  // namespace

Since since(const Comparison& now, const std::vector<Comparison>& then) {
    Since result;
    for (const Difference& one : now.differences) {
        const bool stood = std::all_of(then.begin(), then.end(), [&](const Comparison& earlier) {
            return std::any_of(earlier.differences.begin(), earlier.differences.end(),
                               [&](const Difference& other) { return same(one, other); });
        });
        (stood ? result.standing : result.fresh).push_back(one);
    }
    for (const std::string& name : now.undeclared) {
        const bool stood = std::all_of(then.begin(), then.end(), [&](const Comparison& earlier) {
            return std::find(earlier.undeclared.begin(), earlier.undeclared.end(), name) !=
                   earlier.undeclared.end();
        });
        if (!stood) result.undeclared.push_back(name);
    }
    return result;
}

}  // namespace bdupdate::schema
