#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bdupdate/php/interpreter.h"
#include "bdupdate/php/value.h"
#include "state.h"

namespace bdupdate::php {

/// What a function of PHP does besides returning something.
enum class Effect : std::uint8_t {
    None,
    Files,        ///< writes to the file system
    Environment,  ///< putenv(), chdir(), set_include_path() and such, where the evaluator does not follow
                  ///< them
    AnyVariable,  ///< extract(), parse_str()
    Anything,     ///< no function of PHP that is known here: what a user's function could do
};

struct FunctionTraits {
    Effect effect = Effect::Anything;
    std::uint32_t written = 0;  ///< bit N: parameter N is written to
    [[nodiscard]] bool writes(std::size_t index) const {
        return index < 32 && ((written >> index) & 1U) != 0;
    }
};

/// `name` in lower case, without a leading backslash.
FunctionTraits traits_of(std::string_view name);

/// A call of a function of PHP itself, all its arguments known.
struct Call {
    std::string_view name;
    std::vector<Value>& arguments;
    State& state;
    World& world;

    [[nodiscard]] std::size_t count() const { return arguments.size(); }
    [[nodiscard]] const Value& operator[](std::size_t index) const { return arguments[index]; }
    /// An argument as a parameter of type string (int) takes it; none where that would be a TypeError or a
    /// deprecation.
    [[nodiscard]] std::optional<std::string> text(std::size_t index) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::size_t index, std::int64_t standard) const;
    [[nodiscard]] const Array* array(std::size_t index) const { return arguments[index].array(); }
    /// An argument that names a file, made absolute; none where it is no plain path or the directory is not
    /// known.
    [[nodiscard]] std::optional<std::filesystem::path> path(std::size_t index) const;
};

/// What a function returns; none when it cannot be told.
using Answer = std::optional<Value>;
using BuiltinFunction = Answer (*)(Call&);

struct Builtin {
    std::string_view name;
    BuiltinFunction function;
    std::size_t fewest;
    std::size_t most;
    bool takes_unknown = false;  ///< looks at the shape of its arguments only
};

/// Null when the function is not evaluated here.
const Builtin* find_builtin(std::string_view name);
/// A constant of PHP that is the same in every version and on every machine this runs on.
std::optional<Value> builtin_constant(std::string_view name);

const std::vector<Builtin>& string_builtins();
const std::vector<Builtin>& text_builtins();
const std::vector<Builtin>& array_builtins();
const std::vector<Builtin>& file_builtins();
const std::vector<Builtin>& other_builtins();

constexpr std::size_t any_number = 1000;
constexpr std::size_t longest_string = 1U << 20U;
constexpr std::size_t largest_array = 20000;

}  // namespace bdupdate::php
