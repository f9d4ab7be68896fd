#include <algorithm>
#include <charconv>

#include "bdupdate/base/digest.h"
#include "bdupdate/php/url.h"
#include "builtins.h"

namespace bdupdate::php {
namespace {

Answer exploded(Call& call) {
    const auto separator = call.text(0);
    const auto text = call.text(1);
    const auto limit = call.integer(2, static_cast<std::int64_t>(largest_array));
    if (!separator || !text || separator->empty() || !limit || *limit < 1) return std::nullopt;
    Array out;
    std::size_t at = 0;
    for (std::size_t found = text->find(*separator);
         found != std::string::npos && static_cast<std::int64_t>(out.size()) + 1 < *limit;
         found = text->find(*separator, at)) {
        out.append() = Value(text->substr(at, found - at));
        at = found + separator->size();
    }
    out.append() = Value(text->substr(at));
    if (out.size() >= largest_array) return std::nullopt;
    return Value(std::move(out));
}

Answer joined(Call& call) {
    const Array* parts = call.array(call.count() == 1 ? 0 : 1);
    const auto glue = call.count() == 1 ? std::optional<std::string>("") : call.text(0);
    if (parts == nullptr || !glue) return std::nullopt;
    std::string out;
    for (const auto& [key, value] : parts->entries()) {
        if (value.array() != nullptr) return std::nullopt;
        if (&value != &parts->entries().front().second) out += *glue;
        out += value.to_string();
    }
    return Value(std::move(out));
}

// One conversion of sprintf(): %[argnum$][flags][width][.precision]specifier, as far as it is followed.
struct Conversion {
    std::size_t argument = 0;
    bool left = false;
    bool plus = false;
    char pad = ' ';
    std::size_t width = 0;
    std::optional<std::size_t> precision;
    char specifier = 0;
};

std::size_t read_number(std::string_view format, std::size_t& at) {
    std::size_t value = 0;
    const auto outcome = std::from_chars(format.data() + at, format.data() + format.size(), value);
    if (outcome.ec == std::errc()) at = static_cast<std::size_t>(outcome.ptr - format.data());
    return std::min<std::size_t>(value, longest_string);
}

bool read_conversion(std::string_view format, std::size_t& at, std::size_t& next, Conversion& out) {
    std::size_t probe = at;
    const std::size_t number = read_number(format, probe);
    const bool positioned = probe > at && probe < format.size() && format[probe] == '$' && number > 0;
    if (positioned) at = probe + 1;
    for (; at < format.size(); ++at) {
        if (format[at] == '-')
            out.left = true;
        else if (format[at] == '+')
            out.plus = true;
        else if (format[at] == '0' || format[at] == ' ')
            out.pad = format[at];
        else if (format[at] == '\'' && at + 1 < format.size())
            out.pad = format[++at];
        else
            break;
    }
    out.width = read_number(format, at);
    if (at < format.size() && format[at] == '.') {
        ++at;
        out.precision = read_number(format, at);
    }
    if (at >= format.size()) return false;
    out.specifier = format[at++];
    out.argument = positioned ? number : next;
    if (!positioned) ++next;
    return true;
}

std::optional<std::string> converted(const Conversion& conversion, const Value& value) {
    std::string text;
    const std::int64_t* integer = value.integer();
    char buffer[24];
    switch (conversion.specifier) {
        case 's':
            if (value.array() != nullptr) return std::nullopt;
            text = value.to_string();
            if (conversion.precision) text = text.substr(0, *conversion.precision);
            break;
        case 'd':
        case 'x':
        case 'X':
            if (integer == nullptr || conversion.precision || (conversion.specifier != 'd' && *integer < 0)) {
                return std::nullopt;
            }
            text.assign(buffer, std::to_chars(buffer, buffer + sizeof buffer, *integer,
                                              conversion.specifier == 'd' ? 10 : 16)
                                    .ptr);
            if (conversion.specifier == 'X') {
                std::transform(text.begin(), text.end(), text.begin(),
                               [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
            }
            if (conversion.plus && *integer >= 0 && conversion.specifier == 'd') text.insert(0, "+");
            // where the sign goes among the padding has cases of its own
            if (conversion.pad != ' ' && (text.front() == '-' || text.front() == '+' || conversion.left)) {
                return std::nullopt;
            }
            break;
        default:
            return std::nullopt;
    }
    if (text.size() >= conversion.width) return text;
    const std::string filling(conversion.width - text.size(), conversion.pad);
    return conversion.left ? text + filling : filling + text;
}

Answer formatted(Call& call) {
    const auto format = call.text(0);
    if (!format) return std::nullopt;
    std::string out;
    std::size_t next = 1;
    for (std::size_t at = 0; at < format->size();) {
        const char c = (*format)[at++];
        if (c != '%') {
            out += c;
        } else if (at < format->size() && (*format)[at] == '%') {
            out += '%';
            ++at;
        } else {
            Conversion conversion;
            if (!read_conversion(*format, at, next, conversion) || conversion.argument >= call.count()) {
                return std::nullopt;
            }
            const auto text = converted(conversion, call[conversion.argument]);
            if (!text) return std::nullopt;
            out += *text;
        }
        if (out.size() > longest_string) return std::nullopt;
    }
    return Value(std::move(out));
}

Answer encoded(Call& call) {
    const auto text = call.text(0);
    if (!text) return std::nullopt;
    if (call.name == "md5") return Value(md5_hex(*text));
    if (call.name == "base64_encode") return Value(base64_encode(*text));
    if (call.name == "urlencode") return Value(url_encode(*text, false));
    if (call.name == "rawurlencode") return Value(url_encode(*text, true));
    if (call.name == "urldecode") return Value(url_decode(*text, false));
    if (call.name == "rawurldecode") return Value(url_decode(*text, true));
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;  // bin2hex
    for (const char c : *text) {
        out += digits[static_cast<unsigned char>(c) >> 4U];
        out += digits[static_cast<unsigned char>(c) & 15U];
    }
    return Value(std::move(out));
}

// PHP skips what is no base64; only text that is plainly right is followed.
Answer base64(Call& call) {
    const auto text = call.text(0);
    if (!text || text->size() % 4 != 0) return std::nullopt;
    bool ok = true;
    std::string out = base64_decode(*text, ok);
    return ok && base64_encode(out) == *text ? Answer(Value(std::move(out))) : std::nullopt;
}

Answer hashed(Call& call) {
    const auto algorithm = call.text(0);
    const auto text = call.text(1);
    if (!algorithm || !text) return std::nullopt;
    if (*algorithm == "sha256") return Value(sha256_hex(*text));
    if (*algorithm == "md5") return Value(md5_hex(*text));
    return std::nullopt;
}

Answer serialized(Call& call) {
    return Value(serialize(call[0]));
}

// Into arrays only: objects are not followed.
Answer json(Call& call) {
    const auto text = call.text(0);
    if (!text || call.count() > 2) return std::nullopt;
    const bool to_arrays = call.count() == 2 && call[1].boolean() != nullptr && *call[1].boolean();
    if (!to_arrays && text->find('{') != std::string::npos) return std::nullopt;
    if (!to_arrays && call.count() == 2 && call[1].boolean() == nullptr) return std::nullopt;
    const auto decoded = decode_json(*text);
    if (!decoded) return Value();
    return decoded->unknown_inside() ? std::nullopt : decoded;
}

Answer url(Call& call) {
    const auto text = call.text(0);
    if (!text) return std::nullopt;
    auto parts = parse_url(*text);
    if (!parts || call.count() == 1) return parts;
    static const char* const names[] = {"scheme", "host", "port",  "user",
                                        "pass",   "path", "query", "fragment"};
    const auto component = call.integer(1, -1);
    if (!component || *component < 0 || *component > 7) return std::nullopt;
    if (parts->array() == nullptr) return parts;
    const Value* found = parts->array()->find(Key(names[*component]));
    return found ? *found : Value();
}

Answer number_base(Call& call) {
    if (call.name == "dechex") {
        const auto number = call.integer(0, -1);
        if (!number || *number < 0) return std::nullopt;
        char buffer[24];
        return Value(std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, *number, 16).ptr));
    }
    const auto text = call.text(0);
    std::int64_t value = 0;
    if (!text || text->empty() || text->front() == '-') return std::nullopt;
    const auto outcome = std::from_chars(text->data(), text->data() + text->size(), value, 16);
    const bool whole = outcome.ec == std::errc() && outcome.ptr == text->data() + text->size();
    return whole ? Answer(Value(value)) : std::nullopt;
}

}  // namespace

const std::vector<Builtin>& text_builtins() {
    static const std::vector<Builtin> all = {
        {"explode", exploded, 2, 3},   {"implode", joined, 1, 2},
        {"join", joined, 1, 2},        {"sprintf", formatted, 1, any_number},
        {"md5", encoded, 1, 1},        {"base64_encode", encoded, 1, 1},
        {"urlencode", encoded, 1, 1},  {"rawurlencode", encoded, 1, 1},
        {"urldecode", encoded, 1, 1},  {"rawurldecode", encoded, 1, 1},
        {"bin2hex", encoded, 1, 1},    {"base64_decode", base64, 1, 2},
        {"hash", hashed, 2, 2},        {"serialize", serialized, 1, 1},
        {"json_decode", json, 1, 2},   {"parse_url", url, 1, 2},
        {"dechex", number_base, 1, 1}, {"hexdec", number_base, 1, 1}};
    return all;
}

}  // namespace bdupdate::php
