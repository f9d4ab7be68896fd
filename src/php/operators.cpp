#include "operators.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace bdupdate::php {
namespace {

enum class Order { Less, Equal, Greater, None, Unsure };

Order order_of(double left, double right) {
    if (std::isnan(left) || std::isnan(right)) return Order::Unsure;
    return left < right ? Order::Less : left > right ? Order::Greater : Order::Equal;
}

Order order_of(const Number& left, const Number& right) {
    const auto* a = std::get_if<std::int64_t>(&left);
    const auto* b = std::get_if<std::int64_t>(&right);
    if (a != nullptr && b != nullptr) return *a < *b ? Order::Less : *a > *b ? Order::Greater : Order::Equal;
    constexpr double exact = 1e15;  // above it, PHP falls back to other rules
    if (std::fabs(as_double(left)) >= exact || std::fabs(as_double(right)) >= exact) return Order::Unsure;
    return order_of(as_double(left), as_double(right));
}

Order order_of(std::string_view left, std::string_view right) {
    const int order = left.compare(right);
    return order < 0 ? Order::Less : order > 0 ? Order::Greater : Order::Equal;
}

// (int) and (float) of a string, and PHP 7's comparison: the longest numeric prefix.
Number numeric_prefix(std::string_view text) {
    const std::size_t bound = text.find_first_not_of("0123456789+-.eE \t\n\r\v\f");
    for (std::size_t length = std::min(bound, text.size()); length > 0; --length) {
        if (const auto number = numeric(text.substr(0, length), NumericRule::Php7)) return *number;
    }
    return std::int64_t{0};
}

std::optional<Number> plain_number(const Value& value) {
    if (const auto* i = value.integer()) return Number(*i);
    if (const auto* d = value.real()) return Number(*d);
    return std::nullopt;
}

Order reversed(Order order) {
    return order == Order::Less ? Order::Greater : order == Order::Greater ? Order::Less : order;
}

Order compare_with_string(const Number& number, const std::string& text, NumericRule rule) {
    if (const auto other = numeric(text, rule)) return order_of(number, *other);
    if (rule == NumericRule::Php7) return order_of(number, numeric_prefix(text));
    const auto* integer = std::get_if<std::int64_t>(&number);
    const Value own = integer ? Value(*integer) : Value(std::get<double>(number));
    return order_of(std::string_view(own.to_string()), text);
}

Order compare_strings(const std::string& left, const std::string& right, NumericRule rule) {
    if (left == right) return Order::Equal;
    const auto a = numeric(left, rule);
    const auto b = numeric(right, rule);
    if (a && b) return order_of(*a, *b);
    return order_of(std::string_view(left), std::string_view(right));
}

Order order(const Value& left, const Value& right, NumericRule rule);

Order compare_arrays(const Array& left, const Array& right, NumericRule rule) {
    if (left.size() != right.size()) return left.size() < right.size() ? Order::Less : Order::Greater;
    for (const auto& [key, value] : left.entries()) {
        const Value* other = right.find(key);
        if (other == nullptr) return Order::None;
        if (const Order found = order(value, *other, rule); found != Order::Equal) return found;
    }
    return Order::Equal;
}

Order order(const Value& left, const Value& right, NumericRule rule) {
    if (left.string() && right.string()) return compare_strings(*left.string(), *right.string(), rule);
    if (left.is_null() && right.string()) return right.string()->empty() ? Order::Equal : Order::Less;
    if (left.string() && right.is_null()) return left.string()->empty() ? Order::Equal : Order::Greater;
    if (left.boolean() || right.boolean() || left.is_null() || right.is_null()) {
        return order_of(Number(std::int64_t{left.truthy()}), Number(std::int64_t{right.truthy()}));
    }
    if (left.array() && right.array()) return compare_arrays(*left.array(), *right.array(), rule);
    if (left.array()) return Order::Greater;
    if (right.array()) return Order::Less;
    const auto a = plain_number(left);
    const auto b = plain_number(right);
    if (a && b) return order_of(*a, *b);
    if (a && right.string()) return compare_with_string(*a, *right.string(), rule);
    if (b && left.string()) return reversed(compare_with_string(*b, *left.string(), rule));
    return Order::Unsure;
}

Order agreed_order(const Value& left, const Value& right) {
    if (left.unknown_inside() != nullptr || right.unknown_inside() != nullptr) return Order::Unsure;
    const Order seven = order(left, right, NumericRule::Php7);
    const Order eight = order(left, right, NumericRule::Php8);
    return seven == eight ? seven : Order::Unsure;
}

// Arithmetic on text that is no number warns in PHP 7 and throws in PHP 8.
std::optional<Number> operand(const Value& value) {
    if (value.is_null()) return Number(std::int64_t{0});
    if (const bool* b = value.boolean()) return Number(std::int64_t{*b});
    if (const std::string* s = value.string()) return numeric(*s, NumericRule::Php7);
    return plain_number(value);
}

std::optional<std::int64_t> integer_operand(const Value& value) {
    const auto number = operand(value);
    if (!number || !std::holds_alternative<std::int64_t>(*number)) return std::nullopt;
    return std::get<std::int64_t>(*number);
}

std::optional<Value> power(const Number& base, const Number& exponent) {
    const auto* b = std::get_if<std::int64_t>(&base);
    const auto* e = std::get_if<std::int64_t>(&exponent);
    if (b == nullptr || e == nullptr || *e < 0) return Value(std::pow(as_double(base), as_double(exponent)));
    std::int64_t result = 1;
    for (std::int64_t i = 0; i < *e && result != 0; ++i) {
        if (i > 64 && *b != 1 && *b != -1) return std::nullopt;
        if (*b == 1) break;
        if (*b == -1) return Value(std::int64_t{*e % 2 == 0 ? 1 : -1});
        if (__builtin_mul_overflow(result, *b, &result))
            return std::nullopt;  // PHP rounds in steps of its own
    }
    return Value(result);
}

std::optional<Value> integers(char op, std::int64_t a, std::int64_t b) {
    std::int64_t result = 0;
    switch (op) {
        case '+':
            if (!__builtin_add_overflow(a, b, &result)) return Value(result);
            return Value(static_cast<double>(a) + static_cast<double>(b));
        case '-':
            if (!__builtin_sub_overflow(a, b, &result)) return Value(result);
            return Value(static_cast<double>(a) - static_cast<double>(b));
        case '*':
            if (!__builtin_mul_overflow(a, b, &result)) return Value(result);
            return Value(static_cast<double>(a) * static_cast<double>(b));
        default:  // a division; the smallest integer by -1 does not fit
            if (b == 0 || (b == -1 && a == std::numeric_limits<std::int64_t>::min())) return std::nullopt;
            if (a % b == 0) return Value(a / b);
            return Value(static_cast<double>(a) / static_cast<double>(b));
    }
}

std::optional<Value> bits(std::string_view op, std::int64_t a, std::int64_t b) {
    constexpr std::int64_t width = 64;
    if (op == "&") return Value(a & b);
    if (op == "|") return Value(a | b);
    if (op == "^") return Value(a ^ b);
    if (op == "%") {
        if (b == 0) return std::nullopt;
        return Value(b == -1 ? std::int64_t{0} : a % b);
    }
    if (b < 0 || b >= width) return std::nullopt;
    if (op == "<<")
        return Value(static_cast<std::int64_t>(static_cast<std::uint64_t>(a) << static_cast<unsigned>(b)));
    if (op == ">>") return Value(a >> b);
    return std::nullopt;
}

std::optional<std::int64_t> integer_of(double value) {
    constexpr double limit = 9.2e18;  // beyond, PHP wraps around in ways that differ between versions
    if (!std::isfinite(value) || std::fabs(value) > limit) return std::nullopt;
    return static_cast<std::int64_t>(value);
}

std::optional<Value> cast_to_number(bool whole, const Value& value) {
    Number number = std::int64_t{0};
    if (const std::string* s = value.string())
        number = numeric_prefix(*s);
    else if (const auto plain = plain_number(value))
        number = *plain;
    else if (!value.unknown_inside())
        number = std::int64_t{value.truthy()};
    else
        return std::nullopt;
    if (!whole && value.string() != nullptr && as_double(number) == 0) {
        return value.string()->find('-') == std::string::npos ? std::optional(Value(0.0)) : std::nullopt;
    }
    if (!whole) return Value(as_double(number));
    if (const auto* integer = std::get_if<std::int64_t>(&number)) return Value(*integer);
    const auto truncated = integer_of(std::get<double>(number));
    return truncated ? std::optional<Value>(*truncated) : std::nullopt;
}

}  // namespace

std::optional<bool> truth(const Value& value) {
    if (value.unknown() != nullptr) return std::nullopt;
    if (value.array() != nullptr && value.array()->uncertain() != nullptr) return std::nullopt;
    return value.truthy();
}

std::optional<bool> loosely_equal(const Value& left, const Value& right) {
    const Order found = agreed_order(left, right);
    if (found == Order::Unsure) return std::nullopt;
    return found == Order::Equal;
}

std::optional<int> compare(const Value& left, const Value& right) {
    switch (agreed_order(left, right)) {
        case Order::Less:
            return -1;
        case Order::Equal:
            return 0;
        case Order::Greater:
            return 1;
        default:
            return std::nullopt;
    }
}

std::optional<Value> arithmetic(std::string_view op, const Value& left, const Value& right) {
    if (op == "+" && left.array() && right.array()) {
        if (left.array()->uncertain() || right.array()->uncertain()) return std::nullopt;
        Array sum = *left.array();
        for (const auto& [key, value] : right.array()->entries()) {
            if (sum.find(key) == nullptr) sum[key] = value;
        }
        return Value(std::move(sum));
    }
    if (op == "&" || op == "|" || op == "^" || op == "%" || op == "<<" || op == ">>") {
        if (left.string() && right.string() && op != "%" && op.size() == 1)
            return std::nullopt;  // works on bytes
        const auto a = integer_operand(left);
        const auto b = integer_operand(right);
        return a && b ? bits(op, *a, *b) : std::nullopt;
    }
    const auto a = operand(left);
    const auto b = operand(right);
    if (!a || !b) return std::nullopt;
    if (op == "**") return power(*a, *b);
    const auto* x = std::get_if<std::int64_t>(&*a);
    const auto* y = std::get_if<std::int64_t>(&*b);
    if (x != nullptr && y != nullptr) return integers(op[0], *x, *y);
    if (op == "+") return Value(as_double(*a) + as_double(*b));
    if (op == "-") return Value(as_double(*a) - as_double(*b));
    if (op == "*") return Value(as_double(*a) * as_double(*b));
    if (op != "/" || as_double(*b) == 0) return std::nullopt;
    return Value(as_double(*a) / as_double(*b));
}

std::optional<Value> cast(std::string_view type, const Value& value) {
    if (type == "bool") {
        const auto known = truth(value);
        return known ? std::optional<Value>(*known) : std::nullopt;
    }
    if (value.unknown() != nullptr) return std::nullopt;
    if (type == "array") {
        if (value.array() != nullptr) return value;
        Array out;
        if (!value.is_null()) out.append() = value;
        return Value(std::move(out));
    }
    if (type == "string" && value.array() == nullptr) return Value(value.to_string());
    if (type == "int" || type == "float") return cast_to_number(type == "int", value);
    return std::nullopt;
}

std::optional<Value> incremented(const Value& value, bool up) {
    if (value.is_null()) return up ? Value(std::int64_t{1}) : Value();
    if (!operand(value) || value.boolean() != nullptr) return std::nullopt;
    return arithmetic(up ? "+" : "-", value, Value(std::int64_t{1}));
}

std::optional<Key> as_key(const Value& value) {
    if (const auto* i = value.integer()) return Key(*i);
    if (const auto* s = value.string()) return key_of(*s);
    if (const auto* b = value.boolean()) return Key(std::int64_t{*b});
    if (value.is_null()) return Key(std::string());
    if (const auto* d = value.real()) {
        const auto whole = integer_of(*d);
        return whole ? std::optional<Key>(*whole) : std::nullopt;
    }
    return std::nullopt;
}

Value value_of(const Key& key) {
    if (const auto* index = std::get_if<std::int64_t>(&key)) return Value(*index);
    return Value(std::get<std::string>(key));
}

}  // namespace bdupdate::php
