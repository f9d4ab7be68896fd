#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "connection.h"
#include "sqlite_handle.h"

namespace bdupdate::db {

/// A SQLite file. Reading leaves no trace; statements never stay open between calls.
class SqliteConnection final : public Connection {
  public:
    /// `path` has no links left in it.
    static Result<std::unique_ptr<SqliteConnection>> open(const std::filesystem::path& path, bool read_only,
                                                          std::chrono::milliseconds busy);

    Result<std::vector<Row>> query(const std::string& sql, const std::vector<Param>& params = {}) override;
    Result<std::uint64_t> execute(const std::string& sql, const std::vector<Param>& params = {}) override;
    Result<void> change_schema(const std::string& sql) override;
    [[nodiscard]] std::string quoted(const std::string& name) const override { return quoted_exactly(name); }
    [[nodiscard]] std::string quoted_exactly(const std::string& name) const override;
    Result<bool> has_table(const std::string& full_name) override;
    [[nodiscard]] const char* begin() const override { return "BEGIN IMMEDIATE"; }
    [[nodiscard]] const char* for_update() const override { return ""; }
    [[nodiscard]] const std::string& place() const override { return place_; }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] sqlite3* handle() const { return read_only_ ? reader_.handle.get() : writer_.get(); }
    [[nodiscard]] std::chrono::milliseconds busy() const { return busy_; }
    [[nodiscard]] ReadMode read_mode() const { return reader_.mode; }
    /// Reader: opened anew where somebody wrote past it since. To be called before and asked after each look.
    Result<bool> refresh();

  private:
    SqliteConnection(std::filesystem::path path, bool read_only, std::chrono::milliseconds busy);
    Result<std::vector<Row>> run(const std::string& sql, const std::vector<Param>& params);
    tl::unexpected<Error> failure();

    std::filesystem::path path_;
    std::string place_;
    bool read_only_;
    std::chrono::milliseconds busy_;
    SqliteReader reader_;
    SqliteHandle writer_;
};

}  // namespace bdupdate::db
