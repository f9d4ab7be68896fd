// How a site's tables are made, as SQLite tells it.

#include <charconv>

#include "bdupdate/base/text.h"
#include "sqlite_database.h"

namespace bdupdate::db {

Result<schema::Tables> SqliteDatabase::shapes() {
    BDUPDATE_ASSIGN(const std::vector<Table> ours, tables());
    schema::Tables shapes;
    for (const Table& table : ours) shapes[table.name].options = table.is_view ? "view" : "";
    // One question for all tables; rows of tables that are not ours are passed over.
    BDUPDATE_ASSIGN(
        const std::vector<Row> columns,
        connection_.query("SELECT m.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk FROM "
                          "sqlite_master m, pragma_table_info(m.name) c WHERE m.type IN ('table', 'view')"));
    for (const Row& row : columns) {
        const auto shape = shapes.find(row[0].value_or(""));
        if (shape == shapes.end()) continue;
        schema::Column& column = shape->second.columns[row[1].value_or("")];
        column.type = to_lower(row[2].value_or(""));
        column.not_null = row[3] == "1";
        if (row[4] && *row[4] != "NULL") column.default_value = *row[4];
        if (row[5] != "0") column.extra = "primary key";
    }
    // Those that a PRIMARY KEY or UNIQUE in the table's definition makes have no name of their own.
    BDUPDATE_ASSIGN(
        const std::vector<Row> indexes,
        connection_.query("SELECT m.name, i.name, i.\"unique\", i.origin, c.name FROM sqlite_master "
                          "m, pragma_index_list(m.name) i, pragma_index_info(i.name) c WHERE m.type "
                          "= 'table' AND i.origin <> 'pk' ORDER BY m.name, i.name, c.seqno"));
    for (const Row& row : indexes) {
        const auto shape = shapes.find(row[0].value_or(""));
        if (shape == shapes.end()) continue;
        schema::Index& index = shape->second.indexes[row[1].value_or("")];
        index.unique = row[2] == "1";
        index.columns.push_back(row[4].value_or("expression"));
    }
    return shapes;
}

Result<std::optional<std::int64_t>> SqliteDatabase::schema_cookie() {
    BDUPDATE_ASSIGN(const std::vector<Row> rows, connection_.query("PRAGMA schema_version"));
    std::int64_t cookie = 0;
    const std::string text = rows.empty() ? "0" : rows.front()[0].value_or("0");
    std::from_chars(text.data(), text.data() + text.size(), cookie);
    return std::optional(cookie);
}

}  // namespace bdupdate::db
