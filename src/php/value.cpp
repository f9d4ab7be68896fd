#include "bdupdate/php/value.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "number.h"

namespace bdupdate::php {

Key key_of(std::string_view text) {
    const bool negative = !text.empty() && text.front() == '-';
    const std::string_view digits = negative ? text.substr(1) : text;
    const bool leading_zero = digits.size() > 1 && digits.front() == '0';
    if (digits.empty() || leading_zero || (negative && digits == "0")) return std::string(text);
    std::int64_t value = 0;
    const auto outcome = std::from_chars(text.data(), text.data() + text.size(), value);
    // PHP leaves the smallest integer a string, for its magnitude alone does not fit
    if (outcome.ec != std::errc() || outcome.ptr != text.data() + text.size() ||
        value == std::numeric_limits<std::int64_t>::min()) {
        return std::string(text);
    }
    return value;
}

const Value* Array::find(const Key& key) const {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.first == key; });
    return found == entries_.end() ? nullptr : &found->second;
}

Value* Array::find(const Key& key) {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.first == key; });
    return found == entries_.end() ? nullptr : &found->second;
}

Value& Array::operator[](const Key& key) {
    if (Value* present = find(key)) return *present;
    if (const auto* index = std::get_if<std::int64_t>(&key)) {
        if (*index >= next_ && *index < std::numeric_limits<std::int64_t>::max()) {
            next_ = *index + 1;
            negative_ = false;
        } else if (*index < 0 && next_ == 0) {
            negative_ = true;
        }
    }
    return entries_.emplace_back(key, Value()).second;
}

Value& Array::append() {
    return (*this)[Key(next_)];
}

bool Array::erase(const Key& key) {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.first == key; });
    if (found == entries_.end()) return false;
    entries_.erase(found);
    return true;
}

Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;
Value::Value(Array a) : storage_(std::move(a)) {}

bool Value::is_null() const {
    return std::holds_alternative<std::monostate>(storage_);
}
const bool* Value::boolean() const {
    return std::get_if<bool>(&storage_);
}
const std::int64_t* Value::integer() const {
    return std::get_if<std::int64_t>(&storage_);
}
const double* Value::real() const {
    return std::get_if<double>(&storage_);
}
const std::string* Value::string() const {
    return std::get_if<std::string>(&storage_);
}
const Array* Value::array() const {
    return std::get_if<Array>(&storage_);
}
Array* Value::array() {
    return std::get_if<Array>(&storage_);
}
const Unknown* Value::unknown() const {
    return std::get_if<Unknown>(&storage_);
}

const Unknown* Value::unknown_inside() const {
    if (const Unknown* here = unknown()) return here;
    const Array* elements = array();
    if (elements == nullptr) return nullptr;
    if (const Unknown* shape = elements->uncertain()) return shape;
    for (const auto& [key, value] : elements->entries()) {
        if (const Unknown* inside = value.unknown_inside()) return inside;
    }
    return nullptr;
}

bool Value::truthy() const {
    if (const bool* b = boolean()) return *b;
    if (const std::int64_t* i = integer()) return *i != 0;
    if (const double* d = real()) return *d != 0;
    if (const std::string* s = string()) return !s->empty() && *s != "0";
    if (const Array* a = array()) return !a->empty();
    return false;
}

std::string Value::to_string() const {
    constexpr int precision = 14;  // PHP's default for `precision`
    if (const bool* b = boolean()) return *b ? "1" : "";
    if (const std::int64_t* i = integer()) return std::to_string(*i);
    if (const double* d = real()) return float_text(*d, precision);
    if (const std::string* s = string()) return *s;
    return array() != nullptr ? "Array" : "";
}

namespace {

void serialize_string(const std::string& text, std::string& out) {
    out += "s:" + std::to_string(text.size()) + ":\"" + text + "\";";
}

void serialize_into(const Value& value, std::string& out) {
    if (const bool* b = value.boolean()) {
        out += *b ? "b:1;" : "b:0;";
    } else if (const std::int64_t* i = value.integer()) {
        out += "i:" + std::to_string(*i) + ";";
    } else if (const double* d = value.real()) {
        out += "d:" + float_text_shortest(*d) + ";";
    } else if (const std::string* s = value.string()) {
        serialize_string(*s, out);
    } else if (const Array* a = value.array()) {
        out += "a:" + std::to_string(a->size()) + ":{";
        for (const auto& [key, element] : a->entries()) {
            if (const auto* index = std::get_if<std::int64_t>(&key)) {
                out += "i:" + std::to_string(*index) + ";";
            } else {
                serialize_string(std::get<std::string>(key), out);
            }
            serialize_into(element, out);
        }
        out += "}";
    } else {
        out += "N;";
    }
}

}  // namespace

std::string serialize(const Value& value) {
    std::string out;
    serialize_into(value, out);
    return out;
}

bool identical(const Value& left, const Value& right) {
    if (left.is_null() || right.is_null()) return left.is_null() && right.is_null();
    if (left.boolean() && right.boolean()) return *left.boolean() == *right.boolean();
    if (left.integer() && right.integer()) return *left.integer() == *right.integer();
    if (left.real() && right.real()) return *left.real() == *right.real();
    if (left.string() && right.string()) return *left.string() == *right.string();
    const Array* a = left.array();
    const Array* b = right.array();
    if (a == nullptr || b == nullptr || a->size() != b->size()) return false;
    if (a->uncertain() != nullptr || b->uncertain() != nullptr) return false;
    return std::equal(
        a->entries().begin(), a->entries().end(), b->entries().begin(),
        [](const auto& x, const auto& y) { return x.first == y.first && identical(x.second, y.second); });
}

Array replace_recursively(const Array& base, const Array& with) {
    Array out = base;
    for (const auto& [key, value] : with.entries()) {
        Value* present = out.find(key);
        const bool both = present != nullptr && present->array() != nullptr && value.array() != nullptr;
        if (both)
            *present = Value(replace_recursively(*present->array(), *value.array()));
        else
            out[key] = value;
    }
    return out;
}

}  // namespace bdupdate::php
