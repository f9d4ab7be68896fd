#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bdupdate::php {

class Value;

/// Something that cannot be known without PHP; `why` names the statement and its line.
struct Unknown {
    std::string why;
};

/// An array key: PHP turns "12" into 12, true into 1, null into "".
using Key = std::variant<std::int64_t, std::string>;
/// The key PHP would use for this string: decimal integers without leading zeros become integers.
Key key_of(std::string_view text);

/// PHP's ordered map. Copy-on-write is not needed at these sizes.
class Array {
  public:
    using Entry = std::pair<Key, Value>;
    [[nodiscard]] const Value* find(const Key& key) const;
    Value* find(const Key& key);
    Value& operator[](const Key& key);  ///< inserts null at the end when absent
    Value& append();                    ///< `$a[] =`
    bool erase(const Key& key);
    /// Set when an element may be missing or stand elsewhere: single elements can be read, but the array's
    /// length, order and keys are not known. Elements that may be missing are Unknown; keys that are not
    /// there are really absent.
    [[nodiscard]] const Unknown* uncertain() const { return uncertain_ ? &*uncertain_ : nullptr; }
    void make_uncertain(Unknown why) { uncertain_ = std::move(why); }
    /// The key that append() will use. Up to PHP 8.2 an array whose keys are all negative goes on at 0, later
    /// ones do not.
    [[nodiscard]] std::int64_t next_key() const { return next_; }
    [[nodiscard]] bool next_key_depends_on_version() const { return negative_; }
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    [[nodiscard]] bool empty() const;
    [[nodiscard]] std::size_t size() const;

  private:
    std::vector<Entry> entries_;
    std::int64_t next_ = 0;
    bool negative_ = false;
    std::optional<Unknown> uncertain_;
};

/// A PHP value as far as settings files and constant hooks need it.
class Value {
  public:
    using Storage = std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Unknown>;
    Value() = default;
    Value(const Value& other);
    Value(Value&& other) noexcept;
    Value& operator=(const Value& other);
    Value& operator=(Value&& other) noexcept;
    ~Value();
    Value(bool b) : storage_(b) {}                      // NOLINT(google-explicit-constructor)
    Value(std::int64_t i) : storage_(i) {}              // NOLINT(google-explicit-constructor)
    Value(double d) : storage_(d) {}                    // NOLINT(google-explicit-constructor)
    Value(std::string s) : storage_(std::move(s)) {}    // NOLINT(google-explicit-constructor)
    Value(const char* s) : storage_(std::string(s)) {}  // NOLINT(google-explicit-constructor)
    Value(Array a);                                     // NOLINT(google-explicit-constructor)
    Value(Unknown u) : storage_(std::move(u)) {}        // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool is_null() const;
    [[nodiscard]] const bool* boolean() const;
    [[nodiscard]] const std::int64_t* integer() const;
    [[nodiscard]] const double* real() const;
    [[nodiscard]] const std::string* string() const;
    [[nodiscard]] const Array* array() const;
    Array* array();
    [[nodiscard]] const Unknown* unknown() const;
    /// An Unknown (or an uncertain array) anywhere inside, also below array elements.
    [[nodiscard]] const Unknown* unknown_inside() const;

    /// Of a value without unknown_inside().
    [[nodiscard]] bool truthy() const;
    /// As PHP converts to string (null -> "", true -> "1", 1.5 -> "1.5"); arrays give "Array".
    [[nodiscard]] std::string to_string() const;

  private:
    Storage storage_;
};

inline bool Array::empty() const {
    return entries_.empty();
}
inline std::size_t Array::size() const {
    return entries_.size();
}

/// serialize(): byte for byte as PHP's (serialize_precision 17 for doubles -> shortest round trip).
std::string serialize(const Value& value);

/// array_replace_recursive() of two arrays.
Array replace_recursively(const Array& base, const Array& with);

/// `===`: same types, and for arrays same keys in the same order. Nothing unknown is identical to anything.
bool identical(const Value& left, const Value& right);

/// json_decode($text, TRUE). Without a value: no JSON (PHP gives NULL). Numbers that do not fit become
/// floats, as in PHP.
std::optional<Value> decode_json(std::string_view text);

}  // namespace bdupdate::php
