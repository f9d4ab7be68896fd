#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/schema/declared.h"
#include "bdupdate/schema/tables.h"

namespace bdupdate::schema {

enum class Dialect { MySql, Sqlite };

/// One thing in which a table is not as it is declared.
struct Difference {
    enum class Thing { Table, Column, Index } thing = Thing::Table;
    enum class Aspect {
        Existence,  ///< of the thing: missing, or not declared
        Type,
        Null,
        Default,
        Columns,  ///< of an index, and whether it is unique
    } aspect = Aspect::Existence;
    std::string table;   ///< full name
    std::string module;  ///< that declares the table
    std::string name;    ///< of column or index ("PRIMARY" for the primary key); of a table empty
    /// In the database's words; nothing: not declared, or not there.
    std::optional<std::string> declared, real;
    bool operator==(const Difference&) const = default;
};
std::string_view to_string(Difference::Thing thing);
std::string_view to_string(Difference::Aspect aspect);

struct Comparison {
    std::size_t tables = 0;               ///< that are declared, and can be looked at
    std::vector<Difference> differences;  ///< by table, then columns, then indexes
    /// Full names of tables that no module declares: modules make such at will.
    std::vector<std::string> undeclared;
    /// Full names of declared tables in another database, where nobody looked.
    std::vector<std::string> elsewhere;
};

/// Holds real tables against declared ones. Pure. `full_name` puts the prefix before a declared table's name.
///
/// Types are compared as the schema API of Backdrop and Drupal makes them (getFieldTypeMap(),
/// createFieldSql() of the database's schema.inc): MySQL by name, sign, length and precision; SQLite by
/// affinity, and by length where both say one. Not compared: comments, collations, prefix lengths of indexes
/// (core shortens those by the charset), the order of columns, defaults of text and blob (which MySQL does
/// not take), types that the declaration gives for one database only, and whether columns of the primary key
/// may be NULL.
Comparison compare(const Declared& declared, const Tables& real, Dialect dialect,
                   const std::function<std::string(const std::string&)>& full_name);

/// What of `now` is new, and what stood in all comparisons of `then` already: what was mended between two of
/// them is new. All are comparisons with the same declaration.
struct Since {
    std::vector<Difference> fresh, standing;
    std::vector<std::string> undeclared;  ///< tables that nobody declares and that were not always there
};
Since since(const Comparison& now, const std::vector<Comparison>& then);

}  // namespace bdupdate::schema
