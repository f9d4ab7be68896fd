#pragma once

#include <optional>
#include <string_view>

#include "bdupdate/php/value.h"
#include "number.h"

namespace bdupdate::php {

/// What PHP 7 and PHP 8 agree on; without a value where they do not, where it would be an error, or where an
/// operand is not known.
std::optional<bool> truth(const Value& value);
std::optional<bool> loosely_equal(const Value& left, const Value& right);
/// `<=>`: -1, 0, 1.
std::optional<int> compare(const Value& left, const Value& right);
std::optional<Value> arithmetic(std::string_view op, const Value& left, const Value& right);
std::optional<Value> cast(std::string_view type, const Value& value);
std::optional<Value> incremented(const Value& value, bool up);
std::optional<Key> as_key(const Value& value);
Value value_of(const Key& key);

}  // namespace bdupdate::php
