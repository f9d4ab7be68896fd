#pragma once

#include <mysql.h>

#include <chrono>
#include <memory>

#include "bdupdate/site/site.h"
#include "connection.h"

namespace bdupdate::db {

/// A session on a MySQL or MariaDB server, utf8mb4, autocommit, never reconnecting by itself.
class MySqlConnection final : public Connection {
  public:
    static Result<std::unique_ptr<MySqlConnection>> open(const site::DatabaseSettings& settings,
                                                         std::chrono::seconds connect_timeout,
                                                         bool read_only);

    Result<std::vector<Row>> query(const std::string& sql, const std::vector<Param>& params = {}) override;
    Result<std::uint64_t> execute(const std::string& sql, const std::vector<Param>& params = {}) override;
    [[nodiscard]] std::string quoted(const std::string& name) const override;
    [[nodiscard]] std::string quoted_exactly(const std::string& name) const override;
    Result<bool> has_table(const std::string& full_name) override;
    [[nodiscard]] const char* begin() const override { return "START TRANSACTION"; }
    [[nodiscard]] const char* for_update() const override { return " FOR UPDATE"; }
    [[nodiscard]] const std::string& place() const override { return place_; }

    [[nodiscard]] std::uint64_t id() const { return mysql_thread_id(handle_.get()); }
    [[nodiscard]] std::string server_version() const { return mysql_get_server_info(handle_.get()); }
    Result<void> ping();

  private:
    struct Close {
        void operator()(MYSQL* handle) const { mysql_close(handle); }
    };

    MySqlConnection(MYSQL* handle, std::string place) : handle_(handle), place_(std::move(place)) {}
    Result<void> send(const std::string& sql, const std::vector<Param>& params);
    std::string literal(const Param& param) const;
    tl::unexpected<Error> failure();

    std::unique_ptr<MYSQL, Close> handle_;
    std::string place_;
};

/// "127.0.0.1:3306", "[::1]:3306" or the socket's path.
std::string server_text(const site::DatabaseSettings& settings);

}  // namespace bdupdate::db
