#pragma once

#include <set>
#include <string>
#include <vector>

namespace bdupdate::db {

/// What SHOW GRANTS says about one database. Pure.
struct Grants {
    std::set<std::string> held;  ///< upper case, such as "LOCK TABLES"; "ALL PRIVILEGES" stands for every one
    /// There are roles, partial revokes, privileges on single tables or columns, or lines that are not
    /// understood: what is not in `held` may be granted all the same.
    bool unsure = false;

    [[nodiscard]] bool surely_lacks(const std::string& privilege) const {
        return !unsure && held.count("ALL PRIVILEGES") == 0 && held.count(privilege) == 0;
    }
};

/// `lines` as MySQL 5.6 to 9 and MariaDB give them.
Grants read_grants(const std::vector<std::string>& lines, const std::string& database);

}  // namespace bdupdate::db
