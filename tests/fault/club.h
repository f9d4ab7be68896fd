#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "bdupdate/base/subprocess.h"
#include "support/program.h"

namespace bdupdate::test {

enum class Store { Sqlite, MariaDb };

/// What a variable of the environment says; how often and from which seed a campaign kills, for one.
unsigned number_from(const char* variable, unsigned otherwise);

/// The example site on SQLite, or the same site on the test's own MariaDB; to be broken and renewed.
class Club : public ExampleSite {
  public:
    explicit Club(Store store);
    [[nodiscard]] Store store() const { return store_; }
    [[nodiscard]] std::filesystem::path config() const { return root() / "config/active"; }

    /// Starts the program beside the test.
    Subprocess start(const std::vector<std::string>& arguments,
                     const std::map<std::string, std::string>& environment = {}) const;
    /// Adds an update to the dues module, behind its others: `dues_update_NUMBER(&$sandbox) { BODY }`.
    void add_update(int number, const std::string& body);
    /// Nothing but `dues_update_NUMBER()` is left to run: every other module stands at its newest number.
    void only_update(int number, const std::string& body);

    /// Runs statements on the site's database.
    void execute(const std::string& sql);
    /// Rows of a query, columns joined by "|", rows by "\n".
    [[nodiscard]] std::string rows(const std::string& sql) const;
    /// What tests/fault/site_content.php prints: the same text means the same site. `exact`: serial ids too.
    [[nodiscard]] std::string held(bool exact = false) const;

    /// Remembers the site as it is now; renew() brings that back and forgets the state directory.
    void keep();
    void renew();

  private:
    [[nodiscard]] std::vector<std::string> dsn() const;
    void move_to_mariadb();
    Store store_;
    std::string kept_database_;
};

/// Pids of a process's children now.
std::vector<pid_t> children_of(pid_t parent);

/// The first line in which two texts differ, from both; empty where they are the same.
std::string first_difference(const std::string& expected, const std::string& actual);

}  // namespace bdupdate::test
