#include <algorithm>
#include <charconv>
#include <set>

#include "grants.h"
#include "mysql_database.h"

// What preflight wants to know: privileges, and how large things are.

namespace bdupdate::db {

namespace {

/// A row travels in one statement, its blobs in hexadecimal; tables below half a packet cannot hold one too
/// large.
constexpr std::uint64_t growth_in_a_dump = 2;
/// Reading a large table for its largest row may take so long, no longer.
constexpr const char* longest_look_seconds = "0.5";
constexpr const char* longest_look_ms = "500";

std::uint64_t to_number(const std::optional<std::string>& text) {
    std::uint64_t value = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

}  // namespace

Result<std::vector<std::string>> MySqlDatabase::missing_privileges() {
    BDUPDATE_ASSIGN(const std::vector<Row> rows, connection_.query("SHOW GRANTS"));
    std::vector<std::string> lines;
    for (const Row& row : rows) lines.push_back(row[0].value_or(""));
    const Grants grants = read_grants(lines, settings_.database);
    BDUPDATE_ASSIGN(const std::vector<Table> ours, tables());
    std::vector<std::string> needed = {"SELECT", "INSERT", "UPDATE", "DELETE",
                                       "CREATE", "DROP",   "ALTER",  "INDEX"};
    if (std::any_of(ours.begin(), ours.end(), [](const Table& table) { return table.is_view; })) {
        needed.emplace_back("SHOW VIEW");
        needed.emplace_back("CREATE VIEW");
    }
    // Triggers show only to accounts that may have them, so that this asks for what is known to be there.
    BDUPDATE_ASSIGN(const StoredCode code, stored_code());
    if (code.triggers > 0) needed.emplace_back("TRIGGER");
    std::vector<std::string> missing;
    for (const std::string& privilege : needed)
        if (grants.surely_lacks(privilege)) missing.push_back(privilege);
    return missing;
}

/// Full names and bytes of the tables whose rows a dump holds.
Result<std::vector<std::pair<std::string, std::uint64_t>>> MySqlDatabase::table_sizes() {
    BDUPDATE_ASSIGN(const std::vector<std::string> caches, cache_tables());
    BDUPDATE_ASSIGN(const std::vector<std::string> others, other_prefixes());
    BDUPDATE_ASSIGN(const std::vector<Row> rows,
                    connection_.query("SELECT TABLE_NAME, DATA_LENGTH FROM information_schema.TABLES "
                                      "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'"));
    const std::set<std::string> left_out(caches.begin(), caches.end());
    std::vector<std::pair<std::string, std::uint64_t>> sizes;
    data_bytes_ = 0;
    for (const Row& row : rows) {
        const std::string name = row[0].value_or("");
        if (!is_ours(name, others) || left_out.count(name) != 0 || name == mark_table()) continue;
        sizes.emplace_back(name, to_number(row[1]));
        *data_bytes_ += sizes.back().second;
    }
    return sizes;
}

Result<std::uint64_t> MySqlDatabase::data_bytes() {
    if (!data_bytes_) BDUPDATE_TRY(table_sizes());
    return *data_bytes_;
}

Result<Database::Capacity> MySqlDatabase::capacity() {
    BDUPDATE_ASSIGN(const std::vector<Row> packet, connection_.query("SELECT @@max_allowed_packet"));
    BDUPDATE_ASSIGN(const auto sizes, table_sizes());
    Capacity capacity;
    capacity.packet_bytes = packet.empty() ? 0 : to_number(packet.front()[0]);
    capacity.data_bytes = *data_bytes_;
    for (const auto& [name, bytes] : sizes) {
        if (capacity.packet_bytes == 0 || bytes <= capacity.packet_bytes / growth_in_a_dump) continue;
        BDUPDATE_ASSIGN(const std::uint64_t largest, largest_row(name));
        if (largest <= capacity.largest_row) continue;
        capacity.largest_row = largest;
        capacity.largest_row_table = name;
    }
    return capacity;
}

Result<std::uint64_t> MySqlDatabase::largest_row(const std::string& name) {
    BDUPDATE_ASSIGN(
        const std::vector<Row> large,
        connection_.query("SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "
                          "DATABASE() AND TABLE_NAME = ? AND DATA_TYPE IN ('text', 'mediumtext', "
                          "'longtext', 'blob', 'mediumblob', 'longblob', 'json')",
                          {Param::text(name)}));
    if (large.empty()) return std::uint64_t{0};
    std::string sum;
    for (const Row& column : large)
        sum += (sum.empty() ? "IFNULL(LENGTH(" : " + IFNULL(LENGTH(") +
               connection_.quoted_exactly(column[0].value_or("")) + "), 0)";
    const bool mariadb = server_.product == "MariaDB";
    const std::string limit =
        mariadb ? "SET STATEMENT max_statement_time = " + std::string(longest_look_seconds) + " FOR SELECT "
                : "SELECT /*+ MAX_EXECUTION_TIME(" + std::string(longest_look_ms) + ") */ ";
    const auto rows = connection_.query(limit + "MAX(" + sum + ") FROM " + connection_.quoted_exactly(name));
    // Not told in time, or the server does not know the limit: unknown.
    return rows && !rows->empty() ? to_number(rows->front()[0]) : std::uint64_t{0};
}

}  // namespace bdupdate::db
