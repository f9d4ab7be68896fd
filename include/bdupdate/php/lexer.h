#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace bdupdate::php {

enum class TokenKind : std::uint8_t {
    InlineHtml,  ///< text outside of PHP; also what follows `__halt_compiler();`
    OpenTag,     ///< `<?php` with the blank or newline it swallows, `<?=`; `<?` alone is inline HTML
    CloseTag,    ///< `?>` with the newline it swallows
    Comment,     ///< `//`, `#` (without the newline, up to a `?>`), `/* */`
    DocComment,  ///< `/** */`
    Whitespace,
    Identifier,  ///< names and keywords, as written; also qualified names' parts (`\` is an Operator)
    Variable,    ///< `$name`
    Integer,
    Float,
    String,          ///< a whole quoted string without interpolation, quotes included, `b` prefix included
    Template,        ///< a whole double-quoted string or heredoc with interpolation, delimiters included
    Heredoc,         ///< a whole heredoc without interpolation, or a nowdoc, delimiters included
    Backtick,        ///< a whole shell-execution string
    AttributeStart,  ///< `#[`
    Operator,  ///< operators and punctuation: longest match, such as `===`, `??=`, `=>`, `->`, `::`, `{`;
               ///< a cast is three tokens: `(`, `int`, `)`
    Bad,  ///< an unterminated string or comment: runs to the end of the file; or one byte PHP does not know
};

/// A piece of the source. The texts of all tokens in order, joined, are the source, byte for byte.
struct Token {
    TokenKind kind;
    std::uint32_t line;     ///< of its first byte, counted from 1
    std::uint32_t offset;   ///< of its first byte
    std::string_view text;  ///< points into the source, which must outlive it
};

/// Splits PHP source (any of 5.6 to 8.4) into tokens. Never fails: what PHP would refuse comes as Bad.
/// Sources of 4 GiB or more are cut there.
std::vector<Token> tokenize(std::string_view source);

/// What is wrong with the brackets or quotes of a source.
struct Imbalance {
    std::uint32_t offset = 0;
    std::uint32_t line = 0;
    char found = 0;   ///< the closing bracket that does not fit; 0: the end of the file came first
    char opened = 0;  ///< the bracket (or `'`, `"`, '`', `<` for a heredoc, `*` for a comment) left open; 0:
                      ///< none was open
};

/// Yields the tokens of tokenize() one by one, without keeping them, and can leap over whole blocks.
class Lexer {
  public:
    /// The source must outlive the lexer.
    explicit Lexer(std::string_view source);

    /// False at the end of the source; `token` is then left alone.
    bool next(Token& token);

    /// Right after next() gave a `{`: goes on right behind the `}` that closes it, several times faster than
    /// next() could. False when there is none, or when brackets inside do not match: `imbalance` says where,
    /// and the lexer stands at the end.
    bool skip_block(Imbalance& imbalance);

    /// Offset of the byte that next() starts at.
    [[nodiscard]] std::uint32_t offset() const { return static_cast<std::uint32_t>(at_ - begin_); }

  private:
    friend std::vector<Token> tokenize(std::string_view source);

    bool step(Token& token);
    void next_in_script(Token& token);
    const char* name_or_prefixed(TokenKind& kind);
    void take(Token& token, TokenKind kind, const char* end);
    void take_counting_lines(Token& token, TokenKind kind, const char* end);

    const char* begin_;
    const char* at_;
    const char* end_;
    const char* arrow_end_ =
        nullptr;  ///< behind the last `->` and what blanks and comments follow it: names only
    std::uint32_t line_ = 1;
    bool html_ = true;
    int until_halt_ = 0;  ///< tokens still to come before `__halt_compiler();` is over
};

}  // namespace bdupdate::php
