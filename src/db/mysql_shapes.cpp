// How a site's tables are made, as MySQL and MariaDB tell it.

#include "mysql_database.h"

namespace bdupdate::db {

namespace {

/// Tables that are ours, with the collation of each: one that its columns share is not told again.
struct Found {
    Shapes shapes;
    std::map<std::string, std::string> collations;
};

void add_column(const Row& row, Found& found) {
    const auto shape = found.shapes.find(row[0].value_or(""));
    if (shape == found.shapes.end()) return;
    std::string text = row[2].value_or("");
    if (row[6] && *row[6] != found.collations[shape->first]) text += " collate " + *row[6];
    if (row[3] == "NO") text += " not null";
    // MariaDB quotes what is a text, and writes NULL for none; MySQL does neither.
    if (row[4] && *row[4] != "NULL") text += " default " + (row[4]->empty() ? "''" : *row[4]);
    if (row[5] && !row[5]->empty()) text += " " + *row[5];
    shape->second.columns[row[1].value_or("")] = text;
}

/// Rows come in the order of the index's columns.
void add_index_column(const Row& row, Found& found) {
    const auto shape = found.shapes.find(row[0].value_or(""));
    if (shape == found.shapes.end()) return;
    std::string& text = shape->second.indexes[row[1].value_or("")];
    if (text.empty()) {
        if (row[2] == "0" && row[1] != "PRIMARY") text = "unique ";
        if (row[5] && *row[5] != "BTREE") text += *row[5] + " ";
        text += "(";
    } else {
        text.back() = ',';
        text += " ";
    }
    text += row[3].value_or("expression") + (row[4] ? "(" + *row[4] + ")" : "") + ")";
}

}  // namespace

Result<Shapes> MySqlDatabase::shapes() {
    BDUPDATE_ASSIGN(const std::vector<Table> ours, tables());
    Found found;
    for (const Table& table : ours) found.shapes[table.name].options = table.is_view ? "view" : table.engine;
    BDUPDATE_ASSIGN(
        const std::vector<Row> tables,
        connection_.query("SELECT TABLE_NAME, TABLE_COLLATION FROM information_schema.TABLES WHERE "
                          "TABLE_SCHEMA = DATABASE() AND TABLE_COLLATION IS NOT NULL"));
    for (const Row& row : tables) {
        const auto shape = found.shapes.find(row[0].value_or(""));
        if (shape == found.shapes.end()) continue;
        found.collations[shape->first] = row[1].value_or("");
        shape->second.options += ", " + row[1].value_or("");
    }
    BDUPDATE_ASSIGN(
        const std::vector<Row> columns,
        connection_.query("SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, "
                          "COLLATION_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"));
    for (const Row& row : columns) add_column(row, found);
    BDUPDATE_ASSIGN(const std::vector<Row> indexes,
                    connection_.query(
                        "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART, INDEX_TYPE FROM "
                        "information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, "
                        "INDEX_NAME, SEQ_IN_INDEX"));
    for (const Row& row : indexes) add_index_column(row, found);
    return std::move(found.shapes);
}

}  // namespace bdupdate::db
