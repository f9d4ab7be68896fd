#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "bdupdate/base/file.h"
#include "support/program.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;

struct Demo : testing::Test {
    Completed run(const std::vector<std::string>& arguments, const fs::path& directory) const {
        SpawnOptions options;
        options.argv = {BDUPDATE_BINARY};
        options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
        options.environment = {{"BDUPDATE_STATE_DIR", (temp.path() / "state").string()}};
        options.directory = directory;
        return run_program(options, {}, std::chrono::minutes(2)).value();
    }

    static std::map<std::string, std::string> files_below(const fs::path& root) {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::recursive_directory_iterator(root))
            if (entry.is_regular_file() && entry.path().filename() != "site.sqlite")
                files[entry.path().lexically_relative(root).string()] = read_file(entry.path()).value();
        return files;
    }

    TempDirectory temp;
};

TEST_F(Demo, WritesTheExampleSiteWithItsDatabase) {
    const fs::path place = temp.path() / "below/club";
    const Completed done = run({"demo", "below/club/"}, temp.path());
    ASSERT_TRUE(done.status.ok()) << done.err;
    EXPECT_THAT(done.out, testing::HasSubstr("\n  cd " + place.string() + "\n"));
    EXPECT_EQ(files_below(place), files_below(fs::path(BDUPDATE_SOURCE_DIR) / "docs/example-site"));

    EXPECT_THAT(run({"status"}, place).out, testing::HasSubstr("16 updates pending"));
    const Completed updated = run({"run", "--yes"}, place);
    EXPECT_EQ(updated.status.text(), "exit code 0") << updated.out << updated.err;
    EXPECT_THAT(run({"status"}, place).out, testing::Not(testing::HasSubstr("updates pending in")));
}

TEST_F(Demo, WritesIntoAnEmptyDirectoryThatIsThere) {
    fs::create_directory(temp.path() / "it's");
    const Completed done = run({"demo", "it's"}, temp.path());
    EXPECT_TRUE(done.status.ok()) << done.err;
    EXPECT_THAT(done.out, testing::HasSubstr("\n  cd '" + temp.path().string() + "/it'\\''s'\n"));
    EXPECT_TRUE(fs::exists(temp.path() / "it's/site.sqlite"));
}

TEST_F(Demo, RefusesADirectoryThatHoldsSomething) {
    std::ofstream(temp.path() / ".hidden") << "x";
    const Completed done = run({"demo", "."}, temp.path());
    EXPECT_EQ(done.status.text(), "exit code 2");
    EXPECT_THAT(done.err, testing::HasSubstr("is not empty; nothing was written\nhint: "));
    EXPECT_EQ(files_below(temp.path()).size(), 1U);
}

TEST_F(Demo, RefusesWhatIsNoDirectory) {
    std::ofstream(temp.path() / "file") << "x";
    EXPECT_EQ(run({"demo", "file"}, temp.path()).status.text(), "exit code 2");
    EXPECT_EQ(run({"demo", "file/below"}, temp.path()).status.text(), "exit code 2");
    EXPECT_EQ(run({"demo"}, temp.path()).status.text(), "exit code 2");
}

TEST_F(Demo, NamesTheDirectoryInJson) {
    const Completed done = run({"demo", "club", "--format", "json"}, temp.path());
    EXPECT_EQ(done.out,
              "{\n  \"schema\": 1,\n  \"directory\": \"" + (temp.path() / "club").string() + "\"\n}\n");
}

}  // namespace
}  // namespace bdupdate::test
