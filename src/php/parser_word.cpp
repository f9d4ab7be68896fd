#include <algorithm>

#include "bdupdate/base/text.h"
#include "parser.h"

namespace bdupdate::php {

// Words that can never name a constant, a class or a function, so that meeting one where a value must stand
// is an error.
bool is_reserved(const std::string& word) {
    static const std::vector<std::string> words = {
        "abstract", "as",         "break",      "callable",   "case",      "catch",     "class",
        "const",    "continue",   "declare",    "default",    "do",        "echo",      "else",
        "elseif",   "enddeclare", "endfor",     "endforeach", "endif",     "endswitch", "endwhile",
        "extends",  "final",      "finally",    "for",        "foreach",   "global",    "goto",
        "if",       "implements", "instanceof", "insteadof",  "interface", "private",   "protected",
        "public",   "return",     "switch",     "trait",      "try",       "unset",     "use",
        "var",      "while",      "and",        "or",         "xor",       "fn",        "function",
        "array",    "list",       "isset",      "empty"};
    return std::find(words.begin(), words.end(), word) != words.end();
}

ExprPtr Parser::word() {
    const std::string lower = to_lower(current().text);
    const bool qualified =
        ahead().kind == TokenKind::Operator && (ahead().text == "\\" || ahead().text == "::");
    if (!qualified) {
        bool matched = false;
        ExprPtr out = construct(lower, matched);
        if (matched) return out;
        if (is_reserved(lower)) {
            unexpected();
            return make(ExprKind::Opaque);
        }
    }
    return name_expression();
}

ExprPtr Parser::construct(const std::string& word, bool& matched) {
    const bool call = ahead().kind == TokenKind::Operator && ahead().text == "(";
    const bool reference = ahead().kind == TokenKind::Operator && ahead().text == "&";
    matched = true;
    if (word == "isset" || word == "empty" || word == "eval") {
        ExprPtr out = make(word == "isset"   ? ExprKind::Isset
                           : word == "empty" ? ExprKind::Empty
                                             : ExprKind::Opaque);
        out->name = word;
        take();
        expect("(");
        do {
            if (word == "isset" && !out->children.empty() && is(")")) break;
            out->children.push_back(expression());
        } while (word == "isset" && accept(",") && !failed());
        expect(")");
        return out;
    }
    if (word == "exit" || word == "die") {
        ExprPtr out = make(ExprKind::Exit);
        take();
        if (accept("(")) {
            if (!is(")")) out->children.push_back(expression());
            expect(")");
        }
        return out;
    }
    if ((word == "array" || word == "list") && call) {
        at_ += 2;
        return array_literal(")");
    }
    if ((word == "function" || word == "fn") && (call || reference)) return closure();
    if (word == "static" && ahead().kind == TokenKind::Identifier) {
        take();
        if (is_word("function") || is_word("fn")) return closure();
        unexpected();
        return make(ExprKind::Opaque);
    }
    if (word == "match" && call) {
        const std::size_t start = at_;
        ExprPtr out = match_expression();
        if (out) return out;
        at_ = start;  // a function of the name, in PHP 7
    }
    matched = false;
    return nullptr;
}

std::string Parser::qualified_name() {
    std::string out;
    if (accept("\\")) out = "\\";
    while (!failed()) {
        if (!is_kind(TokenKind::Identifier)) {
            unexpected();
            break;
        }
        out += take();
        if (!is("\\") || ahead().kind != TokenKind::Identifier) break;
        take();
        out += "\\";
    }
    return out;
}

ExprPtr Parser::name_expression() {
    ExprPtr out = make(ExprKind::Constant);
    out->name = qualified_name();
    if (!is("(")) return out;
    out->kind = ExprKind::Call;
    out->items = arguments(out->whole);
    return out;
}

// Also the left side of a destructuring assignment; elements may be missing there.
ExprPtr Parser::array_literal(std::string_view close) {
    ExprPtr out = make(ExprKind::Array);
    while (!failed() && !is(close)) {
        Item& item = out->items.emplace_back();
        if (is(",")) {
            take();
            continue;
        }
        item.spread = accept("...");
        item.by_reference = !item.spread && accept("&");
        if (item.by_reference && !is_kind(TokenKind::Variable) && !is_any({"$", "\\"}) &&
            !is_kind(TokenKind::Identifier)) {
            unexpected();
        }
        item.value = expression();
        if (accept("=>")) {
            item.key = std::move(item.value);
            item.by_reference = accept("&");
            item.value = expression();
        }
        if (!accept(",") && !is(close)) unexpected();
    }
    expect(close);
    return out;
}

std::vector<Item> Parser::arguments(bool& whole) {
    std::vector<Item> out;
    expect("(");
    if (is("...") && ahead().kind == TokenKind::Operator && ahead().text == ")") {
        at_ += 2;
        whole = true;
        return out;
    }
    while (!failed() && !is(")")) {
        Item& item = out.emplace_back();
        item.spread = accept("...");
        const bool named =
            is_kind(TokenKind::Identifier) && ahead().kind == TokenKind::Operator && ahead().text == ":";
        if (named) {
            item.key = make(ExprKind::Literal);
            item.key->value = Value(std::string(take()));
            take();
        }
        item.value = expression();
        if (!accept(",") && !is(")")) unexpected();
    }
    expect(")");
    return out;
}

ExprPtr Parser::new_expression() {
    ExprPtr out = make(ExprKind::New);
    take();
    skip_attributes();
    while (is_word("readonly") || is_word("final")) take();
    if (is_word("class")) {
        take();
        if (is("(")) out->items = arguments(out->whole);
        while (!failed() && !is("{")) {
            if (at_end()) unexpected();
            take();
        }
        skip_braces();
        return out;
    }
    if (accept("(")) {
        out->children.push_back(expression());
        expect(")");
    } else if (is_kind(TokenKind::Identifier) || is("\\")) {
        out->name = qualified_name();
    } else {
        out->children.push_back(variable());
    }
    while (!failed() && is_any({"->", "?->", "::", "["})) {  // new $a->b['c']
        if (out->children.empty() && !is("::")) break;
        if (accept("[")) {
            out->children.push_back(expression());
            expect("]");
            continue;
        }
        take();
        if (!is_kind(TokenKind::Identifier) && !is_kind(TokenKind::Variable)) unexpected();
        take();
    }
    if (is("(")) out->items = arguments(out->whole);
    return out;
}

ExprPtr Parser::closure() {
    ExprPtr out = make(ExprKind::Closure);
    const bool arrow = is_word("fn");
    take();
    accept("&");
    parameters();
    if (accept_word("use")) {
        expect("(");
        while (!failed() && !is(")")) {
            Item item;
            item.by_reference = accept("&");
            if (!is_kind(TokenKind::Variable)) unexpected();
            item.value = failed() ? nullptr : variable();
            if (item.by_reference && item.value) out->items.push_back(std::move(item));
            if (!accept(",") && !is(")")) unexpected();
        }
        expect(")");
    }
    if (accept(":")) skip_type();
    if (arrow) {
        expect("=>");
        assignment_expression();
    } else {
        block();
    }
    return out;
}

// Without a value when what follows is a call of a function named match.
ExprPtr Parser::match_expression() {
    std::size_t close = at_ + 1;
    int depth = 0;
    for (; close + 1 < tokens_.size(); ++close) {
        if (tokens_[close].kind != TokenKind::Operator) continue;
        if (tokens_[close].text == "(") ++depth;
        if (tokens_[close].text == ")" && --depth == 0) break;
    }
    if (close + 2 >= tokens_.size() || tokens_[close + 1].text != "{") return nullptr;
    ExprPtr out = make(ExprKind::Match);
    at_ += 2;
    out->children.push_back(expression());
    expect(")");
    expect("{");
    while (!failed() && !is("}")) {
        Item& arm = out->items.emplace_back();
        if (is_word("default") && ahead().text != "::") {
            take();
            accept(",");
        } else {
            do {
                if (is("=>")) break;
                arm.conditions.push_back(expression());
            } while (accept(",") && !failed());
        }
        expect("=>");
        arm.value = expression();
        if (!accept(",") && !is("}")) unexpected();
    }
    expect("}");
    return out;
}

}  // namespace bdupdate::php
