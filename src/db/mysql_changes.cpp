#include <algorithm>

#include "mysql_database.h"

namespace bdupdate::db {

Result<std::vector<std::string>> MySqlDatabase::changed_tables(std::chrono::seconds within) {
    // MySQL 8 keeps these times for a day unless told otherwise; MariaDB does not know the variable.
    static_cast<void>(connection_.execute("SET SESSION information_schema_stats_expiry = 0"));
    BDUPDATE_ASSIGN(const std::vector<Table> own, tables());
    BDUPDATE_ASSIGN(
        const std::vector<Row> rows,
        connection_.query(
            "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND "
            "GREATEST(COALESCE(CREATE_TIME, '1970-01-02'), COALESCE(UPDATE_TIME, '1970-01-02')) >= "
            "NOW() - INTERVAL ? SECOND ORDER BY TABLE_NAME",
            {Param::integer(within.count())}));
    std::vector<std::string> names;
    for (const Row& row : rows) {
        const std::string name = row[0].value_or("");
        if (std::any_of(own.begin(), own.end(), [&](const Table& table) { return table.name == name; }))
            names.push_back(name);
    }
    return names;
}

}  // namespace bdupdate::db
