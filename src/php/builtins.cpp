#include "builtins.h"

#include <cmath>
#include <limits>
#include <unordered_map>

#include "function_names.h"
#include "operators.h"

namespace bdupdate::php {
namespace {

const std::unordered_map<std::string_view, Builtin>& table() {
    static const std::unordered_map<std::string_view, Builtin> all = [] {
        std::unordered_map<std::string_view, Builtin> out;
        for (const auto* part :
             {&string_builtins(), &text_builtins(), &array_builtins(), &file_builtins(), &other_builtins()}) {
            for (const Builtin& builtin : *part) out.emplace(builtin.name, builtin);
        }
        return out;
    }();
    return all;
}

// Functions that write to their arguments, as bits.
const std::unordered_map<std::string_view, std::uint32_t>& writers() {
    constexpr std::uint32_t first = 1;
    constexpr std::uint32_t second = 2;
    constexpr std::uint32_t third = 4;
    constexpr std::uint32_t fourth = 8;
    static const std::unordered_map<std::string_view, std::uint32_t> all = {
        {"array_multisort", ~0U},
        {"array_pop", first},
        {"array_push", first},
        {"array_shift", first},
        {"array_splice", first},
        {"array_unshift", first},
        {"arsort", first},
        {"asort", first},
        {"current", first},
        {"each", first},
        {"end", first},
        {"key", first},
        {"krsort", first},
        {"ksort", first},
        {"natcasesort", first},
        {"natsort", first},
        {"next", first},
        {"parse_str", second},
        {"preg_match", third},
        {"preg_match_all", third},
        {"prev", first},
        {"reset", first},
        {"rsort", first},
        {"settype", first},
        {"shuffle", first},
        {"similar_text", third},
        {"sort", first},
        {"sscanf", ~3U},
        {"exec", second | third},
        {"system", second},
        {"passthru", second},
        {"getopt", third},
        {"is_callable", third},
        {"headers_sent", first | second},
        {"preg_replace", fourth << 1U},
        {"str_ireplace", fourth},
        {"getmxrr", second | third},
        {"dns_get_record", third | fourth},
        {"openssl_sign", second},
        {"flock", third},
        {"fsockopen", third | fourth}};
    return all;
}

// These only move the array's inner pointer, which is not followed.
bool moves_pointer(std::string_view name) {
    return name == "current" || name == "end" || name == "key" || name == "next" || name == "prev" ||
           name == "reset";
}

}  // namespace

FunctionTraits traits_of(std::string_view name) {
    if (!name.empty() && name.front() == '\\') name.remove_prefix(1);
    FunctionTraits out;
    const auto writer = writers().find(name);
    if (writer != writers().end() && !moves_pointer(name)) out.written = writer->second;
    const bool pure = name == "define" || name == "defined" || name == "compact" || name == "getenv" ||
                      name == "function_exists" || table().count(name) > 0 || is_harmless_function(name);
    if (name == "extract" || name == "parse_str" || name == "mb_parse_str") {
        out.effect = Effect::AnyVariable;
    } else if (writes_files(name)) {
        out.effect = Effect::Files;
    } else if (name == "set_include_path" || name == "ini_restore") {
        out.effect = Effect::Environment;
    } else if (pure || writer != writers().end()) {
        out.effect = Effect::None;
    }
    return out;
}

const Builtin* find_builtin(std::string_view name) {
    const auto found = table().find(name);
    return found == table().end() ? nullptr : &found->second;
}

std::optional<std::string> Call::text(std::size_t index) const {
    if (index >= arguments.size()) return std::nullopt;
    const Value& value = arguments[index];
    if (value.array() != nullptr || value.is_null() || value.unknown() != nullptr) return std::nullopt;
    return value.to_string();
}

std::optional<std::int64_t> Call::integer(std::size_t index, std::int64_t standard) const {
    if (index >= arguments.size()) return standard;
    if (const auto* number = arguments[index].integer()) return *number;
    if (const auto* flag = arguments[index].boolean()) return std::int64_t{*flag};
    return std::nullopt;
}

std::optional<std::filesystem::path> Call::path(std::size_t index) const {
    const auto given = text(index);
    if (!given || given->empty() || given->find('\0') != std::string::npos) return std::nullopt;
    if (given->find("://") != std::string::npos || given->rfind("data:", 0) == 0) return std::nullopt;
    if (state.files_unknown) return std::nullopt;
    std::filesystem::path path(*given);
    if (path.is_absolute()) return path;
    if (state.directory_unknown) return std::nullopt;
    return state.directory / path;
}

std::optional<Value> builtin_constant(std::string_view name) {
    static const std::unordered_map<std::string_view, Value> all = {
        {"PHP_SAPI", Value("cli")},
        {"PHP_OS", Value("Linux")},
        {"PHP_OS_FAMILY", Value("Linux")},
        {"PHP_EOL", Value("\n")},
        {"PHP_INT_MAX", Value(std::numeric_limits<std::int64_t>::max())},
        {"PHP_INT_MIN", Value(std::numeric_limits<std::int64_t>::min())},
        {"PHP_INT_SIZE", Value(std::int64_t{8})},
        {"DIRECTORY_SEPARATOR", Value("/")},
        {"PATH_SEPARATOR", Value(":")},
        {"M_PI", Value(M_PI)},
        {"NAN", Value(std::numeric_limits<double>::quiet_NaN())},
        {"INF", Value(std::numeric_limits<double>::infinity())},
        {"E_ERROR", Value(std::int64_t{1})},
        {"E_WARNING", Value(std::int64_t{2})},
        {"E_PARSE", Value(std::int64_t{4})},
        {"E_NOTICE", Value(std::int64_t{8})},
        {"E_USER_ERROR", Value(std::int64_t{256})},
        {"E_USER_WARNING", Value(std::int64_t{512})},
        {"E_USER_NOTICE", Value(std::int64_t{1024})},
        {"E_DEPRECATED", Value(std::int64_t{8192})},
        {"E_USER_DEPRECATED", Value(std::int64_t{16384})},
        {"PHP_URL_SCHEME", Value(std::int64_t{0})},
        {"PHP_URL_HOST", Value(std::int64_t{1})},
        {"PHP_URL_PORT", Value(std::int64_t{2})},
        {"PHP_URL_USER", Value(std::int64_t{3})},
        {"PHP_URL_PASS", Value(std::int64_t{4})},
        {"PHP_URL_PATH", Value(std::int64_t{5})},
        {"PHP_URL_QUERY", Value(std::int64_t{6})},
        {"PHP_URL_FRAGMENT", Value(std::int64_t{7})},
        {"STR_PAD_LEFT", Value(std::int64_t{0})},
        {"STR_PAD_RIGHT", Value(std::int64_t{1})},
        {"STR_PAD_BOTH", Value(std::int64_t{2})},
        {"JSON_OBJECT_AS_ARRAY", Value(std::int64_t{1})},
        {"FILTER_VALIDATE_BOOLEAN", Value(std::int64_t{258})},
        // As PHP's own driver numbers them (mysqlnd).
        {"PDO::MYSQL_ATTR_USE_BUFFERED_QUERY", Value(std::int64_t{1000})},
        {"PDO::MYSQL_ATTR_LOCAL_INFILE", Value(std::int64_t{1001})},
        {"PDO::MYSQL_ATTR_INIT_COMMAND", Value(std::int64_t{1002})},
        {"PDO::MYSQL_ATTR_COMPRESS", Value(std::int64_t{1003})},
        {"PDO::MYSQL_ATTR_FOUND_ROWS", Value(std::int64_t{1005})},
        {"PDO::MYSQL_ATTR_SSL_KEY", Value(std::int64_t{1007})},
        {"PDO::MYSQL_ATTR_SSL_CERT", Value(std::int64_t{1008})},
        {"PDO::MYSQL_ATTR_SSL_CA", Value(std::int64_t{1009})},
        {"PDO::MYSQL_ATTR_SSL_CAPATH", Value(std::int64_t{1010})},
        {"PDO::MYSQL_ATTR_SSL_CIPHER", Value(std::int64_t{1011})},
        {"PDO::MYSQL_ATTR_MULTI_STATEMENTS", Value(std::int64_t{1013})},
        {"PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT", Value(std::int64_t{1014})},
        {"PDO::ATTR_TIMEOUT", Value(std::int64_t{2})},
        {"PDO::ATTR_ERRMODE", Value(std::int64_t{3})},
        {"PDO::ATTR_PERSISTENT", Value(std::int64_t{12})},
        {"PDO::ATTR_STRINGIFY_FETCHES", Value(std::int64_t{17})},
        {"PDO::ATTR_EMULATE_PREPARES", Value(std::int64_t{20})},
    };
    const auto found = all.find(name);
    if (found == all.end()) return std::nullopt;
    return found->second;
}

}  // namespace bdupdate::php
