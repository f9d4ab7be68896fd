#include "bdupdate/worker/launch.h"

#include <algorithm>

#include "bdupdate/base/text.h"
#include "bdupdate/worker/source.h"

namespace bdupdate::worker {

namespace {

constexpr int all_errors = 32767;  // E_ALL

// Everything happens inside a function, so that the site sees no variables of ours. fread() on a pipe may
// give less than asked for.
constexpr std::string_view loader =
    "(function(){"
    "if(PHP_VERSION_ID<70200){echo \"\\n@bdupdate-too-old \".PHP_VERSION.\"\\n\";exit(1);}"
    "$n=(int)fgets(STDIN);$s='';"
    "while(strlen($s)<$n){$c=fread(STDIN,$n-strlen($s));if($c===false||$c===''){exit(255);}$s.=$c;}"
    "eval($s);"
    "})();";

std::string_view without_opening_tag(std::string_view php) {
    constexpr std::string_view tag = "<?php";
    if (php.substr(0, tag.size()) == tag) php.remove_prefix(tag.size());
    return php;
}

std::string php_string(std::string_view text) {
    std::string literal = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') literal += '\\';
        literal += c;
    }
    return literal + "'";
}

/// `path` with the prefix `from` (whole components) replaced by `to`, or nothing.
std::optional<std::string> replaced(const std::string& path, std::string_view from, std::string_view to) {
    while (from.size() > 1 && from.back() == '/') from.remove_suffix(1);
    while (to.size() > 1 && to.back() == '/') to.remove_suffix(1);
    if (path.compare(0, from.size(), from) != 0) return std::nullopt;
    if (path.size() > from.size() && path[from.size()] != '/') return std::nullopt;
    return std::string(to) + path.substr(from.size());
}

std::string translated(const PathMap& map, const std::string& path, bool to_there) {
    std::size_t best = 0;
    std::string result = path;
    for (const auto& [host, there] : map) {
        const std::string& from = to_there ? host : there;
        const auto candidate = replaced(path, from, to_there ? there : host);
        if (candidate && from.size() > best) {
            best = from.size();
            result = *candidate;
        }
    }
    return result;
}

}  // namespace

std::vector<std::string> php_command(const Options& options) {
    std::vector<std::string> argv = options.php;
    const std::vector<std::string> settings = {
        "memory_limit=" + options.memory_limit,
        "max_execution_time=0",
        "max_input_time=-1",
        "display_errors=stderr",
        "log_errors=0",
        "html_errors=0",
        "output_buffering=0",
        "zlib.output_compression=0",
        "auto_prepend_file=",
        "auto_append_file=",
        "zend.assertions=-1",
        // Arguments in traces hold passwords and people's data.
        "zend.exception_ignore_args=1",
        "zend.exception_string_param_max_len=0",
        "variables_order=EGPCS",
        "register_argc_argv=1",
        "error_reporting=" + std::to_string(all_errors),
        // Old code out of a file cache, or code loaded before ours; and without doc comments perhaps.
        "opcache.enable_cli=0",
        "opcache.preload=",
        "xdebug.mode=off",
        // Xdebug 2, and what breaks deep recursion in both.
        "xdebug.remote_enable=0",
        "xdebug.profiler_enable=0",
        "xdebug.max_nesting_level=100000",
    };
    for (const std::string& setting : settings) {
        argv.emplace_back("-d");
        argv.push_back(setting);
    }
    argv.emplace_back("-r");
    argv.emplace_back(loader);
    return argv;
}

std::string loader_input(std::string_view code) {
    return std::to_string(code.size()) + "\n" + std::string(code);
}

std::string joined_php(const std::vector<std::string>& names) {
    const std::vector<EmbeddedFile> files = embedded_php();
    std::string code;
    for (const std::string& name : names)
        for (const EmbeddedFile& file : files)
            if (file.path == name || (name.back() == '/' && file.path.substr(0, name.size()) == name))
                code += without_opening_tag(file.bytes);
    return code;
}

std::string worker_code(site::Kind kind, const std::string& token, const std::string& docroot) {
    std::vector<std::string> names = {"protocol.php",       "text.php",   "talk.php",   "sandbox.php",
                                      "facts.php",          "hashes.php", "rows.php",   "guard.php",
                                      "site_interface.php", "check.php",  "schema.php", "failure.php",
                                      "requests.php",       "worker.php"};
    std::string site;
    if (kind == site::Kind::Bare) {
        names.emplace_back("bare/");
        site = "BdupdateBareSite";
    } else {
        names.insert(names.end(), {"core_connection.php", "core_log.php", "core_site.php"});
        const bool drupal = kind == site::Kind::Drupal7;
        if (drupal)
            names.emplace_back("drupal_site.php");
        else
            names.insert(names.end(), {"backdrop_boot.php", "backdrop_site.php"});
        site = drupal ? "BdupdateDrupalSite" : "BdupdateBackdropSite";
    }
    return joined_php(names) + "BdupdateWorker::main('" + token + "', '" + site + "', " +
           php_string(docroot) + ");\n";
}

Result<void> check_php_age(const std::vector<std::string>& talk) {
    constexpr std::string_view too_old = "@bdupdate-too-old ";  // the loader's
    for (const std::string& line : talk)
        if (line.compare(0, too_old.size(), too_old) == 0)
            return fail(ExitCode::Preflight,
                        "PHP " + line.substr(too_old.size()) + " is too old: 7.2 or later is needed",
                        "name another one with --php");
    return {};
}

std::string path_there(const PathMap& map, const std::string& host_path) {
    return translated(map, host_path, true);
}

std::string path_here(const PathMap& map, const std::string& path) {
    return translated(map, path, false);
}

}  // namespace bdupdate::worker
