#include "parse_error.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <numeric>
#include <regex>

namespace bdupdate::cli {

namespace {

/// Letters to change, put in or take away to get from one to the other.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= from.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

/// The known word that a mistyped one is closest to; empty where none is close.
std::string meant(const std::string& word, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : known) {
        const bool begins = word.size() > 2 && candidate.rfind(word, 0) == 0;
        const std::size_t far = begins ? 1 : distance(word, candidate);
        if (far >= best_distance) continue;
        best = candidate;
        best_distance = far;
    }
    return best;
}

void add_options(const CLI::App& app, std::vector<std::string>& names) {
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
}

/// The innermost command that was named, and the words to call it with.
const CLI::App& named_command(const CLI::App& app, std::string& words) {
    const auto commands = app.get_subcommands();
    if (commands.empty()) return app;
    words += " " + commands.front()->get_name();
    return named_command(*commands.front(), words);
}

std::string not_expected(const CLI::App& app, const CLI::App& command, std::string word,
                         std::string& suggestion) {
    std::vector<std::string> known;
    if (word.rfind('-', 0) == 0) {
        word = word.substr(0, word.find('='));
        add_options(app, known);
        if (&command != &app) add_options(command, known);
        suggestion = meant(word, known);
        return "there is no option " + word;
    }
    for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
        known.push_back(sub->get_name());
        for (const std::string& alias : sub->get_aliases()) known.push_back(alias);
    }
    if (known.empty()) return "'" + word + "' is one argument too many";
    suggestion = meant(word, known);
    return "there is no command " + word;
}

std::string one_of(const CLI::App& command) {
    std::string names;
    for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; }))
        names += (names.empty() ? "" : ", ") + sub->get_name();
    return names;
}

/// What CLI11 says of values, without the signs of its own inside.
std::string plain(std::string text) {
    static const std::regex wrong_choice("^(\\S+): (?:Check )?(.*?)(?: value)?(?: not)? in \\{([^}]*)\\}.*$");
    static const std::regex no_value("^(\\S+): [0-9]+ required \\S+ missing$");
    std::smatch match;
    if (std::regex_match(text, match, no_value)) return match[1].str() + " needs a value";
    if (std::regex_match(text, match, wrong_choice)) {
        const std::string choices = std::regex_replace(match[3].str(), std::regex("->[^,]*"), "");
        return match[1].str() + ": " + match[2].str() + " is none of " +
               std::regex_replace(choices, std::regex(","), ", ");
    }
    if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])) != 0)
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

/// The words that a command line has too much.
std::string first_extra(const CLI::App& app, const std::string& message) {
    const std::size_t colon = message.find(": ");
    if (colon != std::string::npos) {
        const std::string rest = message.substr(colon + 2);
        return rest.substr(0, rest.find(' '));
    }
    const auto words = app.remaining(true);
    return words.empty() ? "" : words.front();
}

}  // namespace

std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
    std::string words = "bdupdate", suggestion, message = error.what();
    const CLI::App& command = named_command(app, words);
    const bool extras = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
    const bool no_command = message == "A subcommand is required";
    const std::string extra = extras || no_command ? first_extra(app, message) : "";
    if (!extra.empty())
        message = not_expected(app, command, extra, suggestion);
    else if (no_command)
        message = words + " needs one of " + one_of(command);
    return "error: " + plain(message) +
           "\nhint: " + (suggestion.empty() ? "" : "perhaps " + suggestion + " was meant; ") + words +
           " --help\n";
}

}  // namespace bdupdate::cli
