#include "evaluator.h"

namespace bdupdate::php {
namespace {

constexpr std::size_t deepest_include = 30;

}  // namespace

Value Evaluator::include(const Expr& expr) {
    const bool required = expr.name.rfind("require", 0) == 0;
    Value given = value(*expr.children[0]);
    if (dead_) return given;
    const auto give_up = [&](const std::string& what) {
        Effects effects;
        effects.anything = true;
        apply(effects, because(expr.line, expr.name + " of " + what));
        return unknown(expr, expr.name + " of " + what);
    };
    if (given.string() == nullptr || given.string()->empty()) return give_up("a file that is not known");
    const std::string& name = *given.string();
    if (state_.files_unknown || files_.size() > deepest_include || name.find("://") != std::string::npos ||
        name.find('\0') != std::string::npos) {
        return give_up(name);
    }
    bool sure = true;
    const auto found = find_include(name, sure);
    if (!sure) return give_up(name);
    if (!found) {
        if (!required) return Value(false);
        dead_ = true;
        ended_ = because(expr.line, expr.name + " of " + name + ", which does not exist");
        return Value(*ended_);
    }
    return include_file(*found, expr);
}

Value Evaluator::include_file(const std::filesystem::path& path, const Expr& expr) {
    const std::filesystem::path real = world_.real_path(path).value_or(path);
    const bool once = expr.name.find("_once") != std::string::npos;
    const auto before = state_.included.find(real.string());
    const bool seen = before != state_.included.end();
    if (once && seen && before->second) return Value(true);
    const auto source = world_.read(real);
    if (!source || (once && seen)) {
        Effects effects;
        effects.anything = true;
        const std::string what =
            expr.name + " of " + path.string() + (source ? ", perhaps again" : ", which cannot be read");
        apply(effects, because(expr.line, what));
        return unknown(expr, what);
    }
    state_.included[real.string()] = true;
    return run_file(*source, real, Value(std::int64_t{1}));
}

// PHP looks for a plain name in include_path ("." and the system's libraries), then beside the file that
// includes it.
std::optional<std::filesystem::path> Evaluator::find_include(const std::string& name, bool& sure) {
    const auto exists = [this](const std::filesystem::path& path) {
        return world_.file_exists(path) && !world_.is_dir(path);
    };
    const std::filesystem::path path(name);
    if (path.is_absolute()) return exists(path) ? std::optional(path) : std::nullopt;
    if (state_.directory_unknown) sure = false;
    const std::filesystem::path here = state_.directory / path;
    const bool dotted = name.rfind("./", 0) == 0 || name.rfind("../", 0) == 0;
    if (dotted) return exists(here) ? std::optional(here) : std::nullopt;
    if (state_.include_path_unknown) sure = false;
    if (!sure) return std::nullopt;
    if (exists(here)) return here;
    for (const char* library : {"/usr/share/php", "/usr/local/lib/php", "/usr/share/pear"}) {
        if (exists(std::filesystem::path(library) / path)) sure = false;
    }
    const std::filesystem::path beside = files_.back().parent_path() / path;
    return exists(beside) ? std::optional(beside) : std::nullopt;
}

}  // namespace bdupdate::php
