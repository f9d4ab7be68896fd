#include "function_names.h"

#include <unordered_set>

namespace bdupdate::php {
namespace {

using Names = std::unordered_set<std::string_view>;

const Names& harmless() {
    static const Names names = {
        // what runs in a settings file for its effect on the request
        "error_log", "error_reporting", "header", "header_remove", "headers_sent", "http_response_code",
        "date_default_timezone_set", "ignore_user_abort", "ini_get", "mb_internal_encoding", "mb_language",
        "set_time_limit", "setcookie", "session_cache_limiter", "session_name", "session_set_cookie_params",
        "umask", "var_dump", "print_r", "printf", "vprintf", "clearstatcache", "sleep", "usleep",
        "ob_get_clean", "ob_end_clean", "gc_enable", "mt_srand", "srand", "libxml_disable_entity_loader",
        "opcache_get_status", "get_cfg_var", "debug_zval_refcount",
        // numbers, time, chance
        "acos", "asin", "atan", "atan2", "base_convert", "bindec", "ceil", "checkdate", "cos", "date",
        "date_default_timezone_get", "decbin", "decoct", "exp", "fdiv", "floor", "fmod", "gettimeofday",
        "gmdate", "hrtime", "idate", "intdiv", "is_finite", "is_infinite", "is_nan", "localtime", "log",
        "log10", "microtime", "mktime", "mt_getrandmax", "mt_rand", "octdec", "pi", "pow", "rand",
        "random_bytes", "random_int", "round", "sin", "sqrt", "strtotime", "tan", "time", "uniqid",
        "array_rand", "lcg_value",
        // text
        "addcslashes", "addslashes", "chr", "chunk_split", "count_chars", "crc32", "crypt", "escapeshellarg",
        "filter_var", "fnmatch", "hash", "hash_algos", "hash_equals", "hash_hmac", "hex2bin",
        "html_entity_decode", "htmlentities", "htmlspecialchars", "htmlspecialchars_decode",
        "http_build_query", "inet_ntop", "inet_pton", "ip2long", "iconv", "json_last_error",
        "json_last_error_msg", "levenshtein", "long2ip", "mb_check_encoding", "mb_convert_case",
        "mb_convert_encoding", "mb_detect_encoding", "mb_strlen", "mb_strpos", "mb_strtolower",
        "mb_strtoupper", "mb_substr", "mb_substr_count", "md5_file", "nl2br", "number_format", "ord", "pack",
        "preg_grep", "preg_last_error", "preg_quote", "preg_replace", "preg_split", "quotemeta", "sha1",
        "sha1_file", "str_getcsv", "str_ireplace", "str_rot13", "str_split", "str_word_count", "strcoll",
        "strcspn", "strip_tags", "stripcslashes", "stripslashes", "stristr", "strnatcasecmp", "strnatcmp",
        "strpbrk", "strrchr", "strspn", "strstr", "strtr", "substr_compare", "substr_replace", "ucwords",
        "unpack", "var_export", "version_compare", "vsprintf", "wordwrap", "ctype_alnum", "ctype_alpha",
        "ctype_digit", "ctype_lower", "ctype_space", "ctype_upper", "ctype_xdigit",
        // arrays
        "array_change_key_case", "array_chunk", "array_column", "array_count_values", "array_diff",
        "array_diff_assoc", "array_diff_key", "array_fill", "array_intersect", "array_intersect_assoc",
        "array_intersect_key", "array_is_list", "array_merge_recursive", "array_pad", "array_product",
        "array_slice", "array_sum", "array_unique", "range",
        // the machine and PHP itself
        "checkdnsrr", "constant", "disk_free_space", "disk_total_space", "extension_loaded", "class_exists",
        "interface_exists", "method_exists", "file", "fileatime", "filectime", "filegroup", "fileinode",
        "filemtime", "fileowner", "fileperms", "filesize", "filetype", "get_current_user", "get_include_path",
        "get_included_files", "get_loaded_extensions", "get_required_files", "get_resource_type",
        "get_debug_type", "gethostbyaddr", "gethostbyname", "gethostbynamel", "gethostname", "getmypid",
        "getmyuid", "getrusage", "glob", "ini_get_all", "ini_parse_quantity", "is_executable", "is_link",
        "is_writable", "is_writeable", "lstat", "memory_get_peak_usage", "memory_get_usage", "parse_ini_file",
        "parse_ini_string", "pathinfo", "php_uname", "phpversion", "posix_geteuid", "posix_getuid",
        "readfile", "readlink", "scandir", "stat", "sys_get_temp_dir", "sys_getloadavg", "zend_version",
        "is_object", "is_resource", "is_countable", "is_iterable", "is_callable", "fopen", "fclose", "fgets",
        "feof", "stream_get_contents"};
    return names;
}

const Names& writing() {
    static const Names names = {
        "chgrp",     "chmod",     "chown",  "copy",  "exec",   "file_put_contents", "fputs",
        "ftruncate", "fwrite",    "link",   "mkdir", "mail",   "passthru",          "move_uploaded_file",
        "popen",     "proc_open", "rename", "rmdir", "system", "shell_exec",        "symlink",
        "tempnam",   "touch",     "unlink"};
    return names;
}

}  // namespace

bool is_harmless_function(std::string_view name) {
    return harmless().count(name) > 0;
}
bool writes_files(std::string_view name) {
    return writing().count(name) > 0;
}

}  // namespace bdupdate::php
