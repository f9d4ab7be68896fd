#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bdupdate/base/error.h"

namespace bdupdate::db {

/// A value bound to a `?` of a statement.
struct Param {
    enum class Kind { Null, Text, Blob, Integer };
    Kind kind = Kind::Null;
    std::string bytes;
    std::int64_t number = 0;

    static Param text(std::string value) { return {Kind::Text, std::move(value), 0}; }
    static Param blob(std::string value) { return {Kind::Blob, std::move(value), 0}; }
    static Param integer(std::int64_t value) { return {Kind::Integer, {}, value}; }
    static Param blob_or_null(const std::optional<std::string>& value) {
        return value ? blob(*value) : Param{};
    }
};

using Row = std::vector<std::optional<std::string>>;

/// Why the last statement failed, as far as callers care.
enum class Problem { None, DuplicateKey, MissingTable, MissingColumn, Refused, NoSuchSession, Other };

/// One open database and its dialect: the little of SQL that the verbs of SiteDatabase need. Private to this
/// room. Every statement is its own transaction unless it runs inside transaction(); nothing stays open
/// between calls. One inside another is a part of it.
class Connection {
  public:
    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection() = default;

    virtual Result<std::vector<Row>> query(const std::string& sql, const std::vector<Param>& params = {}) = 0;
    /// Number of rows that the WHERE found (not only those whose values changed).
    virtual Result<std::uint64_t> execute(const std::string& sql, const std::vector<Param>& params = {}) = 0;
    /// CREATE or DROP TABLE. MySQL commits what is open before it.
    virtual Result<void> change_schema(const std::string& sql) = 0;
    /// A table of the site, quoted: a dot in it (from a prefix such as "other.") separates database and
    /// table.
    [[nodiscard]] virtual std::string quoted(const std::string& name) const = 0;
    /// A name as the database itself gave it, quoted as it stands.
    [[nodiscard]] virtual std::string quoted_exactly(const std::string& name) const = 0;
    virtual Result<bool> has_table(const std::string& full_name) = 0;
    [[nodiscard]] virtual const char* begin() const = 0;
    [[nodiscard]] virtual const char* for_update() const = 0;
    /// "database x on host:port": the subject of an error message.
    [[nodiscard]] virtual const std::string& place() const = 0;
    [[nodiscard]] Problem problem() const { return problem_; }

    /// Runs `body` between BEGIN and COMMIT; rolls back when it or the COMMIT fails. `body` returns a Result,
    /// and fails where a transaction inside it failed.
    template <class Body>
    auto transaction(Body&& body) -> decltype(body());

  protected:
    Problem problem_ = Problem::None;
    bool open_ = false;  ///< inside a transaction() that nothing has ended yet
};

template <class Body>
auto Connection::transaction(Body&& body) -> decltype(body()) {
    if (open_) return std::forward<Body>(body)();
    if (auto begun = execute(begin()); !begun) return fail(std::move(begun).error());
    open_ = true;
    auto outcome = std::forward<Body>(body)();
    open_ = false;
    if (outcome) {
        auto committed = execute("COMMIT");
        if (committed) return outcome;
        outcome = fail(std::move(committed).error());
    }
    // The server may have rolled back by itself; the cause is what counts.
    const Problem cause = problem_;
    if (auto undone = execute("ROLLBACK"); !undone && undone.error().message != outcome.error().message)
        outcome.error().join(undone.error());
    problem_ = cause;
    return outcome;
}

}  // namespace bdupdate::db
