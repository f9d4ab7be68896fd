#include "support/program.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <stdexcept>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"

namespace bdupdate::test {

namespace fs = std::filesystem;

namespace {

std::string must(const Result<Completed>& done, const std::string& what) {
    if (!done) throw std::runtime_error(what + ": " + done.error().message);
    if (!done->status.ok()) throw std::runtime_error(what + ": " + done->err);
    return done->out;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; !from.empty() && (at = text.find(from, at)) != std::string::npos;
         at += to.size())
        text.replace(at, from.size(), to);
}

}  // namespace

ExampleSite::ExampleSite() {
    const fs::path source = fs::path(BDUPDATE_SOURCE_DIR) / "docs/example-site";
    fs::copy(source, root(), fs::copy_options::recursive);
    fs::remove(root() / "site.sqlite");
    sql(read_file(source / "site.sql").value());
}

void ExampleSite::sql(const std::string& statements) {
    must(run_program({.argv = {"sqlite3", "-bail", (root() / "site.sqlite").string()}}, statements),
         "sqlite3");
}

SpawnOptions ExampleSite::command(const std::vector<std::string>& arguments,
                                  const std::map<std::string, std::string>& environment) const {
    SpawnOptions options;
    options.argv = {BDUPDATE_BINARY};
    options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
    options.environment = environment;
    options.environment["BDUPDATE_STATE_DIR"] = state().string();
    options.directory = root();
    return options;
}

Completed ExampleSite::run(const std::vector<std::string>& arguments,
                           const std::map<std::string, std::string>& environment) {
    auto done = run_program(command(arguments, environment), {}, std::chrono::minutes(4));
    if (!done) throw std::runtime_error(done.error().message);
    return *done;
}

std::string without_what_varies(std::string text) {
    static const std::vector<std::pair<std::regex, const char*>> rules = {
        {std::regex(R"re(\b[0-9]+ min [0-9]+ s\b|\b[0-9]+(\.[0-9])? m?s\b)re"), "TIME"},
        {std::regex(R"re( {2,}TIME)re"), "  TIME"},
        {std::regex(R"re("elapsed_ms":( ?)[0-9]+)re"), R"re("elapsed_ms":$1TIME)re"},
        {std::regex(R"re("(created|started|ended)_ms":( ?)[0-9]+)re"), R"re("$1_ms":$2TIME)re"},
        {std::regex(R"re("bytes":( ?)[0-9]+)re"), R"re("bytes":$1SIZE)re"},
        {std::regex(R"re([0-9]+(\.[0-9])? (bytes|[KMG]iB) *)re"), "SIZE "},
        {std::regex(R"re( {2,}SIZE )re"), "  SIZE "},
        {std::regex(R"re([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}(-[0-9]+)?)re"), "BACKUP"},
        {std::regex(R"re(\b([a-z]+)-[0-9a-f]{12}\b)re"), "$1-HASH"},
        {std::regex(R"re([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})re"), "WHEN"},
        {std::regex(R"re(\b[0-9a-f]{64}\b)re"), "SHA256"},
        {std::regex(R"re(\bbdupdate [0-9]+\.[0-9.]+[0-9])re"), "bdupdate VERSION"},
        {std::regex(R"re("bdupdate_version":( ?)"[^"]*")re"), R"re("bdupdate_version":$1"VERSION")re"},
        {std::regex(R"re(\b[0-9a-f]{32}\b)re"), "RUN"},
        {std::regex(R"re((run|restore|show) [0-9a-f]{8}\b)re"), "$1 RUN"},
        {std::regex(R"re(WHEN( +)(\{b\})?[0-9a-f]{8}(\{/\})? )re"), "WHEN$1$2RUN$3 "},
        {std::regex(R"re(TIME +[^ @]+@[^ \n]+)re"), "TIME  USER@HOST"},
        {std::regex(R"re(\bby [^ ]+ on [^ \n]+)re"), "by USER on HOST"},
        {std::regex(R"re( of [^ ]+ on [^ ]+ )re"), " of USER on HOST "},
        {std::regex(R"re(SQLite [0-9.]+)re"), "SQLite VERSION"},
        {std::regex(R"re(\bPHP [0-9]+\.[0-9.]+[0-9][^ ,\n]*)re"), "PHP VERSION"},
        {std::regex(R"re("php_version":( ?)"[^"]*")re"), R"re("php_version":$1"VERSION")re"},
        {std::regex(R"re("version":( ?)"3\.[0-9.]+")re"), R"re("version":$1"VERSION")re"},
    };
    for (const auto& [pattern, words] : rules) text = std::regex_replace(text, pattern, words);
    return text;
}

std::string ExampleSite::normalised(std::string text) {
    replace_all(text, root().string(), "SITE");
    replace_all(text, state().string(), "STATE");
    return without_what_varies(std::move(text));
}

std::string ExampleSite::transcript(const std::vector<std::string>& arguments) {
    const Completed done = run(arguments);
    std::string text = "$ bdupdate " + join(arguments, " ") + "\n";
    text += normalised(done.out);
    if (!done.err.empty()) text += "--- stderr\n" + normalised(done.err);
    return text + "--- " + done.status.text() + "\n\n";
}

TerminalRun ExampleSite::on_terminal(const std::vector<std::string>& arguments,
                                     const TerminalOptions& options,
                                     const std::map<std::string, std::string>& environment) {
    return run_on_terminal(command(arguments, environment), options);
}

std::string ExampleSite::terminal_transcript(const std::vector<std::string>& arguments,
                                             const TerminalOptions& options, bool styled) {
    const TerminalRun done = on_terminal(arguments, options);
    std::string text = "$ bdupdate " + join(arguments, " ") + "    (" + std::to_string(options.columns) +
                       " columns)\n" + normalised(styled ? done.styled : done.text);
    if (!done.out.empty()) text += "--- stdout\n" + normalised(done.out);
    return text + "--- " + done.status.text() + "\n\n";
}

void ExampleSite::append(const std::string& file, const std::string& text) {
    std::ofstream(root() / file, std::ios::app) << text;
}

void ExampleSite::write(const std::string& file, const std::string& text) {
    std::ofstream(root() / file) << text;
}

void ExampleSite::replace(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = read_file(root() / file).value();
    if (text.find(from) == std::string::npos) throw std::runtime_error(file + " does not hold: " + from);
    replace_all(text, from, to);
    write(file, text);
}

std::string ExampleSite::content() {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(root()))
        if (entry.is_regular_file() && entry.path().extension() != ".sqlite")
            files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    std::string text;
    for (const std::string& file : files) text += file + "\n" + read_file(file).value() + "\n";
    const std::string database = (root() / "site.sqlite").string();
    const std::string dump = must(run_program({.argv = {"sqlite3", database, ".dump"}}), "sqlite3");
    for (const std::string_view line : split(dump, '\n'))
        if (line.rfind("INSERT INTO cache ", 0) != 0) text.append(line).append("\n");
    return text;
}

}  // namespace bdupdate::test
