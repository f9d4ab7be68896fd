#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bdupdate/db/database.h"
#include "bdupdate/journal/journal.h"
#include "bdupdate/worker/worker.h"

namespace bdupdate::run {

/// What differs between two looks at a database's structure. Pure.
std::vector<journal::SchemaChange> schema_changes(const schema::Tables& was_there,
                                                  const schema::Tables& after);

/// Notices which pass changed the database's structure, for `show` and `report`: a look that fails means only
/// that this is not told. To be asked between passes only: no transaction
/// is open then that a look could wait for, or that could wait for it.
class SchemaWatch {
  public:
    explicit SchemaWatch(db::Database& database) : database_(database) {}
    /// The first look. A few milliseconds a hundred tables.
    void begin();
    /// What the last look saw; null: it saw nothing.
    [[nodiscard]] const schema::Tables* known() const { return known_ ? &*known_ : nullptr; }
    /// Whether the last look saw all of these tables; false where they are not known by name.
    [[nodiscard]] bool knew(const std::optional<std::vector<std::string>>& tables) const;
    /// Whether anything changed since the first look.
    [[nodiscard]] bool changed() const { return changed_; }
    /// What has changed since the last look. Looks only where there is something to see: where SQLite's
    /// cookie moved; on MySQL, which has none, where `changed` says so, for there a schema change commits (a
    /// split pass). `tables`: the only ones that changed, where that is known.
    std::vector<journal::SchemaChange> look(
        bool changed, const std::optional<std::vector<std::string>>& tables = std::nullopt);
    /// What is worth telling: not caches and locks, and not scratch tables, which are gone again.
    [[nodiscard]] std::vector<journal::RowsTouched> telling(const std::vector<worker::TableRows>& rows,
                                                            const std::string& prefix) const;

  private:
    [[nodiscard]] std::optional<schema::Tables> now(
        const std::optional<std::vector<std::string>>& tables) const;

    db::Database& database_;
    std::optional<schema::Tables> known_;
    std::optional<std::int64_t> cookie_;
    bool changed_ = false;
};

}  // namespace bdupdate::run
