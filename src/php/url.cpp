#include "bdupdate/php/url.h"

#include <algorithm>
#include <charconv>

namespace bdupdate::php {
namespace {

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char low = static_cast<char>(c | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// PHP cuts a port of more than five characters off as invalid and takes the leading digits of the rest.
bool read_port(std::string_view text, std::int64_t& port) {
    constexpr std::size_t longest = 5;
    constexpr std::int64_t highest = 65535;
    if (text.size() > longest) return false;
    const auto outcome = std::from_chars(text.data(), text.data() + text.size(), port);
    return outcome.ec == std::errc() && port >= 0 && port <= highest;
}

// What follows the host. Empty queries and fragments differ between PHP versions.
bool read_rest(std::string_view rest, Array& out) {
    const std::size_t fragment = rest.find('#');
    const std::string_view before = rest.substr(0, fragment);
    const std::size_t query = before.find('?');
    const std::string_view path = before.substr(0, query);
    if (!path.empty()) out[Key("path")] = Value(std::string(path));
    if (query != std::string_view::npos) {
        if (query + 1 == before.size()) return false;
        out[Key("query")] = Value(std::string(before.substr(query + 1)));
    }
    if (fragment != std::string_view::npos) {
        if (fragment + 1 == rest.size()) return false;
        out[Key("fragment")] = Value(std::string(rest.substr(fragment + 1)));
    }
    return true;
}

}  // namespace

std::optional<Value> parse_url(std::string_view url) {
    const std::size_t colon = url.find("://");
    if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
    const std::string_view scheme = url.substr(0, colon);
    for (const char c : scheme) {
        if (!is_alphanumeric(c) && c != '+' && c != '.' && c != '-') return std::nullopt;
    }
    const bool controls = std::any_of(
        url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (controls || scheme == "file" || url.size() == colon + 3) return std::nullopt;
    const std::string_view tail = url.substr(colon + 3);
    const std::size_t host_end = std::min(tail.find_first_of("/?#"), tail.size());
    std::string_view authority = tail.substr(0, host_end);
    Array out;
    Array login;
    out[Key("scheme")] = Value(std::string(scheme));
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        const std::string_view user = authority.substr(0, at);
        const std::size_t separator = user.find(':');
        login[Key("user")] = Value(std::string(user.substr(0, separator)));
        if (separator != std::string_view::npos)
            login[Key("pass")] = Value(std::string(user.substr(separator + 1)));
        authority.remove_prefix(at + 1);
    }
    const bool bracketed = !authority.empty() && authority.front() == '[' && authority.back() == ']';
    const std::size_t separator = bracketed ? std::string_view::npos : authority.rfind(':');
    const std::string_view host = authority.substr(0, separator);
    std::int64_t port = -1;
    if (separator != std::string_view::npos && separator + 1 < authority.size() &&
        !read_port(authority.substr(separator + 1), port)) {
        return Value(false);
    }
    if (host.empty()) return Value(false);
    out[Key("host")] = Value(std::string(host));
    if (port >= 0) out[Key("port")] = Value(port);
    for (const auto& [key, value] : login.entries()) out[key] = value;
    if (!read_rest(tail.substr(host_end), out)) return std::nullopt;
    return Value(std::move(out));
}

std::string url_encode(std::string_view text, bool raw) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_alphanumeric(c) || c == '-' || c == '_' || c == '.' || (raw && c == '~')) {
            out += c;
        } else if (!raw && c == ' ') {
            out += '+';
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
    return out;
}

std::string url_decode(std::string_view text, bool raw) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escaped = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                             hex_digit(text[i + 2]) >= 0;
        if (escaped) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += !raw && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

}  // namespace bdupdate::php
