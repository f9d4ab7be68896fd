#include "hooks.h"

#include <algorithm>
#include <climits>
#include <optional>

#include "bdupdate/base/text.h"

namespace bdupdate::scan {

namespace {

/// What a hook returns. Without a value: only PHP could tell, and could not be asked or failed; `code` says
/// why.
std::optional<php::Value> returned(const Loader& loader, const HookFunction& hook, const ScanOptions& options,
                                   ModuleCode& code) {
    php::SystemWorld world;
    php::Value value = php::evaluate_body(hook.body, loader.evaluate_options(hook.file), world);
    const php::Unknown* unknown = value.unknown_inside();
    if (unknown == nullptr) return value;
    std::string why = hook.function + "(): " + unknown->why;  // which names file and line
    if (options.ask_php) {
        const Result<std::string> answer = options.ask_php(hook.file, hook.function);
        if (answer) {
            if (std::optional<php::Value> decoded = php::decode_json(*answer)) return decoded;
            why += "; PHP's answer is no JSON";
        } else {
            why += "; asking PHP failed: " + answer.error().message;
        }
    }
    code.needs_php_why += (code.needs_php_why.empty() ? "" : "; ") + why;
    return std::nullopt;
}

/// As PHP compares it with numbers.
int number_of(const php::Value& value) {
    if (const double* real = value.real()) return static_cast<int>(*real);
    if (value.boolean() != nullptr || value.array() != nullptr) return value.truthy() ? 1 : 0;
    const std::string text = value.to_string();
    long number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || number > INT_MAX / 10) break;
        number = number * 10 + (c - '0');
    }
    return static_cast<int>(std::min<long>(number, INT_MAX));
}

std::string text_of(const php::Key& key) {
    const auto* number = std::get_if<std::int64_t>(&key);
    return number == nullptr ? std::get<std::string>(key) : std::to_string(*number);
}

/// `$deps[module][number][other_module] = other_number`; whatever has another shape core would not understand
/// either.
std::vector<Dependency> dependencies_of(const php::Value& value) {
    std::vector<Dependency> dependencies;
    if (value.array() == nullptr) return dependencies;
    for (const auto& [module, numbers] : value.array()->entries()) {
        if (numbers.array() == nullptr) continue;
        for (const auto& [number, others] : numbers.array()->entries()) {
            if (others.array() == nullptr) continue;
            for (const auto& [other, other_number] : others.array()->entries()) {
                dependencies.push_back(
                    Dependency{text_of(module), text_of(number), text_of(other), other_number.to_string()});
            }
        }
    }
    return dependencies;
}

const HookFunction* find_hook(const Loader& loader, const ModuleCode& code, const char* hook) {
    const auto found = loader.hooks.find(to_lower(code.name) + hook);
    return found == loader.hooks.end() ? nullptr : &found->second;
}

}  // namespace

void read_hooks(const Loader& loader, const ScanOptions& options, ModuleCode& code) {
    if (const HookFunction* hook = find_hook(loader, code, "_update_last_removed")) {
        const std::optional<php::Value> value = returned(loader, *hook, options, code);
        code.last_removed_state = value ? HookState::Known : HookState::NeedsPhp;
        if (value) code.last_removed = number_of(*value);
    }
    if (const HookFunction* hook = find_hook(loader, code, "_update_dependencies")) {
        const std::optional<php::Value> value = returned(loader, *hook, options, code);
        code.dependencies_state = value ? HookState::Known : HookState::NeedsPhp;
        if (value) code.dependencies = dependencies_of(*value);
    }
}

}  // namespace bdupdate::scan
