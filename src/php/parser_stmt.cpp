#include "bdupdate/base/text.h"
#include "parser.h"

namespace bdupdate::php {

StmtPtr Parser::statement() {
    if (++depth_ > max_nesting) {
        unclear();
    }
    if (is_kind(TokenKind::AttributeStart)) {
        skip_attributes();
        // an error in PHP 8, a comment in PHP 7
        if (!is_kind(TokenKind::Identifier)) unclear();
    }
    StmtPtr out;
    if (is_kind(TokenKind::InlineHtml) || is_kind(TokenKind::CloseTag)) {
        out = make(StmtKind::Nothing);
        take();
    } else if (is_kind(TokenKind::OpenTag)) {
        out = echo_statement();
    } else if (accept(";")) {
        out = make(StmtKind::Nothing);
    } else if (is("{")) {
        out = make(StmtKind::Group);
        out->branches.emplace_back().body = block();
    } else if (is_kind(TokenKind::Identifier)) {
        out = keyword_statement(to_lower(current().text));
    } else {
        out = expression_statement();
    }
    --depth_;
    return out;
}

StmtPtr Parser::keyword_statement(const std::string& word) {
    const bool next_is_operator = ahead().kind == TokenKind::Operator;
    const std::string_view next = ahead().text;
    if (next_is_operator && (next == "::" || next == "\\") && word != "namespace")
        return expression_statement();
    if (word == "if") return if_statement();
    if (word == "while") return while_statement();
    if (word == "do") return do_statement();
    if (word == "for") return for_statement();
    if (word == "foreach") return foreach_statement();
    if (word == "switch") return switch_statement();
    if (word == "try") return try_statement();
    if (word == "break") return jump_statement(StmtKind::Break);
    if (word == "continue") return jump_statement(StmtKind::Continue);
    if (word == "return") return jump_statement(StmtKind::Return);
    if (word == "echo") return echo_statement();
    if (word == "unset") return unset_statement();
    if (word == "global") return names_statement(StmtKind::Global);
    if (word == "static" && ahead().kind == TokenKind::Variable) return names_statement(StmtKind::Static);
    if (word == "const") return names_statement(StmtKind::Constant);
    if (word == "declare") return declare_statement();
    if (word == "namespace" && !(next_is_operator && next == "\\")) return namespace_statement();
    if (word == "use") return use_statement();
    bool matched = false;
    StmtPtr out = declaration(word, matched);
    if (matched) return out;
    if (word == "goto" || (next_is_operator && next == ":")) {
        out = make(StmtKind::Goto);
        take();
        if (word == "goto") take();
        if (word == "goto")
            end_of_statement();
        else
            take();
        return out;
    }
    if (word == "__halt_compiler") {
        at_ = tokens_.size() - 1;
        return make(StmtKind::Nothing);
    }
    return expression_statement();
}

StmtPtr Parser::declaration(const std::string& word, bool& matched) {
    matched = true;
    const Token& next = ahead();
    const bool named = next.kind == TokenKind::Identifier;
    if (word == "function") {
        const bool reference = next.kind == TokenKind::Operator && next.text == "&";
        if (named || (reference && ahead(2).kind == TokenKind::Identifier)) return function_statement();
    }
    const std::string follows = named ? to_lower(next.text) : "";
    const bool modifier = word == "abstract" || word == "final" || word == "readonly";
    if (modifier &&
        (follows == "class" || follows == "abstract" || follows == "final" || follows == "readonly")) {
        return class_statement();
    }
    if (word == "class" || word == "interface" || word == "trait") return class_statement();
    if (word == "enum" && named && follows != "extends" && follows != "implements") return class_statement();
    matched = false;
    return nullptr;
}

StmtPtr Parser::expression_statement() {
    StmtPtr out = make(StmtKind::Expression);
    out->expressions.push_back(expression());
    end_of_statement();
    return out;
}

Block Parser::block() {
    Block out;
    expect("{");
    while (!failed() && !is("}")) {
        if (at_end()) {
            unexpected();
            break;
        }
        out.push_back(statement());
    }
    expect("}");
    return out;
}

Block Parser::until_word(std::initializer_list<std::string_view> ends) {
    Block out;
    while (!failed()) {
        for (const std::string_view end : ends) {
            if (is_word(end)) return out;
        }
        if (at_end()) unexpected();
        if (!failed()) out.push_back(statement());
    }
    return out;
}

// One statement, or with `:` everything up to the word that ends it, which is taken too.
Block Parser::body(std::initializer_list<std::string_view> alternative_ends) {
    Block out;
    if (accept(":")) {
        out = until_word(alternative_ends);
        take();
        end_of_statement();
        return out;
    }
    out.push_back(statement());
    return out;
}

StmtPtr Parser::if_statement() {
    StmtPtr out = make(StmtKind::If);
    take();
    expect("(");
    Branch& first = out->branches.emplace_back();
    first.condition = expression();
    expect(")");
    if (is(":")) {
        take();
        out->branches.back().body = until_word({"elseif", "else", "endif"});
        while (!failed() && !is_word("endif")) {
            Branch& branch = out->branches.emplace_back();
            const bool chained = take().size() == std::string_view("elseif").size();
            if (chained) {
                expect("(");
                branch.condition = expression();
                expect(")");
            }
            expect(":");
            branch.body = until_word({"elseif", "else", "endif"});
        }
        take();
        end_of_statement();
        return out;
    }
    out->branches.back().body.push_back(statement());
    if_branches(*out);
    return out;
}

void Parser::if_branches(Stmt& out) {
    while (!failed() && (is_word("elseif") || is_word("else"))) {
        const bool chained = is_word("elseif");
        take();
        Branch& branch = out.branches.emplace_back();
        if (chained) {
            expect("(");
            branch.condition = expression();
            expect(")");
        }
        branch.body.push_back(statement());
        if (!chained) break;
    }
}

StmtPtr Parser::while_statement() {
    StmtPtr out = make(StmtKind::While);
    take();
    expect("(");
    out->expressions.push_back(expression());
    expect(")");
    out->branches.emplace_back().body = body({"endwhile"});
    return out;
}

StmtPtr Parser::do_statement() {
    StmtPtr out = make(StmtKind::DoWhile);
    take();
    out->branches.emplace_back().body.push_back(statement());
    if (!accept_word("while")) unexpected();
    expect("(");
    out->expressions.push_back(expression());
    expect(")");
    end_of_statement();
    return out;
}

StmtPtr Parser::for_statement() {
    StmtPtr out = make(StmtKind::For);
    take();
    expect("(");
    for (int part = 0; part < 3; ++part) {
        const std::string_view end = part < 2 ? ";" : ")";
        while (!failed() && !is(end)) {
            out->expressions.push_back(expression());
            ++out->counts[part];
            if (!accept(",") && !is(end)) unexpected();
        }
        expect(end);
    }
    out->branches.emplace_back().body = body({"endfor"});
    return out;
}

StmtPtr Parser::foreach_statement() {
    StmtPtr out = make(StmtKind::Foreach);
    take();
    expect("(");
    out->expressions.push_back(expression());
    if (!accept_word("as")) unexpected();
    out->by_reference = accept("&");
    ExprPtr first = expression();
    if (accept("=>")) {
        out->by_reference = accept("&");
        out->expressions.push_back(std::move(first));
        out->expressions.push_back(expression());
    } else {
        out->expressions.push_back(nullptr);
        out->expressions.push_back(std::move(first));
    }
    expect(")");
    out->branches.emplace_back().body = body({"endforeach"});
    return out;
}

StmtPtr Parser::switch_statement() {
    StmtPtr out = make(StmtKind::Switch);
    take();
    expect("(");
    out->expressions.push_back(expression());
    expect(")");
    const bool alternative = accept(":");
    if (!alternative) expect("{");
    while (is(";") || is_kind(TokenKind::CloseTag) || is_kind(TokenKind::InlineHtml)) {
        if (at_end()) break;
        take();
    }
    const auto ended = [&] { return alternative ? is_word("endswitch") : is("}"); };
    while (!failed() && !ended()) {
        Branch& branch = out->branches.emplace_back();
        if (accept_word("case")) {
            branch.condition = expression();
        } else if (!accept_word("default")) {
            unexpected();
        }
        if (!accept(":")) expect(";");
        while (!failed() && !is_word("case") && !is_word("default") && !ended()) {
            if (at_end())
                unexpected();
            else
                branch.body.push_back(statement());
        }
    }
    take();
    if (alternative) end_of_statement();
    return out;
}

StmtPtr Parser::try_statement() {
    StmtPtr out = make(StmtKind::Try);
    take();
    out->branches.emplace_back().body = block();
    while (!failed() && accept_word("catch")) {
        expect("(");
        skip_type();
        out->names.emplace_back();
        if (is_kind(TokenKind::Variable)) out->names.back() = std::string(take().substr(1));
        expect(")");
        out->branches.emplace_back().body = block();
    }
    if (accept_word("finally")) {
        out->has_finally = true;
        out->branches.emplace_back().body = block();
    }
    if (out->branches.size() == 1 && !failed()) fail("try without catch or finally");
    return out;
}

StmtPtr Parser::jump_statement(StmtKind kind) {
    StmtPtr out = make(kind);
    take();
    if (!is(";") && !is_kind(TokenKind::CloseTag) && !at_end()) out->expressions.push_back(expression());
    end_of_statement();
    return out;
}

// global $a, $b; static $a = 1, $b; const A = 1, B = 2;
StmtPtr Parser::names_statement(StmtKind kind) {
    StmtPtr out = make(kind);
    take();
    do {
        if (kind == StmtKind::Constant) {
            if (!is_kind(TokenKind::Identifier)) unexpected();
            out->names.emplace_back(take());
        } else if (is_kind(TokenKind::Variable)) {
            out->names.emplace_back(take().substr(1));
        } else {
            out->names.emplace_back();  // global $$x
            if (!is("$"))
                unexpected();
            else
                variable();
        }
        if (kind == StmtKind::Constant && !is("=")) unexpected();
        out->expressions.push_back(accept("=") ? expression() : nullptr);
    } while (accept(",") && !failed());
    end_of_statement();
    return out;
}

}  // namespace bdupdate::php
