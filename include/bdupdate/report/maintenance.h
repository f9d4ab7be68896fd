#pragma once

#include <string>

namespace bdupdate::report {

/// What `maintenance` answers.
struct MaintenanceFacts {
    bool supported = true;  ///< false: a bare site without {state}
    bool on = false;        ///< now
    bool changed = false;   ///< by this call
    std::string cached_by;  ///< class that keeps the cache bin with the states; empty: the database, or none
};

std::string maintenance_text(const MaintenanceFacts& facts);
std::string maintenance_json(const MaintenanceFacts& facts);

}  // namespace bdupdate::report
