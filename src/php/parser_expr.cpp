#include <array>

#include "bdupdate/base/text.h"
#include "parser.h"

namespace bdupdate::php {
namespace {

struct Operator {
    std::string_view text;
    int level;
    bool right = false;
};

constexpr int level_coalesce = 9;
constexpr int level_instanceof = 22;
constexpr int level_unary = 23;
constexpr int level_power = 24;

// PHP 8's table; where PHP 7 differs (`.` beside + - << >>) join_binary() gives up.
constexpr std::array operators = {
    Operator{"or", 1},
    Operator{"xor", 2},
    Operator{"and", 3},
    Operator{"??", level_coalesce, true},
    Operator{"||", 10},
    Operator{"&&", 11},
    Operator{"|", 12},
    Operator{"^", 13},
    Operator{"&", 14},
    Operator{"==", 15},
    Operator{"!=", 15},
    Operator{"===", 15},
    Operator{"!==", 15},
    Operator{"<>", 15},
    Operator{"<=>", 15},
    Operator{"<", 16},
    Operator{"<=", 16},
    Operator{">", 16},
    Operator{">=", 16},
    Operator{".", 17},
    Operator{"<<", 18},
    Operator{">>", 18},
    Operator{"+", 19},
    Operator{"-", 19},
    Operator{"*", 20},
    Operator{"/", 20},
    Operator{"%", 20},
    Operator{"instanceof", level_instanceof},
    Operator{"**", level_power, true},
};

constexpr int level_ternary = 8;
constexpr int level_print = 4;
constexpr int level_assignment = 7;

const Operator* find_operator(const Token& token) {
    if (token.kind != TokenKind::Operator && token.kind != TokenKind::Identifier) return nullptr;
    const std::string lower = to_lower(token.text);
    for (const Operator& op : operators) {
        if (op.text == lower) return &op;
    }
    return nullptr;
}

bool is_assignment(std::string_view op) {
    static constexpr std::array<std::string_view, 14> all = {
        "=", "+=", "-=", "*=", "/=", ".=", "%=", "**=", "&=", "|=", "^=", "<<=", ">>=", "\?\?="};
    for (const std::string_view one : all) {
        if (one == op) return true;
    }
    return false;
}

bool assignable(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::Variable:
        case ExprKind::DynamicVariable:
        case ExprKind::Index:
        case ExprKind::Property:
        case ExprKind::StaticMember:
        case ExprKind::Array:
            return !expr.in_parentheses;
        default:
            return false;
    }
}

}  // namespace

ExprPtr Parser::make_binary(std::string op, ExprPtr left, ExprPtr right, std::uint32_t line) const {
    ExprPtr out = make(ExprKind::Binary);
    out->line = line;
    out->name = std::move(op);
    out->children.push_back(std::move(left));
    out->children.push_back(std::move(right));
    return out;
}

ExprPtr Parser::expression() {
    return binary(0);
}
ExprPtr Parser::assignment_expression() {
    return binary(level_assignment);
}

ExprPtr Parser::join_binary(ExprPtr left, std::string op, ExprPtr right, std::uint32_t line) {
    const auto arithmetic = [](const Expr& e) {
        return e.kind == ExprKind::Binary && !e.in_parentheses &&
               (e.name == "+" || e.name == "-" || e.name == "<<" || e.name == ">>");
    };
    const bool order_changed = op == "." && ((left && arithmetic(*left)) || (right && arithmetic(*right)));
    ExprPtr out = make_binary(std::move(op), std::move(left), std::move(right), line);
    if (order_changed) {
        out->kind = ExprKind::Opaque;
        out->name = "`.` beside `+` without parentheses (PHP 7 and 8 differ)";
    }
    return out;
}

ExprPtr Parser::binary(int minimum) {
    if (++depth_ > max_nesting) {
        unclear();
    }
    ExprPtr left = unary();
    while (!failed()) {
        const std::uint32_t line = current().line;
        if (is("?") && minimum <= level_ternary) {
            left = ternary_tail(std::move(left));
            continue;
        }
        const Operator* op = find_operator(current());
        if (op == nullptr || op->level < minimum) break;
        take();
        if (op->level == level_instanceof) {
            ExprPtr out = make(ExprKind::Opaque);
            out->name = "instanceof";
            out->children.push_back(std::move(left));
            out->children.push_back(binary(level_unary));
            left = std::move(out);
            continue;
        }
        ExprPtr right = binary(op->right ? op->level : op->level + 1);
        left = join_binary(std::move(left), std::string(op->text == "<>" ? "!=" : op->text), std::move(right),
                           line);
    }
    --depth_;
    return left;
}

ExprPtr Parser::ternary_tail(ExprPtr condition) {
    ExprPtr out = make(ExprKind::Ternary);
    take();
    const bool nested = condition->kind == ExprKind::Ternary && !condition->in_parentheses;
    // PHP 7 groups to the left, PHP 8 refuses; a ?: b ?: c means the same both ways
    const bool short_before = nested && condition->children.size() == 3 && !condition->children[1];
    out->children.push_back(std::move(condition));
    out->children.push_back(is(":") ? nullptr : assignment_expression());
    expect(":");
    out->children.push_back(binary(level_ternary + 1));
    if (nested && (!short_before || out->children[1])) {
        out->kind = ExprKind::Opaque;
        out->name = "nested ?: without parentheses";
        if (!out->children[1]) out->children.erase(out->children.begin() + 1);
    }
    return out;
}

ExprPtr Parser::unary() {
    if (is_any({"!", "+", "-", "~", "@"})) {
        ExprPtr out = make(ExprKind::Unary);
        out->name = std::string(take());
        out->children.push_back(binary(out->name == "!" ? level_instanceof : level_unary));
        return out;
    }
    if (is_any({"++", "--"})) {
        ExprPtr out = make(ExprKind::Increment);
        out->name = std::string(take());
        out->prefix = true;
        out->children.push_back(binary(level_unary));
        return out;
    }
    if (is("&")) {  // array(&$x) and f(&$x) are met before; elsewhere PHP refuses it
        unexpected();
        return make(ExprKind::Opaque);
    }
    if (is("(")) {
        if (ExprPtr out = cast()) return out;
    }
    if (is_kind(TokenKind::Identifier)) {
        if (ExprPtr out = word_unary()) return out;
    }
    return postfix(primary());
}

ExprPtr Parser::cast() {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> names = {
        {{"int", "int"},
         {"integer", "int"},
         {"float", "float"},
         {"double", "float"},
         {"real", "float"},
         {"string", "string"},
         {"binary", "string"},
         {"bool", "bool"},
         {"boolean", "bool"},
         {"array", "array"},
         {"object", "object"},
         {"unset", "unset"},
         {"void", "unset"}}};
    if (ahead().kind != TokenKind::Identifier || ahead(2).kind != TokenKind::Operator ||
        ahead(2).text != ")") {
        return nullptr;
    }
    const std::string word = to_lower(ahead().text);
    for (const auto& [written, meaning] : names) {
        if (written != word) continue;
        ExprPtr out = make(ExprKind::Cast);
        out->name = std::string(meaning);
        at_ += 3;
        out->children.push_back(binary(level_unary));
        return out;
    }
    return nullptr;
}

// Operators that are words, and constructs that take everything to their right.
ExprPtr Parser::word_unary() {
    const std::string word = to_lower(current().text);
    const bool qualified =
        ahead().kind == TokenKind::Operator && (ahead().text == "\\" || ahead().text == "::");
    if (qualified) return nullptr;
    const auto prefixed = [&](ExprKind kind, int level) {
        ExprPtr out = make(kind);
        out->name = word;
        take();
        out->children.push_back(binary(level));
        return out;
    };
    if (word == "include" || word == "include_once" || word == "require" || word == "require_once") {
        return prefixed(ExprKind::Include, 0);
    }
    if (word == "print") return prefixed(ExprKind::Print, level_print);
    if (word == "throw") return prefixed(ExprKind::Throw, 0);
    if (word == "clone") return prefixed(ExprKind::Opaque, level_power);
    if (word == "new") return postfix(new_expression());
    if (word != "yield") return nullptr;
    ExprPtr out = make(ExprKind::Opaque);
    out->name = word;
    take();
    accept_word("from");
    if (is_any({";", ")", ",", "]"}) || is_kind(TokenKind::CloseTag)) return out;
    out->children.push_back(assignment_expression());
    if (accept("=>")) out->children.push_back(assignment_expression());
    return out;
}

ExprPtr Parser::postfix(ExprPtr base) {
    while (!failed()) {
        if (is("[")) {
            ExprPtr out = make(ExprKind::Index);
            take();
            out->children.push_back(std::move(base));
            out->children.push_back(is("]") ? nullptr : expression());
            expect("]");
            base = std::move(out);
        } else if (is("{") && assignable(*base) && base->kind != ExprKind::Array) {
            ExprPtr out = make(ExprKind::Opaque);  // $text{0}: gone in PHP 8
            out->name = "{} as an offset";
            take();
            out->children.push_back(std::move(base));
            out->children.push_back(expression());
            expect("}");
            base = std::move(out);
        } else if (is_any({"->", "?->"})) {
            take();
            base = member(std::move(base), false);
        } else if (is("::")) {
            take();
            base = member(std::move(base), true);
        } else if (is("(")) {
            ExprPtr out = make(ExprKind::Call);
            out->children.push_back(std::move(base));
            out->items = arguments(out->whole);
            base = std::move(out);
        } else {
            break;
        }
    }
    if (is_any({"++", "--"}) && assignable(*base)) {
        ExprPtr out = make(ExprKind::Increment);
        out->name = std::string(take());
        out->children.push_back(std::move(base));
        return out;
    }
    return assignment_tail(std::move(base));
}

// Behind -> or :: comes a property, a method or a constant.
ExprPtr Parser::member(ExprPtr base, bool is_static) {
    ExprPtr out = make(is_static ? ExprKind::StaticMember : ExprKind::Property);
    out->children.push_back(std::move(base));
    if (is_kind(TokenKind::Identifier)) {
        out->name = std::string(take());
    } else if (is_kind(TokenKind::Variable)) {
        out->name = std::string(take());
        if (!is_static) out->children.push_back(make(ExprKind::Variable));
        if (!is_static) out->children.back()->name = out->name.substr(1);
    } else if (is("$")) {
        out->children.push_back(variable());
    } else if (accept("{")) {
        out->children.push_back(expression());
        expect("}");
    } else {
        unexpected();
    }
    if (!is("(")) return out;
    out->kind = ExprKind::MethodCall;
    out->items = arguments(out->whole);
    return out;
}

ExprPtr Parser::assignment_tail(ExprPtr target) {
    if (!is_kind(TokenKind::Operator) || !is_assignment(current().text)) return target;
    if (!assignable(*target)) {
        unexpected();
        return target;
    }
    ExprPtr out = make(ExprKind::Assign);
    out->name = std::string(take());
    out->children.push_back(std::move(target));
    if (out->name == "=" && accept("&")) out->kind = ExprKind::AssignReference;
    out->children.push_back(assignment_expression());
    return out;
}

ExprPtr Parser::primary() {
    switch (current().kind) {
        case TokenKind::Variable:
            return variable();
        case TokenKind::Integer:
        case TokenKind::Float:
            return number();
        case TokenKind::String:
        case TokenKind::Template:
            if (current().text.find("<<<") < 2 && current().text.find_first_of("\"'") != 0) return heredoc();
            return string_literal();
        case TokenKind::Heredoc:
            return heredoc();
        case TokenKind::Backtick:
            return backtick();
        case TokenKind::Identifier:
            return word();
        case TokenKind::AttributeStart:
            skip_attributes();
            if (!is_kind(TokenKind::Identifier)) unclear();
            return primary();
        default:
            break;
    }
    if (is("$")) return variable();
    if (is("\\")) return name_expression();
    if (accept("[")) return array_literal("]");
    if (accept("(")) {
        ExprPtr out = expression();
        expect(")");
        out->in_parentheses = true;
        return out;
    }
    unexpected();
    return make(ExprKind::Opaque);
}

ExprPtr Parser::variable() {
    if (is_kind(TokenKind::Variable)) {
        ExprPtr out = make(ExprKind::Variable);
        out->name = std::string(take().substr(1));
        return out;
    }
    ExprPtr out = make(ExprKind::DynamicVariable);
    expect("$");
    if (accept("{")) {
        out->children.push_back(expression());
        expect("}");
    } else if (is("$") || is_kind(TokenKind::Variable)) {
        out->children.push_back(variable());
    } else {
        unexpected();
    }
    return out;
}

}  // namespace bdupdate::php
