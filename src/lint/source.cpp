#include "source.h"

#include <algorithm>
#include <set>

#include "bdupdate/base/text.h"

namespace bdupdate::lint {

namespace {

using Kind = php::TokenKind;

constexpr std::string_view allowance_mark = "bdupdate-lint: ignore";

bool is_blank(const php::Token& token) {
    return token.kind == Kind::Whitespace || token.kind == Kind::Comment || token.kind == Kind::DocComment;
}

/// `foo(`, `\foo(`; not `->foo(`, `X::foo(`, `new foo(`, `function foo(`, `a\foo(`.
bool is_call(const Tokens& tokens, std::size_t at) {
    if (tokens[at].kind != Kind::Identifier || at + 1 >= tokens.size() || tokens[at + 1].text != "(")
        return false;
    if (at == 0) return true;
    std::string_view before = tokens[at - 1].text;
    if (before == "\\") {
        if (at < 2) return true;
        if (tokens[at - 2].kind == Kind::Identifier) return false;
        before = tokens[at - 2].text;
    }
    const std::string word = to_lower(before);
    const bool by_reference = before == "&" && at >= 2 && to_lower(tokens[at - 2].text) == "function";
    return before != "->" && before != "?->" && before != "::" && word != "function" && word != "new" &&
           !by_reference;
}

std::vector<Call> calls_in(const Tokens& tokens) {
    static const std::set<std::string> words = {
        "if",    "elseif",       "while",   "for",          "foreach", "switch",  "catch", "array",  "list",
        "isset", "empty",        "unset",   "echo",         "print",   "exit",    "die",   "return", "and",
        "or",    "xor",          "include", "include_once", "eval",    "declare", "fn",    "use",    "match",
        "clone", "require_once", "require", "throw",        "static",  "else",    "do",    "yield"};
    std::vector<Call> calls;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (!is_call(tokens, i)) continue;
        std::string name = to_lower(tokens[i].text);
        if (words.count(name) == 0) calls.push_back({std::move(name), tokens[i].line, i});
    }
    return calls;
}

std::int64_t value_of(const std::string& number) {
    return plan::parse_number(number).value;
}

std::uint32_t lines_in(std::string_view text) {
    return static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

Source::Source(const SourceFile& file) : file_(file), outline_(php::outline(file.text)) {
    const std::vector<php::Token> all = php::tokenize(file.text);
    functions_.reserve(outline_.functions.size());
    for (const php::FunctionDeclaration& declaration : outline_.functions) {
        Function function;
        function.declaration = &declaration;
        function.name = to_lower(declaration.name);
        const auto begin = static_cast<std::uint32_t>(declaration.declaration.data() - file.text.data());
        const std::uint32_t end = begin + static_cast<std::uint32_t>(declaration.declaration.size());
        auto token = std::lower_bound(
            all.begin(), all.end(), begin,
            [](const php::Token& left, std::uint32_t offset) { return left.offset < offset; });
        for (; token != all.end() && token->offset < end; ++token)
            if (!is_blank(*token)) function.tokens.push_back(*token);
        function.calls = calls_in(function.tokens);
        functions_.push_back(std::move(function));
    }
    for (const Function& function : functions_) {
        by_name_.emplace(function.name, &function);
        Update update;
        update.function = &function;
        if (!php::split_update_name(function.declaration->name, update.module, update.number)) continue;
        update.value = value_of(update.number);
        updates_.push_back(std::move(update));
    }
    read_allowances(all);
}

void Source::read_allowances(const std::vector<php::Token>& tokens) {
    for (const php::Token& token : tokens) {
        if (token.kind != Kind::Comment && token.kind != Kind::DocComment) continue;
        const std::size_t mark = token.text.find(allowance_mark);
        if (mark == std::string_view::npos) continue;
        Allowance allowance{token.line, token.line + lines_in(token.text) + 1, {}};
        if (token.kind == Kind::DocComment)
            for (const Function& function : functions_)
                if (function.declaration->doc_comment.data() == token.text.data())
                    allowance.last = function.declaration->line + lines_in(function.declaration->declaration);
        std::string_view rest = token.text.substr(mark + allowance_mark.size());
        rest = rest.substr(0, rest.find('\n'));
        std::string word;
        for (const char c : std::string(rest) + " ") {
            if ((c >= 'a' && c <= 'z') || c == '-') {
                word += c;
                continue;
            }
            // Words behind the first blank that follows a name are the author's reason.
            if (!word.empty()) allowances_.push_back({allowance.first, allowance.last, word});
            const bool goes_on = word.empty() || c == ',';
            word.clear();
            if (!goes_on) break;
        }
    }
}

const Function* Source::find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

bool Source::allows(const std::string& rule, std::uint32_t line) const {
    return std::any_of(allowances_.begin(), allowances_.end(), [&](const Allowance& allowance) {
        return allowance.rule == rule && line >= allowance.first && line <= allowance.last;
    });
}

Finding Source::finding(std::uint32_t line, Severity severity, const char* rule, std::string message,
                        std::string hint) const {
    return {file_.name, line, severity, rule, std::move(message), std::move(hint)};
}

std::vector<Reached> reached_by_updates(const Source& source, const std::string& module) {
    std::vector<Reached> reached;
    std::set<const Function*> seen;
    for (const Update& update : source.updates())
        if (update.module == module && seen.insert(update.function).second)
            reached.push_back({update.function, update.function});
    for (std::size_t i = 0; i < reached.size(); ++i) {
        const Reached from = reached[i];
        for (const Call& call : from.function->calls)
            if (const Function* called = source.find(call.name); called != nullptr)
                if (seen.insert(called).second) reached.push_back({called, from.update});
    }
    return reached;
}

std::string unquoted(const php::Token& token) {
    if (token.kind != Kind::String || token.text.size() < 2) return {};
    const std::size_t open = token.text.find_first_of("'\"");
    if (open == std::string_view::npos || open + 1 >= token.text.size()) return {};
    return std::string(token.text.substr(open + 1, token.text.size() - open - 2));
}

}  // namespace bdupdate::lint
