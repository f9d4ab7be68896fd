#include <nlohmann/json.hpp>

#include "commands.h"
#include "description.h"

namespace bdupdate::cli {

Result<ExitCode> command_completion(const CommandLine& line, Output& output) {
    const CommandDescription program = describe_command_line();
    const std::string& form = line.completion.form;
    const std::string text = form == "bash"   ? bash_completion(program)
                             : form == "zsh"  ? zsh_completion(program)
                             : form == "fish" ? fish_completion(program)
                                              : man_page(program);
    const nlohmann::ordered_json answer = {{"schema", 1}, {"form", form}, {"text", text}};
    output.answer(line.global.format == Format::Json ? answer.dump(2) + "\n" : text);
    return ExitCode::Done;
}

}  // namespace bdupdate::cli
