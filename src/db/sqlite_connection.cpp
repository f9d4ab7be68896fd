#include "sqlite_connection.h"

namespace bdupdate::db {

namespace fs = std::filesystem;

namespace {

constexpr int read_attempts = 5;

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

void bind(sqlite3_stmt* statement, int index, const Param& param) {
    const auto size = static_cast<sqlite3_uint64>(param.bytes.size());
    switch (param.kind) {
        case Param::Kind::Null:
            sqlite3_bind_null(statement, index);
            break;
        case Param::Kind::Integer:
            sqlite3_bind_int64(statement, index, param.number);
            break;
        case Param::Kind::Text:
            sqlite3_bind_text64(statement, index, param.bytes.data(), size, SQLITE_STATIC, SQLITE_UTF8);
            break;
        case Param::Kind::Blob:
            sqlite3_bind_blob64(statement, index, param.bytes.data(), size, SQLITE_STATIC);
            break;
    }
}

std::optional<std::string> column(sqlite3_stmt* statement, int index) {
    const int type = sqlite3_column_type(statement, index);
    if (type == SQLITE_NULL) return std::nullopt;
    if (type == SQLITE_BLOB) {
        const void* bytes = sqlite3_column_blob(statement, index);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
        return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
    }
    const void* text = sqlite3_column_text(statement, index);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
    return std::string(static_cast<const char*>(text), size);
}

}  // namespace

SqliteConnection::SqliteConnection(fs::path path, bool read_only, std::chrono::milliseconds busy)
    : path_(std::move(path)),
      place_("SQLite database " + path_.string()),
      read_only_(read_only),
      busy_(busy) {}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const fs::path& path, bool read_only,
                                                                 std::chrono::milliseconds busy) {
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(path, read_only, busy));
    if (read_only) {
        BDUPDATE_ASSIGN(connection->reader_, open_sqlite_reader(path, busy));
    } else {
        BDUPDATE_ASSIGN(connection->writer_, open_sqlite_writer(path, busy));
    }
    return connection;
}

tl::unexpected<Error> SqliteConnection::failure() {
    const int code = sqlite3_extended_errcode(handle());
    const std::string words = sqlite3_errmsg(handle());
    if (code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_UNIQUE)
        problem_ = Problem::DuplicateKey;
    else if (words.rfind("no such table", 0) == 0)
        problem_ = Problem::MissingTable;
    else if (words.rfind("no such column", 0) == 0)
        problem_ = Problem::MissingColumn;
    else
        problem_ = Problem::Other;
    return sqlite_failure(handle(), path_);
}

Result<bool> SqliteConnection::refresh() {
    // SQLite's own locking keeps a plain reader consistent; the other two look at a frozen state.
    if (!read_only_ || reader_.mode == ReadMode::Plain || reader_.stamp == SqliteStamp::of(path_))
        return false;
    reader_ = SqliteReader();
    BDUPDATE_ASSIGN(reader_, open_sqlite_reader(path_, busy_));
    return true;
}

Result<std::vector<Row>> SqliteConnection::query(const std::string& sql, const std::vector<Param>& params) {
    BDUPDATE_TRY(refresh());
    for (int attempt = 1;; ++attempt) {
        auto rows = run(sql, params);
        const int code = sqlite3_extended_errcode(handle());
        if (!rows && read_only_ && reader_.mode == ReadMode::Plain && attempt < read_attempts &&
            ((code & 0xff) == SQLITE_READONLY || (code & 0xff) == SQLITE_CANTOPEN)) {
            // Its writer died or left since we opened: choose again how to read it.
            reader_ = SqliteReader();
            BDUPDATE_ASSIGN(reader_, open_sqlite_reader(path_, busy_));
            continue;
        }
        BDUPDATE_ASSIGN(const bool changed, refresh());
        if (!changed) return rows;
        if (attempt >= read_attempts)
            return fail(ExitCode::Preflight, place_ + " is being written all the time; it could not be read",
                        "try again in a moment");
    }
}

Result<std::vector<Row>> SqliteConnection::run(const std::string& sql, const std::vector<Param>& params) {
    problem_ = Problem::None;
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(handle(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK)
        return failure();
    const std::unique_ptr<sqlite3_stmt, Finalize> statement(raw);
    for (std::size_t i = 0; i < params.size(); ++i) bind(raw, static_cast<int>(i) + 1, params[i]);
    std::vector<Row> rows;
    int code = SQLITE_OK;
    while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
        Row row(static_cast<std::size_t>(sqlite3_column_count(raw)));
        for (std::size_t i = 0; i < row.size(); ++i) row[i] = column(raw, static_cast<int>(i));
        rows.push_back(std::move(row));
    }
    if (code != SQLITE_DONE) return failure();
    return rows;
}

Result<std::uint64_t> SqliteConnection::execute(const std::string& sql, const std::vector<Param>& params) {
    const auto before = sqlite3_total_changes64(handle());
    if (auto done = run(sql, params); !done) return fail(std::move(done).error());
    return static_cast<std::uint64_t>(sqlite3_total_changes64(handle()) - before);
}

Result<void> SqliteConnection::change_schema(const std::string& sql) {
    if (auto done = run(sql, {}); !done) return fail(std::move(done).error());
    return {};
}

std::string SqliteConnection::quoted_exactly(const std::string& name) const {
    std::string text = "\"";
    for (const char c : name) {
        text += c;
        if (c == '"') text += c;
    }
    return text + "\"";
}

Result<bool> SqliteConnection::has_table(const std::string& full_name) {
    BDUPDATE_ASSIGN(
        const std::vector<Row> rows,
        query("SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE",
              {Param::text(full_name)}));
    return !rows.empty();
}

}  // namespace bdupdate::db
