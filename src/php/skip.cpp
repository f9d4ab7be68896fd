#include "skip.h"

#include <algorithm>
#include <vector>

#include "characters.h"

namespace bdupdate::php::skip {

using namespace characters;

namespace {

/// PHP's state after `$name[` in a template: it ends at `]` or before a byte that cannot stand there, and
/// swallows all else, quotes included.
const char* variable_offset(const char* p, const char* end) {
    while (p < end) {
        if (*p == ']') return p + 1;
        if (space(*p) || *p == '\\' || *p == '\'' || *p == '#') return p;
        ++p;
    }
    return p;
}

/// A `$` or `{` in a template: leaps over what it begins, if anything; null where that does not end.
const char* interpolation(const char* p, const char* end, bool& interpolates, int depth) {
    const char next = at(p + 1, end);
    if (*p == '{' ? next == '$' : next == '{') {
        interpolates = true;
        // `{` alone is the brace of `{$`; of `${` both bytes are.
        return block(p + (*p == '{' ? 1 : 2), end, depth + 1);
    }
    if (*p == '{' || !name_start(next)) return p + 1;
    interpolates = true;
    p = name_end(p + 2, end);
    return at(p, end) == '[' ? variable_offset(p + 1, end) : p;
}

}  // namespace

const char* interpolated(const char* p, const char* end, char quote, bool& interpolates, int depth) {
    if (depth > deepest_nesting) return nullptr;
    while (true) {
        p = quote == '"' ? find_any<'"', '\\', '$', '{'>(p, end) : find_any<'`', '\\', '$', '{'>(p, end);
        if (p == end) return nullptr;
        if (*p == quote) return p + 1;
        if (*p == '\\') {
            p += end - p >= 2 ? 2 : 1;
            continue;
        }
        p = interpolation(p, end, interpolates, depth);
        if (p == nullptr) return nullptr;
    }
}

HeredocStart heredoc_start(const char* p, const char* end) {
    HeredocStart start;
    if (end - p < 5 || p[1] != '<' || p[2] != '<') return start;
    p += 3;
    while (p < end && blank(*p)) ++p;
    const char quote = at(p, end) == '\'' || at(p, end) == '"' ? *p++ : '\0';
    if (!name_start(at(p, end))) return start;
    const char* label = p;
    p = name_end(p, end);
    const auto size = static_cast<std::size_t>(p - label);
    if (quote != '\0' && at(p, end) != quote) return start;
    if (quote != '\0') ++p;
    if (at(p, end) != '\n' && at(p, end) != '\r') return start;
    p += *p == '\r' && at(p + 1, end) == '\n' ? 2 : 1;
    return HeredocStart{p, label, size, quote == '\''};
}

namespace {

/// Behind the closing label when a line that starts at `p` holds it. PHP wants one more byte behind it.
const char* closing_label(const HeredocStart& start, const char* p, const char* end) {
    while (p < end && blank(*p)) ++p;
    if (end - p <= static_cast<std::ptrdiff_t>(start.label_size)) return nullptr;
    const char* after = p + start.label_size;
    return std::equal(p, after, start.label) && !name_part(*after) ? after : nullptr;
}

}  // namespace

const char* heredoc(const HeredocStart& start, const char* end, bool& interpolates, int depth) {
    if (depth > deepest_nesting) return nullptr;
    const char* p = start.body;
    if (const char* after = closing_label(start, p, end)) return after;
    while (true) {
        p = start.nowdoc ? find_any<'\n', '\r'>(p, end) : find_any<'\n', '\r', '$', '{', '\\'>(p, end);
        if (p == end) return nullptr;
        if (*p == '\n' || *p == '\r') {
            p += *p == '\r' && at(p + 1, end) == '\n' ? 2 : 1;
            if (const char* after = closing_label(start, p, end)) return after;
        } else if (*p == '\\') {
            const char next = at(p + 1, end);
            p += end - p >= 2 && next != '\n' && next != '\r' ? 2 : 1;
        } else {
            p = interpolation(p, end, interpolates, depth);
            if (p == nullptr) return nullptr;
        }
    }
}

const char* line_comment(const char* p, const char* end) {
    while (true) {
        p = find_any<'\n', '\r', '?'>(p, end);
        if (p == end || *p != '?' || at(p + 1, end) == '>') return p;
        ++p;
    }
}

const char* block_comment(const char* p, const char* end) {
#if defined(__SSE2__)
    for (; end - p >= 17; p += 16) {
        const unsigned both = bits(_mm_and_si128(equal(load(p), '*'), equal(load(p + 1), '/')));
        if (both != 0) return p + __builtin_ctz(both) + 2;
    }
#endif
    for (; end - p >= 2; ++p) {
        if (*p == '*' && p[1] == '/') return p + 2;
    }
    return nullptr;
}

const char* open_tag_end(const char* p, const char* end) {
    if (p[2] == '=') return p + 3;
    p += 5;
    if (p < end) p += *p == '\r' && at(p + 1, end) == '\n' ? 2 : 1;
    return p;
}

const char* open_tag(const char* p, const char* end) {
    while (p < end) {
        p = static_cast<const char*>(std::memchr(p, '<', static_cast<std::size_t>(end - p)));
        if (p == nullptr) return end;
        if (at(p + 1, end) == '?') {
            if (at(p + 2, end) == '=') return p;
            if (end - p >= 5 && same_ignoring_case(p + 2, "php", 3) && (end - p == 5 || space(p[5])))
                return p;
        }
        ++p;
    }
    return end;
}

namespace {

/// By byte: what bracket closes the one it opens, closes_bracket for a closing one, other_structure for what
/// else gives structure.
constexpr char closes_bracket = 1;
constexpr char other_structure = 2;
constexpr std::array<char, 256> make_structural(bool all_brackets) {
    std::array<char, 256> table{};
    const auto set = [&table](char c, char meaning) { table[static_cast<unsigned char>(c)] = meaning; };
    for (const char c : {'\'', '"', '`', '/', '#', '<', '?'}) set(c, other_structure);
    set('{', '}');
    set('}', closes_bracket);
    if (!all_brackets) return table;
    set('(', ')');
    set('[', ']');
    set(')', closes_bracket);
    set(']', closes_bracket);
    return table;
}

constexpr int block_size = 64;

/// What stands in the 64 bytes at a place (fewer where the source ends), a bit a byte.
struct Block {
    std::uint64_t structural = 0;  ///< brackets, and what begins a string, comment, heredoc or `?>`
    std::uint64_t single = 0;      ///< single quotes and backslashes
};

#if defined(__SSE2__)
inline void add_bits_16(Block& block, const char* p, unsigned shift) {
    const __m128i v = load(p);
    const __m128i upper = _mm_or_si128(v, _mm_set1_epi8(0x20));                     // [ ] as { }
    const __m128i even = _mm_and_si128(v, _mm_set1_epi8(static_cast<char>(0xFE)));  // ) as (, # as "
    const __m128i brackets =
        _mm_or_si128(_mm_or_si128(equal(upper, '{'), equal(upper, '}')), equal(even, '('));
    const __m128i single = equal(v, '\'');
    const __m128i quotes = _mm_or_si128(_mm_or_si128(single, equal(even, '"')), equal(v, '`'));
    const __m128i others = _mm_or_si128(_mm_or_si128(equal(v, '/'), equal(v, '<')), equal(v, '?'));
    block.structural |= std::uint64_t{bits(_mm_or_si128(_mm_or_si128(brackets, quotes), others))} << shift;
    block.single |= std::uint64_t{bits(_mm_or_si128(single, equal(v, '\\')))} << shift;
}
#endif

inline Block block_at(const char* p, const char* end) {
    Block block;
#if defined(__SSE2__)
    if (end - p >= block_size) {
        for (unsigned i = 0; i < block_size; i += 16) add_bits_16(block, p + i, i);
        return block;
    }
#endif
    static constexpr std::array<char, 256> structural_table = make_structural(true);
    for (unsigned i = 0; i < block_size && p + i < end; ++i) {
        const auto bit = [i](bool set) { return std::uint64_t{set ? 1U : 0U} << i; };
        block.structural |= bit(structural_table[static_cast<unsigned char>(p[i])] != 0);
        block.single |= bit(p[i] == '\'' || p[i] == '\\');
    }
    return block;
}

/// The bits from number `first` on, which may be 64.
inline std::uint64_t bits_from(unsigned first) {
    return first >= 64 ? 0 : ~std::uint64_t{0} << first;
}

/// Walks code by the bytes that give it structure; all others, names and numbers included, cannot change
/// where a block ends. Unchecked, brackets other than braces do not matter.
template <bool Checked>
class Walker {
  public:
    Walker(const char* begin, const char* end, int depth) : begin_(begin), end_(end), depth_(depth) {}

    /// From behind the `{` of a block to behind its `}`.
    const char* walk(const char* p) {
        open_[0] = Open{p - 1, '}'};
        while (p < end_) {
            const Block block = block_at(p, end_);
            std::uint64_t found = block.structural;
            const char* next = p + block_size;
            while (found != 0) {
                const auto i = static_cast<unsigned>(__builtin_ctzll(found));
                const char* at = p + i;
                found &= found - 1;
                const char meaning = meanings[static_cast<unsigned char>(*at)];
                if (meaning == other_structure) {
                    const std::uint64_t stops = *at == '\'' ? block.single & bits_from(i + 1) : 0;
                    const unsigned stop = stops == 0 ? 0 : static_cast<unsigned>(__builtin_ctzll(stops));
                    if (stops != 0 && p[stop] == '\'') {
                        found &= bits_from(stop + 1);  // a string without a backslash that ends in this block
                        continue;
                    }
                    const char* after = other(at);
                    if (after == nullptr) return nullptr;
                    if (after >= next) {
                        next = after;
                        break;
                    }
                    found &= bits_from(static_cast<unsigned>(after - p));
                    continue;
                }
                if (!bracket(at, meaning)) return nullptr;
                if (depth_open_ == 0) return at + 1;
            }
            p = next;
        }
        const Open& last = open_[depth_open_ - 1];
        imbalance = Imbalance{static_cast<std::uint32_t>(last.at - begin_), 0, '\0', *last.at};
        return nullptr;
    }

    Imbalance imbalance;

  private:
    struct Open {
        const char* at = nullptr;
        char closing = 0;
    };
    static constexpr std::array<char, 256> meanings = make_structural(Checked);

    /// Opens, closes, or (meaning 0) ignores a bracket; computed rather than decided, for which of them comes
    /// next is what no processor foresees. False: it does not fit.
    bool bracket(const char* at, char meaning) {
        if (depth_open_ == open_.size()) open_.resize(open_.size() * 2);
        const bool closes = meaning == closes_bracket;
        const Open& last = open_[depth_open_ - 1];
        if (closes && last.closing != *at) {
            imbalance = Imbalance{static_cast<std::uint32_t>(at - begin_), 0, *at, *last.at};
            return false;
        }
        open_[depth_open_] = Open{at, meaning};
        depth_open_ += static_cast<std::size_t>(meaning > other_structure) - static_cast<std::size_t>(closes);
        return true;
    }

    const char* unterminated(const char* p, char opened, const char* after) {
        if (after == nullptr) imbalance = Imbalance{static_cast<std::uint32_t>(p - begin_), 0, '\0', opened};
        return after;
    }

    /// Strings, comments, heredocs, `?>`: and the operators that could be mistaken for one.
    const char* other(const char* p) {
        const char next = at(p + 1, end_);
        bool ignored = false;
        switch (*p) {
            case '\'':
                return unterminated(p, '\'', single_quoted(p + 1, end_, ignored));
            case '"':
            case '`':
                return unterminated(p, *p, interpolated(p + 1, end_, *p, ignored, depth_ + 1));
            case '#':
                return next == '[' ? p + 1 : line_comment(p + 1, end_);
            case '/':
                if (next == '/') return line_comment(p + 2, end_);
                return next == '*' ? unterminated(p, '*', block_comment(p + 2, end_)) : p + 1;
            case '?':
                // `??` is one operator, so that `??>` holds no `?>`.
                if (next == '?') return p + 2;
                return next == '>' ? behind_html(p + 2) : p + 1;
            default: {  // `<`; two of them are an operator, so that `<<<<X` holds no heredoc
                if (next != '<') return p + 1;
                const HeredocStart start = heredoc_start(p, end_);
                if (start.body == nullptr) return p + 2;
                return unterminated(p, '<', heredoc(start, end_, ignored, depth_ + 1));
            }
        }
    }

    const char* behind_html(const char* p) {
        p = open_tag(p, end_);
        return p == end_ ? p : open_tag_end(p, end_);
    }

    const char* begin_;
    const char* end_;
    int depth_;
    std::vector<Open> open_ = std::vector<Open>(64);
    std::size_t depth_open_ = 1;
};

}  // namespace

const char* block(const char* p, const char* end, int depth) {
    if (depth > deepest_nesting) return nullptr;
    return Walker<false>(p - 1, end, depth).walk(p);
}

const char* checked_block(const char* begin, const char* p, const char* end, Imbalance& imbalance) {
    Walker<true> walker(begin, end, 0);
    const char* after = walker.walk(p);
    imbalance = walker.imbalance;
    return after;
}

}  // namespace bdupdate::php::skip
