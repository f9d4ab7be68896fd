#include "docs/recipe.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <stdexcept>

#include "bdupdate/base/subprocess.h"
#include "bdupdate/base/text.h"

namespace bdupdate::docs {

namespace fs = std::filesystem;

namespace {

Completed run(std::vector<std::string> argv, const std::string& directory, const std::string& input = {}) {
    SpawnOptions options;
    options.argv = std::move(argv);
    options.directory = directory;
    options.merge_stderr = true;
    options.environment["BDUPDATE_STATE_DIR"] = directory + "/state";
    auto done = run_program(options, input, std::chrono::seconds(30));
    if (!done) throw std::runtime_error(done.error().message);
    return *done;
}

void complain(std::vector<std::string>& all, int line, const std::string& what, const Completed& done) {
    all.push_back("line " + std::to_string(line) + ": " + what + ": " + done.out);
}

/// What a shell, or a CI system, would put in place of a variable.
std::string without_variables(const std::string& text) {
    static const std::regex variable(R"re(\$\{\{[^}]*\}\}|\$\{[^}]*\}|\$\([^)]*\)|\$[A-Za-z_]+)re");
    return std::regex_replace(text, variable, "1");
}

/// The program must understand it: where there is no site, it ends with another error than that of usage.
void check_command_lines(const std::string& text, int line, const std::string& here,
                         std::vector<std::string>& all, const std::string& allowed = {}) {
    for (const std::string& command : command_lines(text)) {
        bool ok = true;
        std::vector<std::string> argv = split_command(command, ok);
        if (!ok) continue;
        argv.front() = BDUPDATE_BINARY;
        const Completed done = run(argv, here);
        if (done.status.code == 2 && done.out.find(" --help\n") != std::string::npos &&
            (allowed.empty() || done.out.find(allowed) == std::string::npos))
            complain(all, line, command, done);
    }
}

void check_shell(const std::string& script, int line, const std::string& here,
                 std::vector<std::string>& all) {
    const std::string file = here + "/script.sh";
    std::ofstream(file) << script;
    const Completed parsed = run({"bash", "-n", file}, here);
    if (!parsed.status.ok()) complain(all, line, "bash", parsed);
    if (!find_program("shellcheck")) return;
    // 2164 (cd without || exit): the reader is watching.
    const Completed judged = run({"shellcheck", "--shell=bash", "--exclude=SC2164", file}, here);
    if (!judged.status.ok()) complain(all, line, "shellcheck", judged);
}

/// Prints every text below a key `run`, `script` or `command`; lists of commands as one.
constexpr const char* commands_of_yaml = R"py(
import sys, yaml
def walk(node, key):
    if key in ('run', 'script', 'before_script', 'command', 'exec-host') and not isinstance(node, dict):
        print('\n'.join(map(str, node)) if isinstance(node, list) else str(node), end='\0')
    elif isinstance(node, dict):
        for name, value in node.items():
            walk(value, name)
    elif isinstance(node, list):
        for value in node:
            walk(value, key)
walk(yaml.safe_load(sys.stdin), '')
)py";

void check_yaml(const Block& block, const std::string& here, std::vector<std::string>& all) {
    const Completed done = run({"/usr/bin/python3", "-c", commands_of_yaml}, here, block.text);
    if (!done.status.ok()) return complain(all, block.line, "yaml", done);
    for (const std::string_view script : split(done.out, '\0'))
        if (!script.empty())
            check_shell(
                std::regex_replace(std::string(script), std::regex(R"re(\$\{\{[^}]*\}\})re"), "1") + "\n",
                block.line, here, all);
}

void check_php(const Block& block, const std::string& here, std::vector<std::string>& all) {
    const std::string opening = block.text.rfind("<?php", 0) == 0 ? "" : "<?php\n";
    const Completed done = run({"php", "-l"}, here, opening + block.text);
    if (!done.status.ok()) complain(all, block.line, "php", done);
}

}  // namespace

std::vector<std::string> command_lines(const std::string& text) {
    static const std::regex pattern(
        R"re((^|[\s;&|("'=`])(/usr/bin/|\./)?bdupdate((?:[ ]+(?:"[^"]*"|'[^']*'|[^\s;&|<>)"'`#]+)+)*))re");
    static const std::regex joined(R"re(\\\n\s*)re");
    static const std::regex redirection(R"re([ ]+[0-9]?>+[ ]*[&]?[^ \n;&|)]+)re");
    const std::string plain =
        std::regex_replace(without_variables(std::regex_replace(text, joined, "")), redirection, "");
    std::vector<std::string> all;
    for (std::sregex_iterator it(plain.begin(), plain.end(), pattern), end; it != end; ++it)
        all.push_back("bdupdate" + (*it)[3].str());
    return all;
}

std::vector<std::string> complaints(const Block& block, const std::string& here) {
    std::vector<std::string> all;
    if (block.language == "yaml") check_yaml(block, here, all);
    if (block.language == "sh") check_shell(block.text, block.line, here, all);
    if (block.language == "php") check_php(block, here, all);
    if (block.language == "console") {
        for (const Command& command : commands_of(block))
            check_command_lines(command.text, block.line, here, all);
    } else if (block.language != "text" && block.language != "php" && block.language != "json") {
        check_command_lines(block.text, block.line, here, all);
    }
    return all;
}

std::vector<std::string> complaints(const Prose& prose, const std::string& here) {
    static const std::regex code("`(bdupdate [^`]*)`");
    std::vector<std::string> all;
    for (std::sregex_iterator it(prose.text.begin(), prose.text.end(), code), end; it != end; ++it)
        if ((*it)[1].str().find_first_of("[|<") == std::string::npos &&
            (*it)[1].str().find("…") == std::string::npos)
            check_command_lines((*it)[1].str(), prose.line, here, all, "is required");
    return all;
}

std::vector<std::string> unit_complaints(const std::string& directory) {
    std::vector<std::string> all, argv = {"systemd-analyze", "verify", "--man=no"};
    if (!fs::exists(directory) || !find_program("systemd-analyze")) return all;
    for (const auto& entry : fs::directory_iterator(directory)) argv.push_back(entry.path());
    const Completed done = run(argv, directory);
    if (!done.status.ok() || done.out.find(directory) != std::string::npos)
        all.push_back("systemd-analyze: " + done.out);
    return all;
}

}  // namespace bdupdate::docs
