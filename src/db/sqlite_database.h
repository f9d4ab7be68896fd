#pragma once

#include <memory>

#include "bdupdate/base/unique_fd.h"
#include "site_database.h"
#include "sqlite_connection.h"

namespace bdupdate::db {

class SqliteDatabase final : public SiteDatabase {
  public:
    static Result<std::unique_ptr<Database>> open(const site::DatabaseSettings& settings, site::Kind kind,
                                                  const OpenOptions& options);

    Result<void> ping() override;
    Result<LockOutcome> lock(std::chrono::seconds timeout) override;
    Result<bool> holds_lock() override;
    Result<void> unlock() override;
    std::string worker_lock_name(const std::string&) const override { return {}; }
    Result<void> end_session(std::uint64_t, const std::string&, std::chrono::seconds) override { return {}; }
    Result<void> copy_to(const std::filesystem::path& file) override;
    Result<StoredCode> stored_code() override;
    Result<Capacity> capacity() override;
    Result<void> drop_tables(const std::vector<std::string>& names) override;
    Result<void> replace_with(const std::filesystem::path& file, const Mark& mark) override;
    Result<schema::Tables> shapes() override;
    Result<std::optional<std::int64_t>> schema_cookie() override;

  protected:
    Result<std::vector<Table>> all_tables() override;
    Result<std::vector<std::string>> columns(const std::string& full_name) override;
    std::string mark_definition() const override;

  private:
    SqliteDatabase(std::unique_ptr<SqliteConnection> file, const site::DatabaseSettings& settings,
                   const OpenOptions& options)
        : SiteDatabase(*file, settings, options.read_only),
          file_(std::move(file)),
          lock_path_(options.lock_file) {}

    /// replace_with() beside other people's tables.
    Result<void> replace_own_tables(const std::filesystem::path& file);

    std::unique_ptr<SqliteConnection> file_;
    std::filesystem::path lock_path_;
    UniqueFd lock_;
};

}  // namespace bdupdate::db
