#include "bdupdate/php/lexer.h"

#include <limits>

#include "characters.h"
#include "skip.h"

namespace bdupdate::php {

using namespace characters;

namespace {

/// What a token can be by its first byte.
enum class Start : std::uint8_t {
    Other,
    Space,
    Name,
    Dollar,
    Digit,
    Dot,
    Single,
    Double,
    Slash,
    Hash,
    Question,
    Less,
    Punctuation,
    Operator
};

constexpr std::array<Start, 256> make_starts() {
    std::array<Start, 256> starts{};
    for (unsigned c = 0; c < 256; ++c) {
        if ((kFlags[c] & kNameStart) != 0) starts[c] = Start::Name;
        if ((kFlags[c] & kSpace) != 0) starts[c] = Start::Space;
        if ((kFlags[c] & kDigit) != 0) starts[c] = Start::Digit;
    }
    const auto set = [&starts](std::string_view bytes, Start start) {
        for (const char c : bytes) starts[static_cast<unsigned char>(c)] = start;
    };
    set("$", Start::Dollar);
    set(".", Start::Dot);
    set("'", Start::Single);
    set("\"`", Start::Double);
    set("/", Start::Slash);
    set("#", Start::Hash);
    set("?", Start::Question);
    set("<", Start::Less);
    set("(){}[];,~@\\", Start::Punctuation);
    set("=!>+-*&|^%:", Start::Operator);
    return starts;
}
constexpr std::array<Start, 256> kStarts = make_starts();

/// Length of the longest operator at `p` that begins with one of `=!>+-*&|^%:`.
int operator_size(const char* p, const char* end) {
    const char a = *p;
    const char b = at(p + 1, end);
    const char c = at(p + 2, end);
    switch (a) {
        case '=':
            if (b == '=') return c == '=' ? 3 : 2;
            return b == '>' ? 2 : 1;
        case '!':
            if (b == '=') return c == '=' ? 3 : 2;
            return 1;
        case '>':
            if (b == '>') return c == '=' ? 3 : 2;
            return b == '=' ? 2 : 1;
        case '-':
            return b == '-' || b == '=' || b == '>' ? 2 : 1;
        case '*':
            if (b == '*') return c == '=' ? 3 : 2;
            return b == '=' ? 2 : 1;
        case ':':
            return b == ':' ? 2 : 1;
        case '^':
        case '%':
            return b == '=' ? 2 : 1;
        default:  // + & |
            return b == a || b == '=' ? 2 : 1;
    }
}

const char* digits_end(const char* p, const char* end, std::uint8_t flag) {
    while (p < end && (has(*p, flag) || (*p == '_' && has(p[-1], flag) && has(at(p + 1, end), flag)))) ++p;
    return p;
}

const char* radix_end(const char* p, const char* end, char last) {
    const auto fits = [last](char c) { return c >= '0' && c <= last; };
    while (p < end && (fits(*p) || (*p == '_' && fits(p[-1]) && fits(at(p + 1, end))))) ++p;
    return p;
}

/// A number that begins with a digit, or with a dot and a digit.
const char* number_end(const char* p, const char* end, TokenKind& kind) {
    kind = TokenKind::Integer;
    if (*p == '0') {
        const char mark = lower(at(p + 1, end));
        const char first = at(p + 2, end);
        if (mark == 'x' && has(first, kHex)) return digits_end(p + 2, end, kHex);
        if (mark == 'b' && (first == '0' || first == '1')) return radix_end(p + 2, end, '1');
        if (mark == 'o' && first >= '0' && first <= '7') return radix_end(p + 2, end, '7');
    }
    if (*p != '.') p = digits_end(p, end, kDigit);
    if (at(p, end) == '.') {
        kind = TokenKind::Float;
        ++p;
        if (digit(at(p, end))) p = digits_end(p, end, kDigit);
    }
    if (lower(at(p, end)) != 'e') return p;
    const char* exponent = p + 1;
    if (at(exponent, end) == '+' || at(exponent, end) == '-') ++exponent;
    if (!digit(at(exponent, end))) return p;
    kind = TokenKind::Float;
    return digits_end(exponent, end, kDigit);
}

/// An end, or the end of the source with the kind Bad where there is none.
const char* or_bad(const char* after, const char* end, TokenKind& kind) {
    if (after != nullptr) return after;
    kind = TokenKind::Bad;
    return end;
}

const char* quoted_end(const char* p, const char* end, TokenKind& kind) {
    kind = TokenKind::String;
    if (*p == '\'') return or_bad(skip::single_quoted(p + 1, end), end, kind);
    bool interpolates = false;
    const char* after = skip::interpolated(p + 1, end, *p, interpolates);
    if (*p == '`')
        kind = TokenKind::Backtick;
    else if (interpolates)
        kind = TokenKind::Template;
    return or_bad(after, end, kind);
}

const char* heredoc_end(const skip::HeredocStart& start, const char* end, TokenKind& kind) {
    bool interpolates = false;
    const char* after = skip::heredoc(start, end, interpolates);
    kind = interpolates ? TokenKind::Template : TokenKind::Heredoc;
    return or_bad(after, end, kind);
}

}  // namespace

Lexer::Lexer(std::string_view source)
    : begin_(source.data()),
      at_(source.data()),
      end_(source.data() + std::min<std::size_t>(source.size(), std::numeric_limits<std::uint32_t>::max())) {}

inline void Lexer::take(Token& token, TokenKind kind, const char* end) {
    token.kind = kind;
    token.line = line_;
    token.offset = static_cast<std::uint32_t>(at_ - begin_);
    token.text = std::string_view(at_, static_cast<std::size_t>(end - at_));
    at_ = end;
}

inline void Lexer::take_counting_lines(Token& token, TokenKind kind, const char* end) {
    const std::uint32_t lines = count_lines(at_, end, end_);
    take(token, kind, end);
    line_ += lines;
}

/// A name; or, since `b'..'` is one token, a string or heredoc with its prefix.
inline const char* Lexer::name_or_prefixed(TokenKind& kind) {
    kind = TokenKind::Identifier;
    const char* after = name_end(at_ + 1, end_);
    if (after - at_ == 1 && lower(*at_) == 'b' && after < end_) {
        const bool part_of_name = (at_ > begin_ && at_[-1] == '\\') || arrow_end_ == at_;
        if (part_of_name) return after;
        if (*after == '\'' || *after == '"') return quoted_end(after, end_, kind);
        const skip::HeredocStart start =
            *after == '<' ? skip::heredoc_start(after, end_) : skip::HeredocStart{};
        if (start.body != nullptr) return heredoc_end(start, end_, kind);
    }
    return after;
}

const char* Lexer::slash(TokenKind& kind) const {
    const char next = at(at_ + 1, end_);
    kind = TokenKind::Comment;
    if (next == '/') return skip::line_comment(at_ + 2, end_);
    if (next == '*') {
        if (at(at_ + 2, end_) == '*' && space(at(at_ + 3, end_))) kind = TokenKind::DocComment;
        return or_bad(skip::block_comment(at_ + 2, end_), end_, kind);
    }
    kind = TokenKind::Operator;
    return at_ + (next == '=' ? 2 : 1);
}

const char* Lexer::less(TokenKind& kind) const {
    kind = TokenKind::Operator;
    const char next = at(at_ + 1, end_);
    const char third = at(at_ + 2, end_);
    if (next == '=') return at_ + (third == '>' ? 3 : 2);
    if (next == '>') return at_ + 2;
    if (next != '<') return at_ + 1;
    if (third == '=') return at_ + 3;
    const skip::HeredocStart start = skip::heredoc_start(at_, end_);
    return start.body == nullptr ? at_ + 2 : heredoc_end(start, end_, kind);
}

/// Where a name was `__halt_compiler`, three more tokens are code.
void Lexer::after_name(const char* end) {
    static constexpr std::string_view kHalt = "__halt_compiler";
    if (static_cast<std::size_t>(end - at_) != kHalt.size() ||
        !same_ignoring_case(at_, kHalt.data(), kHalt.size()) || until_halt_ > 0)
        return;
    const bool qualified =
        (at_ > begin_ && at_[-1] == '\\') || (at(end, end_) == '\\' && name_start(at(end + 1, end_)));
    if (!qualified && arrow_end_ != at_) until_halt_ = 5;  // the name itself counts too
}

inline bool Lexer::next_in_script(Token& token) {
    TokenKind kind = TokenKind::Operator;
    const char* after = nullptr;
    switch (kStarts[static_cast<unsigned char>(*at_)]) {
        case Start::Space:
            after = space_end(at_ + 1, end_);
            if (arrow_end_ == at_) arrow_end_ = after;
            take_counting_lines(token, TokenKind::Whitespace, after);
            return true;
        case Start::Name:
            after = name_or_prefixed(kind);
            if (kind != TokenKind::Identifier) {
                take_counting_lines(token, kind, after);
                return true;
            }
            if (*at_ == '_') after_name(after);
            take(token, kind, after);
            return true;
        case Start::Dollar:
            if (name_start(at(at_ + 1, end_))) {
                take(token, TokenKind::Variable, name_end(at_ + 2, end_));
                return true;
            }
            after = at_ + 1;
            break;
        case Start::Digit:
            after = number_end(at_, end_, kind);
            break;
        case Start::Dot:
            if (digit(at(at_ + 1, end_)))
                after = number_end(at_, end_, kind);
            else if (at(at_ + 1, end_) == '.' && at(at_ + 2, end_) == '.')
                after = at_ + 3;
            else
                after = at_ + (at(at_ + 1, end_) == '=' ? 2 : 1);
            break;
        case Start::Single:
        case Start::Double:
            after = quoted_end(at_, end_, kind);
            take_counting_lines(token, kind, after);
            return true;
        case Start::Slash:
            after = slash(kind);
            if (arrow_end_ == at_ && kind != TokenKind::Operator) arrow_end_ = after;
            take_counting_lines(token, kind, after);
            return true;
        case Start::Less:
            after = less(kind);
            take_counting_lines(token, kind, after);
            return true;
        case Start::Hash:
            // Behind an arrow PHP knows no attributes.
            kind = at(at_ + 1, end_) == '[' && arrow_end_ != at_ ? TokenKind::AttributeStart
                                                                 : TokenKind::Comment;
            after = kind == TokenKind::Comment ? skip::line_comment(at_ + 1, end_) : at_ + 2;
            if (arrow_end_ == at_) arrow_end_ = after;
            break;
        case Start::Question:
            if (at(at_ + 1, end_) == '>') {
                after = at_ + 2;
                if (at(after, end_) == '\r')
                    after += at(after + 1, end_) == '\n' ? 2 : 1;
                else if (at(after, end_) == '\n')
                    ++after;
                html_ = true;
                take_counting_lines(token, TokenKind::CloseTag, after);
                return true;
            }
            if (at(at_ + 1, end_) == '?')
                after = at_ + (at(at_ + 2, end_) == '=' ? 3 : 2);
            else if (at(at_ + 1, end_) == '-' && at(at_ + 2, end_) == '>')
                arrow_end_ = after = at_ + 3;
            else
                after = at_ + 1;
            break;
        case Start::Punctuation:
            after = at_ + 1;
            break;
        case Start::Operator:
            after = at_ + operator_size(at_, end_);
            if (*at_ == '-' && at_[after - at_ - 1] == '>') arrow_end_ = after;
            break;
        case Start::Other:
            kind = TokenKind::Bad;
            after = at_ + 1;
            break;
    }
    take(token, kind, after);
    return true;
}

bool Lexer::next(Token& token) {
    if (at_ == end_) return false;
    if (html_) {
        const char* tag = skip::open_tag(at_, end_);
        if (tag > at_) {
            take_counting_lines(token, TokenKind::InlineHtml, tag);
        } else {
            html_ = false;
            take_counting_lines(token, TokenKind::OpenTag, skip::open_tag_end(at_, end_));
        }
        if (token.kind == TokenKind::OpenTag) return true;
    } else if (until_halt_ == 1) {
        take_counting_lines(token, TokenKind::InlineHtml, end_);
        return true;
    } else {
        next_in_script(token);
    }
    if (until_halt_ > 0 && token.kind != TokenKind::Whitespace && token.kind != TokenKind::Comment &&
        token.kind != TokenKind::DocComment && --until_halt_ == 1)
        html_ = false;
    return true;
}

bool Lexer::skip_block(Imbalance& imbalance) {
    const char* after = skip::checked_block(begin_, at_, end_, imbalance);
    const char* stop = after == nullptr ? end_ : after;
    if (after == nullptr) imbalance.line = line_ + count_lines(at_, begin_ + imbalance.offset, end_);
    line_ += count_lines(at_, stop, end_);
    at_ = stop;
    return after != nullptr;
}

std::vector<Token> tokenize(std::string_view source) {
    std::vector<Token> tokens;
    tokens.reserve(source.size() / 5 + 8);
    Lexer lexer(source);
    Token token{};
    while (lexer.next(token)) tokens.push_back(token);
    return tokens;
}

}  // namespace bdupdate::php
