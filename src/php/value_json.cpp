#include <nlohmann/json.hpp>

#include "bdupdate/php/value.h"

namespace bdupdate::php {
namespace {

constexpr std::size_t max_depth = 512;  // json_decode()'s default

/// Builds values as the parser meets them: no document in between, and the order of keys is kept.
class Builder : public nlohmann::json_sax<nlohmann::json> {
  public:
    bool null() override { return put(Value()); }
    bool boolean(bool value) override { return put(Value(value)); }
    bool number_integer(std::int64_t value) override {
        // called for negative numbers only, so that 0 is "-0": an integer or a float, by the version of PHP
        return put(value == 0 ? Value(Unknown{"-0 in JSON"}) : Value(value));
    }
    bool number_unsigned(std::uint64_t value) override {
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            return put(Value(static_cast<double>(value)));
        }
        return put(Value(static_cast<std::int64_t>(value)));
    }
    bool number_float(double value, const std::string& /*text*/) override { return put(Value(value)); }
    bool string(std::string& value) override { return put(Value(std::move(value))); }
    bool binary(nlohmann::json::binary_t& /*value*/) override { return false; }
    bool start_object(std::size_t /*size*/) override { return open(); }
    bool start_array(std::size_t /*size*/) override { return open(); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(std::string& value) override {
        stack_.back().key = key_of(value);
        return true;
    }
    bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                     const nlohmann::detail::exception& error) override {
        constexpr int out_of_range = 406;  // 1e999: INF in PHP
        overflow_ = error.id == out_of_range;
        return false;
    }
    [[nodiscard]] bool overflow() const { return overflow_; }
    Value take() { return std::move(result_); }

  private:
    struct Level {
        Array array;
        std::optional<Key> key;
    };

    bool open() {
        stack_.emplace_back();
        return stack_.size() <= max_depth;
    }
    bool close() {
        Value done(std::move(stack_.back().array));
        stack_.pop_back();
        return put(std::move(done));
    }
    bool put(Value value) {
        if (stack_.empty()) {
            result_ = std::move(value);
            return true;
        }
        Level& level = stack_.back();
        (level.key ? level.array[*level.key] : level.array.append()) = std::move(value);
        level.key.reset();
        return true;
    }

    std::vector<Level> stack_;
    Value result_;
    bool overflow_ = false;
};

}  // namespace

std::optional<Value> decode_json(std::string_view text) {
    if (text.substr(0, 3) == "\xEF\xBB\xBF") return std::nullopt;  // the library skips the mark, PHP does not
    Builder builder;
    if (nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return builder.take();
    if (builder.overflow()) return Value(Unknown{"a number out of range in JSON"});
    return std::nullopt;
}

}  // namespace bdupdate::php
