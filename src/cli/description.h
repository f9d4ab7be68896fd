#pragma once

#include <string>
#include <vector>

namespace bdupdate::cli {

/// An option or an argument, as the parser knows it.
struct OptionDescription {
    std::vector<std::string> names;  ///< "-y", "--yes"; none where it is an argument
    std::string value;               ///< what is to stand there, such as DIR; empty: a flag
    std::vector<std::string> choices;
    std::string help;
    std::string variable;  ///< the environment variable that says the same; may be empty
    std::string preset;    ///< what holds without it; may be empty
    bool required = false;
    bool repeats = false;
};

struct CommandDescription {
    std::string name;
    std::vector<std::string> aliases;
    std::string help;
    std::vector<OptionDescription> options;
    std::vector<OptionDescription> arguments;
    std::vector<CommandDescription> commands;
};

/// The whole command line as parse() takes it: what the completions and the man page are written from. The
/// options of the outermost one hold for every command.
CommandDescription describe_command_line();

/// A shell's completion of everything in `program`; the shell is bash, zsh or fish.
std::string bash_completion(const CommandDescription& program);
std::string zsh_completion(const CommandDescription& program);
std::string fish_completion(const CommandDescription& program);

/// bdupdate(1), in the macros of man(7).
std::string man_page(const CommandDescription& program);

}  // namespace bdupdate::cli
