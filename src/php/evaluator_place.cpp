#include "evaluator.h"
#include "operators.h"

namespace bdupdate::php {
namespace {

// How much copying a value costs; building ever larger ones stops somewhere.
std::size_t weight(const Value& value) {
    const Array* elements = value.array();
    if (elements == nullptr) return 1;
    std::size_t sum = 1;
    for (const auto& [key, element] : elements->entries()) sum += weight(element);
    return sum;
}

}  // namespace

bool is_superglobal(const std::string& name) {
    return name == "_SERVER" || name == "_ENV" || name == "_GET" || name == "_POST" || name == "_COOKIE" ||
           name == "_REQUEST" || name == "_FILES" || name == "_SESSION";
}

Scope& Evaluator::scope() {
    return state_.calls.empty() ? state_.file : state_.calls.back();
}

Scope& Evaluator::scope_of(const std::string& name, bool global) {
    if (is_superglobal(name)) return state_.file;
    const bool declared = !state_.calls.empty() && state_.calls.back().globals.count(name) > 0;
    if (!global && !declared) return scope();
    const bool shared = !options_.globals || options_.globals->count(name) > 0;
    return shared ? state_.file : state_.outside;
}

Value Evaluator::read_variable(const std::string& name) {
    if (name == "GLOBALS" || name == "this" || is_superglobal(name)) {
        return Value(Unknown{"$" + name + " as a whole"});
    }
    return scope_of(name, false).read(name);
}

Target Evaluator::target(const Expr& expr) {
    Target out;
    switch (expr.kind) {
        case ExprKind::Variable:
            out.variable = expr.name == "this" ? "" : expr.name;
            return out;
        case ExprKind::DynamicVariable: {
            const Value name = value(*expr.children[0]);
            out.variable = name.string() != nullptr && !name.string()->empty() ? *name.string() : "*";
            return out;
        }
        case ExprKind::Property:
            out = target(*expr.children[0]);
            out.steps.push_back({Target::Step::Kind::Unsure, {}});
            return out;
        case ExprKind::Index:
            break;
        default:
            value(expr);
            return out;
    }
    out = target(*expr.children[0]);
    Target::Step step;
    if (!expr.children[1]) {
        step.kind = Target::Step::Kind::Append;
    } else {
        const auto key = as_key(value(*expr.children[1]));
        if (key)
            step.key = *key;
        else
            step.kind = Target::Step::Kind::Unsure;
    }
    if (out.variable == "GLOBALS" && out.steps.empty() && !out.global) {
        const auto* name = std::get_if<std::string>(&step.key);
        const bool known = step.kind == Target::Step::Kind::Named && name != nullptr;
        out.variable = known ? *name : "*";
        out.global = true;
        return out;
    }
    out.steps.push_back(std::move(step));
    return out;
}

// The place an assignment writes to, made as PHP makes it; null where it cannot be told, which taints what
// must be.
Value* Evaluator::place(const Target& target) {
    const Unknown why = because(0, "written to in a way that is not followed");
    if (target.variable.empty()) return nullptr;
    if (target.variable == "*" || target.variable == "GLOBALS") {
        scope().taint_all(why);
        if (target.global || state_.calls.empty() || !options_.globals) after_unknown_code(why);
        return nullptr;
    }
    Scope& holder = scope_of(target.variable, target.global);
    const std::string& name = holder.canonical(target.variable);
    if (holder.lost || holder.pinned.count(name) > 0) return nullptr;
    auto [slot, is_new] = holder.variables.try_emplace(name);
    Value* at = &slot->second;
    if (is_new && holder.rest && !target.steps.empty()) *at = Value(*holder.rest);
    for (const Target::Step& step : target.steps) {
        if (at->unknown() != nullptr) return nullptr;
        if (at->is_null() || (at->boolean() != nullptr && !*at->boolean())) *at = Value(Array());
        Array* elements = at->array();
        const bool appends = step.kind == Target::Step::Kind::Append;
        if (elements == nullptr || step.kind == Target::Step::Kind::Unsure ||
            (appends && (elements->uncertain() != nullptr || elements->next_key_depends_on_version()))) {
            *at = Value(because(0, "an element of $" + name + " that is not known"));
            return nullptr;
        }
        at = appends ? &elements->append() : &(*elements)[step.key];
    }
    return at;
}

Value Evaluator::assign_to(const Target& target, Value new_value) {
    constexpr std::size_t heaviest = 100000;
    if (new_value.array() != nullptr && weight(new_value) > heaviest) {
        new_value = Value(because(0, "an array larger than is followed"));
    }
    if (Value* where = place(target)) *where = new_value;
    return new_value;
}

Value Evaluator::assign(const Expr& target_expr, Value new_value) {
    if (target_expr.kind == ExprKind::Array) return destructure(target_expr, new_value);
    return assign_to(target(target_expr), std::move(new_value));
}

Value Evaluator::destructure(const Expr& list, const Value& from) {
    std::int64_t index = 0;
    for (const Item& item : list.items) {
        if (!item.value) {
            ++index;
            continue;
        }
        const Value key = item.key ? value(*item.key) : Value(index++);
        Value part;
        if (item.by_reference || item.spread) {
            pin(*item.value, because(list.line, "a reference in list()"));
            continue;
        }
        if (from.array() != nullptr || from.unknown() != nullptr) part = element(from, key, list);
        assign(*item.value, std::move(part));
    }
    return from;
}

Value Evaluator::read_target(const Target& target, const Expr& expr) {
    if (target.variable.empty() || target.variable == "*") return unknown(expr, "a value that is not known");
    std::size_t step = 0;
    Value at;
    if (is_superglobal(target.variable) && !target.steps.empty()) {
        if (target.steps[0].kind != Target::Step::Kind::Named) return unknown(expr, "a superglobal");
        at = superglobal(target.variable, value_of(target.steps[0].key), expr);
        step = 1;
    } else {
        at = target.global ? scope_of(target.variable, true).read(target.variable)
                           : read_variable(target.variable);
    }
    for (; step < target.steps.size(); ++step) {
        if (target.steps[step].kind == Target::Step::Kind::Append) return {};
        if (target.steps[step].kind == Target::Step::Kind::Unsure)
            return unknown(expr, "an element that is not known");
        at = element(at, value_of(target.steps[step].key), expr);
    }
    return at;
}

// PHP reads a plain variable when the operation runs, not when it stands there: `$a[$i] = $i++`.
bool Evaluator::changed_meanwhile(const Expr& early, const Expr& late) const {
    if (late.kind == ExprKind::Literal || late.kind == ExprKind::Variable || late.kind == ExprKind::Constant)
        return false;
    const Expr* read = &early;
    while (read->kind == ExprKind::Index) {
        if (read->children[1] && changed_meanwhile(*read->children[1], late)) return true;
        read = read->children[0].get();
    }
    if (read->kind != ExprKind::Variable || read != &early) return false;
    Effects effects;
    effects.add(late);
    return effects.variables.count(read->name) > 0 || effects.any_variable || effects.anything;
}

Value Evaluator::assign_expression(const Expr& expr) {
    const Expr& left = *expr.children[0];
    const Expr& right = *expr.children[1];
    if (left.kind == ExprKind::Array) return destructure(left, value(right));
    const bool unsure = left.kind == ExprKind::Index && changed_meanwhile(left, right);
    const Target where = target(left);
    const auto set = [&](Value fresh) {
        if (dead_) return fresh;
        if (!unsure) return assign_to(where, std::move(fresh));
        Target whole = where;
        whole.steps.clear();
        return assign_to(whole, unknown(expr, "an assignment to a key that changes meanwhile"));
    };
    if (expr.name == "=") return set(value(right));
    if (expr.name == "\?\?=") {
        Value old = read_target(where, left);
        if (old.is_null()) return set(value(right));
        if (old.unknown() == nullptr) return old;
        return either(
            *old.unknown(), [&] { return old; }, [&] { return set(value(right)); });
    }
    const std::string op = expr.name.substr(0, expr.name.size() - 1);
    Value operand = value(right);
    if (dead_) return operand;
    return set(operate(op, read_target(where, left), operand, expr));
}

Value Evaluator::increment(const Expr& expr) {
    const Target where = target(*expr.children[0]);
    const Value old = read_target(where, expr);
    const auto changed = old.unknown() != nullptr ? std::nullopt : incremented(old, expr.name == "++");
    const Value fresh = changed ? *changed : unknown(expr, expr.name + " of something that is not known");
    assign_to(where, fresh);
    return expr.prefix ? fresh : old;
}

Value Evaluator::assign_reference(const Expr& expr) {
    const Expr& left = *expr.children[0];
    const Expr& right = *expr.children[1];
    const Unknown why = because(expr.line, "a reference");
    const bool followed = left.kind == ExprKind::Variable && right.kind == ExprKind::Variable &&
                          left.name != "GLOBALS" && right.name != "GLOBALS" && !is_superglobal(left.name) &&
                          !is_superglobal(right.name) && left.name != right.name && scope().globals.empty();
    if (!followed) {
        pin(left, why);
        pin(right, why);
        return Value(why);
    }
    Scope& here = scope();
    for (const auto& [name, stands_for] : here.aliases) {
        if (stands_for != left.name && name != left.name) continue;
        pin(left, why);
        pin(right, why);
        return Value(why);
    }
    const std::string source = here.canonical(right.name);
    here.variables.erase(left.name);
    if (here.pinned.erase(left.name) > 0) here.pin(source, why);
    here.aliases[left.name] = source;
    if (!here.rest) here.variables.try_emplace(source);
    return here.read(source);
}

bool plain_keys(const Expr& expr) {
    if (expr.kind == ExprKind::Variable) return true;
    if (expr.kind != ExprKind::Index || !plain_keys(*expr.children[0])) return false;
    if (!expr.children[1]) return false;
    const ExprKind kind = expr.children[1]->kind;
    return kind == ExprKind::Literal || kind == ExprKind::Constant || kind == ExprKind::Variable;
}

// For arguments, which are evaluated already: keys that do something must not do it twice.
void Evaluator::taint_target(const Expr& expr, const Unknown& why) {
    const std::string root = root_variable(expr);
    if (root.empty()) return;
    Target where;
    if (plain_keys(expr))
        where = target(expr);
    else
        where.variable = root;
    if (Value* at = place(where)) *at = Value(why);
}

// A reference to an element or between variables of different scopes: what it stands on is not followed any
// more.
void Evaluator::pin(const Expr& expr, const Unknown& why) {
    const std::string root = root_variable(expr);
    if (root.empty()) {
        value(expr);
        return;
    }
    if (root != "*") {
        scope_of(root, false).pin(root, why);
        return;
    }
    scope().lose(why);
    state_.file.lose(why);
    after_unknown_code(why);
}

}  // namespace bdupdate::php
