// docs/json.md against the program: each ```json block of it is run on a fresh copy of the example site,
// and what the last command writes to stdout must have the shape of the example: the same fields, of the same
// types, down to the last list. A new command needs a block there, and nothing here.
//
// In a block: lines that begin with "$ " are typed into a shell in the docroot, then comes JSON. A "?" behind
// a field's name says that it may be null, or missing. An element of a list must look like one of the
// example's; of a list that is empty in the example nothing is known, so it must be empty here too.
// BDUPDATE_WRITE_GOLDEN=1 fills in the output where a block has none.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "support/json_shape.h"
#include "support/program.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;

const fs::path& page() {
    static const fs::path path = fs::path(BDUPDATE_SOURCE_DIR) / "docs/json.md";
    return path;
}

struct Block {
    std::size_t line = 0;  ///< of its opening fence
    std::vector<std::string> commands;
    std::string output;
};

std::vector<Block> blocks_of(const std::string& text) {
    std::vector<Block> blocks;
    bool inside = false;
    std::size_t number = 0;
    for (const std::string_view view : split(text, '\n')) {
        const std::string line(view);
        ++number;
        if (!inside && line == "```json") {
            inside = true;
            blocks.push_back({number, {}, {}});
        } else if (inside && line == "```") {
            inside = false;
        } else if (inside && line.rfind("$ ", 0) == 0) {
            blocks.back().commands.push_back(line.substr(2));
        } else if (inside) {
            blocks.back().output += line + "\n";
        }
    }
    return blocks;
}

/// The example site with a shell in its docroot that finds `bdupdate`.
class ShellSite : public ExampleSite {
  public:
    Completed type(const std::string& line) {
        SpawnOptions options = command({}, {});
        options.argv = {"sh", "-c", line};
        options.environment["PATH"] =
            fs::path(BDUPDATE_BINARY).parent_path().string() + ":" + std::getenv("PATH");
        auto done = run_program(options, {}, std::chrono::minutes(2));
        if (!done) throw std::runtime_error(line + ": " + done.error().message);
        return *done;
    }
};

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
}

struct JsonReference : testing::TestWithParam<std::size_t> {};

std::vector<Block> all_blocks() {
    return blocks_of(read_file(page()).value());
}

TEST_P(JsonReference, TheProgramWritesWhatThePageShows) {
    const Block block = all_blocks().at(GetParam());
    SCOPED_TRACE(page().string() + ":" + std::to_string(block.line));
    ASSERT_FALSE(block.commands.empty());
    ShellSite site;
    Completed last;
    for (const std::string& line : block.commands) last = site.type(line);
    std::string problem;
    const std::vector<nlohmann::ordered_json> actual = json_documents(last.out, problem);
    ASSERT_EQ(problem, "") << last.out << last.err;
    ASSERT_FALSE(actual.empty()) << "nothing on stdout; stderr: " << last.err;
    for (const auto& document : actual) {
        ASSERT_TRUE(document.is_object() && !document.empty());
        EXPECT_EQ(document.begin().key(), "schema") << document.dump();
    }
    if (block.output.empty() && std::getenv("BDUPDATE_WRITE_GOLDEN") != nullptr) {
        std::string text = read_file(page()).value(), out = last.out;
        replace_all(out, site.root().string(), "/srv/www/club");
        replace_all(out, site.state().string(), "/var/lib/bdupdate");
        const std::string end = "$ " + block.commands.back() + "\n```\n";
        ASSERT_NE(text.find(end), std::string::npos);
        text.insert(text.find(end) + end.size() - 4, out);
        std::ofstream(page()) << text;
        return;
    }
    const std::vector<nlohmann::ordered_json> example = json_documents(block.output, problem);
    ASSERT_EQ(problem, "") << "in the page";
    for (const std::string& difference : shape_differences(example, actual)) ADD_FAILURE() << difference;
}

INSTANTIATE_TEST_SUITE_P(Blocks, JsonReference, testing::Range(std::size_t{0}, all_blocks().size()),
                         [](const auto& block_info) {
                             const Block block = all_blocks().at(block_info.param);
                             std::string name;
                             for (const char c : block.commands.empty() ? "" : block.commands.back())
                                 name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
                             return "Line" + std::to_string(block.line) + "_" + name;
                         });

TEST(JsonReferencePage, ShowsEveryCommand) {
    ExampleSite site;
    const std::string help = site.run({"--help"}).out;
    const std::size_t list = help.find("Subcommands:");
    ASSERT_NE(list, std::string::npos);
    std::istringstream lines(help.substr(list));
    const std::string text = read_file(page()).value();
    std::string shown;
    for (const Block& block : all_blocks()) shown += join(block.commands, "\n") + "\n";
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line) && !line.empty()) {
        std::istringstream words(line);
        std::string command;
        words >> command;
        command = command.substr(0, command.find(','));
        if (line.rfind("  ", 0) != 0 || line[2] == ' ') continue;
        EXPECT_THAT(shown, testing::HasSubstr("bdupdate " + command)) << "docs/json.md has no block for it";
    }
}

}  // namespace
}  // namespace bdupdate::test
