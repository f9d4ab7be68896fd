#pragma once

#include <cstdint>

#include "bdupdate/php/lexer.h"

/// Finding the ends of the long things: each function gets the first byte to look at and gives the byte
/// behind the end, or a null pointer where the source ends before (and for a nesting deeper than
/// deepest_nesting).
namespace bdupdate::php::skip {

/// How deep templates may nest in one another: PHP has no limit, our stack has one.
inline constexpr int deepest_nesting = 200;

/// Behind the quote, `"` or '`', that ends a string; `p` stands behind its first quote. `interpolates` is set
/// when a variable or `{$` stands in it.
const char* interpolated(const char* p, const char* end, char quote, bool& interpolates, int depth = 0);

/// `<<<` with its label and newline.
struct HeredocStart {
    const char* body = nullptr;  ///< null: there is none
    const char* label = nullptr;
    std::size_t label_size = 0;
    bool nowdoc = false;
};
HeredocStart heredoc_start(const char* p, const char* end);
/// Behind the closing label.
const char* heredoc(const HeredocStart& start, const char* end, bool& interpolates, int depth = 0);

/// End of a `//` or `#` comment: its newline, a `?>`, or the end of the source; `p` stands behind the marker.
const char* line_comment(const char* p, const char* end);
/// Behind the closing star and slash; `p` stands behind the opening ones.
const char* block_comment(const char* p, const char* end);

/// The next `<?php` or `<?=`, or `end`.
const char* open_tag(const char* p, const char* end);
/// Behind the open tag at `p`.
const char* open_tag_end(const char* p, const char* end);

/// Code up to the `}` that closes the block whose `{` stands right before `p`; gives the byte behind it.
/// Brackets of other kinds do not matter.
const char* block(const char* p, const char* end, int depth = 0);
/// The same, and checks that brackets match; a null pointer and the place (offset only, from `begin`) where
/// not.
const char* checked_block(const char* begin, const char* p, const char* end, Imbalance& imbalance);

}  // namespace bdupdate::php::skip
