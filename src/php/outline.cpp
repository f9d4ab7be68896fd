#include "bdupdate/base/text.h"
#include "bdupdate/php/functions.h"
#include "bdupdate/php/lexer.h"
#include "outline_words.h"

namespace bdupdate::php {

namespace {

/// Reads a file's code outside of functions, token by token.
class Outliner {
  public:
    explicit Outliner(std::string_view source) : source_(source), lexer_(source) {}

    Outline read() {
        while (!outline_.error && advance()) statement_piece();
        if (!outline_.error && !brackets_.empty()) unclosed(brackets_.back());
        return std::move(outline_);
    }

  private:
    struct Bracket {
        char opened;
        std::uint32_t line;
        bool counts;  ///< a block in which declarations are conditional
    };

    /// The next token that is neither blank nor comment; doc comments are kept for what they stand before.
    bool advance() {
        if (token_.kind != TokenKind::Whitespace) previous_ = token_;
        while (lexer_.next(token_)) {
            if (token_.kind == TokenKind::DocComment) doc_ = token_.text;
            if (has_block(token_)) doc_ = {};
            if (token_.kind == TokenKind::Bad) {
                bad();
                return false;
            }
            if (token_.kind != TokenKind::Whitespace && token_.kind != TokenKind::Comment &&
                token_.kind != TokenKind::DocComment)
                return true;
        }
        at_end_ = true;
        return false;
    }

    [[nodiscard]] bool is(std::string_view text) const {
        return token_.text == text && token_.kind == TokenKind::Operator;
    }
    [[nodiscard]] bool behind(std::string_view text) const {
        return previous_.text == text && previous_.kind == TokenKind::Operator;
    }
    [[nodiscard]] bool conditional() const { return blocks_ > 0 || colon_blocks_ > 0; }
    [[nodiscard]] std::size_t depth() const { return brackets_.size(); }

    void statement_piece() {
        if (token_.kind != TokenKind::Identifier) return bracket();
        if (behind("->") || behind("?->") || behind("::")) return;
        switch (word_of(token_.text)) {
            case Word::Function:
                return function();
            case Word::Arrow:
                doc_ = {};
                return;
            case Word::Class:
            case Word::Enum:
                return class_like();
            case Word::Namespace:
                return name_space();
            case Word::Control:
                control_depth_ = depth();
                in_control_ = true;
                return;
            case Word::End:
                if (colon_blocks_ > 0) --colon_blocks_;
                return;
            case Word::Load:
            case Word::Eval:
                return load();
            case Word::LoadingCall:
                return loading_call();
            case Word::Const:
                in_const_ = true;
                return;
            case Word::Leave:
                if (!conditional() && depth() == 0) left_ = true;
                return;
            case Word::Other:
                return;
        }
    }

    /// Brackets, and the `;` and `:` that mean something.
    void bracket() {
        if (token_.kind == TokenKind::AttributeStart) return open('[', false);
        if (token_.kind != TokenKind::Operator) return;
        const char c = token_.text.size() == 1 ? token_.text[0] : '\0';
        if (c == '{' || c == '(' || c == '[') return open(c, c == '{');
        if (c == '}' || c == ')' || c == ']') return close(c);
        if (c == ';' && in_const_) {
            in_const_ = false;
            doc_ = {};
        }
    }

    void open(char c, bool counts) {
        brackets_.push_back(Bracket{c, token_.line, counts});
        if (counts) ++blocks_;
    }

    void close(char c) {
        const char wanted = c == '}' ? '{' : c == ')' ? '(' : '[';
        if (brackets_.empty() || brackets_.back().opened != wanted) return mismatch(c);
        if (brackets_.back().counts) --blocks_;
        brackets_.pop_back();
        // PHP forgets a doc comment at each closing brace.
        if (c == '}') doc_ = {};
        if (c == ')' && in_control_ && depth() == control_depth_) {
            in_control_ = false;
            Lexer ahead = lexer_;
            if (next_operator(ahead) == ":") ++colon_blocks_;
        }
    }

    /// The next token that is no blank or comment, if it is an operator, without reading on.
    static std::string_view next_operator(Lexer& ahead) {
        Token token{};
        while (ahead.next(token)) {
            if (token.kind == TokenKind::Operator) return token.text;
            if (token.kind != TokenKind::Whitespace && token.kind != TokenKind::Comment) return {};
        }
        return {};
    }

    void function() {
        FunctionDeclaration declaration;
        declaration.line = token_.line;
        const std::uint32_t start = token_.offset;
        const bool imported = previous_.kind == TokenKind::Identifier && is_word(previous_.text, "use");
        if (!advance()) return;
        if (is("&") && !advance()) return;
        std::string_view name;
        if (token_.kind == TokenKind::Identifier && !imported) {
            name = token_.text;
            if (!advance() || !is("(")) return;
        }
        if (!is("(")) return;
        declaration.doc_comment = doc_;
        doc_ = {};
        if (!to_body()) return;
        const std::uint32_t body = lexer_.offset();
        if (!leap()) return;
        if (name.empty()) return;
        declaration.name = namespace_.empty() ? std::string(name) : namespace_ + '\\' + std::string(name);
        declaration.declaration = source_.substr(start, lexer_.offset() - start);
        declaration.body = source_.substr(body, lexer_.offset() - 1 - body);
        declaration.conditional = conditional();
        outline_.functions.push_back(std::move(declaration));
    }

    /// From the head of a function or class to the `{` of its body. False when it has none (or the file is
    /// over).
    bool to_body() {
        const std::size_t outside = depth();
        do {
            if (depth() == outside && is("{")) return true;
            if (depth() == outside && is(";")) return false;
            if (is("{")) {
                if (!leap()) return false;
                continue;
            }
            bracket();
            if (depth() < outside) return false;
        } while (!outline_.error && advance());
        return false;
    }

    /// Behind the block whose `{` is the current token.
    bool leap() {
        Imbalance imbalance;
        if (!lexer_.skip_block(imbalance)) {
            report(imbalance);
            return false;
        }
        doc_ = {};
        token_ = Token{TokenKind::Operator, token_.line, lexer_.offset() - 1,
                       source_.substr(lexer_.offset() - 1, 1)};
        return true;
    }

    void class_like() {
        const bool is_enum = is_word(token_.text, "enum");
        Lexer kept = lexer_;
        const Token kept_token = token_;
        if (!advance()) return;
        if (is_enum && token_.kind != TokenKind::Identifier) {
            // A function or constant of that name.
            lexer_ = kept;
            token_ = kept_token;
            return;
        }
        doc_ = {};
        if (to_body()) leap();
    }

    void name_space() {
        const Token keyword = token_;
        const bool relative = keyword.offset + keyword.text.size() < source_.size() &&
                              source_[keyword.offset + keyword.text.size()] == '\\';
        if (relative) return;
        namespace_.clear();
        while (advance()) {
            if (is("{")) return open('{', false);
            if (token_.kind != TokenKind::Identifier && !is("\\")) return;
            namespace_ += token_.text;
        }
    }

    [[nodiscard]] bool maybe_left_out() const {
        if (conditional()) return true;
        if (previous_.kind == TokenKind::OpenTag || previous_.kind == TokenKind::CloseTag ||
            previous_.kind == TokenKind::InlineHtml)
            return false;
        if (previous_.kind == TokenKind::Identifier) {
            const Word word = word_of(previous_.text);
            return word != Word::Leave && word != Word::Load;
        }
        return !(behind(";") || behind("}") || behind("=") || behind("@") || behind("("));
    }

    /// include, require, eval: with their expression, which ends where the statement or the surrounding
    /// bracket does.
    void load() {
        Load load;
        load.kind = word_of(token_.text) == Word::Eval ? Load::Kind::Eval : Load::Kind::Include;
        load.name = token_.text;
        load.line = token_.line;
        load.conditional = maybe_left_out();
        const bool counts = !left_;
        const std::size_t outside = depth();
        const std::uint32_t from = lexer_.offset();
        while (advance()) {
            const bool ends = depth() == outside && (is(";") || is(")") || is("]") || is("}") || is(","));
            if (ends || token_.kind == TokenKind::CloseTag) break;
            if (is("{")) {
                if (!leap()) return;
                continue;
            }
            bracket();
            if (outline_.error) return;
        }
        const std::size_t to = at_end_ ? source_.size() : token_.offset;
        load.text = trim(source_.substr(from, to - from));
        if (counts) outline_.loads.push_back(load);
        if (!at_end_) statement_piece();
    }

    void loading_call() {
        Load load;
        load.kind = Load::Kind::Call;
        load.name = token_.text;
        load.line = token_.line;
        load.conditional = maybe_left_out();
        const std::size_t outside = depth();
        if (!advance()) return;
        if (!is("(")) return statement_piece();
        const std::uint32_t from = lexer_.offset();
        do {
            bracket();
        } while (!outline_.error && depth() > outside && advance());
        if (outline_.error || at_end_) return;
        load.text = trim(source_.substr(from, token_.offset - from));
        if (!left_) outline_.loads.push_back(load);
    }

    void fail(std::uint32_t line, std::string text) {
        if (!outline_.error) outline_.error = SyntaxError{line, std::move(text)};
    }
    void bad() {
        if (token_.text.size() == 1 && token_.offset + 1 < source_.size())
            return fail(token_.line, "a byte that PHP does not know");
        const char first = token_.text[0] == 'b' || token_.text[0] == 'B' ? token_.text[1] : token_.text[0];
        report(Imbalance{token_.offset, token_.line, '\0', first == '/' ? '*' : first});
    }
    void unclosed(const Bracket& bracket) { report(Imbalance{0, bracket.line, '\0', bracket.opened}); }
    void mismatch(char found) {
        report(Imbalance{0, token_.line, found, brackets_.empty() ? '\0' : brackets_.back().opened});
    }
    void report(const Imbalance& imbalance) {
        const auto quoted = [](char c) { return std::string("'") + c + "'"; };
        switch (imbalance.opened) {
            case '\'':
            case '"':
            case '`':
                return fail(imbalance.line, "unterminated string");
            case '<':
                return fail(imbalance.line, "unterminated heredoc");
            case '*':
                return fail(imbalance.line, "unterminated comment");
            default:
                break;
        }
        if (imbalance.found == '\0') return fail(imbalance.line, "unclosed " + quoted(imbalance.opened));
        if (imbalance.opened == '\0') return fail(imbalance.line, "unmatched " + quoted(imbalance.found));
        fail(imbalance.line, quoted(imbalance.found) + " does not match " + quoted(imbalance.opened));
    }

    std::string_view source_;
    Lexer lexer_;
    Outline outline_;
    Token token_{};
    Token previous_{};
    std::string_view doc_;
    std::string namespace_;
    std::vector<Bracket> brackets_;
    int blocks_ = 0;
    int colon_blocks_ = 0;
    std::size_t control_depth_ = 0;
    bool in_control_ = false;
    bool in_const_ = false;
    bool left_ = false;  ///< an unconditional return: nothing behind it is loaded any more
    bool at_end_ = false;
};

}  // namespace

Outline outline(std::string_view source) {
    return Outliner(source).read();
}

}  // namespace bdupdate::php
