#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/subprocess.h"
#include "bdupdate/base/text.h"
#include "support/temp_directory.h"

namespace bdupdate {
namespace {

namespace fs = std::filesystem;
using test::TempDirectory;

TEST(Digest, MatchesThePublishedVectors) {
    EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, StreamedEqualsWhole) {
    Sha256 digest;
    digest.update("a");
    digest.update("bc");
    EXPECT_EQ(digest.hex(), sha256_hex("abc"));
}

TEST(Base64, EveryLengthAndByteComesBack) {
    std::string bytes;
    for (int length = 0; length < 300; ++length) {
        bool ok = false;
        EXPECT_EQ(base64_decode(base64_encode(bytes), ok), bytes);
        EXPECT_TRUE(ok);
        bytes += static_cast<char>(length);
    }
    EXPECT_EQ(base64_encode("foob"), "Zm9vYg==");
}

TEST(Base64, GarbageIsRefused) {
    for (const char* text : {"a", "ab=c", "====", "ab!d", "Zg=a"}) {
        bool ok = true;
        EXPECT_EQ(base64_decode(text, ok), "");
        EXPECT_FALSE(ok) << text;
    }
}

TEST(Text, CommandsAreSplitAsAShellSplitsWords) {
    bool ok = false;
    EXPECT_EQ(split_command(R"(docker exec -i "my web" php\ 8 'a "b"' "")", ok),
              (std::vector<std::string>{"docker", "exec", "-i", "my web", "php 8", "a \"b\"", ""}));
    EXPECT_TRUE(ok);
    split_command("php 'open", ok);
    EXPECT_FALSE(ok);
}

TEST(Text, CountsAndSizesReadAsPeopleSayThem) {
    EXPECT_EQ(counted(1, "update"), "1 update");
    EXPECT_EQ(counted(0, "update"), "0 updates");
    EXPECT_EQ(counted(2, "directory", "directories"), "2 directories");
    EXPECT_EQ(size_text(1023), "1023 bytes");
    EXPECT_EQ(size_text(1536), "1.5 KiB");
}

TEST(File, AtomicWriteReplacesALinkInsteadOfFollowingIt) {
    const TempDirectory temp;
    ASSERT_TRUE(write_file_atomically(temp.path() / "target", "precious"));
    fs::create_symlink(temp.path() / "target", temp.path() / "link");
    ASSERT_TRUE(write_file_atomically(temp.path() / "link", "new"));
    EXPECT_EQ(read_file(temp.path() / "target").value(), "precious");
    EXPECT_EQ(read_file(temp.path() / "link").value(), "new");
    EXPECT_FALSE(fs::is_symlink(temp.path() / "link"));
}

TEST(File, AtomicWriteGivesTheModeAndLeavesNoTemporary) {
    const TempDirectory temp;
    ASSERT_TRUE(write_file_atomically(temp.path() / "secret", "x", {.mode = 0600}));
    struct stat status {};
    ASSERT_EQ(::stat((temp.path() / "secret").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    EXPECT_EQ(std::distance(fs::directory_iterator(temp.path()), fs::directory_iterator()), 1);
}

TEST(File, AFailedWriteNamesTheFileAndLeavesNothing) {
    const TempDirectory temp;
    fs::create_directory(temp.path() / "taken");
    std::ofstream(temp.path() / "taken" / "inside") << "x";
    const auto outcome = write_file_atomically(temp.path() / "taken", "x");
    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().message.find("taken"), std::string::npos);
    EXPECT_EQ(std::distance(fs::directory_iterator(temp.path()), fs::directory_iterator()), 1);
}

TEST(File, InsideIsDecidedAfterLinksAreResolved) {
    const TempDirectory temp;
    fs::create_directories(temp.path() / "docroot" / "sub");
    fs::create_directory_symlink(temp.path() / "docroot", temp.path() / "alias");
    EXPECT_TRUE(is_inside(temp.path() / "alias" / "sub" / "not-there", temp.path() / "docroot"));
    EXPECT_TRUE(is_inside(temp.path() / "docroot", temp.path() / "docroot"));
    EXPECT_FALSE(is_inside(temp.path() / "docroot2", temp.path() / "docroot"));
    EXPECT_FALSE(is_inside(temp.path(), temp.path() / "docroot"));
}

TEST(File, ALockIsHeldAgainstASecondOpen) {
    const TempDirectory temp;
    bool held = false;
    {
        const auto first = lock_file(temp.path() / "lock", held);
        ASSERT_TRUE(first);
        EXPECT_FALSE(lock_file(temp.path() / "lock", held));
        EXPECT_TRUE(held);
    }
    EXPECT_TRUE(lock_file(temp.path() / "lock", held));
}

TEST(File, WhoLooksAtALockNeitherTakesNorMakesIt) {
    const TempDirectory temp;
    const fs::path path = temp.path() / "lock";
    EXPECT_EQ(is_locked(path), std::optional<bool>(false));
    EXPECT_FALSE(fs::exists(path));
    bool held = false;
    {
        const auto lock = lock_file(path, held);
        ASSERT_TRUE(lock);
        EXPECT_EQ(is_locked(path), std::optional<bool>(true));
    }
    EXPECT_EQ(is_locked(path), std::optional<bool>(false));
    EXPECT_TRUE(lock_file(path, held));
}

TEST(Subprocess, LargeInputComesBackWhole) {
    std::string input(3'000'000, 'x');
    input += "end";
    const auto done = run_program({.argv = {"cat"}}, input);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->out, input);
    EXPECT_TRUE(done->status.ok());
}

TEST(Subprocess, ExitCodesAndSignalsAreTold) {
    EXPECT_EQ(run_program({.argv = {"sh", "-c", "exit 3"}})->status.text(), "exit code 3");
    EXPECT_EQ(run_program({.argv = {"sh", "-c", "kill -9 $$"}})->status.text(), "killed by signal 9");
}

TEST(Subprocess, AMissingProgramIsNamed) {
    const auto done = run_program({.argv = {"no-such-program-here"}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "no-such-program-here: not found in PATH");
}

TEST(Subprocess, ATimeoutKillsTheWholeGroup) {
    const auto done =
        run_program({.argv = {"sh", "-c", "sleep 60 & sleep 60"}}, {}, std::chrono::milliseconds(100));
    ASSERT_TRUE(done);
    EXPECT_TRUE(done->timed_out);
    EXPECT_EQ(done->status.signal, SIGKILL);
}

TEST(Subprocess, EnvironmentIsChangedForTheChildOnly) {
    ::setenv("BDUPDATE_TEST_SECRET", "s", 1);
    const auto done = run_program({.argv = {"sh", "-c", "echo $BDUPDATE_TEST_SECRET-$ADDED"},
                                   .environment = {{"ADDED", "a"}},
                                   .remove_environment = {"BDUPDATE_TEST_SECRET"}});
    EXPECT_EQ(done->out, "-a\n");
    EXPECT_STREQ(std::getenv("BDUPDATE_TEST_SECRET"), "s");
}

TEST(Subprocess, StartTimeTellsProcessesApart) {
    EXPECT_TRUE(process_start_time(::getpid()));
    EXPECT_FALSE(process_start_time(1 << 30));
}

TEST(Subprocess, EndedProcessThatNobodyWaitsForIsNone) {
    auto child = Subprocess::spawn({.argv = {"sleep", "600"}});
    ASSERT_TRUE(child);
    ASSERT_TRUE(process_start_time(child->pid()));
    child->kill(SIGKILL);
    for (int i = 0; i < 500 && process_start_time(child->pid()); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_FALSE(process_start_time(child->pid()));
    EXPECT_EQ(child->wait().signal, SIGKILL);
}

TEST(Clock, DurationsAreReadable) {
    using std::chrono::milliseconds;
    EXPECT_EQ(duration_text(milliseconds(42)), "42 ms");
    EXPECT_EQ(duration_text(milliseconds(1234)), "1.2 s");
    EXPECT_EQ(duration_text(milliseconds(72'000)), "1 min 12 s");
    EXPECT_EQ(duration_text(milliseconds(3'660'000)), "1 h 1 min");
}

}  // namespace
}  // namespace bdupdate
