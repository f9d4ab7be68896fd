#include <algorithm>

#include "bdupdate/base/text.h"
#include "builtins.h"
#include "characters.h"

namespace bdupdate::php {
namespace {

Answer with_text(Call& call, std::string (*change)(std::string)) {
    auto text = call.text(0);
    return text ? Answer(Value(change(std::move(*text)))) : std::nullopt;
}

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

// PHP 7 lowers by the locale: what is no ASCII may differ.
bool ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

Answer cased(Call& call) {
    auto text = call.text(0);
    if (!text || !ascii(*text)) return std::nullopt;
    if (call.name == "strtolower" || call.name == "strtoupper") {
        char (*const change)(char) = call.name == "strtolower" ? characters::lower : upper;
        std::transform(text->begin(), text->end(), text->begin(), change);
    } else if (!text->empty()) {
        text->front() = call.name == "ucfirst" ? upper(text->front()) : characters::lower(text->front());
    }
    return Value(std::move(*text));
}

Answer length(Call& call) {
    const auto text = call.text(0);
    return text ? Answer(Value(static_cast<std::int64_t>(text->size()))) : std::nullopt;
}

// The characters that trim() takes away: a list with ranges such as "a..z".
std::optional<std::string> trim_characters(Call& call) {
    if (call.count() < 2) return std::string(" \n\r\t\v\0", 6);
    auto list = call.text(1);
    if (!list || list->find("..") != std::string::npos) return std::nullopt;
    return list;
}

Answer trimmed(Call& call) {
    const auto text = call.text(0);
    const auto characters = trim_characters(call);
    if (!text || !characters) return std::nullopt;
    std::size_t begin = 0;
    std::size_t end = text->size();
    const auto taken = [&](std::size_t at) { return characters->find((*text)[at]) != std::string::npos; };
    while (call.name != "rtrim" && call.name != "chop" && begin < end && taken(begin)) ++begin;
    while (call.name != "ltrim" && end > begin && taken(end - 1)) --end;
    return Value(text->substr(begin, end - begin));
}

std::string replace_all(const std::string& text, const std::string& from, const std::string& to) {
    if (from.empty()) return text;
    std::string out;
    std::size_t at = 0;
    for (std::size_t found = text.find(from); found != std::string::npos && out.size() <= longest_string;
         found = text.find(from, at)) {
        out.append(text, at, found - at).append(to);
        at = found + from.size();
    }
    return out.append(text, at, std::string::npos);
}

Answer text_replaced(Call& call) {
    auto subject = call.text(2);
    if (!subject) return std::nullopt;
    const Array* searches = call.array(0);
    const Array* replacements = call.array(1);
    if (searches == nullptr) {
        const auto from = call.text(0);
        const auto to = call.text(1);
        return from && to ? Answer(Value(replace_all(*subject, *from, *to))) : std::nullopt;
    }
    const auto single = call.text(1);
    if (replacements == nullptr && !single) return std::nullopt;
    for (std::size_t i = 0; i < searches->size(); ++i) {
        const Value& from = searches->entries()[i].second;
        if (from.array() != nullptr) return std::nullopt;
        std::string to = single.value_or("");
        if (replacements != nullptr && i < replacements->size()) {
            if (replacements->entries()[i].second.array() != nullptr) return std::nullopt;
            to = replacements->entries()[i].second.to_string();
        }
        subject = replace_all(*subject, from.to_string(), to);
    }
    return Value(std::move(*subject));
}

Answer part(Call& call) {
    const auto text = call.text(0);
    auto start = call.integer(1, 0);
    const bool to_end = call.count() < 3 || call[2].is_null();
    auto length = to_end ? std::optional<std::int64_t>(0) : call.integer(2, 0);
    if (!text || !start || !length) return std::nullopt;
    const auto size = static_cast<std::int64_t>(text->size());
    // PHP 7 gives FALSE where PHP 8 gives ""
    if (*start > size) return std::nullopt;
    if (*start < 0) *start = std::max<std::int64_t>(0, size + *start);
    std::int64_t end = size;
    if (!to_end) end = *length < 0 ? size + *length : std::min(size, *start + std::min(*length, size));
    if (end < *start || (*start == size && size == 0)) return std::nullopt;
    if (*start == size && !to_end && *length < 0) return std::nullopt;
    return Value(text->substr(static_cast<std::size_t>(*start), static_cast<std::size_t>(end - *start)));
}

Answer position(Call& call) {
    auto text = call.text(0);
    auto needle = call[1].string() ? call.text(1) : std::nullopt;
    const auto offset = call.integer(2, 0);
    if (!text || !needle || needle->empty() || !offset || *offset < 0) return std::nullopt;
    if (static_cast<std::size_t>(*offset) > text->size()) return std::nullopt;
    if (call.name == "stripos") {
        if (!ascii(*text) || !ascii(*needle)) return std::nullopt;
        text = to_lower(*text);
        needle = to_lower(*needle);
    }
    if (call.name == "strrpos" && *offset != 0) return std::nullopt;
    const std::size_t found = call.name == "strrpos" ? text->rfind(*needle)
                                                     : text->find(*needle, static_cast<std::size_t>(*offset));
    return found == std::string::npos ? Value(false) : Value(static_cast<std::int64_t>(found));
}

Answer contains(Call& call) {
    const auto text = call.text(0);
    const auto needle = call.text(1);
    if (!text || !needle) return std::nullopt;
    if (call.name == "str_contains") return Value(text->find(*needle) != std::string::npos);
    if (call.name == "str_starts_with") return Value(text->rfind(*needle, 0) == 0);
    return Value(text->size() >= needle->size() &&
                 text->compare(text->size() - needle->size(), std::string::npos, *needle) == 0);
}

Answer compared(Call& call) {
    auto left = call.text(0);
    auto right = call.text(1);
    if (!left || !right) return std::nullopt;
    if (call.name == "strcasecmp" || call.name == "strncasecmp") {
        if (!ascii(*left) || !ascii(*right)) return std::nullopt;
        left = to_lower(*left);
        right = to_lower(*right);
    }
    if (call.count() > 2) {
        const auto limit = call.integer(2, 0);
        if (!limit || *limit < 0) return std::nullopt;
        left = left->substr(0, static_cast<std::size_t>(*limit));
        right = right->substr(0, static_cast<std::size_t>(*limit));
    }
    // up to PHP 8.1 the number may be any; only equality is the same everywhere
    return *left == *right ? Answer(Value(std::int64_t{0})) : std::nullopt;
}

Answer repeated(Call& call) {
    const auto text = call.text(0);
    const auto times = call.integer(1, -1);
    if (!text || !times || *times < 0) return std::nullopt;
    if (text->size() * static_cast<std::size_t>(std::min<std::int64_t>(*times, 1 << 21)) > longest_string) {
        return std::nullopt;
    }
    std::string out;
    for (std::int64_t i = 0; i < *times && !text->empty(); ++i) out += *text;
    return Value(std::move(out));
}

Answer padded(Call& call) {
    auto text = call.text(0);
    const auto length = call.integer(1, 0);
    const auto pad = call.count() > 2 ? call.text(2) : std::optional<std::string>(" ");
    const auto side = call.integer(3, 1);
    if (!text || !length || !pad || pad->empty() || !side || *side > 1 || *side < 0) return std::nullopt;
    if (*length > static_cast<std::int64_t>(longest_string)) return std::nullopt;
    if (*length <= static_cast<std::int64_t>(text->size())) return Value(std::move(*text));
    std::string filling;
    const std::size_t missing = static_cast<std::size_t>(*length) - text->size();
    while (filling.size() < missing) filling += *pad;
    filling.resize(missing);
    return Value(*side == 0 ? filling + *text : *text + filling);
}

Answer text_reversed(Call& call) {
    return with_text(call, [](std::string text) {
        std::reverse(text.begin(), text.end());
        return text;
    });
}

Answer count_of(Call& call) {
    const auto text = call.text(0);
    const auto needle = call.text(1);
    if (!text || !needle || needle->empty()) return std::nullopt;
    std::int64_t count = 0;
    for (std::size_t at = text->find(*needle); at != std::string::npos;
         at = text->find(*needle, at + needle->size())) {
        ++count;
    }
    return Value(count);
}

}  // namespace

const std::vector<Builtin>& string_builtins() {
    static const std::vector<Builtin> all = {{"strlen", length, 1, 1},
                                             {"strtolower", cased, 1, 1},
                                             {"strtoupper", cased, 1, 1},
                                             {"ucfirst", cased, 1, 1},
                                             {"lcfirst", cased, 1, 1},
                                             {"trim", trimmed, 1, 2},
                                             {"ltrim", trimmed, 1, 2},
                                             {"rtrim", trimmed, 1, 2},
                                             {"chop", trimmed, 1, 2},
                                             {"str_replace", text_replaced, 3, 3},
                                             {"substr", part, 2, 3},
                                             {"strpos", position, 2, 3},
                                             {"stripos", position, 2, 3},
                                             {"strrpos", position, 2, 3},
                                             {"str_contains", contains, 2, 2},
                                             {"str_starts_with", contains, 2, 2},
                                             {"str_ends_with", contains, 2, 2},
                                             {"strcmp", compared, 2, 2},
                                             {"strcasecmp", compared, 2, 2},
                                             {"strncmp", compared, 3, 3},
                                             {"strncasecmp", compared, 3, 3},
                                             {"str_repeat", repeated, 2, 2},
                                             {"str_pad", padded, 2, 4},
                                             {"strrev", text_reversed, 1, 1},
                                             {"substr_count", count_of, 2, 2}};
    return all;
}

}  // namespace bdupdate::php
