#include <algorithm>

#include "builtins.h"
#include "operators.h"

namespace bdupdate::php {
namespace {

// Arguments that are arrays of known shape; what their elements are may be unknown.
const Array* shape(Call& call, std::size_t index) {
    const Array* array = index < call.count() ? call.array(index) : nullptr;
    return array != nullptr && array->uncertain() == nullptr ? array : nullptr;
}

Answer counted(Call& call) {
    const Array* array = shape(call, 0);
    return array ? Answer(Value(static_cast<std::int64_t>(array->size()))) : std::nullopt;
}

Answer has_value(Call& call) {
    const Array* array = call.array(1);
    if (array == nullptr) return std::nullopt;
    const bool strict = call.count() > 2 && call[2].truthy();
    bool unsure = false;
    for (const auto& [key, value] : array->entries()) {
        const auto equal =
            strict ? std::optional<bool>(identical(call[0], value)) : loosely_equal(call[0], value);
        if (!equal)
            unsure = true;
        else if (*equal && !unsure)
            return call.name == "in_array" ? Value(true) : value_of(key);
    }
    return unsure ? std::nullopt : Answer(Value(false));
}

Answer has_key(Call& call) {
    const Array* array = call.array(1);
    const auto key = as_key(call[0]);
    if (array == nullptr || !key || call[0].real() != nullptr) return std::nullopt;
    const Value* found = array->find(*key);
    // an element that may be missing is Unknown
    if (found != nullptr && found->unknown() != nullptr && array->uncertain() != nullptr) return std::nullopt;
    return Value(found != nullptr);
}

Answer merged(Call& call) {
    Array out;
    for (std::size_t i = 0; i < call.count(); ++i) {
        const Array* array = shape(call, i);
        if (array == nullptr) return std::nullopt;
        for (const auto& [key, value] : array->entries()) {
            if (std::holds_alternative<std::int64_t>(key))
                out.append() = value;
            else
                out[key] = value;
        }
        if (out.size() > largest_array) return std::nullopt;
    }
    return Value(std::move(out));
}

Answer array_replaced(Call& call) {
    const Array* first = shape(call, 0);
    if (first == nullptr) return std::nullopt;
    Array out = *first;
    for (std::size_t i = 1; i < call.count(); ++i) {
        const Array* with = shape(call, i);
        if (with == nullptr) return std::nullopt;
        if (call.name == "array_replace_recursive") {
            out = replace_recursively(out, *with);
            continue;
        }
        for (const auto& [key, value] : with->entries()) out[key] = value;
    }
    return Value(std::move(out));
}

Answer keys(Call& call) {
    const Array* array = shape(call, 0);
    if (array == nullptr) return std::nullopt;
    Array out;
    for (const auto& [key, value] : array->entries()) out.append() = value_of(key);
    return Value(std::move(out));
}

Answer values(Call& call) {
    const Array* array = shape(call, 0);
    if (array == nullptr) return std::nullopt;
    Array out;
    for (const auto& [key, value] : array->entries()) out.append() = value;
    return Value(std::move(out));
}

Answer end_key(Call& call) {
    const Array* array = shape(call, 0);
    if (array == nullptr) return std::nullopt;
    if (array->empty()) return Value();
    return value_of(call.name == "array_key_first" ? array->entries().front().first
                                                   : array->entries().back().first);
}

Answer end_value(Call& call) {
    const Array* array = shape(call, 0);
    if (array == nullptr) return std::nullopt;
    if (array->empty()) return Value(false);
    return call.name == "reset" ? array->entries().front().second : array->entries().back().second;
}

Answer flipped(Call& call) {
    const Array* array = call.array(0);
    if (array == nullptr) return std::nullopt;
    Array out;
    for (const auto& [key, value] : array->entries()) {
        if (value.integer() == nullptr && value.string() == nullptr) return std::nullopt;
        out[*as_key(value)] = value_of(key);
    }
    return Value(std::move(out));
}

Answer combined(Call& call) {
    const Array* names = call.array(0);
    const Array* contents = call.array(1);
    if (names == nullptr || contents == nullptr || names->size() != contents->size()) return std::nullopt;
    Array out;
    for (std::size_t i = 0; i < names->size(); ++i) {
        const Value& name = names->entries()[i].second;
        if (name.integer() == nullptr && name.string() == nullptr) return std::nullopt;
        out[*as_key(name)] = contents->entries()[i].second;
    }
    return Value(std::move(out));
}

Answer filled(Call& call) {
    const Array* names = call.array(0);
    if (names == nullptr) return std::nullopt;
    Array out;
    for (const auto& [key, name] : names->entries()) {
        if (name.integer() == nullptr && name.string() == nullptr) return std::nullopt;
        out[*as_key(name)] = call[1];
    }
    return Value(std::move(out));
}

Answer array_reversed(Call& call) {
    const Array* array = shape(call, 0);
    if (array == nullptr) return std::nullopt;
    const bool keep = call.count() > 1 && call[1].truthy();
    Array out;
    for (auto it = array->entries().rbegin(); it != array->entries().rend(); ++it) {
        if (!keep && std::holds_alternative<std::int64_t>(it->first))
            out.append() = it->second;
        else
            out[it->first] = it->second;
    }
    return Value(std::move(out));
}

Answer without_empty(Call& call) {
    const Array* array = call.array(0);
    if (array == nullptr) return std::nullopt;
    Array out;
    for (const auto& [key, value] : array->entries()) {
        if (value.truthy()) out[key] = value;
    }
    return Value(std::move(out));
}

// array_map('trim', $list): callbacks that are functions evaluated here.
Answer mapped(Call& call) {
    const std::string* name = call[0].string();
    const Array* array = call.array(1);
    const Builtin* callback = name ? find_builtin(*name) : nullptr;
    const bool plain = callback != nullptr && callback->fewest <= 1 && callback->most >= 1 &&
                       callback->function != end_value && call.state.functions.count(*name) == 0;
    if (!plain || array == nullptr) return std::nullopt;
    Array out;
    for (const auto& [key, value] : array->entries()) {
        std::vector<Value> arguments = {value};
        Call inner{callback->name, arguments, call.state, call.world};
        const Answer result = callback->function(inner);
        if (!result) return std::nullopt;
        out[key] = *result;
    }
    return Value(std::move(out));
}

Answer extreme(Call& call) {
    const Array* array = call.count() == 1 ? call.array(0) : nullptr;
    if (call.count() == 1 && (array == nullptr || array->empty())) return std::nullopt;
    std::vector<Value> all = call.count() == 1 ? std::vector<Value>() : call.arguments;
    if (array != nullptr) {
        for (const auto& [key, value] : array->entries()) all.push_back(value);
    }
    const Value* best = &all.front();
    for (const Value& value : all) {
        if (value.integer() == nullptr) return std::nullopt;
        const bool better =
            call.name == "max" ? *value.integer() > *best->integer() : *value.integer() < *best->integer();
        if (better) best = &value;
    }
    return *best;
}

}  // namespace

const std::vector<Builtin>& array_builtins() {
    static const std::vector<Builtin> all = {
        {"count", counted, 1, 1, true},
        {"sizeof", counted, 1, 1, true},
        {"in_array", has_value, 2, 3},
        {"array_search", has_value, 2, 3},
        {"array_key_exists", has_key, 2, 2, true},
        {"key_exists", has_key, 2, 2, true},
        {"array_merge", merged, 0, any_number, true},
        {"array_replace", array_replaced, 1, any_number, true},
        {"array_replace_recursive", array_replaced, 1, any_number},
        {"array_keys", keys, 1, 1, true},
        {"array_values", values, 1, 1, true},
        {"array_key_first", end_key, 1, 1, true},
        {"array_key_last", end_key, 1, 1, true},
        {"reset", end_value, 1, 1, true},
        {"end", end_value, 1, 1, true},
        {"array_flip", flipped, 1, 1},
        {"array_combine", combined, 2, 2},
        {"array_fill_keys", filled, 2, 2},
        {"array_reverse", array_reversed, 1, 2},
        {"array_filter", without_empty, 1, 1},
        {"array_map", mapped, 2, 2},
        {"max", extreme, 1, any_number},
        {"min", extreme, 1, any_number},
    };
    return all;
}

}  // namespace bdupdate::php
