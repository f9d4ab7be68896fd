#include "parser.h"

#include <algorithm>

#include "bdupdate/base/text.h"

namespace bdupdate::php {
namespace {

std::vector<Token> meaningful(std::string_view source) {
    std::vector<Token> out;
    out.reserve(source.size() / 8);
    Lexer lexer(source);
    Token token{};
    while (lexer.next(token)) {
        const bool skipped = token.kind == TokenKind::Whitespace || token.kind == TokenKind::Comment ||
                             token.kind == TokenKind::DocComment ||
                             (token.kind == TokenKind::OpenTag && token.text != "<?=");
        if (!skipped) out.push_back(token);
    }
    const auto lines = static_cast<std::uint32_t>(std::count(source.begin(), source.end(), '\n'));
    out.push_back({TokenKind::InlineHtml, lines + 1, static_cast<std::uint32_t>(source.size()), {}});
    return out;
}

}  // namespace

Parser::Parser(std::string_view source) : tokens_(meaningful(source)) {}
Parser::Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

Program parse(std::string_view source) {
    return Parser(source).run();
}

Program Parser::run() {
    Program out;
    while (!at_end()) {
        if (StmtPtr next = statement()) out.statements.push_back(std::move(next));
    }
    out.unclear = unclear_;
    out.error = std::move(error_);
    return out;
}

ExprPtr Parser::embedded(std::string_view text, std::uint32_t line, int depth, std::size_t& used,
                         std::string& error) {
    constexpr std::string_view open = "<?php ";
    const std::string source = std::string(open) + std::string(text);
    std::vector<Token> tokens;
    Lexer lexer(source);
    Token token{};
    int braces = 0;
    bool closed = false;
    while (!closed && lexer.next(token)) {
        if (token.kind == TokenKind::Whitespace || token.kind == TokenKind::Comment ||
            token.kind == TokenKind::DocComment || token.kind == TokenKind::OpenTag) {
            continue;
        }
        const bool is_operator = token.kind == TokenKind::Operator;
        if (is_operator && token.text == "{") ++braces;
        if (is_operator && token.text == "}" && braces-- == 0) closed = true;
        token.line += line - 1;
        if (closed) used = token.offset - open.size();
        if (!closed) tokens.push_back(token);
    }
    if (!closed) {
        error = "unexpected end of a string";
        return nullptr;
    }
    tokens.push_back({TokenKind::InlineHtml, line, 0, {}});
    Parser inner(std::move(tokens));
    inner.depth_ = depth + 1;
    ExprPtr out = inner.expression();
    if (!inner.at_end()) inner.unexpected();
    if (inner.error_) error = inner.error_->message;
    if (inner.unclear_) error = not_followed;
    return out;
}

const Token& Parser::ahead(std::size_t count) const {
    return at_ + count < tokens_.size() ? tokens_[at_ + count] : tokens_.back();
}

bool Parser::is(std::string_view op) const {
    return current().kind == TokenKind::Operator && current().text == op;
}

bool Parser::is_any(std::initializer_list<std::string_view> ops) const {
    if (current().kind != TokenKind::Operator) return false;
    for (const std::string_view op : ops) {
        if (current().text == op) return true;
    }
    return false;
}

bool Parser::is_word(std::string_view word) const {
    return current().kind == TokenKind::Identifier && current().text.size() == word.size() &&
           starts_with_ignoring_case(current().text, word);
}

bool Parser::accept(std::string_view op) {
    if (!is(op)) return false;
    ++at_;
    return true;
}

bool Parser::accept_word(std::string_view word) {
    if (!is_word(word)) return false;
    ++at_;
    return true;
}

void Parser::expect(std::string_view op) {
    if (!accept(op)) unexpected();
}

std::string_view Parser::take() {
    const std::string_view text = current().text;
    if (!at_end()) ++at_;
    return text;
}

void Parser::fail(const std::string& message) {
    if (!failed()) error_ = std::make_unique<Program::Error>(Program::Error{current().line, message});
    at_ = tokens_.size() - 1;
}

void Parser::unclear() {
    if (!failed()) unclear_ = true;
    at_ = tokens_.size() - 1;
}

void Parser::unexpected() {
    if (at_end()) return fail("unexpected end of file");
    const Token& token = current();
    if (token.kind == TokenKind::Bad && token.text.size() > 1) {
        return fail("a string or comment that starts here is not closed");
    }
    constexpr std::size_t shown = 40;
    std::string text(token.text.substr(0, std::min(shown, token.text.find('\n'))));
    if (text.size() < token.text.size()) text += "...";
    fail("unexpected " + text);
}

void Parser::end_of_statement() {
    if (accept(";")) return;
    if (is_kind(TokenKind::CloseTag)) {
        ++at_;
        return;
    }
    unexpected();
}

StmtPtr Parser::make(StmtKind kind) const {
    auto out = std::make_unique<Stmt>();
    out->kind = kind;
    out->line = current().line;
    return out;
}

ExprPtr Parser::make(ExprKind kind) const {
    auto out = std::make_unique<Expr>();
    out->kind = kind;
    out->line = current().line;
    return out;
}

}  // namespace bdupdate::php
