#include <CLI/CLI.hpp>

#include "parse.h"

namespace bdupdate::cli {

namespace {

void add_completion(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand("completion", "the completion of a shell, or the man page");
    command->callback([&line] { line.command = Command::Completion; });
    command
        ->add_option("FORM", line.completion.form,
                     "a shell, for what it is to read; or man, for what `man -l -` shows")
        ->check(CLI::IsMember({"bash", "zsh", "fish", "man"}))
        ->option_text("bash|zsh|fish|man REQUIRED")
        ->required();
}

void add_demo(CLI::App& app, CommandLine& line) {
    CLI::App* command = app.add_subcommand("demo", "write the example site, to try everything on");
    command->callback([&line] { line.command = Command::Demo; });
    command
        ->add_option_function<std::string>(
            "DIR", [&line](const std::string& text) { line.demo.directory = text; },
            "where to: a directory that is empty, or does not exist yet")
        ->option_text("DIR REQUIRED")
        ->required();
}

}  // namespace

void add_shell_commands(CLI::App& app, CommandLine& line) {
    add_completion(app, line);
    add_demo(app, line);
}

}  // namespace bdupdate::cli
