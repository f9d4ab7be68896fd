// How a site's tables are made, as MySQL and MariaDB tell it.

#include "mysql_database.h"

namespace bdupdate::db {

namespace {

/// Tables that are ours, with the collation of each: one that its columns share is not told again.
struct Found {
    schema::Tables tables;
    std::map<std::string, std::string> collations;
};

/// MariaDB quotes what is a text, and writes NULL for none; MySQL does neither.
std::optional<std::string> default_of(const std::optional<std::string>& told, const std::string& type) {
    if (!told || *told == "NULL") return std::nullopt;
    const bool is_text = type.find("char") != std::string::npos || type.find("text") != std::string::npos ||
                         type.rfind("enum", 0) == 0 || type.rfind("date", 0) == 0;
    const bool is_literal = told->empty() || (told->front() != '\'' && told->find('(') == std::string::npos &&
                                              told->rfind("CURRENT_", 0) != 0);
    return is_text && is_literal ? "'" + *told + "'" : *told;
}

void add_column(const Row& row, Found& found) {
    const auto table = found.tables.find(row[0].value_or(""));
    if (table == found.tables.end()) return;
    schema::Column& column = table->second.columns[row[1].value_or("")];
    column.type = row[2].value_or("");
    if (row[6] && *row[6] != found.collations[table->first]) column.collation = *row[6];
    column.not_null = row[3] == "NO";
    column.default_value = default_of(row[4], column.type);
    column.extra = row[5].value_or("");
}

/// Rows come in the order of the index's columns.
void add_index_column(const Row& row, Found& found) {
    const auto table = found.tables.find(row[0].value_or(""));
    if (table == found.tables.end()) return;
    schema::Index& index = table->second.indexes[row[1].value_or("")];
    index.unique = row[2] == "0" && row[1] != "PRIMARY";
    if (row[5] && *row[5] != "BTREE") index.kind = *row[5];
    index.columns.push_back(row[3].value_or("expression") + (row[4] ? "(" + *row[4] + ")" : ""));
}

}  // namespace

Result<schema::Tables> MySqlDatabase::shapes() {
    return shapes_where("", {});
}

Result<schema::Tables> MySqlDatabase::shapes_of(const std::vector<std::string>& names) {
    if (names.empty()) return schema::Tables();
    std::string where;
    std::vector<Param> params;
    for (const std::string& name : names) {
        where += where.empty() ? " AND TABLE_NAME IN (?" : ", ?";
        params.push_back(Param::text(name));
    }
    return shapes_where(where + ")", params);
}

Result<schema::Tables> MySqlDatabase::shapes_where(const std::string& more,
                                                   const std::vector<Param>& params) {
    BDUPDATE_ASSIGN(const std::vector<Table> ours, tables());
    Found found;
    for (const Table& table : ours) {
        std::string& options = found.tables[table.name].options;
        options = table.is_view ? "view" : table.engine;
        if (!table.collation.empty()) options += ", " + table.collation;
        found.collations[table.name] = table.collation;
    }
    BDUPDATE_ASSIGN(
        const std::vector<Row> columns,
        connection_.query("SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, "
                          "COLLATION_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()" +
                              more,
                          params));
    for (const Row& row : columns) add_column(row, found);
    BDUPDATE_ASSIGN(
        const std::vector<Row> indexes,
        connection_.query("SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART, INDEX_TYPE FROM "
                          "information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()" +
                              more + " ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX",
                          params));
    for (const Row& row : indexes) add_index_column(row, found);
    if (params.empty()) return std::move(found.tables);
    schema::Tables wanted;
    for (const Param& name : params)
        if (auto table = found.tables.find(name.bytes); table != found.tables.end())
            wanted.insert(std::move(*table));
    return wanted;
}

}  // namespace bdupdate::db
