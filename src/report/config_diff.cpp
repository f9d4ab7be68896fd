#include "config_diff.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "bdupdate/base/text.h"
#include "json_text.h"

namespace bdupdate::report {

namespace {

/// The last word of a key tells: "smtp_password", but not core's "password_reset_subject".
bool names_a_secret(const std::string& key) {
    static constexpr std::array<std::string_view, 14> endings = {
        "password", "passwd",  "passphrase", "pass",        "pwd",   "secret",     "apikey",
        "api_key",  "authkey", "auth_key",   "private_key", "token", "access_key", "credentials"};
    const std::string name = to_lower(key);
    return std::any_of(endings.begin(), endings.end(), [&name](std::string_view ending) {
        return name.size() >= ending.size() &&
               name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
    });
}

/// Where the password of "scheme://user:password@host" stands; npos: there is none.
std::pair<std::size_t, std::size_t> password_in_url(const std::string& text) {
    constexpr std::size_t none = std::string::npos;
    const std::size_t scheme = text.find("://");
    if (scheme == none) return {none, 0};
    const std::size_t end = std::min(text.find_first_of("/ \t\n?#", scheme + 3), text.size());
    const std::size_t at = text.rfind('@', end - 1);
    const std::size_t colon = text.find(':', scheme + 3);
    if (at == none || colon == none || at < scheme || colon > at) return {none, 0};
    return {colon + 1, at - colon - 1};
}

/// What a value is judged by: all that stands below a secret key is secret.
const std::string& telling(const std::string& parent, const std::string& key) {
    return names_a_secret(parent) ? parent : key;
}

bool is_secret(const std::string& key, const Json& value) {
    return value.is_string() && !value.get_ref<const std::string&>().empty() && names_a_secret(key);
}

/// The value with everything hidden in it that must be; `key` is its own name.
Json harmless(const std::string& key, const Json& value) {
    if (is_secret(key, value)) return hidden_value;
    Json result = value;
    if (value.is_object()) {
        for (const auto& [name, item] : value.items()) result[name] = harmless(telling(key, name), item);
    } else if (value.is_array()) {
        for (std::size_t i = 0; i < value.size(); ++i) result[i] = harmless(key, value[i]);
    } else if (value.is_string()) {
        std::string text = value.get<std::string>();
        const auto [start, length] = password_in_url(text);
        if (start != std::string::npos) result = text.replace(start, length, hidden_value);
    }
    return result;
}

class Comparison {
  public:
    void compare(const std::string& path, const std::string& key, const Json* before, const Json* after) {
        if (before != nullptr && after != nullptr && *before == *after) return;
        if (is_tree(before, after)) return compare_trees(path, key, before, after);
        // A value that became a tree, or the other way round: gone, and then key by key.
        if (before != nullptr && after != nullptr && (holds_keys(*before) || holds_keys(*after))) {
            compare(path, key, before, nullptr);
            compare(path, key, nullptr, after);
            return;
        }
        if (before != nullptr && after != nullptr && before->is_array() && after->is_array())
            return compare_lists(path, key, *before, *after);
        add(path, key, before, after);
    }
    std::vector<KeyChange> changes;

  private:
    static bool holds_keys(const Json& value) { return value.is_object() && !value.empty(); }
    /// PHP writes an empty array as [], whatever it holds later.
    static bool may_be_tree(const Json* value) {
        return value == nullptr || value->is_object() || (value->is_array() && value->empty());
    }
    static bool is_tree(const Json* before, const Json* after) {
        const bool any =
            (before != nullptr && holds_keys(*before)) || (after != nullptr && holds_keys(*after));
        return any && may_be_tree(before) && may_be_tree(after);
    }

    void compare_trees(const std::string& path, const std::string& key, const Json* before,
                       const Json* after) {
        const auto item = [](const Json* tree, const std::string& name) -> const Json* {
            if (tree == nullptr || !tree->is_object()) return nullptr;
            const auto found = tree->find(name);
            return found == tree->end() ? nullptr : &*found;
        };
        std::vector<std::string> names;
        for (const Json* tree : {after, before})
            if (tree != nullptr && tree->is_object())
                for (const auto& entry : tree->items())
                    if (tree == after || item(after, entry.key()) == nullptr) names.push_back(entry.key());
        for (const std::string& name : names)
            compare(path.empty() ? name : path + "." + name, telling(key, name), item(before, name),
                    item(after, name));
    }

    /// What both begin and end with is left out.
    void compare_lists(const std::string& path, const std::string& key, const Json& before,
                       const Json& after) {
        std::size_t head = 0, tail = 0;
        const std::size_t shorter = std::min(before.size(), after.size());
        while (head < shorter && before[head] == after[head]) ++head;
        while (tail < shorter - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
            ++tail;
        const std::size_t old_end = before.size() - tail, new_end = after.size() - tail;
        for (std::size_t i = head; i < std::max(old_end, new_end); ++i)
            compare(path + "[" + std::to_string(i) + "]", key, i < old_end ? &before[i] : nullptr,
                    i < new_end ? &after[i] : nullptr);
    }

    void add(const std::string& path, const std::string& key, const Json* before, const Json* after) {
        KeyChange change{path, std::nullopt, std::nullopt};
        if (before != nullptr) change.before = compact(harmless(key, *before));
        if (after != nullptr) change.after = compact(harmless(key, *after));
        changes.push_back(std::move(change));
    }
};

void collect_secrets(const std::string& key, const Json& value, std::vector<std::string>& found) {
    if (is_secret(key, value)) found.push_back(compact(value));
    if (value.is_string()) {
        const std::string text = value.get<std::string>();
        const auto [start, length] = password_in_url(text);
        if (start != std::string::npos && length > 0) found.push_back(":" + text.substr(start, length) + "@");
    }
    if (value.is_object())
        for (const auto& [name, item] : value.items()) collect_secrets(telling(key, name), item, found);
    if (value.is_array())
        for (const Json& item : value) collect_secrets(key, item, found);
}

Json parsed(const std::optional<std::string>& text) {
    return text ? Json::parse(*text, nullptr, false) : Json::object();
}

}  // namespace

std::optional<std::vector<KeyChange>> key_changes(const journal::ConfigChange& change) {
    const Json before = parsed(change.before), after = parsed(change.after);
    if (!before.is_object() || !after.is_object()) return std::nullopt;
    Comparison comparison;
    comparison.compare("", "", &before, &after);
    return std::move(comparison.changes);
}

std::vector<std::string> secrets_of(const journal::ConfigChange& change) {
    std::vector<std::string> found;
    for (const auto* side : {&change.before, &change.after})
        if (const Json json = parsed(*side); !json.is_discarded()) collect_secrets("", json, found);
    return found;
}

}  // namespace bdupdate::report
