#include "bdupdate/base/text.h"
#include "parser.h"

namespace bdupdate::php {

StmtPtr Parser::echo_statement() {
    StmtPtr out = make(StmtKind::Echo);
    take();
    do {
        if (is_kind(TokenKind::CloseTag)) break;
        out->expressions.push_back(expression());
    } while (accept(",") && !failed());
    end_of_statement();
    return out;
}

StmtPtr Parser::unset_statement() {
    StmtPtr out = make(StmtKind::Unset);
    take();
    expect("(");
    while (!failed() && !is(")")) {
        if (!is_kind(TokenKind::Variable) && !is_kind(TokenKind::Identifier) && !is_any({"$", "\\", "("}))
            unexpected();
        out->expressions.push_back(expression());
        if (!accept(",") && !is(")")) unexpected();
    }
    expect(")");
    end_of_statement();
    return out;
}

StmtPtr Parser::declare_statement() {
    StmtPtr out = make(StmtKind::Group);
    take();
    expect("(");
    do {
        if (!is_kind(TokenKind::Identifier)) unexpected();
        take();
        expect("=");
        expression();
    } while (accept(",") && !failed());
    expect(")");
    if (is(";") || is_kind(TokenKind::CloseTag)) {
        end_of_statement();
        return out;
    }
    out->branches.emplace_back().body = body({"enddeclare"});
    return out;
}

StmtPtr Parser::namespace_statement() {
    StmtPtr out = make(StmtKind::Namespace);
    take();
    if (is_kind(TokenKind::Identifier)) qualified_name();
    if (is("{")) {
        out->branches.emplace_back().body = block();
    } else {
        end_of_statement();
    }
    return out;
}

// use A\B as C; use function A\b; use A\{B, C as D};
StmtPtr Parser::use_statement() {
    StmtPtr out = make(StmtKind::Nothing);
    take();
    if (!is_kind(TokenKind::Identifier) && !is("\\")) unexpected();
    int braces = 0;
    while (!failed() && !is(";") && !is_kind(TokenKind::CloseTag)) {
        const bool allowed = is_kind(TokenKind::Identifier) || is_any({"\\", ",", "{", "}"});
        braces += is("{") ? 1 : is("}") ? -1 : 0;
        if (!allowed || braces < 0 || at_end())
            unexpected();
        else
            take();
    }
    end_of_statement();
    return out;
}

StmtPtr Parser::function_statement() {
    StmtPtr out = make(StmtKind::Function);
    out->function = std::make_shared<Function>();
    out->function->line = current().line;
    take();
    accept("&");
    if (is_reserved(to_lower(current().text))) unexpected();
    out->function->name = std::string(take());
    out->function->parameters = parameters();
    if (accept(":")) out->function->return_type = skip_type();
    out->function->body = block();
    return out;
}

StmtPtr Parser::class_statement() {
    StmtPtr out = make(StmtKind::Class);
    while (!failed() && !is("{")) {
        if (at_end() || is(";"))
            unexpected();
        else
            take();
    }
    skip_braces();
    return out;
}

void Parser::skip_braces() {
    if (failed()) return;
    expect("{");
    for (int depth = 1; depth > 0 && !failed();) {
        if (at_end() || is_kind(TokenKind::Bad)) {
            unexpected();
            return;
        }
        if (is("{") || is("${")) ++depth;
        if (is("}")) --depth;
        take();
    }
}

void Parser::skip_attributes() {
    while (!failed() && is_kind(TokenKind::AttributeStart)) {
        take();
        for (int depth = 1; depth > 0 && !failed();) {
            if (at_end()) {
                unexpected();
                return;
            }
            if (is("[") || is_kind(TokenKind::AttributeStart)) ++depth;
            if (is("]")) --depth;
            take();
        }
    }
}

// ?int, A|B|null, (A&B)|null, \A\B, static. A & before a parameter's name belongs to the parameter.
std::string Parser::skip_type() {
    std::string out;
    while (!failed()) {
        if (is_kind(TokenKind::Identifier) || is_any({"?", "\\", "|", "(", ")"})) {
            if (is(")") && (ahead().kind != TokenKind::Operator || ahead().text != "|") &&
                ahead().kind != TokenKind::Variable) {
                return out;
            }
            const std::string word = is_kind(TokenKind::Identifier) ? to_lower(current().text) : "";
            if (is_reserved(word) && word != "array" && word != "callable" && word != "public" &&
                word != "protected" && word != "private" && word != "final") {
                unexpected();
                return out;
            }
            if (is("(") && ahead().kind != TokenKind::Identifier && ahead().text != "\\") return out;
            out += take();
        } else if (is("&") && ahead().kind != TokenKind::Variable && ahead().text != "...") {
            out += take();
        } else {
            return out;
        }
    }
    return out;
}

std::vector<Parameter> Parser::parameters() {
    std::vector<Parameter> out;
    expect("(");
    while (!failed() && !is(")")) {
        Parameter& parameter = out.emplace_back();
        skip_attributes();
        if (!is_kind(TokenKind::Variable) && !is_any({"&", "..."})) parameter.type = skip_type();
        parameter.by_reference = accept("&");
        parameter.variadic = accept("...");
        if (!is_kind(TokenKind::Variable)) {
            unexpected();
            break;
        }
        parameter.name = std::string(take().substr(1));
        if (accept("=")) parameter.standard = expression();
        if (is("{")) skip_braces();  // property hooks of a promoted parameter
        if (!accept(",") && !is(")")) unexpected();
    }
    expect(")");
    return out;
}

}  // namespace bdupdate::php
