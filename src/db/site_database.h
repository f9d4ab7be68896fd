#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bdupdate/db/database.h"
#include "connection.h"

namespace bdupdate::db {

/// The verbs that read the same in both dialects. MySqlDatabase and SqliteDatabase add what differs: locks,
/// the catalogue of tables, the mark's column types.
class SiteDatabase : public Database {
  public:
    const Server& server() const override { return server_; }
    SchemaTable schema_table() const override { return schema_table_; }
    Result<std::vector<ModuleRow>> modules() override;
    Result<std::vector<std::string>> hook_order() override;
    Result<std::optional<std::string>> active_config(const std::string& name) override;
    Result<std::optional<UnfinishedBatch>> unfinished_batch() override;
    Result<std::optional<std::string>> state(const std::string& name) override;
    Result<std::optional<std::string>> variable(const std::string& name) override;
    Result<Maintenance> maintenance() override;
    Result<void> set_maintenance(const std::optional<std::string>& serialized) override;
    Result<bool> take_cron(const std::string& owner, std::chrono::seconds lease) override;
    Result<void> release_cron(const std::string& owner) override;
    Result<bool> has_mark_table() override;
    Result<std::optional<Mark>> read_mark() override;
    Result<void> create_mark(const Mark& mark) override;
    Result<void> replace_mark(const Mark& expected, const Mark& wanted) override;
    Result<Mark> raise_epoch() override;
    Result<void> drop_mark() override;
    Result<void> together(const std::function<Result<void>()>& verbs) override;
    Result<void> set_schema_version(const std::string& module, int number) override;
    Result<std::vector<Table>> tables() override;
    Result<std::vector<std::string>> cache_tables() override;
    Result<std::vector<std::string>> other_prefixes() override;
    Result<std::vector<std::string>> foreign_names(const std::vector<std::string>& names) override;
    Result<std::uint64_t> count_rows(const std::string& table) override;
    Result<std::vector<std::string>> empty_tables(const std::vector<std::string>& names) override;
    Result<bool> write_log(const LogEntry& entry) override;
    Result<void> create_schema_table() override;

  protected:
    SiteDatabase(Connection& connection, site::DatabaseSettings settings, bool read_only)
        : connection_(connection), settings_(std::move(settings)), read_only_(read_only) {}

    void set_kind(site::Kind kind) { kind_ = kind; }
    /// Finds {system}, or {schema} on a bare site; the error that says so when neither is there.
    Result<void> find_schema_table(site::Kind kind, bool allow_missing);
    /// Error unless opened for writing; `what` names what was wanted.
    Result<void> writable(const std::string& what) const;
    /// Full name, and quoted full name, of a table of the site.
    [[nodiscard]] std::string full(const std::string& table) const { return settings_.table(table); }
    [[nodiscard]] std::string table(const std::string& name) const { return connection_.quoted(full(name)); }
    /// Whether a table or view of that full name (of anybody in this database) belongs to this site.
    [[nodiscard]] bool is_ours(const std::string& name, const std::vector<std::string>& others) const;
    [[nodiscard]] std::string mark_table() const { return full("bdupdate_mark"); }

    /// What modules(), hook_order() and maintenance() ask of a site with {system}.
    [[nodiscard]] std::string module_numbers_sql() const;
    [[nodiscard]] std::string module_rows_sql() const;
    [[nodiscard]] std::string hook_order_sql() const;
    [[nodiscard]] std::string maintenance_sql(const char* where) const;
    /// Where maintenance mode is kept, in the order of looking: a table `state` in a Drupal 7 is somebody
    /// else's.
    [[nodiscard]] std::vector<const char*> maintenance_places() const;

    /// Who wrote the mark or raised its epoch last, as holder_text() has it; "" where there is none.
    std::string marked_holder();

    /// Every table of the whole database; is_ours() sorts out the site's.
    virtual Result<std::vector<Table>> all_tables() = 0;
    Result<std::vector<std::string>> other_prefixes(const std::vector<Table>& all);
    virtual Result<std::vector<std::string>> columns(const std::string& full_name) = 0;
    /// CREATE TABLE of the mark, in this dialect.
    [[nodiscard]] virtual std::string mark_definition() const = 0;

    Connection& connection_;
    site::DatabaseSettings settings_;
    bool read_only_;
    Server server_;
    SchemaTable schema_table_ = SchemaTable::System;

  private:
    Result<std::vector<ModuleRow>> schema_rows();
    Result<bool> look_for_schema_table();
    /// A restore brings back what was missing when the database was opened.
    Result<void> find_missing_schema_table();
    Result<void> insert_mark(const Mark& mark);
    Result<std::optional<std::string>> value_in(const char* where, const std::string& name);
    site::Kind kind_ = site::Kind::Bare;
    bool schema_table_missing_ = false;
};

/// A serialized PHP value as PHP itself would bind it.
Param serialized_param(const std::string& value);

/// The two dialects, opened; used by open_database() alone.
Result<std::unique_ptr<Database>> open_mysql(const site::DatabaseSettings& settings, site::Kind kind,
                                             const OpenOptions& options);
Result<std::unique_ptr<Database>> open_sqlite(const site::DatabaseSettings& settings, site::Kind kind,
                                              const OpenOptions& options);

}  // namespace bdupdate::db
