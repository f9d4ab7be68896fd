// What must not leak, and what root must not touch.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "bdupdate/base/file.h"
#include "fault/club.h"
#include "support/mariadb.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr uid_t web = 65534;  // nobody

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool comes_from(const std::string& pid, const std::string& ancestor) {
    std::string at = pid;
    for (int i = 0; i < 12 && at != "0" && !at.empty(); ++i) {
        const std::string stat = content_of(fs::path("/proc") / at / "stat");
        const std::size_t end = stat.rfind(") ");
        if (end == std::string::npos) return false;
        const std::size_t from = end + 4;
        at = stat.substr(from, stat.find(' ', from) - from);
        if (at == ancestor) return true;
    }
    return false;
}

/// Command lines and environments of everything that this process started, looked at all the time.
class Spy {
  public:
    explicit Spy(std::string secret) : secret_(std::move(secret)), thread_([this] { look(); }) {}
    ~Spy() { stop(); }
    /// Where the secret was seen.
    std::vector<std::string> stop() {
        ending_ = true;
        if (thread_.joinable()) thread_.join();
        return seen_;
    }
    [[nodiscard]] int programs() const { return programs_; }

  private:
    void look() {
        while (!ending_) {
            std::error_code gone;
            for (auto at = fs::directory_iterator("/proc", gone); !gone && at != fs::directory_iterator();
                 at.increment(gone)) {
                const std::string pid = at->path().filename();
                if (pid.find_first_not_of("0123456789") != std::string::npos ||
                    !comes_from(pid, std::to_string(::getpid())))
                    continue;
                const std::string line = content_of(at->path() / "cmdline");
                if (line.find("dump") != std::string::npos || line.find("php") != std::string::npos)
                    ++programs_;
                for (const std::string& text : {line, content_of(at->path() / "environ")})
                    if (text.find(secret_) != std::string::npos) seen_.push_back(line);
            }
        }
    }
    std::string secret_;
    std::atomic<bool> ending_ = false;
    std::atomic<int> programs_ = 0;
    std::vector<std::string> seen_;
    std::thread thread_;
};

/// Everything below a directory, names and bytes.
std::string everything_in(const fs::path& directory) {
    std::string text;
    for (const auto& entry : fs::recursive_directory_iterator(directory))
        if (entry.is_regular_file()) text += entry.path().string() + "\n" + content_of(entry.path());
    return text;
}

struct Credentials : testing::Test {
    void SetUp() override {
        if (!MariaDb::available()) GTEST_SKIP() << "no MariaDB server";
        club = std::make_unique<Club>(Store::MariaDb);
        // The distinctive part of MariaDb::password(), whatever quotes it.
        ASSERT_THAT(MariaDb::password(), HasSubstr(secret));
    }
    static constexpr const char* secret = "#secret";
    std::unique_ptr<Club> club;
};

TEST_F(Credentials, AppearInNoCommandLineEnvironmentLogReportOrJournal) {
    club->add_update(1007,
                     "  $words = print_r(getenv(), TRUE) . print_r($_SERVER, TRUE) . "
                     "file_get_contents('/proc/self/cmdline');\n"
                     "  return strpos($words, '#secret') === FALSE ? 'clean' : 'leaked';");
    const fs::path log = club->state().parent_path() / "log.txt";
    Spy spy(secret);
    const Completed done = club->run({"run", "--yes", "-v", "--log-file", log.string(), "--format", "json"});
    EXPECT_THAT(spy.stop(), testing::IsEmpty());
    EXPECT_GT(spy.programs(), 10) << "the spy saw PHP and the dump program at work";
    EXPECT_EQ(done.status.code, 0) << done.err;
    EXPECT_THAT(done.out, HasSubstr("clean"));
    EXPECT_THAT(done.out + done.err, Not(HasSubstr(secret)));
    EXPECT_THAT(content_of(log), Not(HasSubstr(secret)));
    EXPECT_THAT(content_of(log), HasSubstr("dues_update_1007"));
    EXPECT_THAT(everything_in(club->state()), Not(HasSubstr(secret)));
}

TEST_F(Credentials, AppearInNoMessageWhenTheyAreWrong) {
    club->replace("settings.php", "#secret", "#secret-but-wrong");
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"status", "-v"}, {"run", "--yes", "-v"}, {"maintenance"}}) {
        const Completed done = club->run(command);
        EXPECT_EQ(done.status.code, 5);
        EXPECT_THAT(done.err, HasSubstr("refuses the login"));
        EXPECT_THAT(done.out + done.err, Not(HasSubstr(secret)));
    }
}

TEST_F(Credentials, AppearInNoMessageWhenTheDumpFailsOrAnUpdateThrowsThem) {
    const fs::path programs = club->state().parent_path() / "bin";
    fs::create_directories(programs);
    const fs::path dump = programs / "mariadb-dump";
    std::ofstream(dump) << "#!/bin/sh\necho \"ERROR 2002: cannot connect with $*\" >&2\nexit 2\n";
    fs::permissions(dump, fs::perms::owner_all);
    const std::string before = club->held();
    const Completed failed =
        club->run({"run", "--yes", "-v"}, {{"PATH", programs.string() + ":" + std::getenv("PATH")}});
    EXPECT_EQ(failed.status.code, 6) << failed.err;
    EXPECT_THAT(failed.err, HasSubstr("ERROR 2002"));
    EXPECT_THAT(failed.out + failed.err, Not(HasSubstr(secret)));
    EXPECT_EQ(club->held(), before);

    club->add_update(1007,
                     "  global $database;\n  throw new Exception('cannot use ' . $database['password']);");
    const Completed thrown = club->run({"run", "--yes", "-v"});
    EXPECT_EQ(thrown.status.code, 1) << thrown.err;
    EXPECT_THAT(thrown.err, HasSubstr("cannot use"));
    EXPECT_THAT(thrown.out + thrown.err, Not(HasSubstr(secret)));
    EXPECT_THAT(everything_in(club->state()), Not(HasSubstr(secret)));
}

struct Private : testing::Test {
    Club club{Store::Sqlite};
};

TEST_F(Private, EverythingInTheStateDirectoryWhateverTheUmaskSays) {
    const fs::path log = club.state().parent_path() / "log.txt";
    const mode_t before = ::umask(0);
    const Completed done = club.run({"run", "--yes", "--log-file", log.string()});
    ::umask(before);
    ASSERT_EQ(done.status.code, 0) << done.err;
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(club.state())) {
        struct stat info {};
        ASSERT_EQ(::lstat(entry.path().c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 07777U, S_ISDIR(info.st_mode) ? 0700U : 0600U) << entry.path();
        ++files;
    }
    EXPECT_GT(files, 6);
    struct stat info {};
    ASSERT_EQ(::stat(log.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0600U);
}

TEST_F(Private, NothingIsWrittenBelowTheDocroot) {
    const std::string inside = (club.root() / "x").string();
    for (const char* option : {"--state-dir", "--backup-dir", "--log-file"}) {
        const Completed done = club.run({"run", "--yes", option, inside});
        EXPECT_EQ(done.status.code, 5) << option << done.err;
        EXPECT_THAT(done.err, HasSubstr("inside the docroot")) << option;
        EXPECT_FALSE(fs::exists(inside)) << option;
    }
    // By a link, too.
    const fs::path link = club.state().parent_path() / "link";
    fs::create_directory_symlink(club.root(), link);
    EXPECT_EQ(club.run({"run", "--yes", "--state-dir", (link / "x").string()}).status.code, 5);
    EXPECT_FALSE(fs::exists(inside));
}

TEST_F(Private, LogFileIsNoWayThroughALink) {
    const fs::path victim = club.state().parent_path() / "victim", link = club.state().parent_path() / "log";
    std::ofstream(victim) << "untouched\n";
    fs::create_symlink(victim, link);
    EXPECT_EQ(club.run({"status", "--log-file", link.string()}).status.code, 5);
    EXPECT_EQ(content_of(victim), "untouched\n");
}

/// The site belongs to the web server's user; root runs its updates.
struct UnderRoot : testing::Test {
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root";
        club = std::make_unique<Club>(Store::Sqlite);
        fs::permissions(club->root().parent_path(), fs::perms::owner_all | fs::perms::others_exec);
    }
    void give_away() const {
        for (const auto& entry : fs::recursive_directory_iterator(club->root()))
            ASSERT_EQ(::lchown(entry.path().c_str(), web, web), 0);
        ASSERT_EQ(::chown(club->root().c_str(), web, web), 0);
    }
    [[nodiscard]] std::vector<std::string> of_others() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::recursive_directory_iterator(club->root())) {
            struct stat info {};
            if (::lstat(entry.path().c_str(), &info) == 0 && info.st_uid != web)
                names.push_back(entry.path());
        }
        return names;
    }
    std::unique_ptr<Club> club;
};

constexpr const char* writes_config =
    "  config('test.new')->set('a', 1)->save();\n  config('club.settings')->set('who', "
    "posix_geteuid())->save();\n";

TEST_F(UnderRoot, UpdatesRunAsTheOwnerAndLeaveNoFileOfRoot) {
    club->add_update(1007, std::string(writes_config) + "  return 'as user ' . posix_geteuid();");
    give_away();
    const Completed done = club->run({"run", "--yes"});
    EXPECT_EQ(done.status.code, 0) << done.err;
    EXPECT_THAT(done.err, HasSubstr("as user " + std::to_string(web)));
    EXPECT_THAT(of_others(), testing::IsEmpty());
}

TEST_F(UnderRoot, AnUndoneUpdateLeavesNoFileOfRoot) {
    club->only_update(1007, std::string(writes_config) +
                                "  unlink('config/active/club.settings.json');\n"
                                "  throw new Exception('no');");
    give_away();
    const std::string before = club->held();
    const Completed done = club->run({"run", "--yes"});
    EXPECT_EQ(done.status.code, 1) << done.err;
    EXPECT_EQ(club->held(), before);
    EXPECT_THAT(of_others(), testing::IsEmpty());
}

TEST_F(UnderRoot, SettingsThatOnlyPhpUnderstandsAreNotRunAsRoot) {
    club->append("settings.php",
                 "\nfile_put_contents('/tmp/bdupdate-who-' . basename(dirname(__DIR__)), posix_geteuid());\n"
                 "$settings[trim(shell_exec('echo x'))] = 1; $database = $database . shell_exec('true');\n");
    give_away();
    const fs::path trace = "/tmp/bdupdate-who-" + club->root().parent_path().filename().string();
    const Completed done = club->run({"status"});
    const std::string who = content_of(trace);
    fs::remove(trace);
    EXPECT_EQ(done.status.code, 0) << done.err;
    EXPECT_EQ(who, std::to_string(web));
}

TEST_F(UnderRoot, PlantedLinkInTheConfigDirectoryIsRefusedAndHarmless) {
    const fs::path victim = club->state().parent_path() / "passwd";
    std::ofstream(victim) << "root:x:0\n";
    fs::create_symlink(victim, club->config() / "planted.json");
    give_away();
    const Completed done = club->run({"run", "--yes"});
    EXPECT_EQ(done.status.code, 5) << done.err;
    EXPECT_THAT(done.err, HasSubstr("planted.json is a link"));
    EXPECT_EQ(content_of(victim), "root:x:0\n");
}

/// The update itself plants it, and fails: what is undone must not go through the link.
TEST_F(UnderRoot, LinkPlantedDuringAPassIsHarmless) {
    const fs::path victim = club->state().parent_path() / "passwd";
    std::ofstream(victim) << "root:x:0\n";
    club->only_update(1007, "  unlink('config/active/club.settings.json');\n  symlink('" + victim.string() +
                                "', 'config/active/club.settings.json');\n  throw new Exception('no');");
    give_away();
    const Completed done = club->run({"run", "--yes"});
    EXPECT_NE(done.status.code, 0) << done.err;
    EXPECT_EQ(content_of(victim), "root:x:0\n");
    struct stat info {};
    ASSERT_EQ(::stat(victim.c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, 0U);
}

TEST_F(UnderRoot, ConfigDirectoryThatIsALinkToSomebodyElsesIsRefused) {
    const fs::path elsewhere = club->state().parent_path() / "etc";
    fs::create_directories(elsewhere);
    std::ofstream(elsewhere / "precious.json") << "{}\n";
    fs::rename(club->config(), club->root() / "config/moved");
    fs::create_directory_symlink(elsewhere, club->config());
    give_away();
    ASSERT_EQ(::chown(elsewhere.c_str(), 0, 0), 0);
    const Completed done = club->run({"run", "--yes"});
    EXPECT_EQ(done.status.code, 5) << done.err;
    EXPECT_THAT(done.err, HasSubstr("such a link is not followed"));
    EXPECT_EQ(content_of(elsewhere / "precious.json"), "{}\n");
}

TEST_F(UnderRoot, ConfigDirectoryBehindTheOwnersOwnLinkWorks) {
    fs::rename(club->config(), club->root() / "config/moved");
    fs::create_directory_symlink("moved", club->config());
    give_away();
    const Completed done = club->run({"run", "--yes"});
    EXPECT_EQ(done.status.code, 0) << done.err;
}

}  // namespace
}  // namespace bdupdate::test
