#pragma once

#include <memory>

#include "mysql_connection.h"
#include "site_database.h"

namespace bdupdate::db {

class MySqlDatabase final : public SiteDatabase {
  public:
    static Result<std::unique_ptr<Database>> open(const site::DatabaseSettings& settings, site::Kind kind,
                                                  const OpenOptions& options);

    Result<void> ping() override { return session_->ping(); }
    Result<LockOutcome> lock(std::chrono::seconds timeout) override;
    Result<LockOutcome> look_at_lock() override;
    Result<bool> holds_lock() override;
    Result<void> unlock() override;
    std::string worker_lock_name(const std::string& run) const override;
    Result<void> end_session(std::uint64_t connection_id, const std::string& lock_name,
                             std::chrono::seconds timeout) override;
    Result<void> copy_to(const std::filesystem::path& file) override;
    Result<StoredCode> stored_code() override;
    Result<bool> may_set_definer() override;
    Result<std::vector<std::string>> missing_privileges() override;
    Result<Capacity> capacity() override;
    Result<std::uint64_t> data_bytes() override;
    Result<std::vector<std::string>> changed_tables(std::chrono::seconds within) override;
    Result<void> drop_tables(const std::vector<std::string>& names) override;
    Result<bool> pass_lock(const std::string& name, std::chrono::seconds timeout) override;
    Result<std::string> create_scratch() override;
    Result<void> drop_scratch(const std::string& name) override;
    Result<schema::Tables> shapes() override;
    Result<schema::Tables> shapes_of(const std::vector<std::string>& names) override;

  protected:
    Result<std::vector<Table>> all_tables() override;
    Result<std::vector<std::string>> columns(const std::string& full_name) override;
    std::string mark_definition() const override;

  private:
    MySqlDatabase(std::unique_ptr<MySqlConnection> session, const site::DatabaseSettings& settings,
                  bool read_only)
        : SiteDatabase(*session, settings, read_only), session_(std::move(session)) {}

    Result<void> identify();
    /// What nearly every command asks of a site, in words that the verbs repeat.
    [[nodiscard]] std::vector<std::string> first_questions() const;
    [[nodiscard]] std::string name_question() const;
    /// "bdupdate:" and a hash: never longer than the server's 64 characters.
    std::string lock_name(const std::string& purpose) const;
    /// Connection that holds a named lock; 0: nobody.
    Result<std::uint64_t> holder(const std::string& name);
    std::string session_text(std::uint64_t id);
    /// `more`: a condition behind the others, its parameters being names of tables.
    Result<schema::Tables> shapes_where(const std::string& more, const std::vector<Param>& params);
    Result<std::vector<std::pair<std::string, std::uint64_t>>> table_sizes();
    /// Bytes of the largest row of a table with large columns, or 0 where that takes too long.
    Result<std::uint64_t> largest_row(const std::string& table);
    /// Fills in held_by and stale from the session that holds the lock, and from the mark.
    void describe_holder(LockOutcome& outcome);
    /// Whether a session of this site's account in this database has that number, as far as it can be seen.
    Result<bool> session_exists(std::uint64_t id);
    Result<void> kill(std::uint64_t id);

    std::unique_ptr<MySqlConnection> session_;
    bool lock_supported_ = true;
    std::optional<std::uint64_t> data_bytes_;  ///< once it was asked
    std::chrono::seconds stale_after_ = usual_stale_after;
};

}  // namespace bdupdate::db
