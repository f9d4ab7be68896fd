#include <array>

#include "evaluator.h"
#include "operators.h"

namespace bdupdate::php {
namespace {

Value text_of(const Value& value) {
    return Value(value.to_string());
}

}  // namespace

Value Evaluator::unary(const Expr& expr) {
    Value operand = value(*expr.children[0]);
    if (expr.name == "@") return operand;
    if (expr.name == "!") {
        const auto known = truth(operand);
        return known ? Value(!*known) : Value(*operand.unknown_inside());
    }
    if (const Unknown* why = operand.unknown_inside()) return Value(*why);
    if (expr.name == "~") {
        return operand.integer() ? Value(~*operand.integer())
                                 : unknown(expr, "~ of something that is no integer");
    }
    // PHP multiplies by 1 or -1, which makes -0 an integer 0
    const std::int64_t factor = expr.name == "-" ? -1 : 1;
    const auto result = arithmetic("*", operand, Value(factor));
    return result ? *result : unknown(expr, expr.name + " of something that is no number");
}

Value Evaluator::binary(const Expr& expr) {
    const std::string& op = expr.name;
    if (op == "&&" || op == "||" || op == "and" || op == "or") return logical(expr);
    if (op == "\?\?") return coalesce(expr);
    const Value left = value(*expr.children[0]);
    const Value right = value(*expr.children[1]);
    if (changed_meanwhile(*expr.children[0], *expr.children[1])) {
        return unknown(expr, "a variable that changes within the expression");
    }
    return operate(op, left, right, expr);
}

Value Evaluator::operate(std::string_view op, const Value& left, const Value& right, const Expr& expr) {
    if (op == "xor") {
        const auto a = truth(left);
        const auto b = truth(right);
        return a && b ? Value(*a != *b) : unknown(expr, "xor with something that is not known");
    }
    // an array with unknown elements has a known length and type still
    const bool sum_of_arrays = op == "+" && left.array() != nullptr && right.array() != nullptr;
    if (!sum_of_arrays) {
        if (const Unknown* why = left.unknown_inside()) return Value(*why);
        if (const Unknown* why = right.unknown_inside()) return Value(*why);
    }
    if (op == ".") {
        if (left.array() != nullptr || right.array() != nullptr) return unknown(expr, "an array as text");
        std::string joined = text_of(left).to_string() + right.to_string();
        if (joined.size() > longest_string) return unknown(expr, "a string longer than is followed");
        return Value(std::move(joined));
    }
    if (op == "===") return Value(identical(left, right));
    if (op == "!==") return Value(!identical(left, right));
    const std::string what = "`" + std::string(op) + "` on these operands (an error, or PHP versions differ)";
    if (op == "==" || op == "!=") {
        const auto equal = loosely_equal(left, right);
        return equal ? Value(*equal == (op == "==")) : unknown(expr, what);
    }
    if (op == "<" || op == ">" || op == "<=" || op == ">=" || op == "<=>") {
        const auto order = compare(left, right);
        if (!order) return unknown(expr, what);
        if (op == "<=>") return Value(static_cast<std::int64_t>(*order));
        if (op == "<") return Value(*order < 0);
        if (op == ">") return Value(*order > 0);
        return Value(op == "<=" ? *order <= 0 : *order >= 0);
    }
    const auto result = arithmetic(op, left, right);
    return result ? *result : unknown(expr, what);
}

Value Evaluator::logical(const Expr& expr) {
    const bool conjunction = expr.name == "&&" || expr.name == "and";
    Value left = value(*expr.children[0]);
    if (dead_) return left;
    if (const auto known = truth(left)) {
        if (*known != conjunction) return Value(!conjunction);
        const Value right = value(*expr.children[1]);
        const auto other = truth(right);
        return other ? Value(*other) : Value(*right.unknown_inside());
    }
    const Unknown why = *left.unknown_inside();
    return either(
        why, [&] { return Value(!conjunction); },
        [&] {
            const Value right = value(*expr.children[1]);
            const auto other = truth(right);
            return other ? Value(*other) : Value(*right.unknown_inside());
        });
}

Value Evaluator::coalesce(const Expr& expr) {
    Value left = value(*expr.children[0]);
    if (left.is_null()) return value(*expr.children[1]);
    if (left.unknown() == nullptr) return left;
    return either(
        *left.unknown(), [&] { return left; }, [&] { return value(*expr.children[1]); });
}

Value Evaluator::ternary(const Expr& expr) {
    Value condition = value(*expr.children[0]);
    if (dead_) return condition;
    const auto then = [&] { return expr.children[1] ? value(*expr.children[1]) : condition; };
    const auto otherwise = [&] { return value(*expr.children[2]); };
    if (const auto known = truth(condition)) return *known ? then() : otherwise();
    return either(*condition.unknown_inside(), then, otherwise);
}

Value Evaluator::match(const Expr& expr, std::size_t arm, const Value& subject) {
    const Item* standard = nullptr;
    for (std::size_t i = arm; i < expr.items.size(); ++i) {
        const Item& item = expr.items[i];
        if (item.conditions.empty()) standard = &item;
        for (const ExprPtr& condition : item.conditions) {
            const Value candidate = value(*condition);
            if (subject.unknown_inside() != nullptr || candidate.unknown_inside() != nullptr) {
                Effects effects;
                for (const Item& each : expr.items) effects.add(*each.value);
                const Unknown why = because(expr.line, "a match over something that is not known");
                apply(effects, why);
                return Value(why);
            }
            if (identical(subject, candidate)) return value(*item.value);
        }
    }
    if (standard != nullptr) return value(*standard->value);
    dead_ = true;  // UnhandledMatchError
    ended_ = because(expr.line, "a match without a fitting arm");
    return Value(*ended_);
}

// Constructs that are not computed; what they contain still runs.
Value Evaluator::opaque(const Expr& expr) {
    if (expr.kind == ExprKind::Match) return match(expr, 0, value(*expr.children[0]));
    if (expr.kind == ExprKind::Closure) {
        for (const Item& item : expr.items)
            pin(*item.value, because(expr.line, "a closure that uses a reference"));
        return unknown(expr, "a closure");
    }
    for (const ExprPtr& child : expr.children) {
        if (child) value(*child);
    }
    switch (expr.kind) {
        case ExprKind::Exit:
        case ExprKind::Throw:
            if (!dead_) ended_ = because(expr.line, expr.kind == ExprKind::Exit ? "exit" : "an exception");
            dead_ = true;
            return Value(*ended_);
        case ExprKind::Print:
            return Value(std::int64_t{1});
        case ExprKind::New:
        case ExprKind::MethodCall:
            return call_unknown(expr, expr.kind == ExprKind::New ? "new " + expr.name : "a method");
        case ExprKind::Property:
        case ExprKind::StaticMember:
            return unknown(expr,
                           expr.name.empty() ? "a property" : "the member " + expr.name + " of a class");
        default:
            break;
    }
    if (expr.name == "eval") {
        Effects effects;
        effects.anything = true;
        apply(effects, because(expr.line, "eval()"));
    } else if (expr.name == "clone" || expr.name == "yield") {
        after_unknown_code(because(expr.line, expr.name));
    }
    return unknown(expr, expr.name);
}

}  // namespace bdupdate::php
