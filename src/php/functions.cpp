#include "bdupdate/php/functions.h"

#include "bdupdate/base/text.h"
#include "characters.h"

namespace bdupdate::php {

namespace {

bool pcre_space(char c) {
    return characters::space(c) || c == '\v' || c == '\f';
}

std::size_t skip_spaces(std::string_view text, std::size_t i) {
    while (i < text.size() && pcre_space(text[i])) ++i;
    return i;
}

/// Where a match of `^\s*MARK\s*` (with a `$` behind it for `to_line_end`) that begins at `i` ends; `i` for
/// none.
std::size_t mark_end(std::string_view text, std::size_t i, std::string_view mark, bool to_line_end) {
    const std::size_t marked = skip_spaces(text, i);
    if (text.substr(marked, mark.size()) != mark) return i;
    const std::size_t behind = marked + mark.size();
    std::size_t stop = skip_spaces(text, behind);
    if (!to_line_end) return stop;
    const auto at_line_end = [&] { return stop == text.size() || text[stop] == '\n'; };
    while (stop > behind && !at_line_end()) --stop;
    return at_line_end() ? stop : i;
}

/// preg_replace() of such a pattern, in multi-line mode, by nothing.
std::string strip_marks(std::string_view text, std::string_view mark, bool to_line_end) {
    std::string stripped;
    std::size_t i = 0;
    while (i < text.size()) {
        if (i == 0 || text[i - 1] == '\n') {
            const std::size_t stop = mark_end(text, i, mark, to_line_end);
            if (stop > i) {
                i = stop;
                continue;
            }
        }
        stripped += text[i++];
    }
    return stripped;
}

constexpr std::string_view update_mark = "_update_";

}  // namespace

std::string update_description(std::string_view doc_comment) {
    const std::string opened = strip_marks(doc_comment, "/**", false);
    const std::string closed = strip_marks(opened, "*/", true);
    const std::string stripped = strip_marks(closed, "*", false);
    // PHP's trim().
    static constexpr std::string_view trimmed_bytes{" \n\r\t\v\0", 6};
    const std::size_t first = stripped.find_first_not_of(trimmed_bytes);
    if (first == std::string::npos) return {};
    return stripped.substr(first, stripped.find_last_not_of(trimmed_bytes) - first + 1);
}

bool split_update_name(std::string_view name, std::string& module, std::string& number) {
    std::size_t digits = name.size();
    while (digits > 0 && characters::digit(name[digits - 1])) --digits;
    if (digits == name.size() || digits <= update_mark.size()) return false;
    const std::string lowered = to_lower(name.substr(0, digits));
    const std::size_t mark = lowered.size() - update_mark.size();
    if (lowered.compare(mark, update_mark.size(), update_mark) != 0) return false;
    module = lowered.substr(0, mark);
    number = std::string(name.substr(digits));
    return true;
}

}  // namespace bdupdate::php
