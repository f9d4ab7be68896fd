#include "bdupdate/scan/definitions.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "bdupdate/php/functions.h"
#include "bdupdate/php/lexer.h"

namespace bdupdate::scan {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t largest_file = std::uintmax_t{4} << 20U;
constexpr int deepest = 20;

bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '\\' || static_cast<unsigned char>(c) >= 0x80;
}

std::string name_behind(const std::string& text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    if (at == std::string::npos) return {};
    std::size_t end = at + mark.size();
    while (end < text.size() && is_name_byte(text[end])) ++end;
    return text.substr(at + mark.size(), end - at - mark.size());
}

std::string name_before(const std::string& text, std::string_view mark) {
    const std::size_t end = text.find(mark);
    if (end == std::string::npos) return {};
    std::size_t begin = end;
    while (begin > 0 && is_name_byte(text[begin - 1])) --begin;
    return text.substr(begin, end - begin);
}

/// Namespaces are left out of the comparison: the last part decides.
std::string last_part(const std::string& name) {
    const std::size_t slash = name.rfind('\\');
    return slash == std::string::npos ? name : name.substr(slash + 1);
}

bool holds_code(const std::string& extension) {
    static constexpr std::array<std::string_view, 7> extensions = {
        ".php", ".inc", ".module", ".install", ".profile", ".engine", ".theme"};
    return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

class Search {
  public:
    Search(const fs::path& docroot, const Symbol& symbol)
        : docroot_(docroot), kind_(symbol.kind), name_(to_lower(last_part(symbol.name))) {}

    std::vector<Definition> run() {
        walk(docroot_, "", 0);
        std::stable_sort(found_.begin(), found_.end(), [](const Definition& a, const Definition& b) {
            const auto rank = [](const Definition& it) {
                return (it.file.rfind("core/", 0) == 0 ? 2 : 0) + (it.module.empty() ? 1 : 0);
            };
            return std::make_pair(rank(a), a.file) < std::make_pair(rank(b), b.file);
        });
        return std::move(found_);
    }

  private:
    /// `module`: of the directories above.
    void walk(const fs::path& directory, std::string module, int depth) {
        struct stat info {};
        if (depth > deepest || ::stat(directory.c_str(), &info) != 0) return;
        if (!seen_.insert({info.st_dev, info.st_ino}).second) return;  // links may lead in circles
        std::vector<fs::path> files, below;
        std::error_code error, ignored;
        for (auto at = fs::directory_iterator(directory, error); !error && at != fs::directory_iterator();
             at.increment(error)) {
            const std::string name = at->path().filename();
            if (name.front() == '.') continue;
            if (at->is_directory(ignored)) {
                // What visitors upload is no code.
                if (name != "files" && name != "node_modules" && name != "bower_components")
                    below.push_back(at->path());
            } else if (at->is_regular_file(ignored)) {
                files.push_back(at->path());
                if (at->path().extension() == ".module" || at->path().extension() == ".profile")
                    module = at->path().stem();
            }
        }
        for (const fs::path& file : files) look(file, module);
        for (const fs::path& inner : below) walk(inner, module, depth + 1);
    }

    void look(const fs::path& file, const std::string& module) {
        std::error_code error;
        if (!holds_code(file.extension()) || fs::file_size(file, error) > largest_file || error) return;
        const auto source = read_file(file);
        if (!source || to_lower(*source).find(name_) == std::string::npos || !defines(*source)) return;
        // Several modules in one directory: each file to the one that it is named after.
        const std::string stem = file.stem();
        std::error_code ignored;
        const bool own = fs::exists(file.parent_path() / (stem + ".module"), ignored);
        found_.push_back({fs::relative(file, docroot_, ignored).string(), own ? stem : module});
    }

    [[nodiscard]] bool defines(const std::string& source) const {
        if (kind_ == Symbol::Kind::Function) {
            const auto functions = php::outline(source).functions;
            return std::any_of(functions.begin(), functions.end(),
                               [this](const php::FunctionDeclaration& function) {
                                   return to_lower(last_part(function.name)) == name_;
                               });
        }
        // `class NAME`, `const NAME`, `define('NAME'`
        std::string_view last, before;
        for (const php::Token& token : php::tokenize(source)) {
            using Kind = php::TokenKind;
            if (token.kind == Kind::Whitespace || token.kind == Kind::Comment ||
                token.kind == Kind::DocComment)
                continue;
            const std::string text = to_lower(token.text);
            const std::string word = to_lower(last);
            if (kind_ == Symbol::Kind::Class && token.kind == Kind::Identifier && text == name_ &&
                (word == "class" || word == "interface" || word == "trait" || word == "enum"))
                return true;
            if (kind_ == Symbol::Kind::Constant &&
                ((text == name_ && word == "const") ||
                 (token.kind == Kind::String && text.size() > 2 && text.substr(1, text.size() - 2) == name_ &&
                  word == "(" && to_lower(before) == "define")))
                return true;
            before = last;
            last = token.text;
        }
        return false;
    }

    const fs::path& docroot_;
    Symbol::Kind kind_;
    std::string name_;
    std::set<std::pair<dev_t, ino_t>> seen_;
    std::vector<Definition> found_;
};

}  // namespace

Symbol missing_symbol(const std::string& error) {
    std::string name = name_behind(error, "Call to undefined function ");
    if (name.empty()) name = name_before(error, "() is not part of the bare API");
    if (!name.empty()) return {Symbol::Kind::Function, std::move(name)};
    for (const char* kind : {"Class", "Interface", "Trait", "Enum"})
        for (const char* quote : {"\"", "'"}) {
            const std::size_t at = error.find(std::string(kind) + " " + quote);
            if (at == std::string::npos) continue;
            name = name_behind(error.substr(at), std::string(kind) + " " + quote);
            if (error.find(name + quote + " not found", at) != std::string::npos)
                return {Symbol::Kind::Class, std::move(name)};
        }
    return {Symbol::Kind::Constant, name_behind(error, "Undefined constant \"")};
}

std::vector<Definition> find_definitions(const site::Site& site, const Symbol& symbol) {
    if (symbol.name.empty()) return {};
    return Search(site.docroot, symbol).run();
}

}  // namespace bdupdate::scan
