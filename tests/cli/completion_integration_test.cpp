// The completions and the man page are written from the parser's description. What they are held against is
// the help text, and shells that really complete.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "support/program.h"

namespace bdupdate::test {
namespace {

using Names = std::set<std::string>;

std::string output_of(const std::vector<std::string>& arguments) {
    SpawnOptions options;
    options.argv = {BDUPDATE_BINARY};
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    const Completed done = run_program(options, {}).value();
    EXPECT_TRUE(done.status.ok()) << join(arguments, " ") << "\n" << done.err;
    return done.out;
}

std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> result;
    for (const std::string_view word : split(text, ' '))
        if (!word.empty()) result.emplace_back(word);
    return result;
}

struct Help {
    Names options;
    Names commands;  ///< with their aliases
    std::map<std::string, std::string> aliases;
};

Names matches(const std::string& text, const std::string& pattern) {
    Names found;
    const std::regex regex(pattern);
    for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it)
        found.insert((*it)[1]);
    return found;
}

/// What `bdupdate COMMAND --help` lists.
Help help_of(const std::string& command) {
    std::vector<std::string> arguments = words(command);
    arguments.emplace_back("--help");
    Help help;
    std::string section;
    const std::string text = output_of(arguments);
    for (const std::string_view view : split(text, '\n')) {
        const std::string line(view);
        if (!line.empty() && line.back() == ':' && line.front() != ' ') section = line;
        if (line.empty()) section.clear();
        if (line.rfind("  ", 0) != 0 || line[2] == ' ') continue;
        const std::string names = line.substr(0, line.find("  ", 2));
        if (section == "Options:") {
            // "-y,--yes", "--root DIR (Env:…)"
            const Names more = matches(line.substr(2, line.find(' ', 2) - 2), "(-[^,]+)");
            help.options.insert(more.begin(), more.end());
        } else if (section == "Subcommands:") {
            // "run, updb, update-db"
            const std::string first = std::string(trim(names.substr(0, names.find(','))));
            for (const std::string& name : matches(names, "([a-z0-9-]+)")) {
                help.commands.insert(name);
                if (name != first) help.aliases[name] = first;
            }
        }
    }
    // Every command has it; the completions offer it once.
    if (!command.empty()) {
        EXPECT_EQ(help.options.erase("--help") + help.options.erase("-h"), 2U) << command;
    }
    return help;
}

/// The program (""), its commands and theirs, by their names, aliases apart.
std::map<std::string, Help> all_commands() {
    std::map<std::string, Help> all = {{"", help_of("")}};
    const Help program = all[""];
    for (const std::string& name : program.commands) {
        if (program.aliases.count(name) > 0) continue;
        const Help& help = all[name] = help_of(name);
        for (const std::string& below : help.commands) all[name + " " + below] = help_of(name + " " + below);
    }
    return all;
}

struct Completions : testing::Test {
    static const std::map<std::string, Help>& commands() {
        static const auto all = all_commands();
        return all;
    }

    /// The options that a command takes: its own and those of every command.
    static Names options_of(const std::string& command) {
        Names names = commands().at(command).options;
        const Names& everywhere = commands().at("").options;
        names.insert(everywhere.begin(), everywhere.end());
        return names;
    }

    std::filesystem::path written(const std::string& shell) {
        std::filesystem::path file = temp.path() / shell;
        std::ofstream(file) << output_of({"completion", shell});
        return file;
    }

    /// What a shell's program answers to each line that was typed up to the cursor.
    static std::vector<Names> answers(const std::vector<std::string>& argv,
                                      const std::vector<std::string>& lines) {
        const Completed done = run_program({.argv = argv}, join(lines, "\n") + "\n").value();
        EXPECT_TRUE(done.status.ok()) << done.err;
        EXPECT_EQ(done.err, "");
        std::vector<Names> found;
        for (const std::string_view line : split(done.out, '\n')) {
            if (line == "==") {
                found.emplace_back();
            } else if (!line.empty() && !found.empty()) {
                found.back().emplace(line.substr(0, line.find('\t')));
            }
        }
        return found;
    }

    TempDirectory temp;
};

constexpr const char* bash_driver = R"bash(
source "$1"
while read -r line; do
    IFS=' ' read -r -a COMP_WORDS <<<"$line"
    [[ $line == *'|' ]] && COMP_WORDS[${#COMP_WORDS[@]}-1]=""
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _bdupdate
    echo "=="
    printf '%s\n' "${COMPREPLY[@]}"
done
)bash";

std::vector<Names> bash_answers(const std::filesystem::path& file, const std::vector<std::string>& lines) {
    return Completions::answers({"bash", "--norc", "-c", bash_driver, "bash", file.string()}, lines);
}

TEST_F(Completions, HelpListsWhatTheTestLooksFor) {
    EXPECT_THAT(commands().at("").options,
                testing::IsSupersetOf({"--root", "-y", "--yes", "--help", "--version"}));
    EXPECT_THAT(commands().at("").commands, testing::IsSupersetOf({"run", "updb", "backup", "completion"}));
    EXPECT_THAT(commands().at("backup restore").options, testing::Contains("--no-backup"));
    EXPECT_GT(commands().size(), 15U);
}

TEST_F(Completions, BashOffersEveryOptionOfHelpAndNoOther) {
    std::vector<std::string> lines;
    for (const auto& [command, help] : commands()) lines.push_back("bdupdate " + command + " -");
    const std::vector<Names> found = bash_answers(written("bash"), lines);
    ASSERT_EQ(found.size(), commands().size());
    std::size_t i = 0;
    for (const auto& [command, help] : commands()) EXPECT_EQ(found[i++], options_of(command)) << command;
}

TEST_F(Completions, BashTakesAnAliasForItsCommand) {
    std::vector<std::string> lines;
    const auto& aliases = commands().at("").aliases;
    for (const auto& [alias, command] : aliases) lines.push_back("bdupdate " + alias + " -");
    const std::vector<Names> found = bash_answers(written("bash"), lines);
    ASSERT_EQ(found.size(), aliases.size());
    std::size_t i = 0;
    for (const auto& [alias, command] : aliases) EXPECT_EQ(found[i++], options_of(command)) << alias;
}

TEST_F(Completions, BashOffersEveryCommandOfHelp) {
    std::vector<std::string> lines, paths;
    for (const auto& [command, help] : commands()) {
        if (help.commands.empty()) continue;
        paths.push_back(command);
        lines.push_back("bdupdate " + command + " |");
    }
    const std::vector<Names> found = bash_answers(written("bash"), lines);
    ASSERT_EQ(found.size(), paths.size());
    for (std::size_t i = 0; i < paths.size(); ++i)
        EXPECT_EQ(found[i], commands().at(paths[i]).commands) << paths[i];
}

TEST_F(Completions, BashKnowsValuesAndPassesOverThem) {
    const std::vector<Names> found = bash_answers(written("bash"), {
                                                                       "bdupdate --format j",
                                                                       "bdupdate --format = |",
                                                                       "bdupdate --format = te",
                                                                       "bdupdate --site backup ru",
                                                                       "bdupdate --site = backup ru",
                                                                       "bdupdate run --on-failure |",
                                                                       "bdupdate maintenance |",
                                                                       "bdupdate -y backup re",
                                                                       "bdupdate --site |",
                                                                   });
    const std::vector<Names> expected = {{"json"},      {"text", "json"}, {"text"},
                                         {"run"},       {"run"},          {"restore", "stop", "continue"},
                                         {"on", "off"}, {"restore"},      {}};
    EXPECT_EQ(found, expected);
}

TEST_F(Completions, BashOffersDirectoriesWithBlanks) {
    std::filesystem::create_directories(temp.path() / "a place");
    const std::string place = temp.path().string() + "/a";
    EXPECT_EQ(bash_answers(written("bash"), {"bdupdate --root " + place}),
              std::vector<Names>{{temp.path().string() + "/a place"}});
}

TEST_F(Completions, FishDescribesEveryOptionAndCommandOfHelp) {
    const std::string text = read_file(written("fish")).value();
    for (const auto& [command, help] : commands()) {
        Names lines;
        for (const std::string_view line : split(text, '\n')) {
            const std::string begin = command.empty()
                                          ? "complete -c bdupdate -"
                                          : "complete -c bdupdate -n '__bdupdate_is \\'" + command + "\\'' -";
            if (line.rfind(begin, 0) != 0 || line[begin.size()] == 'n') continue;
            lines.emplace(line.substr(begin.size() - 1, line.find(" -d ") - begin.size() + 1));
        }
        Names options;
        for (const std::string& line : lines) {
            for (const std::string& name : matches(line, "(?:^| )-l ([a-z-]+)")) options.insert("--" + name);
            for (const std::string& name : matches(line, "^-s ([a-zA-Z])")) options.insert("-" + name);
        }
        EXPECT_EQ(options, help.options) << command;
        for (const std::string& name : help.commands)
            EXPECT_THAT(text, testing::HasSubstr("complete -c bdupdate -n '__bdupdate_is \\'" + command +
                                                 "\\'' -a " + name + " -d "));
    }
}

TEST_F(Completions, ZshDescribesEveryOptionAndCommandOfHelp) {
    const std::string text = read_file(written("zsh")).value();
    for (const auto& [command, help] : commands()) {
        std::string function = "_bdupdate";
        for (const std::string& word : words(command)) function += "_" + word;
        const std::size_t begin = text.find("\n" + function + "() {");
        ASSERT_NE(begin, std::string::npos) << function;
        const std::string body = text.substr(begin, text.find("\n}\n", begin) - begin);
        EXPECT_EQ(matches(body, "'(?:\\([^)]*\\)|\\*)?(--?[a-zA-Z][a-z-]*)=?\\["), help.options) << command;
        for (const std::string& name : help.commands) EXPECT_THAT(body, testing::HasSubstr("'" + name + ":"));
    }
}

bool there(const std::string& program) {
    const auto done = run_program({.argv = {program, "--version"}}, {});
    return done && done->status.ok();
}

constexpr const char* fish_driver = R"fish(
source $argv[1]
while read line
    echo ==
    complete -C (string replace '|' '' -- $line)
end
)fish";

TEST_F(Completions, FishReallyCompletes) {
    if (!there("fish")) GTEST_SKIP() << "no fish here";
    const std::filesystem::path file = written("fish");
    std::ofstream(temp.path() / "driver.fish") << fish_driver;
    const std::vector<Names> found =
        answers({"fish", "--no-config", (temp.path() / "driver.fish").string(), file.string()},
                {"bdupdate --format j", "bdupdate --site backup ru", "bdupdate backup re",
                 "bdupdate maintenance |", "bdupdate backup verify --de", "bdupdate verify --de"});
    const std::vector<Names> expected = {{"json"}, {"run"}, {"restore"}, {"on", "off"}, {"--deep"}, {}};
    EXPECT_EQ(found, expected);
}

TEST_F(Completions, ZshTakesItsFile) {
    if (!there("zsh")) GTEST_SKIP() << "no zsh here";
    const Completed done =
        run_program({.argv = {"zsh", "-f", "-c",
                              "autoload -U compinit && compinit -u -d " + (temp.path() / "dump").string() +
                                  " && source " + written("zsh").string() + " && print $_comps[bdupdate]"}},
                    {})
            .value();
    EXPECT_EQ(done.out + done.err, "_bdupdate\n");
}

TEST_F(Completions, TheManPageNamesEveryCommandAndOption) {
    std::string page = output_of({"completion", "man"});
    page = std::regex_replace(page, std::regex("\\\\-"), "-");
    page = std::regex_replace(page, std::regex("\\\\f[A-Z]"), "");
    const auto says = [&page](const std::string& pattern) {
        return std::regex_search(page, std::regex(pattern));
    };
    for (const auto& [command, help] : commands()) {
        if (help.commands.empty()) {
            EXPECT_TRUE(says("\n\\.SS \"bdupdate " + command)) << command;
        }
        for (const std::string& option : help.options)
            EXPECT_TRUE(says("[ \n]" + option + "[ ,\n]")) << command << " " << option;
    }
}

TEST_F(Completions, TheManPageIsSoundRoff) {
    const std::filesystem::path page = temp.path() / "bdupdate.1";
    std::ofstream(page) << output_of({"completion", "man"});
    if (!there("man")) GTEST_SKIP() << "no man here";
    SpawnOptions options;
    options.argv = {"man", "--warnings", "--local-file", page.string()};
    options.environment = {{"MANWIDTH", "80"}, {"LC_ALL", "C.UTF-8"}, {"MANPAGER", "cat"}};
    const Completed done = run_program(options, {}).value();
    EXPECT_EQ(done.err, "");
    EXPECT_THAT(done.out, testing::HasSubstr("bdupdate backup restore ID"));
}

TEST_F(Completions, AnUnknownShellIsAUsageError) {
    const Completed done = run_program({.argv = {BDUPDATE_BINARY, "completion", "tcsh"}}, {}).value();
    EXPECT_EQ(done.status.text(), "exit code 2");
}

}  // namespace
}  // namespace bdupdate::test
