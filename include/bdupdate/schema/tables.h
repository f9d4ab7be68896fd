#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"

namespace bdupdate::schema {

/// How a database's tables really are, in the server's own words.

struct Column {
    std::string type;       ///< with length and sign, in lower case: "int(10) unsigned"
    std::string collation;  ///< where it is not the table's
    bool not_null = false;
    std::optional<std::string> default_value;  ///< as SQL writes it: "'x'", "0"; nothing: none, or NULL
    std::string extra;                         ///< "auto_increment"; SQLite: "primary key"
    bool operator==(const Column&) const = default;
    /// "varchar(20) not null default ''".
    [[nodiscard]] std::string text() const;
};

struct Index {
    bool unique = false;               ///< false for a primary key, too
    std::string kind;                  ///< where it is none of the usual ones: "FULLTEXT"
    std::vector<std::string> columns;  ///< in order, with prefix length where it has one: "note(10)"
    bool operator==(const Index&) const = default;
    /// "unique (name, note(10))".
    [[nodiscard]] std::string text() const;
};

struct Table {
    std::string options;  ///< "view", or engine and collation; may be empty
    std::map<std::string, Column> columns;
    /// MySQL's primary key is "PRIMARY"; SQLite's is told by its columns. SQLite's names begin with the
    /// table's; those that a UNIQUE of the table's definition makes with "sqlite_autoindex_".
    std::map<std::string, Index> indexes;
    bool operator==(const Table&) const = default;
};

/// By full name.
using Tables = std::map<std::string, Table>;

/// For the journal: a text that from_text() reads. Error where it is none.
std::string to_text(const Tables& tables);
Result<Tables> from_text(const std::string& text);

}  // namespace bdupdate::schema
