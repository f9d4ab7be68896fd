#include "site_database.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <unordered_map>

#include "bdupdate/base/text.h"

namespace bdupdate::db {

namespace {

int to_int(const std::optional<std::string>& text, int missing) {
    int value = missing;
    if (text) std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

Result<void> SiteDatabase::writable(const std::string& what) const {
    if (!read_only_) return {};
    return fail(ExitCode::Preflight,
                connection_.place() + " was opened for reading only; refused to write " + what);
}

Result<bool> SiteDatabase::look_for_schema_table() {
    BDUPDATE_ASSIGN(const bool system, connection_.has_table(full("system")));
    if (system) {
        schema_table_ = SchemaTable::System;
        return true;
    }
    if (kind_ != site::Kind::Bare) return false;
    BDUPDATE_ASSIGN(const bool schema, connection_.has_table(full("schema")));
    if (schema) schema_table_ = SchemaTable::Schema;
    return schema;
}

Result<void> SiteDatabase::find_schema_table(site::Kind kind, bool allow_missing) {
    kind_ = kind;
    BDUPDATE_ASSIGN(const bool found, look_for_schema_table());
    if (found) return {};
    schema_table_missing_ = true;
    schema_table_ = kind == site::Kind::Bare ? SchemaTable::Schema : SchemaTable::System;
    if (allow_missing) return {};
    // A restore that was killed leaves the mark, and for a moment nothing else: `recover` repeats it.
    BDUPDATE_ASSIGN(const bool marked, has_mark_table());
    if (marked) return {};
    if (kind == site::Kind::Bare)
        return fail(ExitCode::Preflight,
                    connection_.place() + " has neither a table " + full("system") + " nor " + full("schema"),
                    "the last-run numbers stand there: is $database in settings.php the right one? "
                    "bdupdate mark MODULE=N makes the table");
    std::string hint = "check the database name and the table prefix in settings.php";
    if (auto others = other_prefixes(); others && !others->empty())
        hint = "there is a site with the table prefix \"" + others->front() +
               "\" in it: check the prefix in settings.php";
    return fail(ExitCode::Preflight,
                "table " + full("system") + " is missing: " + connection_.place() + " holds no site", hint);
}

Result<void> SiteDatabase::find_missing_schema_table() {
    if (!schema_table_missing_) return {};
    BDUPDATE_ASSIGN(const bool found, look_for_schema_table());
    schema_table_missing_ = !found;
    return {};
}

// Core's own query to the letter: a further column could make the optimiser walk another index and so change
// the order.
std::string SiteDatabase::module_numbers_sql() const {
    return "SELECT name, schema_version FROM " + table("system") + " WHERE type = 'module'";
}

std::string SiteDatabase::module_rows_sql() const {
    return "SELECT name, status, weight, filename FROM " + table("system") + " WHERE type = 'module'";
}

Result<std::vector<ModuleRow>> SiteDatabase::modules() {
    BDUPDATE_TRY(find_missing_schema_table());
    if (schema_table_ == SchemaTable::Schema) return schema_rows();
    BDUPDATE_ASSIGN(const std::vector<Row> numbers, connection_.query(module_numbers_sql()));
    BDUPDATE_ASSIGN(const std::vector<Row> others, connection_.query(module_rows_sql()));
    std::vector<ModuleRow> rows;
    std::unordered_map<std::string, std::size_t> index;
    for (const Row& row : numbers) {
        // Two rows of one name (the key is `filename`): the first gives the place, the last the number, as in
        // a PHP array.
        const auto [at, added] = index.try_emplace(row[0].value_or(""), rows.size());
        if (added) rows.emplace_back().name = at->first;
        rows[at->second].schema_version = to_int(row[1], -1);
    }
    for (const Row& row : others) {
        const auto at = index.find(row[0].value_or(""));
        if (at == index.end()) continue;
        ModuleRow& module = rows[at->second];
        module.enabled = to_int(row[1], 0) != 0;
        module.weight = to_int(row[2], 0);
        module.filename = row[3].value_or("");
    }
    return rows;
}

Result<std::vector<ModuleRow>> SiteDatabase::schema_rows() {
    BDUPDATE_ASSIGN(const std::vector<Row> numbers,
                    connection_.query("SELECT name, schema_version FROM " + table("schema")));
    std::vector<ModuleRow> rows;
    for (const Row& row : numbers) {
        ModuleRow& module = rows.emplace_back();
        module.name = row[0].value_or("");
        module.schema_version = to_int(row[1], -1);
        module.enabled = true;
    }
    return rows;
}

// As update_retrieve_dependencies() asks; the table's collation sorts.
std::string SiteDatabase::hook_order_sql() const {
    return "SELECT name FROM " + table("system") +
           " WHERE type = 'module' AND schema_version <> -1 ORDER BY weight ASC, name ASC";
}

Result<std::vector<std::string>> SiteDatabase::hook_order() {
    BDUPDATE_TRY(find_missing_schema_table());
    const std::string sql =
        schema_table_ == SchemaTable::System
            ? hook_order_sql()
            : "SELECT name FROM " + table("schema") + " WHERE schema_version <> -1 ORDER BY name ASC";
    BDUPDATE_ASSIGN(const std::vector<Row> rows, connection_.query(sql));
    std::vector<std::string> names;
    for (const Row& row : rows) names.push_back(row[0].value_or(""));
    return names;
}

Result<std::optional<std::string>> SiteDatabase::active_config(const std::string& name) {
    auto rows = connection_.query("SELECT data FROM " + table("config_active") + " WHERE name = ?",
                                  {Param::text(name)});
    if (!rows && connection_.problem() == Problem::MissingTable)
        return fail(ExitCode::Preflight,
                    "table " + full("config_active") + " is missing in " + connection_.place(),
                    "settings.php says that the active config is kept in the database");
    if (!rows) return fail(std::move(rows).error());
    if (rows->empty()) return std::optional<std::string>();
    return rows->front()[0];
}

Result<std::optional<UnfinishedBatch>> SiteDatabase::unfinished_batch() {
    struct Place {
        const char* table;
        const char* id;
        const char* data;
    };
    for (const Place& place : {Place{"batch", "bid", "batch"}, Place{"queue", "item_id", "data"}}) {
        auto rows = connection_.query("SELECT " + std::string(place.id) + " FROM " + table(place.table) +
                                      " WHERE INSTR(" + place.data + ", 'update_do_one') > 0 ORDER BY " +
                                      place.id + " LIMIT 1");
        if (!rows) {
            // Bare sites have neither; a table of that name with other columns is somebody else's.
            if (connection_.problem() == Problem::MissingTable ||
                connection_.problem() == Problem::MissingColumn)
                continue;
            return fail(std::move(rows).error());
        }
        if (!rows->empty())
            return std::optional(UnfinishedBatch{"table " + full(place.table) + ", " + place.id + " " +
                                                 (*rows)[0][0].value_or("")});
    }
    return std::optional<UnfinishedBatch>();
}

Result<void> SiteDatabase::set_schema_version(const std::string& module, int number) {
    BDUPDATE_TRY(writable("the last-run number of " + module));
    if (schema_table_ == SchemaTable::System) {
        BDUPDATE_ASSIGN(const std::uint64_t found,
                        connection_.execute("UPDATE " + table("system") +
                                                " SET schema_version = ? WHERE name = ? AND type = 'module'",
                                            {Param::integer(number), Param::text(module)}));
        if (found == 0)
            return fail(ExitCode::Preflight, "module " + module + " has no row in table " + full("system"));
        return {};
    }
    return connection_.transaction([&]() -> Result<void> {
        BDUPDATE_ASSIGN(
            const std::uint64_t found,
            connection_.execute("UPDATE " + table("schema") + " SET schema_version = ? WHERE name = ?",
                                {Param::integer(number), Param::text(module)}));
        if (found > 0) return {};
        if (auto added = connection_.execute(
                "INSERT INTO " + table("schema") + " (name, schema_version) VALUES (?, ?)",
                {Param::text(module), Param::integer(number)});
            !added)
            return fail(std::move(added).error());
        return {};
    });
}

Result<void> SiteDatabase::create_schema_table() {
    BDUPDATE_TRY(writable("table " + full("schema")));
    if (auto made =
            connection_.execute("CREATE TABLE IF NOT EXISTS " + table("schema") +
                                " (name VARCHAR(190) NOT NULL PRIMARY KEY, schema_version INTEGER NOT NULL)");
        !made)
        return fail(std::move(made).error());
    return {};
}

bool SiteDatabase::is_ours(const std::string& name, const std::vector<std::string>& others) const {
    for (const auto& [table, prefix] : settings_.table_prefixes)
        if (name == prefix + table) return true;
    const auto starts = [&name](const std::string& prefix) { return name.rfind(prefix, 0) == 0; };
    if (!starts(settings_.prefix)) return false;
    return std::none_of(others.begin(), others.end(), [&](const std::string& other) {
        return other.size() > settings_.prefix.size() && starts(other);
    });
}

Result<std::vector<Database::Table>> SiteDatabase::tables() {
    BDUPDATE_ASSIGN(std::vector<Table> all, all_tables());
    BDUPDATE_ASSIGN(const std::vector<std::string> others, other_prefixes(all));
    all.erase(
        std::remove_if(all.begin(), all.end(),
                       [&](const Table& t) { return t.name == mark_table() || !is_ours(t.name, others); }),
        all.end());
    return all;
}

Result<std::vector<std::string>> SiteDatabase::other_prefixes() {
    BDUPDATE_ASSIGN(const std::vector<Table> all, all_tables());
    return other_prefixes(all);
}

Result<std::vector<std::string>> SiteDatabase::other_prefixes(const std::vector<Table>& all) {
    static const std::vector<std::string> wanted = {"filename", "info", "name",  "schema_version",
                                                    "status",   "type", "weight"};
    std::vector<std::string> prefixes;
    for (const Table& candidate : all) {
        if (!ends_with(candidate.name, "system") || candidate.name == full("system")) continue;
        BDUPDATE_ASSIGN(std::vector<std::string> names, columns(candidate.name));
        std::sort(names.begin(), names.end());
        if (std::includes(names.begin(), names.end(), wanted.begin(), wanted.end()))
            prefixes.push_back(candidate.name.substr(0, candidate.name.size() - 6));
    }
    std::stable_sort(prefixes.begin(), prefixes.end(),
                     [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    return prefixes;
}

Result<std::vector<std::string>> SiteDatabase::foreign_names(const std::vector<std::string>& names) {
    BDUPDATE_ASSIGN(const std::vector<std::string> others, other_prefixes());
    std::vector<std::string> foreign;
    for (const std::string& name : names)
        if (name == mark_table() || !is_ours(name, others)) foreign.push_back(name);
    return foreign;
}

Result<std::vector<std::string>> SiteDatabase::cache_tables() {
    static const std::set<std::string> core_columns = {"cid", "created", "data", "expire", "serialized"};
    BDUPDATE_ASSIGN(const std::vector<Table> ours, tables());
    std::vector<std::string> found;
    for (const Table& candidate : ours) {
        const bool named =
            candidate.name == full("cache") || candidate.name.rfind(settings_.prefix + "cache_", 0) == 0;
        if (!named || candidate.is_view) continue;
        BDUPDATE_ASSIGN(const std::vector<std::string> names, columns(candidate.name));
        if (std::set<std::string>(names.begin(), names.end()) == core_columns)
            found.push_back(candidate.name);
    }
    return found;
}

Result<std::uint64_t> SiteDatabase::count_rows(const std::string& name) {
    BDUPDATE_ASSIGN(const std::vector<Row> rows,
                    connection_.query("SELECT COUNT(*) FROM " + connection_.quoted_exactly(name)));
    std::uint64_t count = 0;
    const std::string text = rows.front()[0].value_or("0");
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

Result<std::vector<std::string>> SiteDatabase::empty_tables(const std::vector<std::string>& names) {
    // One question for many: half a millisecond for sixty tables.
    constexpr std::size_t most = 50;
    std::vector<std::string> empty;
    for (std::size_t first = 0; first < names.size(); first += most) {
        const std::size_t end = std::min(first + most, names.size());
        std::string sql;
        for (std::size_t i = first; i < end; ++i)
            sql += (sql.empty() ? "SELECT EXISTS(SELECT 1 FROM " : ", EXISTS(SELECT 1 FROM ") +
                   connection_.quoted_exactly(names[i]) + ")";
        BDUPDATE_ASSIGN(const std::vector<Row> rows, connection_.query(sql));
        for (std::size_t i = first; i < end; ++i)
            if (to_int(rows.front()[i - first], 0) == 0) empty.push_back(names[i]);
    }
    return empty;
}

}  // namespace bdupdate::db
