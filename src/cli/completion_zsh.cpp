#include "bdupdate/base/text.h"
#include "completion.h"

namespace bdupdate::cli {

namespace {

std::string zsh_quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

/// For what stands inside of [...] or before a colon in a spec.
std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
        result += c;
    }
    return result;
}

/// ":DIR:_files -/"
std::string action(const OptionDescription& option) {
    std::string text = ":" + escaped(option.value) + ":";
    if (!option.choices.empty()) return text + "(" + join(option.choices, " ") + ")";
    switch (value_kind(option)) {
        case ValueKind::File:
            return text + "_files";
        case ValueKind::Directory:
            return text + "_files -/";
        case ValueKind::Other:
            break;
    }
    return text + " ";
}

/// One spec of _arguments a name: '(-y --yes)-y[do not ask]'.
std::string specs(const OptionDescription& option, const std::string& indent) {
    std::string text;
    const std::string others = option.repeats            ? "*"
                               : option.names.size() > 1 ? "(" + join(option.names, " ") + ")"
                                                         : "";
    for (const std::string& name : option.names) {
        const bool takes = !option.value.empty();
        const std::string equals = takes && name.rfind("--", 0) == 0 ? "=" : "";
        text += indent + zsh_quoted(others + name + equals + "[" + escaped(option.help) + "]" +
                                    (takes ? action(option) : ""));
    }
    return text;
}

std::string all_specs(const CommandDescription& command, const std::string& indent) {
    std::string text;
    for (const OptionDescription& option : command.options) text += specs(option, indent);
    return text;
}

std::string function_name(const std::string& path) {
    std::string name = "_bdupdate";
    for (const std::string_view word : split(path, ' '))
        if (!word.empty()) name.append("_").append(word);
    return name;
}

/// A function for a command without further ones: its options, the global ones, its arguments.
std::string leaf(const std::string& path, const CommandDescription& command) {
    std::string text = function_name(path) + "() {\n    _arguments -s $bdupdate_options";
    text += all_specs(command, " \\\n        ");
    for (const OptionDescription& argument : command.arguments)
        text += " \\\n        " +
                zsh_quoted((argument.repeats ? "*" : "") + std::string(argument.required ? ":" : "::") +
                           action(argument).substr(1));
    return text + "\n}\n\n";
}

/// A function for a command that has further ones: it hands over to theirs.
std::string branch(const std::string& path, const CommandDescription& command) {
    std::string text = function_name(path) + "() {\n";
    if (path.empty())
        text += "    local -a bdupdate_options=(" + all_specs(command, "\n        ") + "\n    )\n";
    text += "    local curcontext=$curcontext state line ret=1\n    typeset -A opt_args\n";
    text += "    _arguments -C -s $bdupdate_options";
    if (!path.empty()) text += all_specs(command, " \\\n        ");
    text += " \\\n        '1: :->command' '*:: :->rest' && ret=0\n    case $state in\n        command)\n";
    text += "            local -a commands=(";
    for (const CommandDescription& below : command.commands)
        for (const std::string& name : all_names(below))
            text += "\n                " + zsh_quoted(escaped(name) + ":" + escaped(below.help));
    text += "\n            )\n            _describe command commands && ret=0\n            ;;\n";
    text += "        rest)\n            case $words[1] in\n";
    for (const CommandDescription& below : command.commands)
        text += "                " + join(all_names(below), " | ") + ") " +
                function_name(path.empty() ? below.name : path + " " + below.name) + " && ret=0 ;;\n";
    return text + "            esac\n            ;;\n    esac\n    return ret\n}\n\n";
}

}  // namespace

std::string zsh_completion(const CommandDescription& program) {
    std::string text =
        "#compdef bdupdate\n# zsh completion for bdupdate; written by `bdupdate completion zsh`\n\n";
    each_command(program, [&text](const std::string& path, const CommandDescription& command) {
        text += command.commands.empty() ? leaf(path, command) : branch(path, command);
    });
    // Read by compinit from a file of $fpath, or sourced.
    return text +
           "if [[ $funcstack[1] == _bdupdate ]]; then\n    _bdupdate \"$@\"\nelse\n"
           "    compdef _bdupdate bdupdate\nfi\n";
}

}  // namespace bdupdate::cli
