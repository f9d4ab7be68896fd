#include "bdupdate/config/config_directory.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"
#include "support/temp_directory.h"

namespace bdupdate::config {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ConfigSite : public ::testing::Test {
  protected:
    void SetUp() override {
        fs::create_directory(path());
        put("system.core.json", "{\"site_name\": \"A\"}");
        put("views.view.x.json", "{}");
        put(".htaccess", "deny from all");
    }

    [[nodiscard]] fs::path path() const { return temporary_.path() / "active"; }
    [[nodiscard]] fs::path aside() const { return temporary_.path() / "aside"; }
    /// As core writes: in place.
    void put(const std::string& name, const std::string& content) const {
        std::ofstream(path() / name, std::ios::trunc) << content;
    }
    [[nodiscard]] std::string get(const std::string& name) const { return read_file(path() / name).value(); }
    [[nodiscard]] ConfigDirectory open() const { return ConfigDirectory::open(path()).value(); }
    static std::vector<std::string> names(const std::vector<File>& files) {
        std::vector<std::string> result;
        for (const File& file : files) result.push_back(file.path + (file.content ? "" : " gone"));
        return result;
    }
    /// Lets the files' times fall behind the last look, so that stamps alone decide.
    static void let_time_pass() { ::usleep(45'000); }

    test::TempDirectory temporary_;
};

TEST_F(ConfigSite, ImageHoldsEveryFileWithModeAndOwner) {
    fs::permissions(path() / "system.core.json", fs::perms(0640));
    const auto image = open().image().value();
    EXPECT_THAT(names(image), ElementsAre(".htaccess", "system.core.json", "views.view.x.json"));
    EXPECT_EQ(image[1].content, "{\"site_name\": \"A\"}");
    EXPECT_EQ(image[1].mode, 0640U);
    EXPECT_EQ(image[1].uid, ::geteuid());
}

TEST_F(ConfigSite, WrittenCreatedAndDeletedFilesAreChanges) {
    auto directory = open();
    ASSERT_TRUE(directory.image());
    let_time_pass();
    put("system.core.json", "{\"site_name\": \"B\"}");
    put("new.json", "[]");
    fs::remove(path() / "views.view.x.json");
    EXPECT_THAT(names(directory.changes().value()),
                UnorderedElementsAre("system.core.json", "new.json", "views.view.x.json gone"));
    EXPECT_THAT(directory.changes().value(), IsEmpty());
}

TEST_F(ConfigSite, EqualStampWithinTwentyMillisecondsIsReadAgain) {
    auto directory = open();
    put("system.core.json", "{\"site_name\": \"A\"}");
    // A second store into a page that is mapped and dirty moves no file time: what two writes within one tick
    // of an older kernel look like.
    const UniqueFd fd(::open((path() / "system.core.json").c_str(), O_RDWR | O_CLOEXEC));
    auto* page = static_cast<char*>(::mmap(nullptr, 18, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0));
    ASSERT_NE(page, MAP_FAILED);
    page[15] = 'B';
    struct stat before {};
    struct stat after {};
    ASSERT_TRUE(directory.changes());
    ::fstat(fd.get(), &before);
    page[15] = 'C';
    ::fstat(fd.get(), &after);
    const auto changes = directory.changes().value();
    ::munmap(page, 18);
    EXPECT_EQ(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec) << "the case that is meant";
    ASSERT_THAT(names(changes), ElementsAre("system.core.json"));
    EXPECT_EQ(changes[0].content, "{\"site_name\": \"C\"}");
}

TEST_F(ConfigSite, ChangeUnderATurnedBackMtimeIsSeenByCtime) {
    auto directory = open();
    ASSERT_TRUE(directory.image());
    const auto time = fs::last_write_time(path() / "system.core.json");
    let_time_pass();
    put("system.core.json", "{\"site_name\": \"Z\"}");
    fs::last_write_time(path() / "system.core.json", time);
    EXPECT_THAT(names(directory.changes().value()), ElementsAre("system.core.json"));
}

TEST_F(ConfigSite, SameContentWrittenAgainIsNoChangeButAModeIs) {
    auto directory = open();
    ASSERT_TRUE(directory.image());
    let_time_pass();
    put("system.core.json", "{\"site_name\": \"A\"}");
    EXPECT_THAT(directory.changes().value(), IsEmpty());
    let_time_pass();
    fs::permissions(path() / "system.core.json", fs::perms(0600));
    EXPECT_THAT(names(directory.changes().value()), ElementsAre("system.core.json"));
}

TEST_F(ConfigSite, LinksAndSpecialFilesAreErrorsThatNameThem) {
    fs::create_symlink("/etc/passwd", path() / "evil.json");
    EXPECT_THAT(open().image().error().message, HasSubstr("evil.json is a link"));
    EXPECT_FALSE(open().check_json());
    fs::remove(path() / "evil.json");
    ASSERT_EQ(::mkfifo((path() / "pipe.json").c_str(), 0600), 0);
    EXPECT_THAT(open().image().error().message, HasSubstr("pipe.json is no regular file"));
    fs::remove(path() / "pipe.json");
    fs::create_directory(path() / "dir.json");
    EXPECT_FALSE(open().image());
}

TEST_F(ConfigSite, OtherDirectoriesInItAreLeftAlone) {
    fs::create_directories(path() / ".git" / "objects");
    auto directory = open();
    const auto image = directory.image().value();
    EXPECT_EQ(image.size(), 3U);
    ASSERT_TRUE(directory.make_equal(image, std::nullopt));
    EXPECT_TRUE(fs::exists(path() / ".git" / "objects"));
}

TEST_F(ConfigSite, MakeEqualBringsAnImageBackAndKeepsWhatItOverwrites) {
    auto directory = open();
    const auto image = directory.image().value();
    put("system.core.json", "changed");
    put("later.json", "later");
    fs::remove(path() / "views.view.x.json");
    EXPECT_EQ(directory.make_equal(image, aside()).value(), 3U);
    EXPECT_EQ(get("system.core.json"), "{\"site_name\": \"A\"}");
    EXPECT_EQ(get("views.view.x.json"), "{}");
    EXPECT_FALSE(fs::exists(path() / "later.json"));
    EXPECT_EQ(read_file(aside() / "system.core.json").value(), "changed");
    EXPECT_EQ(read_file(aside() / "later.json").value(), "later");
    EXPECT_FALSE(fs::exists(aside() / ".htaccess")) << "equal files are not touched";
    EXPECT_EQ(directory.make_equal(image, aside()).value(), 0U) << "repeatable";
}

TEST_F(ConfigSite, AsideNeverLosesAnEarlierCopy) {
    auto directory = open();
    const auto image = directory.image().value();
    for (const char* content : {"one", "two", "two", "three"}) {
        put("system.core.json", content);
        ASSERT_TRUE(directory.make_equal(image, aside()));
    }
    EXPECT_EQ(read_file(aside() / "system.core.json").value(), "one");
    EXPECT_EQ(read_file(aside() / "system.core.json.1").value(), "two");
    EXPECT_EQ(read_file(aside() / "system.core.json.2").value(), "three");
    EXPECT_FALSE(fs::exists(aside() / "system.core.json.3"));
}

TEST_F(ConfigSite, MakeEqualSetsModeAndOwner) {
    auto directory = open();
    auto image = directory.image().value();
    image[1].mode = 0604;
    image[2].content = "[1]";
    image[2].mode = 0640;
    if (::geteuid() == 0) image[2].uid = image[2].gid = 65534;
    EXPECT_EQ(directory.make_equal(image, std::nullopt).value(), 2U);
    struct stat info {};
    ASSERT_EQ(::stat((path() / "system.core.json").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0604U);
    ASSERT_EQ(::stat((path() / "views.view.x.json").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0640U);
    EXPECT_EQ(info.st_uid, image[2].uid);
    EXPECT_EQ(directory.make_equal(image, std::nullopt).value(), 0U);
}

TEST_F(ConfigSite, MakeEqualReplacesByRenameAndLeavesNoTemporaryFile) {
    auto directory = open();
    const auto image = directory.image().value();
    put("system.core.json", "changed");
    put(".bdupdate-0123456789abcdef", "left by a kill");
    struct stat before {};
    struct stat after {};
    ::stat((path() / "system.core.json").c_str(), &before);
    const UniqueFd reader(::open((path() / "system.core.json").c_str(), O_RDONLY));
    ASSERT_TRUE(directory.make_equal(image, std::nullopt));
    ::stat((path() / "system.core.json").c_str(), &after);
    EXPECT_NE(before.st_ino, after.st_ino) << "a reader has the old file or the new one";
    std::size_t entries = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(path())) ++entries;
    EXPECT_EQ(entries, 3U);
}

TEST_F(ConfigSite, WriterThatIsNotTheOwnerWritesInPlace) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to own files as another user";
    fs::permissions(temporary_.path(), fs::perms(0755));
    fs::permissions(path(), fs::perms(0777));
    fs::permissions(path() / "system.core.json", fs::perms(0666));
    const auto image = open().image().value();
    put("system.core.json", "a longer content than it had in the image before");
    struct stat before {};
    ::stat((path() / "system.core.json").c_str(), &before);
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(9);
        ::_exit(open().make_equal(image, std::nullopt) ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    struct stat after {};
    ::stat((path() / "system.core.json").c_str(), &after);
    EXPECT_EQ(get("system.core.json"), "{\"site_name\": \"A\"}");
    EXPECT_EQ(before.st_ino, after.st_ino);
    EXPECT_EQ(after.st_uid, 0U);
}

TEST_F(ConfigSite, PlantedLinkIsNeverWrittenThrough) {
    auto directory = open();
    const auto image = directory.image().value();
    const fs::path victim = temporary_.path() / "victim";
    std::ofstream(victim) << "precious";
    fs::remove(path() / "system.core.json");
    fs::create_symlink(victim, path() / "system.core.json");
    EXPECT_FALSE(directory.make_equal(image, std::nullopt));
    EXPECT_EQ(read_file(victim).value(), "precious");
}

TEST_F(ConfigSite, ImageWithAPathIsRefused) {
    auto directory = open();
    EXPECT_FALSE(directory.make_equal({File{"../escaped.json", "x", 0644, 0, 0}}, std::nullopt));
    EXPECT_FALSE(fs::exists(temporary_.path() / "escaped.json"));
    EXPECT_TRUE(fs::exists(path() / "system.core.json")) << "refused before anything is touched";
}

TEST_F(ConfigSite, ChangesAfterAnUndoAreAgainstTheUndoneState) {
    auto directory = open();
    const auto image = directory.image().value();
    put("system.core.json", "{\"site_name\": \"N\"}");
    ASSERT_EQ(directory.changes()->size(), 1U);
    ASSERT_TRUE(directory.make_equal(image, std::nullopt));
    put("system.core.json", "{\"site_name\": \"N\"}");
    EXPECT_THAT(names(directory.changes().value()), ElementsAre("system.core.json"));
}

TEST_F(ConfigSite, EmptyAndBrokenJsonIsNamedWithItsPlace) {
    EXPECT_TRUE(open().check_json());
    put("a.json", "");
    EXPECT_THAT(open().check_json().error().message, HasSubstr("a.json is empty"));
    put("a.json", "{\n  \"x\": 1,\n}");
    EXPECT_THAT(open().check_json().error().message, HasSubstr("a.json is no JSON: line 3"));
    for (const char* bad : {"{\"x\": 1", "{} {}", "{\"x\": \"\xff\"}", "\xef\xbb\xbf{}", "nul", "{'a': 1}"}) {
        put("a.json", bad);
        const auto checked = open().check_json();
        ASSERT_FALSE(checked) << bad;
        EXPECT_EQ(checked.error().code, ExitCode::Preflight);
        EXPECT_THAT(checked.error().message, HasSubstr("a.json is no JSON"));
    }
    fs::remove(path() / "a.json");
    put("notes.txt", "not JSON and none of core's");
    EXPECT_TRUE(open().check_json());
}

TEST_F(ConfigSite, UnwritableFilesAndDirectoriesAreNamed) {
    EXPECT_TRUE(open().check_writable());
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to ask for another user";
    fs::permissions(temporary_.path(), fs::perms(0755));
    const RunAs nobody{65534, 65534};
    EXPECT_THAT(open().check_writable(nobody).error().message,
                HasSubstr("active cannot be written by user 65534"));
    fs::permissions(path(), fs::perms(0777));
    EXPECT_THAT(open().check_writable(nobody).error().message,
                HasSubstr("system.core.json cannot be written"));
    for (const char* name : {"system.core.json", "views.view.x.json"})
        fs::permissions(path() / name, fs::perms(0666));
    EXPECT_TRUE(open().check_writable(nobody));
}

TEST_F(ConfigSite, ListingHashIsOverNamesAndSizesOfJsonFiles) {
    EXPECT_EQ(open().listing_hash().value(), sha256_hex("system.core.json 18\nviews.view.x.json 2\n"));
}

TEST_F(ConfigSite, MissingDirectoryIsNamed) {
    const auto missing = ConfigDirectory::open(temporary_.path() / "nowhere");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ExitCode::Preflight);
    EXPECT_THAT(missing.error().message, HasSubstr("nowhere does not exist"));
    EXPECT_FALSE(ConfigDirectory::open(path() / "system.core.json"));
}

TEST_F(ConfigSite, SyncAcceptsDeletedFiles) {
    EXPECT_TRUE(open().sync({"system.core.json", "deleted.json"}));
    EXPECT_FALSE(open().sync({"../x"}));
}

TEST(Combine, NewestStateOfEachFileWins) {
    const auto file = [](const char* path, std::optional<std::string> content) {
        return File{path, std::move(content), 0644, 0, 0};
    };
    const auto result =
        combine({file("a", "1"), file("b", "1"), file("c", "1")},
                {{file("a", "2"), file("b", std::nullopt)}, {file("b", "3"), file("c", std::nullopt)}});
    ASSERT_EQ(result.size(), 2U);
    EXPECT_EQ(result[0].content, "2");
    EXPECT_EQ(result[1].path, "b");
    EXPECT_EQ(result[1].content, "3");
}

}  // namespace
}  // namespace bdupdate::config
