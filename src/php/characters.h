#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace bdupdate::php::characters {

enum Flag : std::uint8_t { NameStart = 1, Name = 2, Space = 4, Digit = 8, Hex = 16 };

constexpr std::array<std::uint8_t, 256> make_flags() {
    std::array<std::uint8_t, 256> flags{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
        const bool digit = c >= '0' && c <= '9';
        const bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        flags[c] = static_cast<std::uint8_t>((alpha ? NameStart : 0) | (alpha || digit ? Name : 0) |
                                             (space ? Space : 0) | (digit ? Digit : 0) | (hex ? Hex : 0));
    }
    return flags;
}
inline constexpr std::array<std::uint8_t, 256> byte_flags = make_flags();

inline bool has(char c, std::uint8_t flag) {
    return (byte_flags[static_cast<unsigned char>(c)] & flag) != 0;
}
inline bool name_start(char c) {
    return has(c, NameStart);
}
inline bool name_part(char c) {
    return has(c, Name);
}
inline bool space(char c) {
    return has(c, Space);
}
inline bool digit(char c) {
    return has(c, Digit);
}
inline bool blank(char c) {
    return c == ' ' || c == '\t';
}
inline char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// The byte at `p`, or NUL at the end: no operator contains a NUL.
inline char at(const char* p, const char* end) {
    return p < end ? *p : '\0';
}

#if defined(__SSE2__)
inline __m128i load(const char* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
inline unsigned bits(__m128i v) {
    return static_cast<unsigned>(_mm_movemask_epi8(v));
}
inline __m128i equal(__m128i v, char c) {
    return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}
#endif

/// First byte from `p` on that cannot be part of a name.
inline const char* name_end(const char* p, const char* end) {
#if defined(__SSE2__)
    while (end - p >= 16) {
        const __m128i v = load(p);
        // Ranges as signed comparisons: shifted so that the range starts at -128.
        const __m128i letters = _mm_cmplt_epi8(
            _mm_add_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8(static_cast<char>(128 - 'a'))),
            _mm_set1_epi8(-128 + 26));
        const __m128i digits = _mm_cmplt_epi8(_mm_add_epi8(v, _mm_set1_epi8(static_cast<char>(128 - '0'))),
                                              _mm_set1_epi8(-128 + 10));
        // The sign bit of `v` itself stands for the bytes from 0x80 on.
        const unsigned names =
            bits(_mm_or_si128(_mm_or_si128(letters, digits), _mm_or_si128(equal(v, '_'), v)));
        if (names != 0xFFFFU) return p + __builtin_ctz(~names);
        p += 16;
    }
#endif
    while (p < end && name_part(*p)) ++p;
    return p;
}

/// First byte from `p` on that is one of the given ones.
template <char... Wanted>
const char* find_any(const char* p, const char* end) {
#if defined(__SSE2__)
    while (end - p >= 16) {
        const __m128i v = load(p);
        __m128i found = _mm_setzero_si128();
        ((found = _mm_or_si128(found, equal(v, Wanted))), ...);
        const unsigned mask = bits(found);
        if (mask != 0) return p + __builtin_ctz(mask);
        p += 16;
    }
#endif
    while (p < end && !((*p == Wanted) || ...)) ++p;
    return p;
}

#if defined(__SSE2__)
/// How many bits of 16 are set: processors of the x86-64 baseline have no instruction for it.
inline std::uint32_t count_bits(unsigned mask) {
    mask = mask - ((mask >> 1U) & 0x5555U);
    mask = (mask & 0x3333U) + ((mask >> 2U) & 0x3333U);
    mask = (mask + (mask >> 4U)) & 0x0F0FU;
    return (mask + (mask >> 8U)) & 0x1FU;
}
#endif

/// How many lines end in [p, stop): `\n`, and `\r` that no `\n` follows (as PHP counts), looking one byte
/// past stop.
inline std::uint32_t count_lines(const char* p, const char* stop, const char* end) {
    std::uint32_t lines = 0;
#if defined(__SSE2__)
    while (stop - p >= 16) {
        // Each of 16 counters takes one per round, and holds 255.
        constexpr std::ptrdiff_t most = std::ptrdiff_t{255} * 16;
        const char* pause = stop - p >= most ? p + most : p + (stop - p) / 16 * 16;
        __m128i newlines = _mm_setzero_si128();
        for (; p < pause; p += 16) {
            const __m128i v = load(p);
            newlines = _mm_sub_epi8(newlines, equal(v, '\n'));
            for (unsigned returns = bits(equal(v, '\r')); returns != 0; returns &= returns - 1) {
                if (at(p + __builtin_ctz(returns) + 1, end) != '\n') ++lines;
            }
        }
        const __m128i sums = _mm_sad_epu8(newlines, _mm_setzero_si128());
        lines +=
            static_cast<std::uint32_t>(_mm_cvtsi128_si32(sums) + _mm_cvtsi128_si32(_mm_srli_si128(sums, 8)));
    }
#endif
    for (; p < stop; ++p) {
        if (*p == '\n' || (*p == '\r' && at(p + 1, end) != '\n')) ++lines;
    }
    return lines;
}

/// First byte from `p` on that is no whitespace; the lines that end before it are added to `lines`.
inline const char* space_end(const char* p, const char* end, std::uint32_t& lines) {
    const char* from = p;
#if defined(__SSE2__)
    while (end - p >= 16) {
        const __m128i v = load(p);
        const __m128i newlines = equal(v, '\n');
        const __m128i returns = equal(v, '\r');
        const unsigned others =
            ~bits(_mm_or_si128(_mm_or_si128(equal(v, ' '), equal(v, '\t')), _mm_or_si128(newlines, returns)));
        const unsigned before = (others & (~others + 1U)) - 1U;  // the bits below the first that is no blank
        if ((bits(returns) & before) != 0) break;
        const unsigned ends = bits(newlines) & before;
        lines += ends != 0 ? 1 : 0;
        if ((ends & (ends - 1U)) != 0) lines += count_bits(ends) - 1;
        if ((others & 0xFFFFU) != 0) return p + __builtin_ctz(others);
        p += 16;
        from = p;
    }
#endif
    while (p < end && space(*p)) ++p;
    lines += count_lines(from, p, end);
    return p;
}

/// Behind the quote that ends a single-quoted string, null where none does; `p` stands behind its first
/// quote. `lines` is set when lines may end in it.
inline const char* single_quoted(const char* p, const char* end, bool& lines) {
    while (true) {
#if defined(__SSE2__)
        while (end - p >= 16) {
            const __m128i v = load(p);
            const unsigned stops = bits(_mm_or_si128(equal(v, '\''), equal(v, '\\')));
            const unsigned newlines = bits(_mm_or_si128(equal(v, '\n'), equal(v, '\r')));
            lines |= (newlines & ((stops & (~stops + 1U)) - 1U)) != 0;
            if (stops != 0) {
                p += __builtin_ctz(stops);
                break;
            }
            p += 16;
        }
#endif
        for (; p < end && *p != '\'' && *p != '\\'; ++p) lines |= *p == '\n' || *p == '\r';
        if (p == end) return nullptr;
        if (*p == '\'') return p + 1;
        lines = true;
        p += end - p >= 2 ? 2 : 1;
    }
}

inline bool same_ignoring_case(const char* p, const char* lower_text, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        if (lower(p[i]) != lower_text[i]) return false;
    }
    return true;
}

}  // namespace bdupdate::php::characters
