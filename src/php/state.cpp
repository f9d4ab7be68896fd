#include "state.h"

namespace bdupdate::php {

const std::string& Scope::canonical(const std::string& name) const {
    const auto alias = aliases.find(name);
    return alias == aliases.end() ? name : alias->second;
}

void Scope::taint(const std::string& name, const Unknown& why) {
    variables[canonical(name)] = Value(why);
}

void Scope::taint_all(const Unknown& why) {
    for (auto& [name, value] : variables) value = Value(why);
    if (!rest) rest = why;
}

void Scope::lose(const Unknown& why) {
    taint_all(why);
    if (!lost) lost = why;
}

void Scope::pin(const std::string& name, const Unknown& why) {
    pinned.emplace(canonical(name), why);
    taint(name, why);
}

const Value* Scope::stored(const std::string& name) const {
    const std::string& key = canonical(name);
    if (lost || (!pinned.empty() && pinned.count(key) > 0)) return nullptr;
    const auto found = variables.find(key);
    return found == variables.end() ? nullptr : &found->second;
}

Value Scope::read(const std::string& name) const {
    if (const Value* value = stored(name)) return *value;
    if (lost) return Value(*lost);
    if (const auto pin = pinned.find(canonical(name)); pin != pinned.end()) return Value(pin->second);
    return rest ? Value(*rest) : Value();
}

namespace {

Value merge_arrays(const Array& one, const Array& other, const Unknown& why) {
    Array out = one;
    bool same_shape = one.size() == other.size() && one.next_key() == other.next_key() &&
                      one.next_key_depends_on_version() == other.next_key_depends_on_version();
    for (std::size_t i = 0; same_shape && i < one.size(); ++i) {
        same_shape = one.entries()[i].first == other.entries()[i].first;
    }
    for (const auto& [key, value] : one.entries()) {
        const Value* second = other.find(key);
        *out.find(key) = second ? merge(value, *second, why) : Value(why);
    }
    for (const auto& [key, value] : other.entries()) {
        if (one.find(key) == nullptr) out[key] = Value(why);
    }
    if (other.uncertain() != nullptr) out.make_uncertain(*other.uncertain());
    if (!same_shape) out.make_uncertain(why);
    return Value(std::move(out));
}

void merge_into(Scope& one, const Scope& other, const Unknown& why) {
    for (const auto& [name, target] : other.aliases) {
        if (one.canonical(name) == target) continue;
        one.pin(name, why);
        one.pin(target, why);
    }
    for (const auto& [name, target] : std::map(one.aliases)) {
        if (other.canonical(name) == target) continue;
        one.pin(target, why);
        one.aliases.erase(name);
        one.pin(name, why);
    }
    for (auto& [name, value] : one.variables) {
        const auto second = other.variables.find(name);
        if (second != other.variables.end()) {
            value = merge(value, second->second, why);
        } else if (!value.is_null() || other.rest) {
            value = Value(why);
        }
    }
    for (const auto& [name, value] : other.variables) {
        if (one.variables.count(name) > 0) continue;
        one.variables[name] = value.is_null() && !one.rest ? Value() : Value(why);
    }
    for (const auto& [name, reason] : other.pinned) one.pin(name, reason);
    if (other.rest && !one.rest) one.rest = other.rest;
    if (other.lost) one.lose(*other.lost);
    if (one.globals != other.globals) one.lose(why);
}

void merge_flag(std::optional<Unknown>& one, const std::optional<Unknown>& other) {
    if (!one) one = other;
}

}  // namespace

Value merge(const Value& one, const Value& other, const Unknown& why) {
    if (one.array() != nullptr && other.array() != nullptr)
        return merge_arrays(*one.array(), *other.array(), why);
    if (identical(one, other)) return one;
    if (one.unknown() != nullptr) return one;
    if (other.unknown() != nullptr) return other;
    return Value(why);
}

State merge(State one, State other, const Unknown& why) {
    merge_into(one.file, other.file, why);
    merge_into(one.outside, other.outside, why);
    for (std::size_t i = 0; i < one.calls.size() && i < other.calls.size(); ++i) {
        merge_into(one.calls[i], other.calls[i], why);
    }
    for (auto& [name, value] : one.constants) {
        const auto second = other.constants.find(name);
        value = second == other.constants.end() ? Value(why) : merge(value, second->second, why);
    }
    for (const auto& [name, value] : other.constants) one.constants.emplace(name, Value(why));
    for (auto it = one.functions.begin(); it != one.functions.end();) {
        const auto second = other.functions.find(it->first);
        it = second == other.functions.end() || second->second != it->second ? one.functions.erase(it)
                                                                             : std::next(it);
    }
    for (auto& [path, sure] : one.included) {
        const auto second = other.included.find(path);
        sure = sure && second != other.included.end() && second->second;
    }
    for (const auto& [path, sure] : other.included) one.included.emplace(path, false);
    merge_flag(one.environment_unknown, other.environment_unknown);
    if (one.environment != other.environment) merge_flag(one.environment_unknown, why);
    merge_flag(one.files_unknown, other.files_unknown);
    merge_flag(one.include_path_unknown, other.include_path_unknown);
    merge_flag(one.directory_unknown, other.directory_unknown);
    if (one.directory != other.directory) merge_flag(one.directory_unknown, why);
    return one;
}

}  // namespace bdupdate::php
