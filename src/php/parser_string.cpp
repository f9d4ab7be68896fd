#include <charconv>
#include <cstdlib>

#include "characters.h"
#include "parser.h"

namespace bdupdate::php {
namespace {

std::size_t name_length(std::string_view text) {
    if (text.empty() || !characters::name_start(text.front())) return 0;
    std::size_t end = 1;
    while (end < text.size() && characters::name_part(text[end])) ++end;
    return end;
}

void append_utf8(std::string& out, unsigned long code) {
    const auto put = [&out](unsigned long byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | (code >> 6U));
        put(0x80 | (code & 0x3FU));
    } else if (code < 0x10000) {
        put(0xE0 | (code >> 12U));
        put(0x80 | ((code >> 6U) & 0x3FU));
        put(0x80 | (code & 0x3FU));
    } else {
        put(0xF0 | (code >> 18U));
        put(0x80 | ((code >> 12U) & 0x3FU));
        put(0x80 | ((code >> 6U) & 0x3FU));
        put(0x80 | (code & 0x3FU));
    }
}

// An escape whose length depends on what follows; `text` starts behind the backslash. Returns how much was
// used.
std::size_t numeric_escape(std::string_view text, std::string& out, std::string& error) {
    constexpr unsigned long last_code = 0x10FFFF;
    unsigned long value = 0;
    if (text[0] == 'u' && text.size() > 1 && text[1] == '{') {
        const std::size_t close = text.find('}');
        const auto [end, problem] =
            std::from_chars(text.data() + 2, text.data() + std::min(close, text.size()), value, 16);
        if (close == std::string_view::npos || close == 2 || problem != std::errc() ||
            end != text.data() + close || value > last_code) {
            error = "invalid UTF-8 codepoint escape sequence";
            return 1;
        }
        append_utf8(out, value);
        return close + 1;
    }
    const bool hexadecimal = text[0] == 'x' || text[0] == 'X';
    const std::size_t start = hexadecimal ? 1 : 0;
    const std::size_t limit = std::min(text.size(), hexadecimal ? start + 2 : start + 3);
    const auto [end, problem] =
        std::from_chars(text.data() + start, text.data() + limit, value, hexadecimal ? 16 : 8);
    if (problem != std::errc() || end == text.data() + start) return 0;
    out += static_cast<char>(value & 0xFFU);
    return static_cast<std::size_t>(end - text.data());
}

// Double quotes and heredocs. `text` starts behind the backslash; returns how much of it belongs to the
// escape.
std::size_t escape(std::string_view text, char quote, std::string& out, std::string& error) {
    static constexpr std::string_view names = "nrtvef\\$";
    static constexpr std::string_view values = "\n\r\t\v\x1b\f\\$";
    if (text.empty()) {
        out += '\\';
        return 0;
    }
    if (const std::size_t index = names.find(text[0]); index != std::string_view::npos) {
        out += values[index];
        return 1;
    }
    if (text[0] == quote && quote != '<') {
        out += quote;
        return 1;
    }
    if (text[0] == 'x' || text[0] == 'X' || text[0] == 'u' || (text[0] >= '0' && text[0] <= '7')) {
        if (const std::size_t used = numeric_escape(text, out, error); used > 0) return used;
    }
    out += '\\';
    return 0;
}

class TemplateParser {
  public:
    TemplateParser(std::string_view raw, char quote, std::uint32_t line, int depth, std::string& error)
        : raw_(raw), quote_(quote), line_(line), depth_(depth), error_(error) {}

    ExprPtr run() {
        auto out = make(ExprKind::Template);
        while (at_ < raw_.size() && error_.empty()) {
            const std::string_view rest = raw_.substr(at_);
            if (rest[0] == '\\') {
                at_ += 1 + escape(rest.substr(1), quote_, text_, error_);
            } else if (rest.size() > 1 && rest[0] == '{' && rest[1] == '$') {
                add(*out, braced(rest));
            } else if (rest.size() > 1 && rest[0] == '$' && rest[1] == '{') {
                add(*out, dollar_braced(rest));
            } else if (rest[0] == '$' && name_length(rest.substr(1)) > 0) {
                add(*out, simple(rest));
            } else {
                if (rest[0] == '\n') ++line_;
                text_ += rest[0];
                ++at_;
            }
        }
        flush(*out);
        return out;
    }

  private:
    [[nodiscard]] ExprPtr make(ExprKind kind, std::string name = {}) const {
        auto out = std::make_unique<Expr>();
        out->kind = kind;
        out->line = line_;
        out->name = std::move(name);
        return out;
    }

    [[nodiscard]] ExprPtr literal(Value value) const {
        auto out = make(ExprKind::Literal);
        out->value = std::move(value);
        return out;
    }

    void flush(Expr& out) {
        if (text_.empty()) return;
        out.items.emplace_back().value = literal(Value(std::move(text_)));
        text_.clear();
    }

    void add(Expr& out, ExprPtr part) {
        flush(out);
        if (part) out.items.emplace_back().value = std::move(part);
    }

    ExprPtr braced(std::string_view rest) {
        std::size_t used = 0;
        ExprPtr out = Parser::embedded(rest.substr(1), line_, depth_, used, error_);
        for (const char c : rest.substr(0, used)) line_ += c == '\n' ? 1U : 0U;
        at_ += used + 2;
        return out;
    }

    // ${name}, ${name[...]} or ${expression that gives a name}
    ExprPtr dollar_braced(std::string_view rest) {
        const std::string_view inner = rest.substr(2);
        const std::size_t length = name_length(inner);
        std::size_t used = 0;
        if (length > 0 && length < inner.size() && inner[length] == '}') {
            at_ += length + 3;
            return make(ExprKind::Variable, std::string(inner.substr(0, length)));
        }
        if (length > 0 && length < inner.size() && inner[length] == '[') {
            ExprPtr out = Parser::embedded("$" + std::string(inner), line_, depth_, used, error_);
            at_ += used + 2;
            return out;
        }
        auto out = make(ExprKind::DynamicVariable);
        out->children.push_back(Parser::embedded(inner, line_, depth_, used, error_));
        at_ += used + 3;
        return out;
    }

    ExprPtr simple(std::string_view rest) {
        const std::size_t length = name_length(rest.substr(1));
        ExprPtr out = make(ExprKind::Variable, std::string(rest.substr(1, length)));
        at_ += 1 + length;
        const std::string_view tail = rest.substr(1 + length);
        if (!tail.empty() && tail[0] == '[') return simple_index(std::move(out), tail);
        const std::size_t arrow = tail.rfind("?->", 0) == 0 ? 3 : tail.rfind("->", 0) == 0 ? 2 : 0;
        if (arrow > 0 && name_length(tail.substr(arrow)) > 0) {
            at_ += arrow + name_length(tail.substr(arrow));
            auto property = make(ExprKind::Property);
            property->children.push_back(std::move(out));
            return property;
        }
        return out;
    }

    // $a[word], $a[12], $a[-1], $a[$b]: no expression may stand there
    ExprPtr simple_index(ExprPtr base, std::string_view tail) {
        const std::size_t close = tail.find(']');
        if (close == std::string_view::npos || close == 1) {
            error_ = "unexpected end of a variable in a string";
            return base;
        }
        const std::string_view key = tail.substr(1, close - 1);
        const std::string_view digits = key[0] == '-' ? key.substr(1) : key;
        const bool word = name_length(key) == key.size();
        const bool number = !digits.empty() && characters::digit(digits[0]) &&
                            name_length("a" + std::string(digits)) == digits.size() + 1;
        const bool variable = key[0] == '$' && name_length(key.substr(1)) + 1 == key.size() && key.size() > 1;
        if (!word && !number && !variable) {
            error_ = "unexpected " + std::string(key) + " in a string";
            return base;
        }
        auto out = make(ExprKind::Index);
        out->children.push_back(std::move(base));
        if (variable) {
            out->children.push_back(make(ExprKind::Variable, std::string(key.substr(1))));
        } else {
            const Key plain = key_of(key);
            const auto* index = std::get_if<std::int64_t>(&plain);
            out->children.push_back(literal(index ? Value(*index) : Value(std::string(key))));
        }
        at_ += close + 1;
        return out;
    }

    std::string_view raw_;
    char quote_;
    std::uint32_t line_;
    int depth_;
    std::string& error_;
    std::size_t at_ = 0;
    std::string text_;
};

// The label line and the closing label of a heredoc taken off; the closing label's indentation removed from
// every line.
struct HeredocBody {
    std::string text;
    bool raw = false;  // nowdoc
};

HeredocBody heredoc_body(std::string_view token) {
    HeredocBody out;
    const std::size_t open = token.find("<<<") + 3;
    const std::size_t first_line = token.find_first_of("\r\n");
    const std::string_view label = token.substr(open, first_line - open);
    out.raw = label.find('\'') != std::string_view::npos;
    std::size_t start = first_line + 1;
    if (token[first_line] == '\r' && start < token.size() && token[start] == '\n') ++start;
    std::size_t last_line = token.find_last_of("\r\n");
    const std::size_t label_start = token.find_first_not_of(" \t", last_line + 1);
    const std::size_t indent = label_start - last_line - 1;
    if (last_line < start) return out;  // nothing between the labels
    if (token[last_line] == '\n' && last_line > start && token[last_line - 1] == '\r') --last_line;
    const std::string_view body = token.substr(start, last_line - start);
    for (std::size_t at = 0; at < body.size();) {
        std::size_t blanks = 0;
        while (blanks < indent && at < body.size() && (body[at] == ' ' || body[at] == '\t')) ++at, ++blanks;
        const std::size_t end = std::min(body.find('\n', at), body.size() - 1);
        if (at < body.size()) out.text += body.substr(at, end - at + 1);
        at = std::max(at, end + 1);
    }
    return out;
}

std::string unescape_single_quoted(std::string_view inner) {
    std::string out;
    for (std::size_t at = 0; at < inner.size(); ++at) {
        const bool escaped =
            inner[at] == '\\' && at + 1 < inner.size() && (inner[at + 1] == '\'' || inner[at + 1] == '\\');
        out += inner[escaped ? ++at : at];
    }
    return out;
}

ExprPtr parse_template(std::string_view raw, char quote, std::uint32_t line, int depth, std::string& error) {
    return TemplateParser(raw, quote, line, depth, error).run();
}

}  // namespace

ExprPtr Parser::template_literal(std::string_view raw, char quote, std::uint32_t line) {
    std::string error;
    ExprPtr out = parse_template(raw, quote, line, depth_, error);
    if (error == not_followed)
        unclear();
    else if (!error.empty())
        fail(error);
    if (out->items.empty()) {
        out->kind = ExprKind::Literal;
        out->value = Value("");
    } else if (out->items.size() == 1 && out->items[0].value->kind == ExprKind::Literal) {
        ExprPtr only = std::move(out->items[0].value);
        out = std::move(only);
    }
    take();
    return out;
}

ExprPtr Parser::string_literal() {
    std::string_view token = current().text;
    if (token.front() == 'b' || token.front() == 'B') token.remove_prefix(1);
    const std::string_view inner = token.substr(1, token.size() - 2);
    if (token.front() == '"') return template_literal(inner, '"', current().line);
    ExprPtr out = make(ExprKind::Literal);
    out->value = Value(unescape_single_quoted(inner));
    take();
    return out;
}

ExprPtr Parser::heredoc() {
    const HeredocBody body = heredoc_body(current().text);
    if (!body.raw) return template_literal(body.text, '<', current().line + 1);
    ExprPtr out = make(ExprKind::Literal);
    out->value = Value(body.text);
    take();
    return out;
}

ExprPtr Parser::backtick() {
    ExprPtr out = make(ExprKind::Opaque);
    out->name = "`...`";
    take();
    return out;
}

ExprPtr Parser::number() {
    ExprPtr out = make(ExprKind::Literal);
    std::string text;
    for (const char c : current().text) {
        if (c != '_') text += c;
    }
    const bool prefixed = text.size() > 1 && text[0] == '0';
    const char mark = prefixed ? static_cast<char>(text[1] | 0x20) : ' ';
    if (is_kind(TokenKind::Float)) {
        out->value = Value(std::strtod(text.c_str(), nullptr));
        take();
        return out;
    }
    const int base = mark == 'x' ? 16 : mark == 'b' ? 2 : prefixed ? 8 : 10;
    const std::size_t start = mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 0;
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data() + start, text.data() + text.size(), value, base);
    if (problem == std::errc() && end == text.data() + text.size()) {
        out->value = Value(value);
    } else if (problem == std::errc()) {
        fail("invalid numeric literal " + text);
    } else {
        double large = 0;  // does not fit: a float, as in PHP
        for (const char c : text.substr(start)) {
            large = large * base + (characters::digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
        }
        out->value = Value(base == 10 ? std::strtod(text.c_str(), nullptr) : large);
    }
    take();
    return out;
}

}  // namespace bdupdate::php
