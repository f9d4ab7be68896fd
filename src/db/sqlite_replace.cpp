#include <algorithm>

#include "bdupdate/base/text.h"
#include "sqlite_database.h"

// A restore into a SQLite file that other sites or programs use, too: table by table, in one transaction.

namespace bdupdate::db {

namespace fs = std::filesystem;

namespace {

/// What a schema table lists of the site, in the order in which it can be created.
struct Object {
    std::string type, name, sql;
};

/// The backup, attached as `restored` for as long as this lives.
class Attached {
  public:
    static Result<Attached> attach(SqliteConnection& file, const fs::path& path) {
        if (auto done = file.execute("ATTACH DATABASE ? AS restored", {Param::text(path.string())}); !done)
            return fail(std::move(done).error());
        return Attached(file);
    }
    Attached(Attached&& other) noexcept : file_(std::exchange(other.file_, nullptr)) {}
    Attached& operator=(Attached&&) = delete;
    ~Attached() {
        if (file_ != nullptr) static_cast<void>(file_->execute("DETACH DATABASE restored"));
    }

  private:
    explicit Attached(SqliteConnection& file) : file_(&file) {}
    SqliteConnection* file_;
};

Result<void> run(SqliteConnection& file, const std::string& sql, const std::vector<Param>& params = {}) {
    if (auto done = file.execute(sql, params); !done) return fail(std::move(done).error());
    return {};
}

/// Columns that hold values: generated ones are computed again.
Result<std::string> stored_columns(SqliteConnection& file, const std::string& table) {
    BDUPDATE_ASSIGN(const std::vector<Row> rows,
                    file.query("SELECT name FROM pragma_table_xinfo(?, 'restored') WHERE hidden = 0",
                               {Param::text(table)}));
    std::vector<std::string> names;
    for (const Row& row : rows) names.push_back(file.quoted_exactly(row[0].value_or("")));
    return join(names, ", ");
}

Result<void> fill_table(SqliteConnection& file, const std::string& table, bool sequences) {
    BDUPDATE_ASSIGN(const std::string columns, stored_columns(file, table));
    const std::string name = file.quoted_exactly(table);
    BDUPDATE_TRY(run(file, "INSERT INTO main." + name + " (" + columns + ") SELECT " + columns +
                               " FROM restored." + name));
    if (!sequences) return {};
    // AUTOINCREMENT goes on where the backup stood, also where later rows had been deleted.
    BDUPDATE_TRY(run(file, "DELETE FROM main.sqlite_sequence WHERE name = ?", {Param::text(table)}));
    return run(file,
               "INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM restored.sqlite_sequence "
               "WHERE name = ?",
               {Param::text(table)});
}

}  // namespace

Result<void> SqliteDatabase::replace_own_tables(const fs::path& path) {
    SqliteConnection& file = *file_;
    BDUPDATE_ASSIGN(const std::vector<std::string> others, other_prefixes());
    BDUPDATE_ASSIGN(const Attached attached, Attached::attach(file, path));
    BDUPDATE_ASSIGN(
        const std::vector<Row> rows,
        file.query("SELECT type, name, tbl_name, sql FROM restored.sqlite_master WHERE sql IS NOT NULL "
                   "AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY CASE type WHEN 'table' THEN 1 "
                   "WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, rowid"));
    std::vector<Object> objects;
    for (const Row& row : rows) {
        if (row[2] == mark_table() || !is_ours(row[2].value_or(""), others)) continue;
        objects.push_back({row[0].value_or(""), row[1].value_or(""), row[3].value_or("")});
        if (starts_with_ignoring_case(objects.back().sql, "CREATE VIRTUAL"))
            return fail(ExitCode::Preflight, "table " + objects.back().name + " is a virtual one, and " +
                                                 connection_.place() +
                                                 " holds tables of others: it cannot be restored alone");
    }
    BDUPDATE_ASSIGN(const std::vector<Row> sequence,
                    file.query("SELECT 1 FROM restored.sqlite_master WHERE name = 'sqlite_sequence'"));
    BDUPDATE_ASSIGN(std::vector<Table> present, tables());
    std::stable_partition(present.begin(), present.end(), [](const Table& table) { return table.is_view; });
    return file.transaction([&]() -> Result<void> {
        for (const Table& table : present)
            BDUPDATE_TRY(run(file, std::string(table.is_view ? "DROP VIEW main." : "DROP TABLE main.") +
                                       file.quoted_exactly(table.name)));
        for (const Object& object : objects) {
            if (object.type != "table") continue;
            BDUPDATE_TRY(run(file, object.sql));
            const std::string words = to_lower(object.sql);
            BDUPDATE_TRY(fill_table(file, object.name,
                                    !sequence.empty() && words.find("autoincrement") != std::string::npos));
        }
        for (const Object& object : objects)
            if (object.type != "table") BDUPDATE_TRY(run(file, object.sql));
        return {};
    });
}

}  // namespace bdupdate::db
