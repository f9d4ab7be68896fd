#include "unified_diff.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace bdupdate::report {

namespace {

using Lines = std::vector<std::string_view>;

constexpr std::size_t context = 3;
/// Files that differ in more lines than this are shown as replaced: comparing them takes memory by the
/// square.
constexpr std::ptrdiff_t most_edits = 2000;

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return lines;
}

/// ' ' both have the line, '-' only the old file, '+' only the new one.
struct Edit {
    char kind;
    std::string_view line;
};

/// Myers' greedy algorithm: `reached[d]` holds, by diagonal, how far d edits come in the old file.
std::vector<std::vector<std::ptrdiff_t>> search(const Lines& a, const Lines& b) {
    const auto n = static_cast<std::ptrdiff_t>(a.size()), m = static_cast<std::ptrdiff_t>(b.size());
    std::vector<std::vector<std::ptrdiff_t>> reached;
    std::vector<std::ptrdiff_t> last = {0};
    for (std::ptrdiff_t d = 0; d <= std::min(n + m, most_edits); ++d) {
        std::vector<std::ptrdiff_t> now(static_cast<std::size_t>(2 * d + 1), -1);
        for (std::ptrdiff_t k = -d; k <= d; k += 2) {
            const auto before = [&](std::ptrdiff_t diagonal) {
                const std::ptrdiff_t at = diagonal + d - 1;
                return at < 0 || at >= static_cast<std::ptrdiff_t>(last.size())
                           ? -1
                           : last[static_cast<std::size_t>(at)];
            };
            std::ptrdiff_t x = 0;
            if (d > 0)
                x = k == -d || (k != d && before(k - 1) < before(k + 1)) ? before(k + 1) : before(k - 1) + 1;
            while (x < n && x - k < m && x - k >= 0 &&
                   a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)])
                ++x;
            now[static_cast<std::size_t>(k + d)] = x;
            if (x >= n && x - k >= m) {
                reached.push_back(std::move(now));
                return reached;
            }
        }
        reached.push_back(now);
        last = std::move(now);
    }
    return {};
}

std::vector<Edit> replaced(const Lines& a, const Lines& b) {
    std::vector<Edit> edits;
    for (const std::string_view line : a) edits.push_back({'-', line});
    for (const std::string_view line : b) edits.push_back({'+', line});
    return edits;
}

/// The edits, found from the end backwards.
std::vector<Edit> edits_between(const Lines& a, const Lines& b) {
    const auto reached = search(a, b);
    if (reached.empty()) return replaced(a, b);
    std::vector<Edit> edits;
    auto x = static_cast<std::ptrdiff_t>(a.size()), y = static_cast<std::ptrdiff_t>(b.size());
    for (auto d = static_cast<std::ptrdiff_t>(reached.size()) - 1; d >= 0; --d) {
        std::ptrdiff_t from_x = 0, from_y = 0;
        if (d > 0) {
            const auto& last = reached[static_cast<std::size_t>(d - 1)];
            const auto before = [&](std::ptrdiff_t diagonal) {
                const std::ptrdiff_t at = diagonal + d - 1;
                return at < 0 || at >= static_cast<std::ptrdiff_t>(last.size())
                           ? -1
                           : last[static_cast<std::size_t>(at)];
            };
            const std::ptrdiff_t k = x - y;
            const bool inserted = k == -d || (k != d && before(k - 1) < before(k + 1));
            from_x = before(inserted ? k + 1 : k - 1);
            from_y = from_x - (inserted ? k + 1 : k - 1);
        }
        while (x > from_x && y > from_y) {
            edits.push_back({' ', a[static_cast<std::size_t>(--x)]});
            --y;
        }
        if (d == 0) break;
        if (x > from_x)
            edits.push_back({'-', a[static_cast<std::size_t>(--x)]});
        else
            edits.push_back({'+', b[static_cast<std::size_t>(--y)]});
    }
    std::reverse(edits.begin(), edits.end());
    return edits;
}

/// "12,3"; a hunk without lines on one side names the line before it.
std::string range(std::size_t first, std::size_t count) {
    const std::size_t line = count == 0 ? first : first + 1;
    return std::to_string(line) + (count == 1 ? "" : "," + std::to_string(count));
}

/// From `begin` to `end`, with the numbers of the lines that stand before it.
std::string hunk(const std::vector<Edit>& edits, std::size_t begin, std::size_t end, std::size_t old_before,
                 std::size_t new_before) {
    std::size_t old_lines = 0, new_lines = 0;
    std::string body;
    for (std::size_t i = begin; i < end; ++i) {
        old_lines += edits[i].kind != '+' ? 1 : 0;
        new_lines += edits[i].kind != '-' ? 1 : 0;
        body += edits[i].kind + std::string(edits[i].line);
        if (edits[i].line.back() != '\n') body += "\n\\ No newline at end of file\n";
    }
    return "@@ -" + range(old_before, old_lines) + " +" + range(new_before, new_lines) + " @@\n" + body;
}

std::string hunks(const std::vector<Edit>& edits) {
    std::string text;
    std::size_t old_line = 0, new_line = 0, at = 0;
    while (at < edits.size()) {
        std::size_t change = at;
        while (change < edits.size() && edits[change].kind == ' ') ++change;
        if (change == edits.size()) break;
        const std::size_t begin = change - std::min(context, change - at);
        // Changes with no more than twice the context between them share a hunk.
        std::size_t last = change;
        for (std::size_t i = change; i < edits.size() && i <= last + 2 * context + 1; ++i)
            if (edits[i].kind != ' ') last = i;
        const std::size_t end = std::min(last + 1 + context, edits.size());
        old_line += begin - at;
        new_line += begin - at;
        text += hunk(edits, begin, end, old_line, new_line);
        for (std::size_t i = begin; i < end; ++i) {
            old_line += edits[i].kind != '+' ? 1 : 0;
            new_line += edits[i].kind != '-' ? 1 : 0;
        }
        at = end;
    }
    return text;
}

/// As git and patch read a name that holds anything out of the ordinary.
std::string quoted(const std::string& name) {
    std::string text;
    bool plain = true;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7f && c != '"' && c != '\\') {
            text += c;
            continue;
        }
        plain = false;
        text += '\\';
        for (const int shift : {6, 3, 0}) text += static_cast<char>('0' + ((byte >> shift) & 7));
    }
    return plain ? name : "\"" + text + "\"";
}

}  // namespace

std::optional<std::string> unified_diff(const std::string& path, const std::optional<std::string>& before,
                                        const std::optional<std::string>& after) {
    const std::string old_text = before.value_or(""), new_text = after.value_or("");
    if (old_text.find('\0') != std::string::npos || new_text.find('\0') != std::string::npos)
        return std::nullopt;
    const std::string body = hunks(edits_between(lines_of(old_text), lines_of(new_text)));
    if (body.empty()) return "";
    return "--- " + (before ? quoted("a/" + path) : "/dev/null") + "\n+++ " +
           (after ? quoted("b/" + path) : "/dev/null") + "\n" + body;
}

}  // namespace bdupdate::report
