#include "loader.h"

#include <algorithm>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "bdupdate/php/lexer.h"

namespace bdupdate::scan {

namespace fs = std::filesystem;

namespace {

/// `NAME('module', 'x')` at `tokens[i]`: the name of the module and how many tokens that is.
std::string_view module_path_call(const std::vector<php::Token>& tokens, std::size_t i, std::size_t& used) {
    if (tokens[i].text != "backdrop_get_path" && tokens[i].text != "drupal_get_path") return {};
    std::vector<std::string_view> parts;
    for (used = 1; i + used < tokens.size() && parts.size() < 5; ++used) {
        if (tokens[i + used].kind != php::TokenKind::Whitespace) parts.push_back(tokens[i + used].text);
    }
    const auto quoted = [](std::string_view text) {
        return text.size() > 2 && (text.front() == '\'' || text.front() == '"');
    };
    if (parts.size() < 5 || parts[0] != "(" || parts[2] != "," || parts[4] != ")") return {};
    if (!quoted(parts[1]) || parts[1].substr(1, parts[1].size() - 2) != "module" || !quoted(parts[3]))
        return {};
    return parts[3].substr(1, parts[3].size() - 2);
}

}  // namespace

Loader::Loader(const site::Site& site, const Listing& listing, const std::vector<WantedModule>& wanted,
               ReadAhead& ahead)
    : site_(site), listing_(listing), wanted_(wanted), ahead_(ahead) {}

std::string Loader::shown(const fs::path& file) const {
    const std::string root = site_.docroot.string() + '/';
    const std::string text = file.lexically_normal().string();
    return text.compare(0, root.size(), root) == 0 ? text.substr(root.size()) : text;
}

php::EvaluateOptions Loader::evaluate_options(const fs::path& file) const {
    php::EvaluateOptions options;
    options.file = file;
    options.working_directory = site_.docroot;
    for (const char* name : {"BACKDROP_ROOT", "DRUPAL_ROOT"})
        options.constants[name] = site_.docroot.string();
    return options;
}

Result<void> Loader::load(const fs::path& file, ModuleCode& code) {
    const std::unique_ptr<OutlinedFile> read = ahead_.take(file);
    if (read->state == OutlinedFile::State::Missing) return {};
    if (read->state == OutlinedFile::State::Unreadable)
        return fail(ExitCode::Preflight, "cannot read " + shown(file) + ": " + errno_text(read->error_number),
                    "run bdupdate as root or as a user who may read the whole site");
    if (read->state != OutlinedFile::State::Read || !loaded_.emplace(read->device, read->inode).second)
        return {};
    return gather(file, read->outline, code);
}

Result<void> Loader::gather(const fs::path& file, const php::Outline& outline, ModuleCode& code) {
    if (outline.error && !code.syntax_error) {
        code.syntax_error =
            shown(file) + " line " + std::to_string(outline.error->line) + ": " + outline.error->text;
    }
    for (const php::FunctionDeclaration& function : outline.functions) BDUPDATE_TRY(add(function, file));
    for (const php::Load& load : outline.loads) BDUPDATE_TRY(follow(load, file, code));
    return {};
}

Result<void> Loader::add(const php::FunctionDeclaration& function, const fs::path& file) {
    UpdateFunction update;
    if (!php::split_update_name(function.name, update.module, update.number)) {
        add_hook(function, file);
        return {};
    }
    update.function = function.name;
    update.description = php::update_description(function.doc_comment);
    update.file = file.string();
    update.line = static_cast<int>(function.line);
    return add_update(std::move(update), function.conditional);
}

Result<void> Loader::add_update(UpdateFunction update, bool conditional) {
    const auto [place, first] =
        seen_.try_emplace(to_lower(update.function), Seen{update.file, update.line, conditional});
    if (!first && (conditional || place->second.conditional)) {
        warn(update.file, static_cast<std::uint32_t>(update.line),
             update.function + "() is also declared in " + shown(place->second.file) + " line " +
                 std::to_string(place->second.line) + ", one of them on a condition: the first one is shown");
        return {};
    }
    if (!first) {
        return fail(ExitCode::Preflight,
                    update.function + "() is declared twice: in " + shown(place->second.file) + " line " +
                        std::to_string(place->second.line) + " and in " + shown(update.file) + " line " +
                        std::to_string(update.line),
                    "PHP cannot load both: remove one of them");
    }
    if (conditional) {
        warn(update.file, static_cast<std::uint32_t>(update.line),
             update.function + "() is declared on a condition: whether it exists takes PHP to know");
    }
    updates[update.module].push_back(std::move(update));
    return {};
}

void Loader::add_hook(const php::FunctionDeclaration& function, const fs::path& file) {
    if (!concerns_updates(function.name)) return;
    const std::string name = to_lower(function.name);
    const std::string_view head = function.declaration.substr(
        0, static_cast<std::size_t>(function.body.data() - function.declaration.data()));
    const auto above = function.line - 1 + std::count(head.begin(), head.end(), '\n');
    hooks.try_emplace(
        name,
        HookFunction{function.name,
                     std::string(static_cast<std::size_t>(above), '\n') + std::string(function.body), file});
}

Result<void> Loader::follow(const php::Load& load, const fs::path& file, ModuleCode& code) {
    if (load.kind == php::Load::Kind::Call) return follow_call(load, file, code);
    if (load.kind == php::Load::Kind::Eval) {
        warn(file, load.line, "eval() outside of functions: updates it may declare are not seen without PHP");
        return {};
    }
    const php::Value value = evaluate(with_module_paths(load.text), load, file);
    if (value.string() == nullptr) return {};
    fs::path path = *value.string();
    if (path.is_relative()) {
        const fs::path beside = file.parent_path() / path;
        path = site_.docroot / path;
        std::error_code ignored;
        if (!fs::exists(path, ignored)) path = beside;
    }
    return this->load(path, code);
}

Result<void> Loader::follow_call(const php::Load& load, const fs::path& file, ModuleCode& code) {
    const php::Value value = evaluate("array(" + std::string(load.text) + ")", load, file);
    const php::Array* arguments = value.array();
    if (arguments == nullptr) return {};
    const auto argument = [arguments](std::int64_t i) {
        const php::Value* found = arguments->find(php::Key(i));
        return found == nullptr || found->is_null() ? std::string() : found->to_string();
    };
    const std::string function = to_lower(load.name);
    if (function == "module_load_install") return load_include(argument(0), argument(0) + ".install", code);
    const bool all = function == "module_load_all_includes";
    const std::string extension = '.' + argument(0);
    const std::string name = argument(all ? 1 : 2);
    if (!all) return load_include(argument(1), (name.empty() ? argument(1) : name) + extension, code);
    for (const WantedModule& module : wanted_) {
        if (!module.enabled) continue;
        BDUPDATE_TRY(load_include(module.name, (name.empty() ? module.name : name) + extension, code));
    }
    return {};
}

Result<void> Loader::load_include(const std::string& module, const std::string& name, ModuleCode& code) {
    const auto found = listing_.find(module);
    if (found == listing_.end()) return {};
    return load(site_.docroot / found->second.places.front().directory / name, code);
}

/// The value of an expression; what takes PHP is warned of and given as Unknown.
php::Value Loader::evaluate(std::string_view expression, const php::Load& load, const fs::path& file) {
    const std::string body = std::string(load.line - 1, '\n') + "return " + std::string(expression) + ';';
    php::Value value = php::evaluate_body(body, evaluate_options(file), world_);
    if (value.unknown_inside() != nullptr) {
        warn(file, load.line,
             "what " + std::string(load.name) + " loads here takes PHP to know: updates in it are not seen");
        return php::Unknown{};
    }
    return value;
}

/// backdrop_get_path('module', 'x') replaced by the path, in quotes.
std::string Loader::with_module_paths(std::string_view expression) const {
    static constexpr std::string_view open_tag = "<?php ";
    const std::string source = std::string(open_tag) + std::string(expression);
    const std::vector<php::Token> tokens = php::tokenize(source);
    std::string replaced;
    for (std::size_t i = 1; i < tokens.size(); ++i) {
        std::size_t used = 1;
        const auto found = listing_.find(module_path_call(tokens, i, used));
        if (found == listing_.end()) {
            replaced += tokens[i].text;
            continue;
        }
        replaced += "'" + found->second.places.front().directory + "'";
        i += used - 1;
    }
    return replaced;
}

void Loader::warn(const fs::path& file, std::uint32_t line, const std::string& text) {
    warnings.push_back(shown(file) + " line " + std::to_string(line) + ": " + text);
}

}  // namespace bdupdate::scan
