#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bdupdate/lint/lint.h"
#include "bdupdate/php/functions.h"
#include "bdupdate/php/lexer.h"

namespace bdupdate::lint {

/// Tokens without blanks and comments.
using Tokens = std::vector<php::Token>;

/// A call of a function by its name: no method, no `new`.
struct Call {
    std::string name;  ///< lower-case
    std::uint32_t line = 0;
    std::size_t at = 0;  ///< index of the name in the tokens
};

/// A function of a file, with its tokens from `function` to the closing brace.
struct Function {
    const php::FunctionDeclaration* declaration = nullptr;
    std::string name;  ///< lower-case
    Tokens tokens;
    std::vector<Call> calls;
};

/// An update function of the file.
struct Update {
    const Function* function = nullptr;
    std::string module, number;  ///< lower-case; as written
    std::int64_t value = 0;
};

/// A parsed source file. Holds views into its text, which must outlive it.
class Source {
  public:
    explicit Source(const SourceFile& file);
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    [[nodiscard]] const SourceFile& file() const { return file_; }
    [[nodiscard]] const php::Outline& outline() const { return outline_; }
    [[nodiscard]] const std::vector<Function>& functions() const { return functions_; }
    /// By lower-case name; null: there is none.
    [[nodiscard]] const Function* find(const std::string& name) const;
    /// Functions that core would take for updates, of whatever module.
    [[nodiscard]] const std::vector<Update>& updates() const { return updates_; }
    /// Whether a comment allows this finding: on its line, on the line above, or in the doc comment of its
    /// function.
    [[nodiscard]] bool allows(const std::string& rule, std::uint32_t line) const;
    [[nodiscard]] Finding finding(std::uint32_t line, Severity severity, const char* rule,
                                  std::string message, std::string hint) const;

  private:
    void read_allowances(const std::vector<php::Token>& tokens);

    const SourceFile& file_;
    php::Outline outline_;
    std::vector<Function> functions_;
    std::map<std::string, const Function*> by_name_;
    std::vector<Update> updates_;
    struct Allowance {
        std::uint32_t first, last;  ///< lines
        std::string rule;
    };
    std::vector<Allowance> allowances_;
};

/// A function that an update calls, or the update itself, and the update that leads there.
struct Reached {
    const Function* function = nullptr;
    const Function* update = nullptr;
};

/// The updates of `module` and the functions of this file that they call, each once.
std::vector<Reached> reached_by_updates(const Source& source, const std::string& module);

/// The text between the quotes of a plain string token; empty for anything else.
std::string unquoted(const php::Token& token);

/// What the parts of lint share.
struct Subject {
    const ModuleFiles& files;
    const Source& install;
    std::string module;           ///< lower-case
    std::vector<Update> updates;  ///< of this module, in the order in which they run
};

using Findings = std::vector<Finding>;

void check_numbers(const Subject& subject, Findings& findings);
void check_places(const Subject& subject, Findings& findings);
void check_hooks(const Subject& subject, Findings& findings);
void check_calls(const Subject& subject, Findings& findings);
void check_divisions(const Subject& subject, Findings& findings);
void check_config(const Subject& subject, Findings& findings);
void check_against(const Subject& subject, Findings& findings);

/// What a hook of the file returns without PHP: hook_update_last_removed(). Nothing: no such hook, or it is
/// no constant.
std::optional<std::int64_t> last_removed(const Source& source, const std::string& module);

}  // namespace bdupdate::lint
