// Every page of docs/, and README.md: what it shows is what happens. BDUPDATE_WRITE_GOLDEN=1 puts what was
// said in place of what the page shows where the two differ; read the difference before it is committed.

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "docs/comparison.h"
#include "docs/recipe.h"
#include "docs/session.h"
#include "support/mariadb.h"

namespace bdupdate::docs {
namespace {

namespace fs = std::filesystem;

const fs::path top = BDUPDATE_SOURCE_DIR;

std::vector<std::string> all_pages() {
    std::vector<std::string> pages = {"README.md", "docs/example-site/README.md"};
    for (const auto& entry : fs::directory_iterator(top / "docs"))
        if (entry.path().extension() == ".md") pages.push_back("docs/" + entry.path().filename().string());
    std::sort(pages.begin(), pages.end());
    return pages;
}

/// Goes through a page from top to bottom, as a reader would who tries everything.
class Tryer {
  public:
    explicit Tryer(const std::string& page)
        : file_(top / page),
          text_(read_file(file_).value()),
          writes_(std::getenv("BDUPDATE_WRITE_GOLDEN") != nullptr) {}

    void go_through() {
        for (const std::string_view line : split(text_, '\n')) lines_.emplace_back(line);
        for (const Item& item : read_page(text_)) {
            if (const auto* directive = std::get_if<Directive>(&item)) obey(*directive);
            if (const auto* block = std::get_if<Block>(&item)) try_out(*block);
            if (const auto* prose = std::get_if<Prose>(&item)) fail(complaints(*prose, scratch()));
        }
        fail(unit_complaints(units()));
        lines_.erase(std::remove(lines_.begin(), lines_.end(), dropped), lines_.end());
        if (changed_) std::ofstream(file_) << join(lines_, "\n");
    }

  private:
    void obey(const Directive& directive) {
        const std::string& verb = directive.verb;
        next_ = {};
        if (verb == "fresh" || verb == "mariadb" || verb == "empty") {
            begin(verb, directive.argument);
        } else if (verb == "not run") {
            EXPECT_NE(directive.argument, "") << file_ << ":" << directive.line << ": why is it not run?";
            next_ = directive;
        } else if (verb == "server") {  // it was ended, and is started again
            if (!skipping_) test::MariaDb::instance().restart(SIGKILL);
        } else if (verb != "also") {
            next_ = directive;
        }
        if (!directive.shell.empty() && !skipping_) session().prepare(directive.shell);
    }

    void begin(const std::string& verb, const std::string& condition) {
        session_.reset();
        names_.clear();
        skipping_ =
            (verb == "mariadb" && !test::MariaDb::available()) || (condition == "small disk" && !may_mount());
        if (skipping_) return;
        session_ = std::make_unique<Session>(verb == "mariadb" ? test::Store::MariaDb : test::Store::Sqlite,
                                             verb == "empty");
    }

    Session& session() {
        if (!session_) begin("fresh", "");
        return *session_;
    }

    void try_out(const Block& block) {
        static const std::set<std::string> known = {"console", "sh",  "php",  "yaml",
                                                    "ini",     "sql", "text", "json"};
        EXPECT_TRUE(known.count(block.language) == 1)
            << file_ << ":" << block.line << ": a block of `" << block.language << "`";
        fail(complaints(block, scratch()));
        const Directive how = std::exchange(next_, {});
        if (skipping_ || how.verb == "not run") return;
        if (block.language == "console") return try_console(block);
        if (how.verb == "file" || how.verb == "append")
            session().write(how.argument, block.text, how.verb == "append");
        else if (how.verb == "script")
            session().prepare(block.text);
        else if (how.verb == "unit")
            write_unit(how.argument, block.text);
        else
            EXPECT_TRUE(how.verb.empty() && block.language != "sh")
                << file_ << ":" << block.line << ": run it (script, file PATH), or say why not (not run: …)";
    }

    void try_console(const Block& block) {
        for (const Command& command : commands_of(block)) {
            const Said said = session().run(with_names(command.text, names_));
            const std::string wrong = difference(command.expected, said.output, names_);
            if (wrong.empty()) continue;
            if (writes_)
                replace(command, with_names(rewritten(command.expected, said.output), reversed(names_)));
            else
                ADD_FAILURE() << file_.string() << ":" << command.first << ": $ " << command.text << "\n"
                              << wrong << "hint: BDUPDATE_WRITE_GOLDEN=1 writes what was said into the page\n"
                              << "--- all of it (exit code " << said.code << ")\n"
                              << said.output;
        }
    }

    /// Numbers of lines are those of the page as it was read.
    void replace(const Command& command, const std::string& output) {
        const auto at = static_cast<std::size_t>(command.first - 1);
        for (std::size_t i = at; i < at + static_cast<std::size_t>(command.count); ++i) lines_[i] = dropped;
        if (!output.empty()) lines_[at - 1] += "\n" + output;
        changed_ = true;
    }

    /// systemd wants to find the program; it is not installed where tests run.
    void write_unit(const std::string& name, std::string text) {
        const std::string installed = "/usr/bin/bdupdate";
        for (std::size_t at = 0; (at = text.find(installed, at)) != std::string::npos;)
            text.replace(at, installed.size(), BDUPDATE_BINARY);
        fs::create_directories(units());
        std::ofstream(fs::path(units()) / name) << text;
    }

    void fail(const std::vector<std::string>& all) {
        for (const std::string& one : all) ADD_FAILURE() << file_.string() << ": " << one;
    }

    [[nodiscard]] std::string scratch() const {
        fs::create_directories(temp_.path() / "scratch");
        return temp_.path() / "scratch";
    }
    [[nodiscard]] std::string units() const { return temp_.path() / "units"; }

    static constexpr const char* dropped = "\x01";
    fs::path file_;
    std::string text_;
    bool writes_, changed_ = false, skipping_ = false;
    std::vector<std::string> lines_;
    test::TempDirectory temp_;
    std::unique_ptr<Session> session_;
    Names names_;
    Directive next_;
};

struct Pages : testing::TestWithParam<std::string> {};

TEST_P(Pages, ShowWhatHappens) {
    Tryer(GetParam()).go_through();
}

/// An indented block would not be tried.
TEST_P(Pages, HaveTheirCodeBetweenFences) {
    int line = 0;
    for (const Item& item : read_page(read_file(top / GetParam()).value()))
        if (const auto* prose = std::get_if<Prose>(&item)) {
            bool blank = true;
            line = prose->line;
            for (const std::string_view text : split(prose->text, '\n')) {
                EXPECT_FALSE(blank && text.rfind("    ", 0) == 0)
                    << GetParam() << ":" << line
                    << ": put it between fences: ```console is run and compared (BDUPDATE_WRITE_GOLDEN=1 "
                       "fills the output in), "
                       "```text is only shown; tests/docs/page.h has the comments that say where to run it";
                blank = text.empty();
                ++line;
            }
        }
}

INSTANTIATE_TEST_SUITE_P(Every, Pages, testing::ValuesIn(all_pages()), [](const auto& page) {
    std::string name = fs::path(page.param).stem();
    if (page.param.find("example-site") != std::string::npos) name = "example_site";
    std::replace(name.begin(), name.end(), '-', '_');
    return page.param.rfind("docs/", 0) == 0 ? "docs_" + name : name;
});

/// Whoever looks for something in docs/ finds it there.
TEST(Index, NamesEveryPage) {
    const std::string index = read_file(top / "docs/README.md").value();
    for (const std::string& page : all_pages())
        if (page.rfind("docs/", 0) == 0 && page != "docs/README.md" &&
            page.find("example-site") == std::string::npos) {
            EXPECT_NE(index.find("(" + page.substr(5) + ")"), std::string::npos)
                << page << " needs its line in docs/README.md";
        }
}

}  // namespace
}  // namespace bdupdate::docs
