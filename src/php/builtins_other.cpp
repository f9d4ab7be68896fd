#include "bdupdate/base/text.h"
#include "builtins.h"
#include "operators.h"

namespace bdupdate::php {
namespace {

Answer typed(Call& call) {
    const Value& value = call[0];
    if (value.unknown() != nullptr) return std::nullopt;
    if (call.name == "is_array") return Value(value.array() != nullptr);
    if (call.name == "is_string") return Value(value.string() != nullptr);
    if (call.name == "is_null") return Value(value.is_null());
    if (call.name == "is_bool") return Value(value.boolean() != nullptr);
    if (call.name == "is_float" || call.name == "is_double") return Value(value.real() != nullptr);
    if (call.name == "is_scalar") return Value(!value.is_null() && value.array() == nullptr);
    return Value(value.integer() != nullptr);
}

Answer is_numeric(Call& call) {
    const Value& value = call[0];
    if (const std::string* text = value.string()) {
        const bool seven = numeric(*text, NumericRule::Php7).has_value();
        const bool eight = numeric(*text, NumericRule::Php8).has_value();
        return seven == eight ? Answer(Value(seven)) : std::nullopt;
    }
    return Value(value.integer() != nullptr || value.real() != nullptr);
}

Answer converted(Call& call) {
    if (call.name == "intval") {
        const auto base = call.integer(1, 10);
        return base == 10 ? cast("int", call[0]) : std::nullopt;
    }
    if (call.name == "boolval") return cast("bool", call[0]);
    if (call.name == "strval") return cast("string", call[0]);
    return cast("float", call[0]);
}

Answer type_name(Call& call) {
    const Value& value = call[0];
    if (value.unknown() != nullptr) return std::nullopt;
    if (value.is_null()) return Value("NULL");
    if (value.boolean() != nullptr) return Value("boolean");
    if (value.integer() != nullptr) return Value("integer");
    if (value.real() != nullptr) return Value("double");
    return Value(value.array() != nullptr ? "array" : "string");
}

Answer absolute(Call& call) {
    const std::int64_t* number = call[0].integer();
    if (number == nullptr || *number == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
    return Value(*number < 0 ? -*number : *number);
}

Answer sapi(Call& /*call*/) {
    return Value("cli");
}

Answer put_environment(Call& call) {
    const auto text = call.text(0);
    const std::size_t equals = text ? text->find('=') : std::string::npos;
    if (equals == std::string::npos || equals == 0) {
        call.state.environment_unknown = Unknown{"putenv()"};
        return std::nullopt;
    }
    call.state.environment[text->substr(0, equals)] = text->substr(equals + 1);
    return Value(true);
}

// Most settings do not matter here; these change what is computed afterwards.
Answer set_option(Call& call) {
    const auto name = call.text(0);
    static const std::set<std::string> matters = {"include_path", "open_basedir", "precision",
                                                  "serialize_precision", "variables_order"};
    if (!name || matters.count(to_lower(*name)) > 0) {
        const Unknown why{"ini_set()"};
        call.state.include_path_unknown = why;
        call.state.directory_unknown = why;
        call.state.files_unknown = why;
        if (!name || name->find("precision") != std::string::npos) call.state.file.lose(why);
    }
    return std::nullopt;
}

}  // namespace

const std::vector<Builtin>& other_builtins() {
    static const std::vector<Builtin> all = {
        {"is_array", typed, 1, 1, true},    {"is_string", typed, 1, 1, true},
        {"is_null", typed, 1, 1, true},     {"is_bool", typed, 1, 1, true},
        {"is_float", typed, 1, 1, true},    {"is_double", typed, 1, 1, true},
        {"is_scalar", typed, 1, 1, true},   {"is_int", typed, 1, 1, true},
        {"is_integer", typed, 1, 1, true},  {"is_long", typed, 1, 1, true},
        {"is_numeric", is_numeric, 1, 1},   {"intval", converted, 1, 2},
        {"floatval", converted, 1, 1},      {"doubleval", converted, 1, 1},
        {"strval", converted, 1, 1},        {"boolval", converted, 1, 1},
        {"gettype", type_name, 1, 1, true}, {"abs", absolute, 1, 1},
        {"php_sapi_name", sapi, 0, 0},      {"putenv", put_environment, 1, 1, true},
        {"ini_set", set_option, 2, 2, true}};
    return all;
}

}  // namespace bdupdate::php
