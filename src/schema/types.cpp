// What the schema API makes of a declared type, and how databases tell it.

#include "types.h"

#include <charconv>
#include <cstdlib>
#include <map>

#include "bdupdate/base/text.h"

namespace bdupdate::schema {

namespace {

struct Type {
    std::string name, arguments;  ///< "decimal", "10,2"
    bool is_unsigned = false, counts_up = false;
    bool operator==(const Type&) const = default;
    [[nodiscard]] std::string text() const {
        return name + (arguments.empty() ? "" : "(" + arguments + ")") + (is_unsigned ? " unsigned" : "") +
               (counts_up ? " auto_increment" : "");
    }
};

/// getFieldTypeMap() of MySQL's schema.inc, of Backdrop and of Drupal 7.
const std::map<std::string, std::string>& mysql_names() {
    static const std::map<std::string, std::string> names = {
        {"varchar:normal", "varchar"},   {"char:normal", "char"},       {"text:tiny", "tinytext"},
        {"text:small", "tinytext"},      {"text:medium", "mediumtext"}, {"text:big", "longtext"},
        {"text:normal", "text"},         {"int:tiny", "tinyint"},       {"int:small", "smallint"},
        {"int:medium", "mediumint"},     {"int:big", "bigint"},         {"int:normal", "int"},
        {"float:tiny", "float"},         {"float:small", "float"},      {"float:medium", "float"},
        {"float:big", "double"},         {"float:normal", "float"},     {"numeric:normal", "decimal"},
        {"blob:big", "longblob"},        {"blob:normal", "blob"},       {"date:normal", "date"},
        {"datetime:normal", "datetime"}, {"time:normal", "time"},
    };
    return names;
}

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
    for (const char* one : names)
        if (name == one) return true;
    return false;
}

bool is_whole_number(const std::string& name) {
    return is_one_of(name, {"tinyint", "smallint", "mediumint", "int", "bigint"});
}

/// Nothing where the API would refuse it, or where one database has a type of its own.
std::optional<Type> declared_type(const DeclaredColumn& column, Dialect dialect) {
    const std::string base = column.type == "serial" ? "int" : column.type;
    const auto name = mysql_names().find(base + ":" + column.size);
    if (column.own_type || name == mysql_names().end()) return std::nullopt;
    Type type;
    type.name = name->second;
    const bool is_text = is_one_of(base, {"varchar", "char", "text"});
    if (is_text && column.length)
        type.arguments = std::to_string(*column.length);
    else if (!is_text && column.precision && column.scale)
        type.arguments = std::to_string(*column.precision) + "," + std::to_string(*column.scale);
    if (dialect == Dialect::MySql) {
        // MySQL's own choice of size where a text has a length; and its default precision.
        if (base == "text" && column.length) return std::nullopt;
        if (type.name == "decimal" && type.arguments.empty()) type.arguments = "10,0";
        if (type.name == "char" && type.arguments.empty()) type.arguments = "1";
        if (is_whole_number(type.name)) type.arguments.clear();
        type.is_unsigned = column.is_unsigned;
        type.counts_up = column.type == "serial";
    } else if (column.type == "serial") {
        type.name = "integer";
    }
    return type;
}

Type real_type(const Column& column, Dialect dialect) {
    Type type;
    const std::string text = to_lower(column.type);
    const std::size_t open = text.find('('), close = text.find(')');
    type.name = std::string(trim(text.substr(0, std::min(open, text.find(' ')))));
    if (open != std::string::npos && close != std::string::npos)
        for (const char c : text.substr(open + 1, close - open - 1))
            if (c != ' ') type.arguments += c;
    if (dialect == Dialect::Sqlite) {
        type.name = std::string(trim(text.substr(0, open)));
        return type;
    }
    // Widths of whole numbers are for showing only, and newer servers have none.
    if (is_whole_number(type.name)) type.arguments.clear();
    type.is_unsigned = text.find(" unsigned") != std::string::npos;
    type.counts_up = to_lower(column.extra).find("auto_increment") != std::string::npos;
    return type;
}

/// SQLite's rules (sqlite.org/datatype3.html, 3.1).
std::string affinity(const std::string& name) {
    const auto has = [&](const char* part) { return name.find(part) != std::string::npos; };
    if (has("int")) return "integer";
    if (has("char") || has("clob") || has("text")) return "text";
    if (has("blob") || name.empty()) return "blob";
    if (has("real") || has("floa") || has("doub")) return "real";
    return "numeric";
}

/// Names that Drupal's schema.inc for SQLite, or somebody's own SQL, gives to types of any size. MySQL's
/// other names were chosen by this program's bare API, and tell the size.
bool tells_size(const std::string& name) {
    if (is_one_of(name, {"text", "blob", "float"})) return false;
    for (const auto& [key, known] : mysql_names())
        if (known == name) return true;
    return false;
}

bool alike_on_sqlite(const Type& declared, const Type& real) {
    if (!declared.arguments.empty() && !real.arguments.empty() && declared.arguments != real.arguments)
        return false;
    if (declared.name == real.name) return true;
    return affinity(declared.name) == affinity(real.name) &&
           !(tells_size(real.name) && declared.name != "integer");
}

std::optional<double> number_of(const std::string& text) {
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (text.empty() || end == nullptr || *end != '\0') return std::nullopt;
    return number;
}

bool is_number(const DeclaredColumn& column) {
    return is_one_of(column.type, {"int", "float", "numeric"});
}

/// 'it''s' -> it's
std::string unquoted(const std::string& sql) {
    if (sql.size() < 2 || sql.front() != '\'' || sql.back() != '\'') return sql;
    std::string text;
    for (std::size_t i = 1; i + 1 < sql.size(); ++i) {
        text += sql[i];
        if (sql[i] == '\'' && sql[i + 1] == '\'' && i + 2 < sql.size()) ++i;
    }
    return text;
}

std::string quoted(const std::string& text) {
    std::string sql = "'";
    for (const char c : text) sql += c == '\'' ? "''" : std::string(1, c);
    return sql + "'";
}

std::optional<std::string> declared_default(const DeclaredColumn& column) {
    if (!column.default_value) return std::nullopt;
    return is_number(column) && number_of(*column.default_value) ? *column.default_value
                                                                 : quoted(*column.default_value);
}

bool has_default(const DeclaredColumn& column) {
    return !is_one_of(column.type, {"serial", "text", "blob"});
}

}  // namespace

std::optional<std::pair<std::string, std::string>> differing_types(const DeclaredColumn& declared,
                                                                   const Column& real, Dialect dialect) {
    const auto wanted = declared_type(declared, dialect);
    if (!wanted) return std::nullopt;
    const Type is = real_type(real, dialect);
    if (dialect == Dialect::MySql ? *wanted == is : alike_on_sqlite(*wanted, is)) return std::nullopt;
    return std::pair(wanted->text(), is.text());
}

std::optional<std::pair<std::optional<std::string>, std::optional<std::string>>> differing_defaults(
    const DeclaredColumn& declared, const Column& real) {
    const std::optional<std::string>& wanted = declared.default_value;
    if (!has_default(declared) || (!wanted && !real.default_value)) return std::nullopt;
    if (wanted && real.default_value) {
        const std::string is = unquoted(*real.default_value);
        if (*wanted == is) return std::nullopt;
        if (is_number(declared)) {
            const auto a = number_of(*wanted), b = number_of(is);
            // What is no number the database has made one of, or refused.
            if (!a || (b && *a == *b)) return std::nullopt;
        }
    }
    return std::pair(declared_default(declared), real.default_value);
}

std::string declaration_text(const DeclaredColumn& declared, Dialect dialect) {
    const auto type = declared_type(declared, dialect);
    std::string text = type ? type->text() : declared.type;
    if (declared.not_null) text += " not null";
    if (const auto value = declared_default(declared); value && has_default(declared))
        text += " default " + *value;
    return text;
}

}  // namespace bdupdate::schema
