#include "bdupdate/base/text.h"
#include "completion.h"

namespace bdupdate::cli {

namespace {

// Works in bash 3.2 and without the package bash-completion.
constexpr std::string_view head = R"bash(# bash completion for bdupdate; written by `bdupdate completion bash`

_bdupdate() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command="" options="" words="" kind="" i
    COMPREPLY=()
    # bash makes words of its own of --format, = and what follows.
    if [[ $current == "=" ]]; then
        current=""
    elif [[ $previous == "=" ]] && ((COMP_CWORD > 2)); then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
)bash";

constexpr std::string_view tail = R"bash(    case $kind in
        words) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
        files | directories)
            local IFS=$'\n'
            compopt -o filenames 2>/dev/null
            if [[ $kind == files ]]; then
                COMPREPLY=($(compgen -f -- "$current"))
            else
                COMPREPLY=($(compgen -d -- "$current"))
            fi
            ;;
    esac
}

complete -F _bdupdate bdupdate
)bash";

/// What completes a value: `kind=words words="a b"`, files, directories; nothing to offer is `kind=none`.
std::string offer(const OptionDescription& option) {
    if (!option.choices.empty()) return "kind=words words=\"" + join(option.choices, " ") + "\"";
    switch (value_kind(option)) {
        case ValueKind::File:
            return "kind=files";
        case ValueKind::Directory:
            return "kind=directories";
        case ValueKind::Other:
            break;
    }
    return "kind=none";
}

std::string pattern(const std::string& path, const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        if (!text.empty()) text += " | ";
        text.append("\"").append(path).append(name).append("\"");
    }
    return text;
}

/// The loop's cases: what takes a value hides the word behind it, and the rest may name the command.
std::string command_cases(const CommandDescription& program) {
    std::string text = "            " + join(names_with_value(program), " | ") + ")\n" +
                       R"bash(                [[ ${COMP_WORDS[i + 1]} == "=" ]] && ((i++))
                ((i++))
                ;;
            -*) ;;
            *)
                case "$command ${COMP_WORDS[i]}" in
)bash";
    each_command(program, [&text](const std::string& path, const CommandDescription& command) {
        if (path.empty()) return;
        const std::size_t end = path.rfind(' ');
        const std::string parent = end == std::string::npos ? "" : path.substr(0, end);
        text += "                    " + pattern(parent + " ", all_names(command)) + ") command=\"" + path +
                "\" ;;\n";
    });
    return text + "                esac\n                ;;\n        esac\n    done\n";
}

std::string option_cases(const CommandDescription& program) {
    std::string values = "    case \"$command:$previous\" in\n";
    std::string options = "    options=\"" + join(option_names(program), " ") + "\"\n    case $command in\n";
    each_command(program, [&](const std::string& path, const CommandDescription& command) {
        if (path.empty()) return;
        if (!command.options.empty())
            options +=
                "        \"" + path + "\") options+=\" " + join(option_names(command), " ") + "\" ;;\n";
        for (const OptionDescription& option : command.options)
            if (!option.value.empty())
                values += "        " + pattern(path + ":", option.names) + ") " + offer(option) + " ;;\n";
    });
    // The command's own come first: lint may know another --format.
    for (const OptionDescription& option : program.options) {
        if (option.value.empty()) continue;
        std::string names;
        for (const std::string& name : option.names) names += (names.empty() ? "*:" : " | *:") + name;
        values += "        " + names + ") " + offer(option) + " ;;\n";
    }
    return options + "    esac\n" + values + "    esac\n";
}

std::string argument_cases(const CommandDescription& program) {
    std::string text =
        "    if [[ -z $kind && $current == -* ]]; then\n        kind=words words=$options\n"
        "    elif [[ -z $kind ]]; then\n        case $command in\n";
    each_command(program, [&text](const std::string& path, const CommandDescription& command) {
        std::vector<std::string> names;
        for (const CommandDescription& below : command.commands) {
            const auto more = all_names(below);
            names.insert(names.end(), more.begin(), more.end());
        }
        if (!names.empty())
            text += "            \"" + path + "\") kind=words words=\"" + join(names, " ") + "\" ;;\n";
        else if (!command.arguments.empty())
            text += "            \"" + path + "\") " + offer(command.arguments.back()) + " ;;\n";
    });
    return text + "        esac\n    fi\n";
}

}  // namespace

std::string bash_completion(const CommandDescription& program) {
    return std::string(head) + command_cases(program) + option_cases(program) + argument_cases(program) +
           std::string(tail);
}

}  // namespace bdupdate::cli
