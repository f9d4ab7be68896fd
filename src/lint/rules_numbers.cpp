// The rules about names and numbers: what core finds, in which order, and what it never runs.

#include <algorithm>
#include <map>

#include "bdupdate/base/text.h"
#include "bdupdate/php/interpreter.h"
#include "source.h"

namespace bdupdate::lint {

namespace {

constexpr const char* scheme_hint =
    "Backdrop's numbers have four digits: 1, the module's major release, and two of sequence from 00";
constexpr const char* drupal7_hint =
    "Drupal 7's numbers have four digits: 7, the module's major release, and two of sequence from 00";

/// What is wrong with a number; nothing: it is fine.
std::optional<std::pair<Severity, std::string>> wrong_number(const Update& update, plan::Rules rules) {
    const std::int64_t value = update.value;
    if (value > plan::highest_number)
        return {{Severity::Error, "is above " + std::to_string(plan::highest_number) +
                                      ", the highest number that {system}.schema_version can hold"}};
    if (update.number.size() > 1 && update.number.front() == '0')
        return {{Severity::Error,
                 "is written with a leading zero: core keeps numbers as text, and other modules "
                 "that depend on it will not find it"}};
    if (rules == plan::Rules::Drupal7) {
        if (value >= 6000 && value < 8000) return std::nullopt;
        return {{Severity::Warning, "is no number of Drupal 7"}};
    }
    if (value == 0) return {{Severity::Error, "never runs: a module's number is 0 from its installation on"}};
    if (value >= 6000 && value < 7000)
        return {{Severity::Error,
                 "is a number of Drupal 6: once it is stored, core takes the module for one at 0 and runs "
                 "everything again, for ever"}};
    if (value >= 8000) return {{Severity::Warning, "lies in the range that is reserved for Drupal"}};
    if (value >= 2000 && value < 7000)
        return {{Severity::Warning, "does not begin with 1, the version of Backdrop"}};
    if (value < 1000) return {{Severity::Warning, "does not have four digits"}};
    return std::nullopt;
}

std::string called(const Update& update) {
    return update.function->declaration->name + "()";
}

/// "Implements hook_update_N()." tells the administrator nothing.
bool says_nothing(const std::string& description) {
    const std::string text = to_lower(description);
    return text.empty() || text.rfind("implements hook_update_n", 0) == 0 ||
           text.rfind("implementation of hook_update_n", 0) == 0;
}

const std::map<std::string, php::Value>& no_constants() {
    static const std::map<std::string, php::Value> none;
    return none;
}

php::Value returned(const Source& source, const Function& hook) {
    php::EvaluateOptions options;
    options.file = source.file().name;
    options.constants = no_constants();
    php::SystemWorld world;
    return php::evaluate_body(hook.declaration->body, options, world);
}

std::optional<std::int64_t> number_in(const php::Value& value) {
    if (value.integer() != nullptr) return *value.integer();
    if (value.string() == nullptr) return std::nullopt;
    const plan::Number number = plan::parse_number(*value.string());
    return number.numeric ? std::optional(number.value) : std::nullopt;
}

std::string text_of(const php::Key& key) {
    const auto* number = std::get_if<std::int64_t>(&key);
    return number == nullptr ? std::get<std::string>(key) : std::to_string(*number);
}

void check_last_removed(const Subject& subject, Findings& findings) {
    const Function* hook = subject.install.find(subject.module + "_update_last_removed");
    if (hook == nullptr) return;
    const auto removed = last_removed(subject.install, subject.module);
    if (!removed) {
        findings.push_back(subject.install.finding(
            hook->declaration->line, Severity::Warning, "not-constant",
            "what " + hook->name + "() returns cannot be told without PHP", "return a number as such"));
        return;
    }
    const auto key = [&subject](std::int64_t number) { return plan::order_key(number, subject.files.rules); };
    for (const Update& update : subject.updates)
        if (key(update.value) <= key(*removed))
            findings.push_back(subject.install.finding(
                update.function->declaration->line, Severity::Error, "last-removed",
                called(update) + " never runs where it is needed: " + hook->name + "() says that " +
                    std::to_string(*removed) + " and everything before it is gone",
                "remove the function, or let " + hook->name + "() return the number before it"));
}

/// Whether a dependency on an update of this module can ever be met.
bool exists(const Subject& subject, std::int64_t number) {
    if (const auto removed = last_removed(subject.install, subject.module))
        if (plan::order_key(number, subject.files.rules) <= plan::order_key(*removed, subject.files.rules))
            return true;
    return std::any_of(subject.updates.begin(), subject.updates.end(),
                       [number](const Update& update) { return update.value == number; });
}

void check_dependencies(const Subject& subject, Findings& findings) {
    const Function* hook = subject.install.find(subject.module + "_update_dependencies");
    if (hook == nullptr) return;
    const std::uint32_t line = hook->declaration->line;
    const php::Value value = returned(subject.install, *hook);
    if (value.unknown_inside() != nullptr) {
        findings.push_back(subject.install.finding(
            line, Severity::Warning, "not-constant",
            "what " + hook->name + "() returns cannot be told without PHP: " + value.unknown_inside()->why,
            "write the array out; the order of updates then shows before anything runs"));
        return;
    }
    const auto miss = [&](const std::string& number) {
        const plan::Number parsed = plan::parse_number(number);
        if (parsed.numeric && exists(subject, parsed.value)) return;
        findings.push_back(subject.install.finding(
            line, Severity::Warning, "dependency",
            hook->name + "() names " + subject.module + "_update_" + number + "(), which does not exist",
            "correct the number, or remove the entry"));
    };
    if (value.array() == nullptr) return;
    for (const auto& [module, numbers] : value.array()->entries()) {
        if (numbers.array() == nullptr) continue;
        for (const auto& [number, others] : numbers.array()->entries()) {
            if (text_of(module) == subject.module) miss(text_of(number));
            if (others.array() == nullptr) continue;
            for (const auto& [other, other_number] : others.array()->entries())
                if (text_of(other) == subject.module) miss(other_number.to_string());
        }
    }
}

/// Whether the .install loads that file when it is loaded itself.
bool loads(const Source& install, const std::string& file_name) {
    const std::string base = std::filesystem::path(file_name).filename();
    const std::string stem = std::filesystem::path(file_name).stem();
    return std::any_of(
        install.outline().loads.begin(), install.outline().loads.end(), [&](const php::Load& load) {
            return load.text.find(base) != std::string_view::npos ||
                   (load.kind == php::Load::Kind::Call && load.text.find(stem) != std::string_view::npos);
        });
}

}  // namespace

std::optional<std::int64_t> last_removed(const Source& source, const std::string& module) {
    const Function* hook = source.find(module + "_update_last_removed");
    return hook == nullptr ? std::nullopt : number_in(returned(source, *hook));
}

void check_numbers(const Subject& subject, Findings& findings) {
    const bool drupal7 = subject.files.rules == plan::Rules::Drupal7;
    std::map<std::int64_t, const Update*> seen;
    for (const Update& update : subject.updates) {
        const php::FunctionDeclaration& declaration = *update.function->declaration;
        if (const auto wrong = wrong_number(update, subject.files.rules))
            findings.push_back(
                subject.install.finding(declaration.line, wrong->first, "number",
                                        called(update) + ": " + update.number + " " + wrong->second,
                                        drupal7 ? drupal7_hint : scheme_hint));
        if (const auto [first, is_new] = seen.emplace(update.value, &update); !is_new)
            findings.push_back(subject.install.finding(
                declaration.line, Severity::Error, "duplicate",
                called(update) + " has the number of " + called(*first->second) + " in line " +
                    std::to_string(first->second->function->declaration->line),
                "give the one that was not released yet the next free number"));
        if (says_nothing(php::update_description(declaration.doc_comment)))
            findings.push_back(subject.install.finding(
                declaration.line, Severity::Warning, "description",
                called(update) + (declaration.doc_comment.empty()
                                      ? " has no doc comment"
                                      : " has a doc comment that does not say what it does"),
                "say right before the function what it does to the site: it is what the administrator "
                "reads"));
    }
}

void check_places(const Subject& subject, Findings& findings) {
    if (subject.files.module != subject.module && !subject.updates.empty())
        findings.push_back(subject.install.finding(
            subject.updates.front().function->declaration->line, Severity::Error, "module-name",
            subject.files.module + " has capitals in its name: core finds no update of it",
            "name the module in lower case"));
    for (const Update& update : subject.install.updates())
        // Names that begin so are helpers by custom, and no module's.
        if (update.module != subject.module && update.module.front() != '_')
            findings.push_back(
                subject.install.finding(update.function->declaration->line, Severity::Warning, "module-name",
                                        "core takes " + called(update) + " for update " + update.number +
                                            " of a module " + update.module,
                                        "call it " + subject.module +
                                            "_update_N() if it is an update, and otherwise by another name"));
    for (const SourceFile& file : subject.files.others) {
        const Source other(file);
        if (loads(subject.install, file.name)) continue;
        for (const Update& update : other.updates())
            if (update.module == subject.module && !other.allows("place", update.function->declaration->line))
                findings.push_back(
                    other.finding(update.function->declaration->line, Severity::Error, "place",
                                  called(update) + " stands outside of " +
                                      std::filesystem::path(subject.files.install.name).filename().string() +
                                      ": it is not found, or only while the module is enabled",
                                  "move it there"));
    }
}

void check_hooks(const Subject& subject, Findings& findings) {
    check_last_removed(subject, findings);
    check_dependencies(subject, findings);
}

}  // namespace bdupdate::lint
