#include "bdupdate/report/layout.h"

#include <utf8proc.h>

#include <algorithm>

namespace bdupdate::report {

namespace {

constexpr std::string_view ellipsis = "…";

/// What a terminal shows as one letter.
struct Cluster {
    std::size_t bytes = 0, columns = 0;
};

bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}

/// The code point that `text` begins with; -1 and one byte where that is no UTF-8.
std::size_t read_code_point(std::string_view text, utf8proc_int32_t& point) {
    const utf8proc_ssize_t bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                    static_cast<utf8proc_ssize_t>(text.size()), &point);
    if (bytes > 0) return static_cast<std::size_t>(bytes);
    point = -1;
    return 1;
}

std::size_t columns_of(utf8proc_int32_t point) {
    return point < 0 ? 1 : static_cast<std::size_t>(std::max(0, utf8proc_charwidth(point)));
}

Cluster next_cluster(std::string_view text) {
    if (is_ascii(text[0]) && (text.size() == 1 || is_ascii(text[1]))) return {1, 1};
    constexpr utf8proc_int32_t as_emoji = 0xfe0f;
    utf8proc_int32_t before = 0, state = 0;
    Cluster cluster;
    cluster.bytes = read_code_point(text, before);
    cluster.columns = columns_of(before);
    while (cluster.bytes < text.size()) {
        utf8proc_int32_t next = 0;
        const std::size_t bytes = read_code_point(text.substr(cluster.bytes), next);
        if (before < 0 || next < 0 || utf8proc_grapheme_break_stateful(before, next, &state)) break;
        cluster.bytes += bytes;
        cluster.columns = next == as_emoji ? 2 : std::min<std::size_t>(2, cluster.columns + columns_of(next));
        before = next;
    }
    return cluster;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// A part of a text that stays on one line.
struct Piece {
    std::string_view text;
    std::size_t columns = 0;
    bool after_blank = false;
};

/// Words, and wide letters one by one.
std::vector<Piece> pieces_of(std::string_view text) {
    std::vector<Piece> pieces;
    bool blank = false, open = false;
    while (!text.empty()) {
        if (is_blank(text[0])) {
            blank = !pieces.empty();
            open = false;
            text.remove_prefix(1);
            continue;
        }
        const Cluster cluster = next_cluster(text);
        const bool wide = cluster.columns > 1;
        if (open && !wide) {
            Piece& word = pieces.back();
            word.text = std::string_view(word.text.data(), word.text.size() + cluster.bytes);
            word.columns += cluster.columns;
        } else {
            pieces.push_back({text.substr(0, cluster.bytes), cluster.columns, blank});
            blank = false;
        }
        open = true;
        text.remove_prefix(cluster.bytes);
    }
    return pieces;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const Cluster cluster = next_cluster(text);
        columns += cluster.columns;
        text.remove_prefix(cluster.bytes);
    }
    return columns;
}

std::string padded(std::string_view text, std::size_t columns) {
    const std::size_t used = display_width(text);
    return std::string(text) + std::string(used >= columns ? 0 : columns - used, ' ');
}

std::string padded_left(std::string_view text, std::size_t columns) {
    const std::size_t used = display_width(text);
    return std::string(used >= columns ? 0 : columns - used, ' ').append(text);
}

std::string cut(std::string_view text, std::size_t columns) {
    if (columns == 0 || display_width(text) <= columns) return std::string(text);
    std::size_t used = 0, end = 0, blank = 0;
    while (end < text.size()) {
        const Cluster cluster = next_cluster(text.substr(end));
        if (used + cluster.columns + 1 > columns) break;
        if (text[end] == ' ') blank = end;
        used += cluster.columns;
        end += cluster.bytes;
    }
    if (end < text.size() && text[end] == ' ') blank = end;
    if (blank > end / 2) end = blank;
    return std::string(text.substr(0, end)).append(ellipsis);
}

namespace {

/// Lines of `columns`, but the first of `first`.
std::vector<std::string> broken(std::string_view text, std::size_t first, std::size_t columns) {
    std::vector<std::string> lines(1);
    std::size_t used = 0;
    for (const Piece& piece : pieces_of(text)) {
        const std::size_t room = lines.size() == 1 ? first : columns;
        std::size_t blank = piece.after_blank && used > 0 ? 1 : 0;
        if (used > 0 && used + blank + piece.columns > room) {
            lines.emplace_back();
            used = blank = 0;
        }
        lines.back().append(blank, ' ').append(piece.text);
        used += blank + piece.columns;
    }
    return lines;
}

}  // namespace

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
    const std::size_t room = columns == 0 ? std::string_view::npos : columns;
    return broken(text, room, room);
}

std::string hanging(std::string_view first, std::string_view text, std::size_t columns) {
    const std::size_t begin = display_width(first);
    const std::size_t indent = std::min(begin, columns / 3);
    std::string result(first);
    const auto lines = columns == 0 ? wrapped(text, 0)
                                    : broken(text, columns > begin ? columns - begin : 1, columns - indent);
    for (const std::string& line : lines) {
        if (result.size() > first.size()) result += "\n" + std::string(indent, ' ');
        result += line;
    }
    return result + "\n";
}

std::string first_sentence(std::string_view text) {
    std::string line;
    bool blank = false;
    for (const char c : text) {
        if (c == '\n' && line.size() > 1 && line.back() == '.') break;
        if (is_blank(c)) {
            blank = !line.empty();
            continue;
        }
        if (blank) line += ' ';
        blank = false;
        line += c;
    }
    return line;
}

}  // namespace bdupdate::report
