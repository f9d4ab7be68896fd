#include "bdupdate/base/text.h"
#include "completion.h"

namespace bdupdate::cli {

namespace {

std::string fish_quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') result += '\\';
        result += c;
    }
    return result + "'";
}

/// The words of a `case` of fish.
std::string cases(const std::string& parent, const CommandDescription& command) {
    std::string text;
    for (const std::string& name : all_names(command)) text += " " + fish_quoted(parent + " " + name);
    return text;
}

// The command is found as the other shells find it: "show" may be a command, or one of backup's.
std::string helper(const CommandDescription& program) {
    std::string text = R"fish(# fish completion for bdupdate; written by `bdupdate completion fish`

function __bdupdate_command --description 'the command that is typed, such as "backup create"'
    set -l command ''
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l skip 1
    for word in $words
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
)fish";
    text += "            case " + join(names_with_value(program), " ") + "\n                set skip 1\n";
    text += "            case '-*'\n            case '*'\n                switch \"$command $word\"\n";
    each_command(program, [&text](const std::string& path, const CommandDescription& command) {
        if (path.empty()) return;
        const std::size_t end = path.rfind(' ');
        text += "                    case" +
                cases(end == std::string::npos ? "" : path.substr(0, end), command) +
                "\n                        set command " + fish_quoted(path) + "\n";
    });
    return text + R"fish(                end
        end
    end
    echo $command
end

function __bdupdate_is
    test (__bdupdate_command) = "$argv[1]"
end

complete -c bdupdate -f
)fish";
}

/// -s y -l yes, and what may follow.
std::string option_words(const OptionDescription& option) {
    std::string text;
    for (const std::string& name : option.names)
        text += name.rfind("--", 0) == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (option.value.empty()) return text;
    if (!option.choices.empty()) return text + " -x -a " + fish_quoted(join(option.choices, " "));
    switch (value_kind(option)) {
        case ValueKind::File:
            return text + " -r -F";
        case ValueKind::Directory:
            return text + " -x -a '(__fish_complete_directories)'";
        case ValueKind::Other:
            break;
    }
    return text + " -x";
}

std::string argument_words(const OptionDescription& argument) {
    if (!argument.choices.empty()) return " -a " + fish_quoted(join(argument.choices, " "));
    switch (value_kind(argument)) {
        case ValueKind::File:
            return " -F";
        case ValueKind::Directory:
            return " -a '(__fish_complete_directories)'";
        case ValueKind::Other:
            break;
    }
    return "";
}

}  // namespace

std::string fish_completion(const CommandDescription& program) {
    std::string text = helper(program);
    each_command(program, [&text](const std::string& path, const CommandDescription& command) {
        const std::string begin =
            "complete -c bdupdate" +
            (path.empty() ? "" : " -n " + fish_quoted("__bdupdate_is " + fish_quoted(path)));
        for (const OptionDescription& option : command.options)
            text += begin + option_words(option) + " -d " + fish_quoted(option.help) + "\n";
        for (const CommandDescription& below : command.commands)
            for (const std::string& name : all_names(below))
                text += "complete -c bdupdate -n " + fish_quoted("__bdupdate_is " + fish_quoted(path)) +
                        " -a " + name + " -d " + fish_quoted(below.help) + "\n";
        for (const OptionDescription& argument : command.arguments)
            if (const std::string words = argument_words(argument); !words.empty())
                text += begin + words + " -d " + fish_quoted(argument.help) + "\n";
    });
    return text;
}

}  // namespace bdupdate::cli
