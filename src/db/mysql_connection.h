#pragma once

#include <mysql.h>

#include <chrono>
#include <memory>
#include <unordered_map>

#include "bdupdate/site/site.h"
#include "connection.h"

namespace bdupdate::db {

/// A session on a MySQL or MariaDB server, utf8mb4, autocommit, never reconnecting by itself.
class MySqlConnection final : public Connection {
  public:
    /// Nothing but start() may follow: until then the session has the server's own settings.
    static Result<std::unique_ptr<MySqlConnection>> open(const site::DatabaseSettings& settings,
                                                         std::chrono::seconds connect_timeout,
                                                         bool read_only);
    /// Settles the session. Where it only reads, the statements of `ahead` go to the server in the same
    /// packet: most of what `status` takes is waiting for answers. query() hands out each of their answers
    /// once; behind a statement that fails none is asked.
    Result<void> start(const std::vector<std::string>& ahead);

    Result<std::vector<Row>> query(const std::string& sql, const std::vector<Param>& params = {}) override;
    Result<std::uint64_t> execute(const std::string& sql, const std::vector<Param>& params = {}) override;
    Result<void> change_schema(const std::string& sql) override;
    [[nodiscard]] std::string quoted(const std::string& name) const override;
    [[nodiscard]] std::string quoted_exactly(const std::string& name) const override;
    Result<bool> has_table(const std::string& full_name) override;
    /// What has_table() asks.
    [[nodiscard]] std::string table_question(const std::string& full_name) const;
    [[nodiscard]] const char* begin() const override { return "START TRANSACTION"; }
    [[nodiscard]] const char* for_update() const override { return " FOR UPDATE"; }
    [[nodiscard]] const std::string& place() const override { return place_; }

    [[nodiscard]] std::uint64_t id() const { return mysql_thread_id(handle_.get()); }
    [[nodiscard]] std::string server_version() const { return mysql_get_server_info(handle_.get()); }
    /// By the greeting; MySQL and its forks otherwise.
    [[nodiscard]] bool is_mariadb() const { return server_version().find("MariaDB") != std::string::npos; }
    Result<void> ping();

  private:
    struct Close {
        void operator()(MYSQL* handle) const { mysql_close(handle); }
    };

    struct Answer {
        Result<std::vector<Row>> rows;
        Problem problem = Problem::None;
    };

    MySqlConnection(MYSQL* handle, std::string place, bool read_only)
        : handle_(handle), place_(std::move(place)), read_only_(read_only) {}
    void ask_together(const std::vector<std::string>& texts);
    [[nodiscard]] std::string bound(const std::string& sql, const std::vector<Param>& params) const;
    Result<void> send(const std::string& text);
    Result<std::vector<Row>> fetch();
    [[nodiscard]] std::string literal(const Param& param) const;
    tl::unexpected<Error> failure();

    std::unique_ptr<MYSQL, Close> handle_;
    std::string place_;
    bool read_only_;
    std::unordered_map<std::string, Answer> ahead_;  ///< by the statement's text
};

/// "127.0.0.1:3306", "[::1]:3306" or the socket's path.
std::string server_text(const site::DatabaseSettings& settings);

}  // namespace bdupdate::db
