#include "bdupdate/base/text.h"
#include "evaluator.h"
#include "operators.h"

namespace bdupdate::php {

Value Evaluator::value(const Expr& expr) {
    if (out_of_steps() || dead_) return unknown(expr, "not reached");
    return compute(expr);
}

Value Evaluator::compute(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::Literal:
            return expr.value;
        case ExprKind::Template:
            return template_value(expr);
        case ExprKind::Variable:
            return read_variable(expr.name);
        case ExprKind::DynamicVariable:
            return read_target(target(expr), expr);
        case ExprKind::Constant:
            return constant(expr);
        case ExprKind::StaticMember:
            return class_constant(expr);
        case ExprKind::Array:
            return array_value(expr);
        case ExprKind::Index:
            return index_value(expr);
        case ExprKind::Call:
            return call(expr);
        case ExprKind::Unary:
            return unary(expr);
        case ExprKind::Binary:
            return binary(expr);
        case ExprKind::Assign:
            return assign_expression(expr);
        case ExprKind::AssignReference:
            return assign_reference(expr);
        case ExprKind::Increment:
            return increment(expr);
        case ExprKind::Ternary:
            return ternary(expr);
        case ExprKind::Cast: {
            const Value operand = value(*expr.children[0]);
            if (const auto converted = cast(expr.name, operand)) return *converted;
            return operand.unknown() != nullptr ? operand : unknown(expr, "a cast to " + expr.name);
        }
        case ExprKind::Isset:
        case ExprKind::Empty: {
            const auto known = expr.kind == ExprKind::Isset ? all_set(expr) : is_empty(*expr.children[0]);
            return known ? Value(*known) : unknown(expr, expr.name + "() of something that is not known");
        }
        case ExprKind::Include:
            return include(expr);
        default:
            return opaque(expr);
    }
}

Value Evaluator::template_value(const Expr& expr) {
    std::string out;
    std::optional<Value> problem;
    for (const Item& item : expr.items) {
        const Value part = value(*item.value);
        if (part.unknown_inside() != nullptr || part.array() != nullptr) {
            if (!problem) problem = part.unknown() != nullptr ? part : unknown(expr, "an array in a string");
            continue;
        }
        out += part.to_string();
    }
    if (problem) return *problem;
    if (out.size() > longest_string) return unknown(expr, "a string longer than is followed");
    return Value(std::move(out));
}

Value Evaluator::constant(const Expr& expr) {
    std::string name = expr.name;
    if (name.front() == '\\') name.erase(0, 1);
    const std::string lower = to_lower(name);
    if (lower == "true") return Value(true);
    if (lower == "false") return Value(false);
    if (lower == "null") return {};
    const std::string file = files_.empty() ? options_.file.string() : files_.back().string();
    if (lower == "__line__") return Value(static_cast<std::int64_t>(expr.line));
    if (lower == "__file__") return Value(file);
    if (lower == "__dir__") return Value(std::filesystem::path(file).parent_path().string());
    if (lower == "__function__" || lower == "__method__")
        return Value(functions_.empty() ? "" : functions_.back());
    if (lower == "__class__" || lower == "__namespace__") return Value("");
    if (const auto found = state_.constants.find(name); found != state_.constants.end()) return found->second;
    if (const auto known = builtin_constant(name)) return *known;
    return unknown(expr, "the constant " + name);
}

/// PDO's alone: settings.php names its attributes in the options of a connection.
Value Evaluator::class_constant(const Expr& expr) {
    const Expr& owner = *expr.children[0];
    std::string name = owner.kind == ExprKind::Constant ? to_lower(owner.name) : "";
    if (!name.empty() && name.front() == '\\') name.erase(0, 1);
    std::optional<Value> known;
    if (name == "pdo") known = builtin_constant("PDO::" + expr.name);
    if (name == "pdo\\mysql") known = builtin_constant("PDO::MYSQL_" + expr.name);
    return known ? *known : opaque(expr);
}

Value Evaluator::array_value(const Expr& expr) {
    Array out;
    std::optional<Value> problem;
    for (const Item& item : expr.items) {
        if (!item.value) return unknown(expr, "an array with a hole");
        if (item.by_reference) {
            pin(*item.value, because(expr.line, "a reference in an array"));
            if (!problem) problem = unknown(expr, "a reference in an array");
            continue;
        }
        if (item.spread) {
            const Value more = value(*item.value);
            const Array* elements = more.array();
            bool list = elements != nullptr && elements->uncertain() == nullptr;
            for (std::size_t i = 0; list && i < elements->size(); ++i) {
                list = elements->entries()[i].first == Key(static_cast<std::int64_t>(i));
            }
            if (!list && !problem) problem = unknown(expr, "a spread of something that is not followed");
            for (std::size_t i = 0; list && i < elements->size(); ++i)
                out.append() = elements->entries()[i].second;
            continue;
        }
        std::optional<Key> key;
        if (item.key) {
            const Value key_value = value(*item.key);
            key = as_key(key_value);
            if (!key && !problem) {
                problem =
                    key_value.unknown() != nullptr ? key_value : unknown(expr, "a key that is not followed");
            }
        } else if (out.next_key_depends_on_version() && !problem) {
            problem = unknown(expr, "the key after a negative one (differs between PHP versions)");
        }
        Value element_value = value(*item.value);
        if (!problem) (item.key ? out[*key] : out.append()) = std::move(element_value);
        if (out.size() > largest_array) return unknown(expr, "an array larger than is followed");
    }
    return problem ? *problem : Value(std::move(out));
}

Value Evaluator::index_value(const Expr& expr) {
    if (!expr.children[1]) return unknown(expr, "[] read");
    std::vector<const Expr*> chain;
    const Expr* root = &expr;
    while (root->kind == ExprKind::Index && root->children[1]) {
        chain.push_back(root->children[1].get());
        root = root->children[0].get();
    }
    if (root->kind != ExprKind::Variable) {
        const Value from = value(*expr.children[0]);
        return element(from, value(*expr.children[1]), expr);
    }
    if (root->name == "GLOBALS" || is_superglobal(root->name)) return read_target(target(expr), expr);
    std::vector<Value> keys;
    for (auto key = chain.rbegin(); key != chain.rend(); ++key) keys.push_back(value(**key));
    // walked in place, so that reading $a['b']['c'] copies one element only
    Value held;
    const Value* at = scope_of(root->name, false).stored(root->name);
    if (at == nullptr) held = read_variable(root->name);
    if (at == nullptr) at = &held;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto key = as_key(keys[i]);
        if (at->array() == nullptr || !key) {
            Value rest = *at;
            for (; i < keys.size(); ++i) rest = element(rest, keys[i], expr);
            return rest;
        }
        at = at->array()->find(*key);
        if (at == nullptr) return {};
    }
    return *at;
}

Value Evaluator::element(const Value& base, const Value& key, const Expr& expr) {
    if (base.unknown() != nullptr) return base;
    if (base.is_null()) return {};
    if (key.unknown() != nullptr) return key;
    if (const Array* elements = base.array()) {
        const auto index = as_key(key);
        if (!index) return unknown(expr, "a key that is not followed");
        const Value* found = elements->find(*index);
        return found != nullptr ? *found : Value();
    }
    if (const std::string* text = base.string()) {
        const auto* index = key.integer();
        if (index == nullptr || *index < 0 || *index >= static_cast<std::int64_t>(text->size())) {
            return unknown(expr, "an offset of a string");
        }
        return Value(std::string(1, (*text)[static_cast<std::size_t>(*index)]));
    }
    return {};
}

Value Evaluator::superglobal(const std::string& variable, const Value& key, const Expr& expr) {
    Value written = state_.file.read(variable);
    if (written.unknown() != nullptr) return written;
    if (key.unknown() != nullptr) return key;
    const auto index = as_key(key);
    if (!index) return unknown(expr, "a key that is not followed");
    if (written.array() != nullptr) {
        if (const Value* found = written.array()->find(*index)) return *found;
    }
    const auto* name = std::get_if<std::string>(&*index);
    if (variable == "_SERVER" || variable == "_ENV") {
        if (name == nullptr) return {};
        return environment_value(*name, variable == "_SERVER", expr);
    }
    return unknown(expr, "$" + variable);
}

Value Evaluator::environment_value(const std::string& name, bool server, const Expr& expr) {
    static const std::set<std::string> of_the_request = {"argc",
                                                         "argv",
                                                         "DOCUMENT_ROOT",
                                                         "GATEWAY_INTERFACE",
                                                         "HTTP_HOST",
                                                         "HTTP_REFERER",
                                                         "HTTP_USER_AGENT",
                                                         "PATH_TRANSLATED",
                                                         "PHP_SELF",
                                                         "QUERY_STRING",
                                                         "REMOTE_ADDR",
                                                         "REQUEST_METHOD",
                                                         "REQUEST_TIME",
                                                         "REQUEST_TIME_FLOAT",
                                                         "REQUEST_URI",
                                                         "SCRIPT_FILENAME",
                                                         "SCRIPT_NAME",
                                                         "SERVER_ADDR",
                                                         "SERVER_NAME",
                                                         "SERVER_PORT",
                                                         "SERVER_PROTOCOL",
                                                         "SERVER_SOFTWARE"};
    const std::string what = std::string("$_") + (server ? "SERVER" : "ENV") + "['" + name + "']";
    if (server && of_the_request.count(name) > 0) return unknown(expr, what);
    if (!options_.environment_known) return unknown(expr, what + " of a PHP that runs elsewhere");
    if (state_.environment_unknown) return Value(*state_.environment_unknown);
    const auto found = world_.environment(name);
    if (!found) return {};
    if (server) return Value(*found);
    return unknown(expr, what + ", which is there or not by php.ini's variables_order");
}

std::optional<bool> Evaluator::is_set(const Expr& expr) {
    const Value found = value(expr);
    if (found.unknown() != nullptr) return std::nullopt;
    return !found.is_null();
}

std::optional<bool> Evaluator::all_set(const Expr& expr) {
    bool unsure = false;
    for (const ExprPtr& one : expr.children) {
        const auto known = is_set(*one);
        if (known == false) return false;
        if (!known) unsure = true;
    }
    return unsure ? std::nullopt : std::optional<bool>(true);
}

std::optional<bool> Evaluator::is_empty(const Expr& expr) {
    const auto known = truth(value(expr));
    return known ? std::optional<bool>(!*known) : std::nullopt;
}

}  // namespace bdupdate::php
