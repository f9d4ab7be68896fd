#include "sqlite.h"

namespace bdupdate::journal {

Error sqlite_error(sqlite3* handle) {
    const char* file = sqlite3_db_filename(handle, "main");
    Error error{ExitCode::Preflight,
                "the journal " + std::string(file == nullptr ? "" : file) + ": " + sqlite3_errmsg(handle),
                "check free space and permissions of the state directory",
                {}};
    return error;
}

Statement::Statement(sqlite3* handle, std::string_view sql) : handle_(handle) {
    sqlite3_stmt* statement = nullptr;
    status_ = sqlite3_prepare_v2(handle, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    statement_.reset(statement);
}

Error Statement::failure() const {
    return sqlite_error(handle_);
}

Statement& Statement::bind(std::string_view text) {
    sqlite3_bind_text64(statement_.get(), next_++, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind(std::int64_t number) {
    sqlite3_bind_int64(statement_.get(), next_++, number);
    return *this;
}

Statement& Statement::bind_real(double number) {
    sqlite3_bind_double(statement_.get(), next_++, number);
    return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
    sqlite3_bind_blob64(statement_.get(), next_++, bytes.empty() ? "" : bytes.data(), bytes.size(),
                        SQLITE_TRANSIENT);
    return *this;
}

Statement& Statement::bind_optional(const std::optional<std::string>& text) {
    if (text) return bind_blob(*text);
    sqlite3_bind_null(statement_.get(), next_++);
    return *this;
}

Statement& Statement::bind_optional(const std::optional<std::int64_t>& number) {
    if (number) return bind(*number);
    sqlite3_bind_null(statement_.get(), next_++);
    return *this;
}

Result<bool> Statement::row() {
    if (status_ != SQLITE_OK && status_ != SQLITE_ROW) return fail(failure());
    status_ = sqlite3_step(statement_.get());
    if (status_ == SQLITE_ROW) return true;
    if (status_ == SQLITE_DONE) {
        status_ = SQLITE_OK;
        return false;
    }
    return fail(failure());
}

Result<void> Statement::run() {
    auto more = row();
    while (more && *more) more = row();
    if (!more) return fail(std::move(more).error());
    return {};
}

std::string Statement::text(int column) {
    const void* bytes = sqlite3_column_blob(statement_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

std::int64_t Statement::number(int column) {
    return sqlite3_column_int64(statement_.get(), column);
}
double Statement::real(int column) {
    return sqlite3_column_double(statement_.get(), column);
}
bool Statement::is_null(int column) {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::optional<std::string> Statement::optional_text(int column) {
    return is_null(column) ? std::nullopt : std::optional(text(column));
}

std::optional<std::int64_t> Statement::optional_number(int column) {
    return is_null(column) ? std::nullopt : std::optional(number(column));
}

Result<Transaction> Transaction::begin(sqlite3* handle) {
    if (sqlite3_get_autocommit(handle) == 0) return Transaction(nullptr);
    BDUPDATE_TRY(Statement(handle, "BEGIN IMMEDIATE").run());
    return Transaction(handle);
}

Result<void> Transaction::commit() {
    if (handle_ == nullptr) return {};
    BDUPDATE_TRY(Statement(handle_, "COMMIT").run());
    handle_ = nullptr;
    return {};
}

Transaction::~Transaction() {
    if (handle_ != nullptr) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace bdupdate::journal
