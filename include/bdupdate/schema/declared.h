#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bdupdate::schema {

/// A column as a hook_schema() declares it.
struct DeclaredColumn {
    std::string type, size = "normal";  ///< "int", "big"
    std::optional<std::int64_t> length, precision, scale;
    bool is_unsigned = false, not_null = false;
    std::optional<std::string> default_value;  ///< the PHP value as text; nothing: none, or NULL
    bool own_type = false;                     ///< `mysql_type` or the like stands beside `type`
};

/// Keys are lists of columns, without prefix lengths.
struct DeclaredTable {
    std::string module;
    std::map<std::string, DeclaredColumn> columns;
    std::vector<std::string> primary;
    std::map<std::string, std::vector<std::string>> unique, indexes;
};

/// What installed modules declare, hook_schema_alter() of the enabled ones included.
struct Declared {
    std::map<std::string, DeclaredTable> tables;  ///< by name without prefix
    std::map<std::string, std::string> errors;    ///< enabled module -> why one of its hooks failed
    /// Of disabled modules: their hooks may count on code that is not loaded then, so this is no fault.
    std::map<std::string, std::string> errors_of_disabled;
};

}  // namespace bdupdate::schema
