#pragma once

#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "ast.h"
#include "bdupdate/php/lexer.h"

namespace bdupdate::php {

/// Recursive descent over the tokens of one file. Knows the whole grammar of PHP 5.6 to 8.4, class bodies
/// excepted, which it leaps over: what it refuses, PHP refuses too. After the first error every function
/// returns at once, because the parser then stands at the end of the file.
class Parser {
  public:
    explicit Parser(std::string_view source);
    Program run();

    /// The expression of `{$...}` in a string: `text` starts at the `$`; `used` is its length up to the `}`.
    static ExprPtr embedded(std::string_view text, std::uint32_t line, int depth, std::size_t& used,
                            std::string& error);

  private:
    explicit Parser(std::vector<Token> tokens);

    // tokens
    [[nodiscard]] const Token& current() const { return tokens_[at_]; }
    [[nodiscard]] const Token& ahead(std::size_t count = 1) const;
    [[nodiscard]] bool at_end() const { return at_ + 1 >= tokens_.size(); }
    [[nodiscard]] bool is(std::string_view op) const;
    [[nodiscard]] bool is_any(std::initializer_list<std::string_view> ops) const;
    [[nodiscard]] bool is_word(std::string_view word) const;
    [[nodiscard]] bool is_kind(TokenKind kind) const { return current().kind == kind; }
    bool accept(std::string_view op);
    bool accept_word(std::string_view word);
    void expect(std::string_view op);
    std::string_view take();
    void fail(const std::string& message);
    void unexpected();
    void unclear();
    [[nodiscard]] bool failed() const { return error_ != nullptr || unclear_; }
    void end_of_statement();

    // statements
    StmtPtr statement();
    StmtPtr keyword_statement(const std::string& word);
    StmtPtr declaration(const std::string& word, bool& matched);
    StmtPtr if_statement();
    void if_branches(Stmt& out);
    StmtPtr while_statement();
    StmtPtr do_statement();
    StmtPtr for_statement();
    StmtPtr foreach_statement();
    StmtPtr switch_statement();
    StmtPtr try_statement();
    StmtPtr jump_statement(StmtKind kind);
    StmtPtr names_statement(StmtKind kind);
    StmtPtr echo_statement();
    StmtPtr unset_statement();
    StmtPtr declare_statement();
    StmtPtr namespace_statement();
    StmtPtr use_statement();
    StmtPtr function_statement();
    StmtPtr class_statement();
    StmtPtr expression_statement();
    Block block();
    Block body(std::initializer_list<std::string_view> alternative_ends);
    Block until_word(std::initializer_list<std::string_view> ends);
    void skip_braces();
    void skip_attributes();
    std::string skip_type();
    std::vector<Parameter> parameters();
    [[nodiscard]] StmtPtr make(StmtKind kind) const;

    // expressions
    ExprPtr expression();
    ExprPtr assignment_expression();
    ExprPtr binary(int minimum);
    ExprPtr join_binary(ExprPtr left, std::string op, ExprPtr right, std::uint32_t line);
    ExprPtr ternary_tail(ExprPtr condition);
    ExprPtr unary();
    ExprPtr word_unary();
    ExprPtr cast();
    ExprPtr postfix(ExprPtr base);
    ExprPtr member(ExprPtr base, bool is_static);
    ExprPtr assignment_tail(ExprPtr target);
    ExprPtr primary();
    ExprPtr variable();
    ExprPtr word();
    ExprPtr name_expression();
    ExprPtr construct(const std::string& word, bool& matched);
    ExprPtr array_literal(std::string_view close);
    ExprPtr new_expression();
    ExprPtr closure();
    ExprPtr match_expression();
    std::vector<Item> arguments(bool& whole);
    std::string qualified_name();
    [[nodiscard]] ExprPtr make(ExprKind kind) const;
    [[nodiscard]] ExprPtr make_binary(std::string op, ExprPtr left, ExprPtr right, std::uint32_t line) const;

    // literals
    ExprPtr number();
    ExprPtr string_literal();
    ExprPtr heredoc();
    /// `quote` is `"`, or `<` for a heredoc.
    ExprPtr template_literal(std::string_view raw, char quote, std::uint32_t line);
    ExprPtr backtick();

    std::vector<Token> tokens_;  ///< without white space and comments; the last one is an empty end mark
    std::size_t at_ = 0;
    int depth_ = 0;
    std::unique_ptr<Program::Error> error_;
    bool unclear_ = false;
};

/// Words (in lower case) that can name no constant, class or function.
bool is_reserved(const std::string& word);

/// The "error" of an embedded expression that is none: nested too deeply.
constexpr const char* not_followed = "not followed";
constexpr int max_nesting = 300;

}  // namespace bdupdate::php
