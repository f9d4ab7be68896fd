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
    Operator
};

constexpr std::array<Start, 256> make_starts() {
    std::array<Start, 256> starts{};
    for (unsigned c = 0; c < 256; ++c) {
        if ((byte_flags[c] & NameStart) != 0) starts[c] = Start::Name;
        if ((byte_flags[c] & Space) != 0) starts[c] = Start::Space;
        if ((byte_flags[c] & Digit) != 0) starts[c] = Start::Digit;
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
    set("(){}[];,~@\\=!>+-*&|^%:", Start::Operator);
    return starts;
}
constexpr std::array<Start, 256> start_of_byte = make_starts();

/// Bits for the bytes that may stand second in an operator.
constexpr unsigned second_bit(char c) {
    constexpr std::string_view second_bytes = "=>-*&|+:";
    const std::size_t at = second_bytes.find(c);
    return at == std::string_view::npos ? 0U : 1U << at;
}

struct OperatorStart {
    std::uint8_t seconds = 0;  ///< second_bit()s of what makes two bytes one operator
    char triple = 0;           ///< the second byte behind which a `=` makes it three
};

constexpr std::array<OperatorStart, 256> make_operators() {
    std::array<OperatorStart, 256> operators{};
    const auto set = [&operators](char first, std::string_view seconds, char triple) {
        OperatorStart& start = operators[static_cast<unsigned char>(first)];
        for (const char c : seconds) start.seconds = static_cast<std::uint8_t>(start.seconds | second_bit(c));
        start.triple = triple;
    };
    set('=', "=>", '=');
    set('!', "=", '=');
    set('>', ">=", '>');
    set('-', "-=>", 0);
    set('*', "*=", '*');
    set(':', ":", 0);
    set('^', "=", 0);
    set('%', "=", 0);
    set('+', "+=", 0);
    set('&', "&=", 0);
    set('|', "|=", 0);
    return operators;
}
constexpr std::array<OperatorStart, 256> operator_starts = make_operators();

constexpr std::array<std::uint8_t, 256> make_seconds() {
    std::array<std::uint8_t, 256> seconds{};
    for (unsigned c = 0; c < 128; ++c)
        seconds[c] = static_cast<std::uint8_t>(second_bit(static_cast<char>(c)));
    return seconds;
}
constexpr std::array<std::uint8_t, 256> second_bits = make_seconds();

/// Length of the longest operator at `p`, for the bytes that operator_starts knows (1 for all others);
/// computed, for a branch on the bytes of an operator is one that no processor foresees.
inline int operator_size(const char* p, const char* end) {
    const OperatorStart start = operator_starts[static_cast<unsigned char>(*p)];
    const char b = at(p + 1, end);
    const char c = at(p + 2, end);
    const int second = (start.seconds & second_bits[static_cast<unsigned char>(b)]) != 0 ? 1 : 0;
    const int third = static_cast<int>(b == start.triple) & static_cast<int>(c == '=');
    return 1 + second + (second & third);
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
        if (mark == 'x' && has(first, Hex)) return digits_end(p + 2, end, Hex);
        if (mark == 'b' && (first == '0' || first == '1')) return radix_end(p + 2, end, '1');
        if (mark == 'o' && first >= '0' && first <= '7') return radix_end(p + 2, end, '7');
    }
    if (*p != '.') p = digits_end(p, end, Digit);
    if (at(p, end) == '.') {
        kind = TokenKind::Float;
        ++p;
        if (digit(at(p, end))) p = digits_end(p, end, Digit);
    }
    if (lower(at(p, end)) != 'e') return p;
    const char* exponent = p + 1;
    if (at(exponent, end) == '+' || at(exponent, end) == '-') ++exponent;
    if (!digit(at(exponent, end))) return p;
    kind = TokenKind::Float;
    return digits_end(exponent, end, Digit);
}

/// An end, or the end of the source with the kind Bad where there is none.
const char* or_bad(const char* after, const char* end, TokenKind& kind) {
    if (after != nullptr) return after;
    kind = TokenKind::Bad;
    return end;
}

const char* quoted_end(const char* p, const char* end, TokenKind& kind) {
    kind = TokenKind::String;
    bool lines = false;
    if (*p == '\'') return or_bad(single_quoted(p + 1, end, lines), end, kind);
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

const char* slash_end(const char* p, const char* end, TokenKind& kind) {
    const char next = at(p + 1, end);
    kind = TokenKind::Comment;
    if (next == '/') return skip::line_comment(p + 2, end);
    if (next == '*') {
        if (at(p + 2, end) == '*' && space(at(p + 3, end))) kind = TokenKind::DocComment;
        return or_bad(skip::block_comment(p + 2, end), end, kind);
    }
    kind = TokenKind::Operator;
    return p + (next == '=' ? 2 : 1);
}

const char* less_end(const char* p, const char* end, TokenKind& kind) {
    kind = TokenKind::Operator;
    const char next = at(p + 1, end);
    const char third = at(p + 2, end);
    if (next == '=') return p + (third == '>' ? 3 : 2);
    if (next == '>') return p + 2;
    if (next != '<') return p + 1;
    if (third == '=') return p + 3;
    const skip::HeredocStart start = skip::heredoc_start(p, end);
    return start.body == nullptr ? p + 2 : heredoc_end(start, end, kind);
}

/// The name from `p` to `after` is `__halt_compiler`, and no part of a longer one.
bool halts(const char* begin, const char* p, const char* after, const char* end) {
    static constexpr std::string_view halt_name = "__halt_compiler";
    if (static_cast<std::size_t>(after - p) != halt_name.size() ||
        !same_ignoring_case(p, halt_name.data(), halt_name.size()))
        return false;
    return (p == begin || p[-1] != '\\') && !(at(after, end) == '\\' && name_start(at(after + 1, end)));
}

/// Behind `?>` at `p` and the newline it swallows.
const char* close_tag_end(const char* p, const char* end) {
    p += 2;
    if (at(p, end) == '\r') return p + (at(p + 1, end) == '\n' ? 2 : 1);
    return at(p, end) == '\n' ? p + 1 : p;
}

}  // namespace

Lexer::Lexer(std::string_view source)
    : begin_(source.data()),
      at_(source.data()),
      end_(source.data() + std::min<std::size_t>(source.size(), std::numeric_limits<std::uint32_t>::max())) {}

[[gnu::always_inline]] inline void Lexer::take(Token& token, TokenKind kind, const char* end) {
    token.kind = kind;
    token.line = line_;
    token.offset = static_cast<std::uint32_t>(at_ - begin_);
    token.text = std::string_view(at_, static_cast<std::size_t>(end - at_));
    at_ = end;
}

[[gnu::always_inline]] inline void Lexer::take_counting_lines(Token& token, TokenKind kind, const char* end) {
    const std::uint32_t lines = count_lines(at_, end, end_);
    take(token, kind, end);
    line_ += lines;
}

/// A name; or, since `b'..'` is one token, a string or heredoc with its prefix.
[[gnu::always_inline]] inline const char* Lexer::name_or_prefixed(TokenKind& kind) {
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

[[gnu::always_inline]] inline void Lexer::next_in_script(Token& token) {
    TokenKind kind = TokenKind::Operator;
    const char* after = nullptr;
    const Start start = start_of_byte[static_cast<unsigned char>(*at_)];
    // Two thirds of all tokens; processors foresee these branches better than the jump of the switch.
    if (start == Start::Space) {
        std::uint32_t lines = 0;
        after = space_end(at_, end_, lines);
        if (arrow_end_ == at_) arrow_end_ = after;
        take(token, TokenKind::Whitespace, after);
        line_ += lines;
        return;
    }
    if (start == Start::Operator) {
        after = at_ + operator_size(at_, end_);
        if (*at_ == '-' && after[-1] == '>') arrow_end_ = after;
        return take(token, kind, after);
    }
    switch (start) {
        case Start::Name:
            after = name_or_prefixed(kind);
            if (kind != TokenKind::Identifier) return take_counting_lines(token, kind, after);
            if (*at_ == '_' && until_halt_ == 0 && arrow_end_ != at_ && halts(begin_, at_, after, end_))
                until_halt_ = 5;  // the name itself counts too
            break;
        case Start::Dollar:
            if (name_start(at(at_ + 1, end_))) {
                kind = TokenKind::Variable;
                after = name_end(at_ + 2, end_);
                break;
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
        case Start::Single: {
            bool lines = false;
            kind = TokenKind::String;
            after = or_bad(single_quoted(at_ + 1, end_, lines), end_, kind);
            if (lines || kind == TokenKind::Bad) return take_counting_lines(token, kind, after);
            break;
        }
        case Start::Double:
            after = quoted_end(at_, end_, kind);
            return take_counting_lines(token, kind, after);
        case Start::Slash:
            after = slash_end(at_, end_, kind);
            if (kind == TokenKind::Operator) break;
            if (arrow_end_ == at_) arrow_end_ = after;
            return take_counting_lines(token, kind, after);
        case Start::Less:
            after = less_end(at_, end_, kind);
            return take_counting_lines(token, kind, after);
        case Start::Hash:
            // Behind an arrow PHP knows no attributes.
            kind = at(at_ + 1, end_) == '[' && arrow_end_ != at_ ? TokenKind::AttributeStart
                                                                 : TokenKind::Comment;
            after = kind == TokenKind::Comment ? skip::line_comment(at_ + 1, end_) : at_ + 2;
            if (arrow_end_ == at_) arrow_end_ = after;
            break;
        case Start::Question:
            if (at(at_ + 1, end_) == '>') {
                html_ = true;
                return take_counting_lines(token, TokenKind::CloseTag, close_tag_end(at_, end_));
            }
            if (at(at_ + 1, end_) == '?')
                after = at_ + (at(at_ + 2, end_) == '=' ? 3 : 2);
            else if (at(at_ + 1, end_) == '-' && at(at_ + 2, end_) == '>')
                arrow_end_ = after = at_ + 3;
            else
                after = at_ + 1;
            break;
        case Start::Space:
        case Start::Operator:
        case Start::Other:
            kind = TokenKind::Bad;
            after = at_ + 1;
            break;
    }
    take(token, kind, after);
}

[[gnu::always_inline]] inline bool Lexer::step(Token& token) {
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

bool Lexer::next(Token& token) {
    return step(token);
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
    while (lexer.step(token)) tokens.push_back(token);
    return tokens;
}

}  // namespace bdupdate::php
