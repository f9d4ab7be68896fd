#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace bdupdate::worker {

/// A column as a hook_schema() declares it.
struct DeclaredColumn {
    std::string type, size;  ///< "int", "big"
    std::int64_t length = 0;
    bool not_null = false;
    bool own_type = false;  ///< `mysql_type` or the like stands beside `type`
};

struct DeclaredTable {
    std::string module;
    std::map<std::string, DeclaredColumn> columns;
    std::vector<std::string> primary;
    std::map<std::string, std::vector<std::string>> unique, indexes;
};

/// What enabled modules declare, hook_schema_alter() included; by table, without prefix.
struct DeclaredSchema {
    std::map<std::string, DeclaredTable> tables;
    std::map<std::string, std::string> errors;  ///< module -> why its hook gave nothing
};

}  // namespace bdupdate::worker
