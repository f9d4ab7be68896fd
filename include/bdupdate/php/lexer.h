#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace bdupdate::php {

enum class TokenKind : std::uint8_t {
    InlineHtml,
    OpenTag,     ///< `<?php`, `<?=`
    CloseTag,    ///< `?>` with the newline it swallows
    Comment,     ///< `//`, `#`, `/* */`
    DocComment,  ///< `/** */`
    Whitespace,
    Identifier,  ///< names and keywords, as written; also qualified names' parts
    Variable,    ///< `$name`
    Integer,
    Float,
    String,          ///< a whole quoted string without interpolation, quotes included
    Template,        ///< a whole double-quoted string or heredoc with interpolation, delimiters included
    Heredoc,         ///< a whole heredoc without interpolation, or a nowdoc, delimiters included
    Backtick,        ///< a whole shell-execution string
    AttributeStart,  ///< `#[`
    Operator,  ///< operators and punctuation: longest match, such as `===`, `??=`, `=>`, `->`, `::`, `{`
    Bad,       ///< an unterminated string or comment: runs to the end of the file
};

/// A piece of the source. The texts of all tokens in order, joined, are the source, byte for byte.
struct Token {
    TokenKind kind;
    std::uint32_t line;     ///< of its first byte, counted from 1
    std::uint32_t offset;   ///< of its first byte
    std::string_view text;  ///< points into the source, which must outlive it
};

/// Splits PHP source (any of 5.6 to 8.4) into tokens. Never fails: what PHP would refuse comes as Bad.
std::vector<Token> tokenize(std::string_view source);

}  // namespace bdupdate::php
