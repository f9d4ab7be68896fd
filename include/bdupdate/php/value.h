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
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

  private:
    std::vector<Entry> entries_;
    std::int64_t next_ = 0;
};

/// Something that cannot be known without PHP; `why` names the statement and its line.
struct Unknown {
    std::string why;
};

/// A PHP value as far as settings files and constant hooks need it.
class Value {
  public:
    using Storage = std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Unknown>;
    Value() = default;
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
    /// An Unknown anywhere inside, also below array elements.
    [[nodiscard]] const Unknown* unknown_inside() const;

    [[nodiscard]] bool truthy() const;
    /// As PHP converts to string (null -> "", true -> "1", 1.5 -> "1.5"); arrays give "Array".
    [[nodiscard]] std::string to_string() const;

  private:
    Storage storage_;
};

/// serialize(): byte for byte as PHP's (serialize_precision 17 for doubles -> shortest round trip).
std::string serialize(const Value& value);

}  // namespace bdupdate::php
