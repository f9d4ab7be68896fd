#include <CLI/CLI.hpp>

#include "parse.h"

namespace bdupdate::cli {

namespace {

void add_run_id(CLI::App& command, CommandLine& line) {
    command.add_option("RUN", line.history.run, "the run, or the beginning of its id (default: the newest)");
}

}  // namespace

void add_history(CLI::App& app, CommandLine& line) {
    CLI::App* history = app.add_subcommand("history", "what ran when, by whom, and how it ended");
    history->callback([&line] { line.command = Command::History; });
    history->add_option("--last", line.history.last, "only the newest so many")
        ->check(CLI::Range(1, 1'000'000));

    CLI::App* show = app.add_subcommand("show",
                                        "what a run did: each update's time, messages, changes of config "
                                        "and schema");
    show->callback([&line] { line.command = Command::Show; });
    add_run_id(*show, line);
    show->add_flag(
        "--patch", line.history.patch,
        "its changes of config as a patch, for `patch -p1` or `git apply` in the config directory");

    CLI::App* report = app.add_subcommand("report", "a run as one self-contained HTML file");
    report->callback([&line] { line.command = Command::Report; });
    add_run_id(*report, line);
    report
        ->add_option_function<std::string>(
            "--output", [&line](const std::string& text) { line.history.output = text; },
            "into that file (default: stdout)")
        ->type_name("FILE");
}

}  // namespace bdupdate::cli
