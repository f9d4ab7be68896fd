#include "bdupdate/scan/info_file.h"

#include <vector>

#include "bdupdate/base/text.h"

namespace bdupdate::scan {

namespace {

constexpr std::size_t none = std::string_view::npos;

/// PCRE's \s.
bool space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Matches core's pattern by hand, alternative by alternative and backtracking in PCRE's order.
class Matcher {
  public:
    explicit Matcher(std::string_view text) : text_(text) {}

    /// The next pair from `at_` on. False when there is none.
    bool next() {
        for (std::size_t start = at_; start < text_.size(); ++start) {
            const bool line_start = start == 0 || text_[start - 1] == '\n';
            if (line_start && match(start)) return true;
        }
        return false;
    }

    std::string_view key;
    std::string value;

  private:
    /// ^\s*KEY\s*=\s*VALUE\s*$ from `start`.
    bool match(std::size_t start) {
        std::size_t from = spaces_end(start);
        // A key needs one character; where none is left the blanks in front give theirs.
        if (from < text_.size() && text_[from] == '=' && from > start) --from;
        const std::size_t equals = key_end(from);
        if (equals == none) return false;
        const std::size_t behind = equals + 1;
        for (std::size_t i = spaces_end(behind);; --i) {
            if (quoted(i, '"') || quoted(i, '\'') || bare(i)) break;
            if (i == behind) return false;
        }
        std::size_t stop = equals;
        while (stop > from + 1 && space(text_[stop - 1])) --stop;
        key = text_.substr(from, stop - from);
        return true;
    }

    [[nodiscard]] std::size_t spaces_end(std::size_t i) const {
        while (i < text_.size() && space(text_[i])) ++i;
        return i;
    }

    /// The `=` behind the key that begins at `i`: brackets in a key are balanced and not nested.
    [[nodiscard]] std::size_t key_end(std::size_t i) const {
        const std::size_t first = i;
        while (i < text_.size()) {
            const char c = text_[i];
            if (c == '=') return i > first ? i : none;
            if (c == ';' || c == ']') return none;
            if (c == '[') {
                i = text_.find_first_of("[]", i + 1);
                if (i == none || text_[i] != ']') return none;
            }
            ++i;
        }
        return none;
    }

    /// \s*$ at `i`: takes the match as ended there.
    bool ends(std::size_t i) {
        std::size_t stop = spaces_end(i);
        while (stop > i && stop < text_.size() && text_[stop] != '\n') --stop;
        if (stop < text_.size() && text_[stop] != '\n') return false;
        at_ = stop;
        return true;
    }

    bool quoted(std::size_t i, char quote) {
        if (i >= text_.size() || text_[i] != quote) return false;
        // Up to the first quote without a backslash before it; then back over those with one.
        std::vector<std::size_t> closings;
        for (std::size_t p = text_.find(quote, i + 1); p != none; p = text_.find(quote, p + 1)) {
            closings.push_back(p);
            if (text_[p - 1] != '\\') break;
        }
        for (std::size_t n = closings.size(); n > 0; --n) {
            if (!ends(closings[n - 1] + 1)) continue;
            value = without_slashes(text_.substr(i + 1, closings[n - 1] - i - 1));
            return true;
        }
        return false;
    }

    bool bare(std::size_t i) {
        for (std::size_t stop = i;; ++stop) {
            if (ends(stop)) {
                value = std::string(text_.substr(i, stop - i));
                return true;
            }
            if (stop >= text_.size() || text_[stop] == '\r' || text_[stop] == '\n') return false;
        }
    }

    /// stripslashes().
    static std::string without_slashes(std::string_view text) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '\\') {
                out += text[i];
            } else if (++i < text.size()) {
                out += text[i] == '0' ? '\0' : text[i];
            }
        }
        return out;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// preg_split('/\]?\[/', rtrim($key, ']')).
std::vector<std::string_view> key_parts(std::string_view key) {
    while (!key.empty() && key.back() == ']') key.remove_suffix(1);
    std::vector<std::string_view> parts;
    std::size_t from = 0;
    for (std::size_t open = key.find('['); open != none; open = key.find('[', open + 1)) {
        const std::size_t stop = open > from && key[open - 1] == ']' ? open - 1 : open;
        parts.push_back(key.substr(from, stop - from));
        from = open + 1;
    }
    parts.push_back(key.substr(from));
    return parts;
}

php::Value constant_or_text(std::string text, const std::map<std::string, php::Value>& constants) {
    const auto known = constants.find(text);
    if (known != constants.end()) return known->second;
    if (text.size() > 5) return text;
    const std::string lower = to_lower(text);
    if (lower == "true") return true;
    if (lower == "false") return false;
    if (lower == "null") return {};
    return text;
}

void insert(php::Array& info, std::string_view key, php::Value value) {
    const std::vector<std::string_view> parts = key_parts(key);
    php::Array* parent = &info;
    const auto key_in = [&parent](std::string_view part) {
        return part.empty() ? php::Key(static_cast<std::int64_t>(parent->size())) : php::key_of(part);
    };
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        php::Value& child = (*parent)[key_in(parts[i])];
        if (child.array() == nullptr) child = php::Value(php::Array());
        parent = child.array();
    }
    const php::Key last = key_in(parts.back());
    (*parent)[last] = std::move(value);
}

}  // namespace

php::Array parse_info(std::string_view text, const std::map<std::string, php::Value>& constants) {
    php::Array info;
    Matcher matcher(text);
    while (matcher.next()) insert(info, matcher.key, constant_or_text(matcher.value, constants));
    return info;
}

}  // namespace bdupdate::scan
