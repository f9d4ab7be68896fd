#include <CLI/CLI.hpp>

#include "bdupdate/base/text.h"
#include "parse.h"

namespace bdupdate::cli {

namespace {

/// "text|json", "[on|off]", "DIR REQUIRED", "INT:INT in [1 - 65535]", "DIR": what of it stands for the value.
std::string value_of(const CLI::Option& option) {
    std::string text = option.get_option_text();
    if (text.empty()) text = option.get_type_name();
    if (text.empty()) return "VALUE";
    if (text.front() == '[') text.erase(0, 1);
    return text.substr(0, text.find_first_of(": ]"));
}

OptionDescription describe(const CLI::Option& option) {
    OptionDescription result;
    for (const std::string& name : option.get_snames()) result.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) result.names.push_back("--" + name);
    result.help = option.get_description();
    result.variable = option.get_envname();
    result.preset = option.get_default_str();
    result.required = option.get_required();
    if (option.get_items_expected_max() == 0) return result;
    result.value = value_of(option);
    result.repeats = option.get_items_expected_max() > 1;
    if (result.value.find('|') == std::string::npos) {
        // Arguments are called by what they are; an option's type says it.
        if (option.get_positional() && option.get_option_text().empty()) result.value = option.get_name(true);
        return result;
    }
    for (const std::string_view choice : split(result.value, '|')) result.choices.emplace_back(choice);
    return result;
}

}  // namespace

CommandDescription describe(const CLI::App& app) {
    CommandDescription result;
    result.name = app.get_name();
    result.aliases = app.get_aliases();
    result.help = app.get_description();
    for (const CLI::Option* option : app.get_options())
        // Hidden ones, and --help of each command: the program's own says it for all.
        if (!option->get_group().empty() && (app.get_parent() == nullptr || option != app.get_help_ptr()))
            (option->get_positional() ? result.arguments : result.options).push_back(describe(*option));
    for (const CLI::App* command : app.get_subcommands({}))
        if (!command->get_name().empty()) result.commands.push_back(describe(*command));
    return result;
}

}  // namespace bdupdate::cli
