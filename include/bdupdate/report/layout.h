#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bdupdate::report {

/// Columns on a terminal. Widths are in columns, never in bytes: an East Asian letter takes two, a combining
/// accent none, an emoji of several code points two together (Unicode's grapheme clusters and East Asian
/// widths, from utf8proc). Bytes that are no UTF-8 take one each. `columns` of 0 means: as many as it takes.
std::size_t display_width(std::string_view text);

/// Filled with blanks at the right, or at the left; longer text stays as it is.
std::string padded(std::string_view text, std::size_t columns);
std::string padded_left(std::string_view text, std::size_t columns);

/// What fits, ended by "…" where something is missing; at a blank, where that does not cost half of it.
std::string cut(std::string_view text, std::size_t columns);

/// Lines that fit, broken at blanks and between wide letters, which need none. A longer word (a path, an
/// address) stays whole, for it is there to be copied. Never empty.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

/// `text` in lines after `first` (without style, so that it can be measured); the later lines are indented to
/// where the first one's text began, but by no more than a third of the columns. Ends with a newline.
std::string hanging(std::string_view first, std::string_view text, std::size_t columns);

/// First sentence-like line of a description, with single blanks.
std::string first_sentence(std::string_view text);

}  // namespace bdupdate::report
