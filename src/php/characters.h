#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace bdupdate::php::characters {

enum Flag : std::uint8_t { kNameStart = 1, kName = 2, kSpace = 4, kDigit = 8, kHex = 16 };

constexpr std::array<std::uint8_t, 256> make_flags() {
    std::array<std::uint8_t, 256> flags{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
        const bool digit = c >= '0' && c <= '9';
        const bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        const bool space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        flags[c] = static_cast<std::uint8_t>((alpha ? kNameStart : 0) | (alpha || digit ? kName : 0) |
                                             (space ? kSpace : 0) | (digit ? kDigit : 0) | (hex ? kHex : 0));
    }
    return flags;
}
inline constexpr std::array<std::uint8_t, 256> kFlags = make_flags();

inline bool has(char c, std::uint8_t flag) {
    return (kFlags[static_cast<unsigned char>(c)] & flag) != 0;
}
inline bool name_start(char c) {
    return has(c, kNameStart);
}
inline bool name_part(char c) {
    return has(c, kName);
}
inline bool space(char c) {
    return has(c, kSpace);
}
inline bool digit(char c) {
    return has(c, kDigit);
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

/// How many lines end in [p, stop): `\n`, and `\r` that no `\n` follows (as PHP counts), looking one byte
/// past stop.
inline std::uint32_t count_lines(const char* p, const char* stop, const char* end) {
    std::uint32_t lines = 0;
#if defined(__SSE2__)
    while (stop - p >= 16) {
        const __m128i v = load(p);
        unsigned mask = bits(equal(v, '\n'));
        unsigned returns = bits(equal(v, '\r'));
        for (; mask != 0; mask &= mask - 1) ++lines;
        for (; returns != 0; returns &= returns - 1) {
            if (at(p + __builtin_ctz(returns) + 1, end) != '\n') ++lines;
        }
        p += 16;
    }
#endif
    for (; p < stop; ++p) {
        if (*p == '\n' || (*p == '\r' && at(p + 1, end) != '\n')) ++lines;
    }
    return lines;
}

/// First byte from `p` on that is no whitespace.
inline const char* space_end(const char* p, const char* end) {
#if defined(__SSE2__)
    while (end - p >= 16) {
        const __m128i v = load(p);
        const unsigned spaces = bits(_mm_or_si128(_mm_or_si128(equal(v, ' '), equal(v, '\n')),
                                                  _mm_or_si128(equal(v, '\t'), equal(v, '\r'))));
        if (spaces != 0xFFFFU) return p + __builtin_ctz(~spaces);
        p += 16;
    }
#endif
    while (p < end && space(*p)) ++p;
    return p;
}

inline bool same_ignoring_case(const char* p, const char* lower_text, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        if (lower(p[i]) != lower_text[i]) return false;
    }
    return true;
}

}  // namespace bdupdate::php::characters
