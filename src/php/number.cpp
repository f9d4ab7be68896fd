#include "number.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "characters.h"

namespace bdupdate::php {
namespace {

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

std::size_t digits(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && characters::digit(text[end])) ++end;
    return end - at;
}

// php_gcvt: `decimal_digits` are the significant digits, the value is 0.DIGITS * 10^point.
std::string layout(const std::string& decimal_digits, int point, bool negative, int limit) {
    std::string out = negative ? "-" : "";
    if (point < 0 ? point < -3 : point > limit) {
        int exponent = point - 1;
        out += decimal_digits[0];
        out += '.';
        out += decimal_digits.size() > 1 ? decimal_digits.substr(1) : "0";
        out += exponent < 0 ? "E-" : "E+";
        return out + std::to_string(std::abs(exponent));
    }
    if (point <= 0) return out + "0." + std::string(static_cast<std::size_t>(-point), '0') + decimal_digits;
    const auto whole = static_cast<std::size_t>(point);
    if (decimal_digits.size() <= whole) {
        return out + decimal_digits + std::string(whole - decimal_digits.size(), '0');
    }
    return out + decimal_digits.substr(0, whole) + "." + decimal_digits.substr(whole);
}

// From the form D.DDDe+XX, which both printf and to_chars give.
std::string from_scientific(std::string_view text, bool negative, int limit) {
    const std::size_t mark = text.find('e');
    std::string digit_text;
    for (const char c : text.substr(0, mark)) {
        if (characters::digit(c)) digit_text += c;
    }
    while (digit_text.size() > 1 && digit_text.back() == '0') digit_text.pop_back();
    const int exponent = std::atoi(std::string(text.substr(mark + 1)).c_str());
    return layout(digit_text, exponent + 1, negative, limit);
}

std::optional<std::string> special(double value) {
    if (std::isnan(value)) return "NAN";
    if (std::isinf(value)) return value < 0 ? "-INF" : "INF";
    if (value == 0) return std::signbit(value) ? "-0" : "0";
    return std::nullopt;
}

}  // namespace

std::optional<Number> numeric(std::string_view text, NumericRule rule) {
    std::size_t at = 0;
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t begin = at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const std::size_t whole = digits(text, at);
    at += whole;
    bool is_float = false;
    std::size_t fraction = 0;
    if (at < text.size() && text[at] == '.') {
        fraction = digits(text, at + 1);
        if (whole == 0 && fraction == 0) return std::nullopt;
        is_float = true;
        at += 1 + fraction;
    }
    if (whole == 0 && fraction == 0) return std::nullopt;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        std::size_t exponent = at + 1;
        if (exponent < text.size() && (text[exponent] == '-' || text[exponent] == '+')) ++exponent;
        if (const std::size_t count = digits(text, exponent); count > 0) {
            is_float = true;
            at = exponent + count;
        }
    }
    const std::size_t end = at;
    while (rule == NumericRule::Php8 && at < text.size() && is_space(text[at])) ++at;
    if (at != text.size()) return std::nullopt;
    std::string_view number = text.substr(begin, end - begin);
    if (number.front() == '+') number.remove_prefix(1);
    if (!is_float) {
        std::int64_t value = 0;
        const auto outcome = std::from_chars(number.data(), number.data() + number.size(), value);
        if (outcome.ec == std::errc()) return Number(value);
    }
    return Number(std::strtod(std::string(number).c_str(), nullptr));
}

std::string float_text(double value, int precision) {
    if (auto text = special(value)) return *text;
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*e", precision - 1, std::fabs(value));
    return from_scientific(buffer, value < 0, precision);
}

std::string float_text_shortest(double value) {
    if (auto text = special(value)) return *text;
    char buffer[64];
    const auto outcome =
        std::to_chars(buffer, buffer + sizeof buffer, std::fabs(value), std::chars_format::scientific);
    constexpr int limit = 17;  // serialize_precision = -1 switches to exponents where 17 digits would
    return from_scientific({buffer, outcome.ptr}, value < 0, limit);
}

double as_double(const Number& number) {
    if (const auto* integer = std::get_if<std::int64_t>(&number)) return static_cast<double>(*integer);
    return std::get<double>(number);
}

}  // namespace bdupdate::php
