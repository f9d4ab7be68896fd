#include "bdupdate/base/text.h"
#include "evaluator.h"
#include "operators.h"

namespace bdupdate::php {
namespace {

constexpr std::size_t deepest_call = 40;

bool unknown_in(const std::vector<Value>& values) {
    for (const Value& value : values) {
        if (value.unknown_inside() != nullptr) return true;
    }
    return false;
}

// PHP converts scalars to a declared type; a value that has it already stays as it is.
bool fits(const Value& value, const std::string& type) {
    if (type.empty() || type == "mixed" || value.unknown() != nullptr) return true;
    const std::string lower = to_lower(type.front() == '?' ? type.substr(1) : type);
    if (value.is_null()) return type.front() == '?';
    return (lower == "string" && value.string()) || (lower == "int" && value.integer()) ||
           (lower == "bool" && value.boolean()) || (lower == "float" && value.real()) ||
           (lower == "array" && value.array());
}

Value first_unknown(const std::vector<Value>& values) {
    for (const Value& value : values) {
        if (const Unknown* why = value.unknown_inside()) return Value(*why);
    }
    return {};
}

}  // namespace

// Without a value when they are spread or named in a way that is not followed; they are evaluated in any
// case.
std::optional<std::vector<Value>> Evaluator::arguments(const Expr& expr) {
    std::vector<Value> out;
    bool followed = true;
    for (const Item& item : expr.items) {
        Value argument = value(*item.value);
        if (item.key) followed = false;
        if (!item.spread) {
            out.push_back(std::move(argument));
            continue;
        }
        const Array* elements = argument.array();
        if (elements == nullptr || elements->uncertain() != nullptr) followed = false;
        for (std::size_t i = 0; followed && i < elements->size(); ++i) {
            if (elements->entries()[i].first != Key(static_cast<std::int64_t>(i))) followed = false;
            out.push_back(elements->entries()[i].second);
        }
    }
    return followed ? std::optional(std::move(out)) : std::nullopt;
}

Value Evaluator::call(const Expr& expr) {
    if (expr.whole) return unknown(expr, "a closure");
    std::string name = expr.name;
    if (!expr.children.empty()) {
        const Value callee = value(*expr.children[0]);
        if (callee.string() == nullptr) return call_unknown(expr, "a call of something that is not known");
        name = *callee.string();
    }
    if (!name.empty() && name.front() == '\\') name.erase(0, 1);
    name = to_lower(name);
    if (const auto own = state_.functions.find(name); own != state_.functions.end()) {
        const std::shared_ptr<Function> function = own->second;
        return call_function(*function, expr);
    }
    if (const auto given = options_.functions.find(name); given != options_.functions.end()) {
        arguments(expr);
        return given->second;
    }
    bool done = false;
    Value special = call_special(name, expr, done);
    if (done) return special;
    const FunctionTraits traits = traits_of(name);
    if (traits.effect == Effect::Anything) return call_unknown(expr, name + "()");
    const auto given = arguments(expr);
    const Unknown why = because(expr.line, name + "()");
    for (std::size_t i = 0; i < expr.items.size(); ++i) {
        if (traits.writes(i) || (!given && traits.written != 0)) taint_target(*expr.items[i].value, why);
    }
    if (traits.effect == Effect::Files && !state_.files_unknown) state_.files_unknown = why;
    if (traits.effect == Effect::Environment) {
        if (!state_.environment_unknown) state_.environment_unknown = why;
        if (!state_.directory_unknown) state_.directory_unknown = why;
        if (!state_.include_path_unknown) state_.include_path_unknown = why;
    }
    if (traits.effect == Effect::AnyVariable) scope().taint_all(why);
    const Builtin* builtin = find_builtin(name);
    if (builtin == nullptr || !given || traits.written != 0) return Value(why);
    std::vector<Value> values = *given;
    return call_builtin(*builtin, values, expr);
}

Value Evaluator::call_builtin(const Builtin& builtin, std::vector<Value>& arguments, const Expr& expr) {
    if (arguments.size() < builtin.fewest || arguments.size() > builtin.most) {
        return unknown(expr, std::string(builtin.name) + "() with this number of arguments");
    }
    if (!builtin.takes_unknown && unknown_in(arguments)) return first_unknown(arguments);
    Call call{builtin.name, arguments, state_, world_};
    if (auto result = builtin.function(call)) {
        if (result->string() != nullptr && result->string()->size() > longest_string) {
            return unknown(expr, "a string longer than is followed");
        }
        return std::move(*result);
    }
    if (unknown_in(arguments)) return first_unknown(arguments);
    return unknown(expr, std::string(builtin.name) + "() with these arguments");
}

// Functions that need more than the values of their arguments.
Value Evaluator::call_special(const std::string& name, const Expr& expr, bool& done) {
    done = true;
    if (name == "extract" || name == "parse_str") return extract(expr);
    if (name == "define") return define_constant(expr);
    if (name == "array_push" || name == "array_unshift") return push(expr);
    if (name == "compact") return compact(expr);
    if (name == "getenv" && expr.items.size() == 1) {
        const Value wanted = value(*expr.items[0].value);
        if (wanted.string() == nullptr) return unknown(expr, "getenv()");
        if (!options_.environment_known) return unknown(expr, "getenv() of a PHP that runs elsewhere");
        if (state_.environment_unknown) return Value(*state_.environment_unknown);
        const auto own = state_.environment.find(*wanted.string());
        if (own != state_.environment.end()) return Value(own->second);
        const auto found = world_.environment(*wanted.string());
        return found ? Value(*found) : Value(false);
    }
    if (name == "defined" && expr.items.size() == 1) {
        const Value wanted = value(*expr.items[0].value);
        if (wanted.string() == nullptr) return unknown(expr, "defined()");
        const auto own = state_.constants.find(*wanted.string());
        if (own != state_.constants.end() && own->second.unknown() == nullptr) return Value(true);
        if (builtin_constant(*wanted.string())) return Value(true);
        return unknown(expr, "whether the constant " + *wanted.string() + " is defined");
    }
    if (name == "function_exists" && expr.items.size() == 1) {
        const Value wanted = value(*expr.items[0].value);
        const std::string lower = wanted.string() ? to_lower(*wanted.string()) : "";
        if (state_.functions.count(lower) > 0 || options_.functions.count(lower) > 0) return Value(true);
        return unknown(expr, "whether the function " + lower + "() exists");
    }
    done = false;
    return {};
}

Value Evaluator::call_function(const Function& function, const Expr& expr) {
    const auto given = arguments(expr);
    bool followed = given && state_.calls.size() < deepest_call;
    for (const Parameter& parameter : function.parameters) followed = followed && !parameter.by_reference;
    if (!followed) return call_unknown(expr, function.name + "()");
    std::vector<Value> values = *given;
    state_.calls.emplace_back();
    functions_.push_back(function.name);
    Scope local;
    Value out;
    if (bind_parameters(function, values, local)) {
        state_.calls.back() = std::move(local);
        const std::size_t frame = frames_.size();
        frames_.emplace_back();
        out = finish_frame(run(function.body), frame, Value());
    } else {
        dead_ = true;  // too few arguments
        ended_ = because(expr.line, "too few arguments for " + function.name + "()");
    }
    if (!state_.calls.empty()) state_.calls.pop_back();
    functions_.pop_back();
    if (dead_) return unknown(expr, function.name + "() does not return");
    return fits(out, function.return_type)
               ? out
               : unknown(expr, "a result converted to the type of " + function.name);
}

bool Evaluator::bind_parameters(const Function& function, std::vector<Value>& arguments, Scope& into) {
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
        const Parameter& parameter = function.parameters[i];
        Value& slot = into.variables[parameter.name];
        if (parameter.variadic) {
            Array rest;
            for (std::size_t j = i; j < arguments.size(); ++j) rest.append() = arguments[j];
            slot = Value(std::move(rest));
        } else if (i < arguments.size()) {
            slot = arguments[i];
        } else if (parameter.standard) {
            slot = value(*parameter.standard);
        } else {
            return false;
        }
        if (!fits(slot, parameter.type))
            slot = Value(because(function.line, "a parameter converted to its type"));
    }
    return true;
}

Value Evaluator::call_unknown(const Expr& expr, const std::string& what) {
    const Unknown why = because(expr.line, what);
    for (const Item& item : expr.items) value(*item.value);
    for (const Item& item : expr.items) taint_target(*item.value, why);
    static const std::set<std::string> harmless = {"stdclass",     "datetime",    "datetimeimmutable",
                                                   "datetimezone", "arrayobject", "exception"};
    const std::string lower = to_lower(expr.name);
    const bool known_class = harmless.count(lower.rfind('\\', 0) == 0 ? lower.substr(1) : lower) > 0;
    if (expr.kind != ExprKind::New || !known_class) after_unknown_code(why);
    return Value(why);
}

// extract() of an array that is known, in its plainest form; anything else may write any variable.
Value Evaluator::extract(const Expr& expr) {
    const Unknown why = because(expr.line, expr.name + "()");
    const bool to_array =
        to_lower(expr.name).find("parse_str") != std::string::npos && expr.items.size() == 2;
    const auto given = arguments(expr);
    if (to_array) {
        taint_target(*expr.items[1].value, why);
        return {};
    }
    const bool plain = given && given->size() == 1 && (*given)[0].array() != nullptr &&
                       (*given)[0].array()->uncertain() == nullptr && to_lower(expr.name) == "extract";
    std::int64_t count = 0;
    for (std::size_t i = 0; plain && i < (*given)[0].array()->size(); ++i) {
        const auto& [key, element_value] = (*given)[0].array()->entries()[i];
        const auto* name = std::get_if<std::string>(&key);
        const bool usual =
            name != nullptr && !name->empty() && *name != "this" && *name != "GLOBALS" &&
            name->find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") ==
                std::string::npos &&
            !is_superglobal(*name);
        if (!usual) continue;
        Target where;
        where.variable = *name;
        assign_to(where, element_value);
        ++count;
    }
    if (plain) return Value(count);
    scope().taint_all(why);
    if (!options_.globals || !state_.calls.empty()) after_unknown_code(why);
    return Value(why);
}

Value Evaluator::define_constant(const Expr& expr) {
    const auto given = arguments(expr);
    if (!given || given->size() < 2 || (*given)[0].string() == nullptr) return unknown(expr, "define()");
    const std::string& name = *(*given)[0].string();
    const bool plain = given->size() == 2 && !builtin_constant(name);
    if (!plain) return unknown(expr, "define() in this form");
    const bool is_new = state_.constants.emplace(name, (*given)[1]).second;
    // a constant of the code around may have the name already: then its value stays
    if (is_new) return unknown(expr, "whether define() was the first");
    return Value(false);
}

Value Evaluator::push(const Expr& expr) {
    const Unknown why = because(expr.line, expr.name + "()");
    if (expr.items.size() < 2) return Value(why);
    const Expr& holder = *expr.items[0].value;
    bool plain = to_lower(expr.name).find("array_push") != std::string::npos;
    for (const Item& item : expr.items) plain = plain && !item.spread && !item.key;
    plain = plain && plain_keys(holder);
    const Value old = value(holder);
    std::vector<Value> fresh;
    for (std::size_t i = 1; i < expr.items.size(); ++i) fresh.push_back(value(*expr.items[i].value));
    if (!plain || old.array() == nullptr || root_variable(holder).empty()) {
        taint_target(holder, why);
        return Value(why);
    }
    Array elements = *old.array();
    if (elements.uncertain() != nullptr || elements.next_key_depends_on_version()) {
        taint_target(holder, why);
        return Value(why);
    }
    for (Value& one : fresh) elements.append() = std::move(one);
    const auto size = static_cast<std::int64_t>(elements.size());
    assign(holder, Value(std::move(elements)));
    return Value(size);
}

Value Evaluator::compact(const Expr& expr) {
    const auto given = arguments(expr);
    Array out;
    if (!given || unknown_in(*given)) return unknown(expr, "compact()");
    for (const Value& name : *given) {
        if (name.string() == nullptr || *name.string() == "this") return unknown(expr, "compact()");
        const Value found = read_variable(*name.string());
        if (found.is_null()) return unknown(expr, "compact() of a variable that may not exist");
        out[key_of(*name.string())] = found;
    }
    return Value(std::move(out));
}

}  // namespace bdupdate::php
