// The rules about what an update does: what it calls, and what it divides by.

#include <algorithm>
#include <map>
#include <set>

#include "bdupdate/base/text.h"
#include "source.h"

namespace bdupdate::lint {

namespace {

using Kind = php::TokenKind;

/// Functions that invoke hooks of whatever modules are enabled, with what to do in their place. Those of
/// Drupal 7 and of Backdrop; each invokes module_invoke_all(), backdrop_alter() or the like by itself.
const std::map<std::string, const char*>& hooking_functions() {
    static const char* const by_query = "read and write the tables with db_select(), db_update() …";
    static const char* const fields = "change the field's config file and tables";
    static const char* const enabling = "use update_module_enable()";
    static const char* const config = "change the config file with config()";
    static const char* const later =
        "leave it to the flush that follows every run, or set a state that hook_cron() or a page looks at";
    static const std::map<std::string, const char*> functions = {
        {"node_save", by_query},
        {"node_delete", by_query},
        {"node_delete_multiple", by_query},
        {"node_load", by_query},
        {"node_load_multiple", by_query},
        {"node_revision_delete", by_query},
        {"user_save", by_query},
        {"user_delete", by_query},
        {"user_delete_multiple", by_query},
        {"user_load", by_query},
        {"user_load_multiple", by_query},
        {"comment_save", by_query},
        {"comment_delete", by_query},
        {"comment_delete_multiple", by_query},
        {"comment_load", by_query},
        {"comment_load_multiple", by_query},
        {"taxonomy_term_save", by_query},
        {"taxonomy_term_delete", by_query},
        {"taxonomy_term_load", by_query},
        {"taxonomy_term_load_multiple", by_query},
        {"taxonomy_vocabulary_save", by_query},
        {"taxonomy_vocabulary_delete", by_query},
        {"file_save", by_query},
        {"file_delete", by_query},
        {"file_load", by_query},
        {"file_load_multiple", by_query},
        {"entity_load", by_query},
        {"entity_load_multiple", by_query},
        {"entity_save", by_query},
        {"entity_delete", by_query},
        {"entity_delete_multiple", by_query},
        {"menu_link_save", by_query},
        {"menu_link_delete", by_query},
        {"menu_save", by_query},
        {"menu_delete", by_query},
        {"path_save", by_query},
        {"path_delete", by_query},
        {"node_type_save", config},
        {"node_type_delete", config},
        {"field_create_field", fields},
        {"field_create_instance", fields},
        {"field_update_field", fields},
        {"field_update_instance", fields},
        {"field_delete_field", fields},
        {"field_delete_instance", fields},
        {"field_attach_create_bundle", fields},
        {"field_attach_delete_bundle", fields},
        {"field_attach_rename_bundle", fields},
        {"image_style_save", config},
        {"image_style_delete", config},
        {"filter_format_save", config},
        {"filter_format_disable", config},
        {"user_role_save", config},
        {"user_role_delete", config},
        {"user_role_change_permissions", config},
        {"user_role_grant_permissions", config},
        {"user_role_revoke_permissions", config},
        {"module_enable", enabling},
        {"module_disable", "change {system}.status with db_update()"},
        {"backdrop_uninstall_modules", "remove the module's tables and config by themselves"},
        {"drupal_uninstall_modules", "remove the module's tables by themselves"},
        {"module_invoke_all", "do without other modules' code"},
        {"backdrop_alter", "do without other modules' code"},
        {"drupal_alter", "do without other modules' code"},
        {"menu_rebuild", later},
        {"node_access_rebuild", later},
        {"backdrop_flush_all_caches", later},
        {"drupal_flush_all_caches", later},
    };
    return functions;
}

/// On Drupal 7 there is no other way to enable a module, and roles are plain tables.
bool is_usual_on_drupal7(const std::string& name) {
    return name == "module_enable" || name == "module_disable" ||
           (name.rfind("user_role_", 0) == 0 && name.find("_permissions") != std::string::npos);
}

std::string told_of(const Reached& reached) {
    const std::string& name = reached.function->declaration->name;
    return reached.function == reached.update
               ? name + "()"
               : name + "(), which " + reached.update->declaration->name + "() calls,";
}

/// Functions that load code by the name of a module or file.
bool is_loader(const std::string& name) {
    static const std::set<std::string> names = {
        "backdrop_load",        "drupal_load", "module_load_include", "form_load_include",
        "module_load_all",      "include",     "include_once",        "require",
        "backdrop_load_module", "require_once"};
    return names.count(name) > 0;
}

/// Whether these tokens load the module's .module somewhere: which branch does it is not looked at.
bool loads_module(const Tokens& tokens, const std::string& module) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].kind != Kind::Identifier || !is_loader(to_lower(tokens[i].text))) continue;
        for (std::size_t k = i + 1; k < tokens.size() && tokens[k].text != ";"; ++k) {
            const std::string text = to_lower(unquoted(tokens[k]));
            if (text == "module" || text == module || text.find(module + ".module") != std::string::npos ||
                text.find(".module") != std::string::npos)
                return true;
        }
    }
    return false;
}

/// `function_exists('name')`, `module_exists('module')`: the author knows.
bool asks_for(const Tokens& tokens, const std::string& name, const std::string& module) {
    for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
        const std::string word = to_lower(tokens[i].text);
        const std::string argument = to_lower(unquoted(tokens[i + 2]));
        if ((word == "function_exists" || word == "is_callable") && argument == name) return true;
        if (word == "module_exists" && argument == module) return true;
    }
    return false;
}

bool file_loads_module(const Subject& subject) {
    return std::any_of(subject.install.outline().loads.begin(), subject.install.outline().loads.end(),
                       [&subject](const php::Load& load) {
                           return load.text.find(subject.module + ".module") != std::string_view::npos ||
                                  load.text.find("'module'") != std::string_view::npos ||
                                  load.text.find("\"module\"") != std::string_view::npos;
                       });
}

/// Lower-case names of the functions that the module's .module declares.
std::set<std::string> functions_of_module(const Subject& subject) {
    std::set<std::string> names;
    for (const SourceFile& file : subject.files.others) {
        if (std::filesystem::path(file.name).filename() != subject.files.module + ".module") continue;
        for (const php::FunctionDeclaration& function : php::outline(file.text).functions)
            names.insert(to_lower(function.name));
    }
    return names;
}

void check_own_module(const Subject& subject, const std::vector<Reached>& reached, Findings& findings) {
    // core never disables these, so that their .module is always there.
    if (subject.files.always_enabled || file_loads_module(subject)) return;
    const std::set<std::string> own = functions_of_module(subject);
    for (const Reached& one : reached) {
        if (loads_module(one.function->tokens, subject.module) ||
            loads_module(one.update->tokens, subject.module))
            continue;
        std::set<std::string> told;
        for (const Call& call : one.function->calls) {
            if (own.count(call.name) == 0 || subject.install.find(call.name) != nullptr) continue;
            if (!told.insert(call.name).second || asks_for(one.function->tokens, call.name, subject.module))
                continue;
            findings.push_back(subject.install.finding(
                call.line, Severity::Warning, "own-module",
                told_of(one) + " calls " + call.name + "() of " + subject.files.module +
                    ".module, which is not loaded where the module is disabled",
                "copy what it does into the update, as it is today, or load the file with " +
                    std::string(subject.files.rules == plan::Rules::Drupal7 ? "drupal_load"
                                                                            : "backdrop_load") +
                    "('module', '" + subject.module + "')"));
        }
    }
}

void check_api(const Subject& subject, const std::vector<Reached>& reached, Findings& findings) {
    for (const Reached& one : reached) {
        std::set<std::string> told;
        for (const Call& call : one.function->calls) {
            const auto found = hooking_functions().find(call.name);
            if (found == hooking_functions().end() || !told.insert(call.name).second) continue;
            if (subject.install.find(call.name) != nullptr) continue;
            if (subject.files.rules == plan::Rules::Drupal7 && is_usual_on_drupal7(call.name)) continue;
            findings.push_back(subject.install.finding(
                call.line, Severity::Warning, "api",
                told_of(one) + " calls " + call.name +
                    "(), which invokes hooks of other modules while their tables and config may still be old",
                found->second));
        }
    }
}

// --- divisions

/// The variable with its indexes or properties that begins at `at`, as one text: `$sandbox['max']`.
std::string place_at(const Tokens& tokens, std::size_t at, std::size_t* end = nullptr) {
    std::string text;
    std::size_t i = at;
    if (i >= tokens.size() || tokens[i].kind != Kind::Variable) return text;
    text = tokens[i++].text;
    while (i < tokens.size()) {
        if (tokens[i].text == "[") {
            int depth = 0;
            do {
                if (tokens[i].text == "[") ++depth;
                if (tokens[i].text == "]") --depth;
                text += tokens[i].kind == Kind::String ? "'" + unquoted(tokens[i]) + "'"
                                                       : std::string(tokens[i].text);
                ++i;
            } while (i < tokens.size() && depth > 0);
        } else if (tokens[i].text == "->" && i + 1 < tokens.size()) {
            text += "->" + std::string(tokens[i + 1].text);
            i += 2;
        } else {
            break;
        }
    }
    if (end != nullptr) *end = i;
    return text;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

/// Whether the function looks somewhere at whether this place holds 0: `empty(X)`, `!X`, `X ?`, `if (X)`,
/// `X > 0`, `a < X`, `X = max(1, …)`. A place where `progress < max` was seen to hold is not divided by at 0.
bool is_looked_at(const Tokens& tokens, const std::string& place) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        std::size_t end = i;
        if (tokens[i].kind != Kind::Variable || place_at(tokens, i, &end) != place) continue;
        const std::string_view before = i > 0 ? tokens[i - 1].text : std::string_view();
        const std::string_view after = end < tokens.size() ? tokens[end].text : std::string_view();
        const std::string two_before = i > 1 ? to_lower(tokens[i - 2].text) : std::string();
        if (before == "!" ||
            is_one_of(after, {"?", "?:", "&&", "||", ">", "==", "===", "!=", "!==", "<>", ">="}))
            return true;
        if (is_one_of(before, {"&&", "||", "<", ">", "==", "===", "!=", "!==", "<>", ">="})) return true;
        if (is_one_of(after, {"<", "<="})) return true;
        if (before == "(" && is_one_of(two_before, {"empty", "if", "elseif", "max"})) return true;
        if (before == "," && after == ")") {
            // `max(1, $x)`
            for (std::size_t k = i; k-- > 0 && tokens[k].text != ";";)
                if (to_lower(tokens[k].text) == "max") return true;
        }
        if (after == "=" && end + 1 < tokens.size() && to_lower(tokens[end + 1].text) == "max") return true;
    }
    return false;
}

/// The places and calls that a place is set from: `$sandbox['max'] = $count`, `$sandbox['max'] =
/// count($ids)`.
std::vector<std::string> set_from(const Tokens& tokens, const std::string& place) {
    std::vector<std::string> from;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        std::size_t end = i;
        if (tokens[i].kind != Kind::Variable || place_at(tokens, i, &end) != place) continue;
        if (end >= tokens.size() || tokens[end].text != "=") continue;
        for (std::size_t k = end + 1; k < tokens.size() && tokens[k].text != ";"; ++k)
            if (tokens[k].kind == Kind::Variable) from.push_back(place_at(tokens, k));
    }
    return from;
}

/// Set to nothing but numbers that are not 0.
bool is_constant(const Tokens& tokens, const std::string& place) {
    bool set = false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        std::size_t end = i;
        if (tokens[i].kind != Kind::Variable || place_at(tokens, i, &end) != place) continue;
        if (end + 2 >= tokens.size() || tokens[end].text != "=") continue;
        set = true;
        const php::Token& value = tokens[end + 1];
        if (value.kind != Kind::Integer || value.text == "0" || tokens[end + 2].text != ";") return false;
    }
    return set;
}

bool is_guarded(const Tokens& tokens, const std::string& place) {
    if (is_looked_at(tokens, place) || is_constant(tokens, place)) return true;
    for (const std::string& source : set_from(tokens, place))
        if (source != place && is_looked_at(tokens, source)) return true;
    return false;
}

/// Whether token `at` stands in one arm of a `? :`, whatever that looks at.
bool is_chosen(const Tokens& tokens, std::size_t at) {
    int depth = 0;
    for (std::size_t i = at; i-- > 0;) {
        const std::string_view text = tokens[i].text;
        if (text == ";" || text == "{" || text == "}") return false;
        if (text == ")" || text == "]") ++depth;
        if (text == "(" || text == "[") --depth;
        if (text == "?" && depth <= 0) return true;
    }
    return false;
}

/// Whether token `at` stands in a block that is entered on a condition, other than the one by which an update
/// finds out that this is its first pass (`isset($sandbox['max'])`), or in a loop over what there is to do.
bool is_conditional(const Tokens& tokens, std::size_t at) {
    int depth = 0;
    for (std::size_t i = at; i-- > 0;) {
        if (tokens[i].text == "}") ++depth;
        if (tokens[i].text != "{" || depth-- > 0) continue;
        depth = 0;
        if (i == 0 || tokens[i - 1].text != ")") continue;
        bool first_pass = false;
        int brackets = 0;
        std::size_t k = i - 1;
        for (;; --k) {
            const std::string word = to_lower(tokens[k].text);
            if (word == ")") ++brackets;
            if (word == "isset" || word == "empty") first_pass = true;
            if ((word == "(" && --brackets == 0) || k == 0) break;
        }
        const std::string word = k > 0 ? to_lower(tokens[k - 1].text) : std::string();
        if (word == "foreach" || word == "for") return true;
        if ((word == "if" || word == "elseif" || word == "while") && !first_pass) return true;
    }
    return false;
}

/// The name of the parameter that holds the sandbox, with its `$`.
std::string sandbox_of(const Function& function) {
    for (const php::Token& token : function.tokens) {
        if (token.text == "{") break;
        if (token.kind == Kind::Variable) return std::string(token.text);
    }
    return {};
}

/// Whether the statement that holds token `at` sets `$sandbox['#finished']`.
bool sets_finished(const Tokens& tokens, std::size_t at) {
    for (std::size_t i = at; i-- > 0 && !is_one_of(tokens[i].text, {";", "{", "}"});)
        if (unquoted(tokens[i]) == "#finished") return true;
    return false;
}

}  // namespace

void check_calls(const Subject& subject, Findings& findings) {
    const std::vector<Reached> reached = reached_by_updates(subject.install, subject.module);
    check_own_module(subject, reached, findings);
    check_api(subject, reached, findings);
}

void check_divisions(const Subject& subject, Findings& findings) {
    for (const Reached& one : reached_by_updates(subject.install, subject.module)) {
        const Tokens& tokens = one.function->tokens;
        const std::string sandbox = sandbox_of(*one.function);
        for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
            if (!is_one_of(tokens[i].text, {"/", "%", "/=", "%="}) || tokens[i].kind != Kind::Operator)
                continue;
            const std::string divisor = place_at(tokens, i + 1);
            if (divisor.empty()) continue;
            const bool of_sandbox = !sandbox.empty() && divisor.rfind(sandbox + "[", 0) == 0;
            if (!of_sandbox && !sets_finished(tokens, i)) continue;
            if (is_guarded(tokens, divisor) || is_chosen(tokens, i) || is_conditional(tokens, i)) continue;
            findings.push_back(subject.install.finding(
                tokens[i].line, Severity::Error, "division",
                told_of(one) + " divides by " + divisor +
                    ", which may be 0 on a site that has nothing to update: PHP 8 ends the run there",
                "look first: empty(" + divisor + ") ? 1 : … / " + divisor));
        }
    }
}

}  // namespace bdupdate::lint
