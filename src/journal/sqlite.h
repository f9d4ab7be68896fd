#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bdupdate/base/error.h"

namespace bdupdate::journal {

/// A prepared statement: bind in order, then step through the rows. Errors carry SQLite's own words and the
/// file.
class Statement {
  public:
    Statement(sqlite3* handle, std::string_view sql);

    Statement& bind(std::string_view text);
    Statement& bind(std::int64_t number);
    Statement& bind_real(double number);
    Statement& bind_blob(std::string_view bytes);
    Statement& bind_optional(const std::optional<std::string>& text);
    Statement& bind_optional(const std::optional<std::int64_t>& number);

    /// True: a row is there. False: no more.
    Result<bool> row();
    /// For statements without rows.
    Result<void> run();

    std::string text(int column);
    std::int64_t number(int column);
    double real(int column);
    bool is_null(int column);
    std::optional<std::string> optional_text(int column);
    std::optional<std::int64_t> optional_number(int column);

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    Error failure() const;
    sqlite3* handle_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    int next_ = 1;
    int status_;
};

/// BEGIN IMMEDIATE … commit(); the destructor rolls back what was not committed. One inside another is a part
/// of it, which is to fail with it.
class Transaction {
  public:
    static Result<Transaction> begin(sqlite3* handle);
    Transaction(Transaction&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Result<void> commit();

  private:
    explicit Transaction(sqlite3* handle) : handle_(handle) {}
    sqlite3* handle_;
};

Error sqlite_error(sqlite3* handle);

}  // namespace bdupdate::journal
