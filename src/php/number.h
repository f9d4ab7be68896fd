#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace bdupdate::php {

using Number = std::variant<std::int64_t, double>;

/// What PHP's is_numeric() accepts. PHP 7 took white space before the number only, PHP 8 takes it after it
/// too.
enum class NumericRule { Php7, Php8 };
std::optional<Number> numeric(std::string_view text, NumericRule rule);

/// As PHP prints a float: `precision` digits as %.*G would (echo, with precision = 14), or the shortest text
/// that reads back as the same number (serialize, json_encode, var_export).
std::string float_text(double value, int precision);
std::string float_text_shortest(double value);

double as_double(const Number& number);

}  // namespace bdupdate::php
