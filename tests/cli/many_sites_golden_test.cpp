// What is said of many sites, with and without a terminal: docs/many-sites.md.

#include <gtest/gtest.h>

#include <filesystem>

#include "bdupdate/base/text.h"
#include "support/golden.h"
#include "support/program.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;

struct ManySitesTranscripts : testing::Test {
    void SetUp() override {
        for (const char* name : {"blog", "shop", "wiki"}) copy_to(site.root().parent_path() / "sites" / name);
    }
    void copy_to(const fs::path& root) const {
        fs::create_directories(root.parent_path());
        fs::copy(site.root(), root, fs::copy_options::recursive);
    }
    /// The directory that holds all of them is "DIR".
    std::string placed(std::string text) const {
        const std::string parent = site.root().parent_path().string();
        for (std::size_t at = 0; (at = text.find(parent, at)) != std::string::npos;)
            text.replace(at, parent.size(), "DIR");
        return text;
    }
    std::string plain(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--sites-from", "../sites/*"});
        return placed(site.transcript(arguments));
    }
    std::string seen(std::vector<std::string> arguments, std::vector<Typed> typed = {}, int width = 160) {
        arguments.insert(arguments.end(), {"--sites-from", "../sites/*"});
        return placed(site.terminal_transcript(arguments, columns(width, std::move(typed)), true));
    }
    ExampleSite site;
};

TEST_F(ManySitesTranscripts, WithoutATerminal) {
    site.write("../sites/wiki/settings.php", "<?php\n$database = ;\n");
    std::string text = plain({"status", "--exit-code"});
    text += plain({"run"});
    text += plain({"run", "--yes", "-q"});
    text += plain({"status"});
    text += plain({"mark", "dues=1005", "--yes", "--no-backup"});
    text += plain({"history", "--last", "1"});
    text += placed(site.transcript({"status", "--all-sites"}));
    expect_golden("many_sites", text);
}

TEST_F(ManySitesTranscripts, OnATerminal) {
    site.write("../sites/wiki/settings.php", "<?php\n$database = ;\n");
    std::string text = seen({"status"});
    text += seen({"run"}, {{go_on, "n\n"}});
    text += seen({"run"}, {{go_on, "y\n"}}, 200);
    text += seen({"run"}, {{go_on, "y\n"}});
    text += seen({"mark", "dues=1005"}, {{go_on, "n\n"}});
    text += seen({"mark", "dues=1005", "--no-backup"}, {{go_on, "y\n"}});
    expect_golden("terminal_many_sites", text);
}

}  // namespace
}  // namespace bdupdate::test
