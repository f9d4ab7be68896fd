// The rule about config: what updates add to the module's own settings, new installations must get too.

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "bdupdate/base/text.h"
#include "source.h"

namespace bdupdate::lint {

namespace {

using Kind = php::TokenKind;

/// One call on a config object whose name and key stand there as strings.
struct Access {
    std::string verb;  ///< lower-case: set, get, clear, delete …
    std::string config, key;
    std::uint32_t line = 0;
};

/// Reads calls on config objects, in the order of the source.
class Reader {
  public:
    explicit Reader(const Tokens& tokens) : tokens_(tokens) {}

    std::vector<Access> run() {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            const std::string word = to_lower(tokens_[i].text);
            const bool is_function = tokens_[i].kind == Kind::Identifier && text(i + 1) == "(" &&
                                     (i == 0 || (text(i - 1) != "->" && text(i - 1) != "::"));
            if (is_function && (word == "config_set" || word == "config_get" || word == "config_clear"))
                add(word.substr(7), string(i + 2), text(i + 3) == "," ? string(i + 4) : "", i);
            if (is_function && word == "config") {
                const std::string name = text(i + 3) == ")" || text(i + 3) == "," ? string(i + 2) : "";
                if (i >= 2 && text(i - 1) == "=" && tokens_[i - 2].kind == Kind::Variable)
                    variables_[std::string(tokens_[i - 2].text)] = name;
                methods(behind_brackets(i + 1), name);
            }
            if (tokens_[i].kind == Kind::Variable && text(i + 1) == "->") {
                const auto known = variables_.find(std::string(tokens_[i].text));
                if (known != variables_.end()) methods(i + 1, known->second);
            }
        }
        return std::move(found_);
    }

  private:
    [[nodiscard]] std::string_view text(std::size_t at) const {
        return at < tokens_.size() ? tokens_[at].text : std::string_view();
    }
    [[nodiscard]] std::string string(std::size_t at) const {
        return at < tokens_.size() ? unquoted(tokens_[at]) : std::string();
    }
    [[nodiscard]] std::size_t behind_brackets(std::size_t open) const {
        int depth = 0;
        for (std::size_t i = open; i < tokens_.size(); ++i) {
            if (text(i) == "(") ++depth;
            if (text(i) == ")" && --depth == 0) return i + 1;
        }
        return tokens_.size();
    }
    /// `->set('a', 1)->set('b', 2)` from the first arrow on.
    void methods(std::size_t at, const std::string& config) {
        while (text(at) == "->" && text(at + 2) == "(") {
            const bool whole = text(at + 4) == "," || text(at + 4) == ")";
            add(to_lower(text(at + 1)), config, whole ? string(at + 3) : "", at + 1);
            at = behind_brackets(at + 2);
        }
    }
    void add(const std::string& verb, const std::string& config, const std::string& key, std::size_t at) {
        if (!config.empty()) found_.push_back({verb, config, key, tokens_[at].line});
    }

    const Tokens& tokens_;
    std::map<std::string, std::string> variables_;
    std::vector<Access> found_;
};

/// Whether a default has this key. Below something that is no object with keys of its own (a list, an empty
/// array) anything may come.
bool has_key(const nlohmann::json& config, const std::string& key) {
    const nlohmann::json* at = &config;
    for (const std::string_view part : split(key, '.')) {
        if (!at->is_object()) return at->is_array();
        const auto found = at->find(std::string(part));
        if (found == at->end()) return false;
        at = &*found;
    }
    return true;
}

/// "a" takes "a.b" along.
bool covers(const std::set<std::string>& keys, const std::string& key) {
    for (std::size_t end = key.size(); end != std::string::npos && end > 0; end = key.rfind('.', end - 1))
        if (keys.count(key.substr(0, end)) > 0) return true;
    return false;
}

/// What all updates of the module do with one config object.
struct Object {
    std::set<std::string> cleared;
    bool deleted = false;
};

}  // namespace

void check_config(const Subject& subject, Findings& findings) {
    if (!subject.files.has_config) return;
    std::map<std::string, Object> objects;
    std::vector<std::pair<Reached, std::vector<Access>>> all;
    for (const Reached& one : reached_by_updates(subject.install, subject.module))
        all.emplace_back(one, Reader(one.function->tokens).run());
    for (const auto& [one, accesses] : all)
        for (const Access& access : accesses) {
            if (access.verb == "clear") objects[access.config].cleared.insert(access.key);
            if (access.verb == "delete" || access.verb == "rename") objects[access.config].deleted = true;
        }
    std::set<std::pair<std::string, std::string>> told;
    for (const auto& [one, accesses] : all) {
        std::set<std::pair<std::string, std::string>> read;
        for (const Access& access : accesses) {
            // What it looked at first was there before, on the sites that have it.
            if (access.verb == "get") read.insert({access.config, access.key});
            // Keys that begin so are about the file, not settings.
            if (access.verb != "set" || access.key.empty() || access.key.front() == '_') continue;
            const auto file = subject.files.config.find(access.config);
            if (file == subject.files.config.end()) continue;
            const Object& object = objects[access.config];
            if (object.deleted || covers(object.cleared, access.key) ||
                read.count({access.config, access.key}) > 0)
                continue;
            const auto json = nlohmann::json::parse(file->second, nullptr, false);
            if (!json.is_object() || has_key(json, access.key) ||
                !told.insert({access.config, access.key}).second)
                continue;
            findings.push_back(subject.install.finding(
                access.line, Severity::Warning, "config-default",
                one.function->declaration->name + "() sets " + access.key + " of " + access.config +
                    ", and config/" + access.config + ".json does not have it: new installations go without",
                "add the key to that file, too"));
        }
    }
}

}  // namespace bdupdate::lint
