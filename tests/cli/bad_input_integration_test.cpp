// Each kind of bad input has its own message and exit code, and changes nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "bdupdate/base/file.h"
#include "support/program.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct BadInput : testing::Test {
    ExampleSite site;

    /// Runs `arguments` and expects that code, those words on stderr, and a site that is the same as before.
    void expect_refused(const std::vector<std::string>& arguments, int code, const std::string& words,
                        const std::map<std::string, std::string>& environment = {}) {
        const std::string before = site.content();
        const Completed done = site.run(arguments, environment);
        EXPECT_EQ(done.status.code, code) << done.err;
        EXPECT_THAT(done.err, HasSubstr(words));
        EXPECT_THAT(done.err, HasSubstr("hint: "));
        EXPECT_EQ(site.content(), before);
    }
    static inline const std::vector<std::string> run = {"run", "--yes"};
};

TEST_F(BadInput, NoDocroot) {
    expect_refused({"status", "--root", "/proc"}, 5, "no docroot");
}

TEST_F(BadInput, BrokenSettings) {
    site.append("settings.php", "\n$x = ;\n");
    expect_refused(run, 2, "settings.php:");
}

TEST_F(BadInput, UnreadableSettings) {
    if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
    fs::permissions(site.root() / "settings.php", fs::perms::none);
    const Completed done = site.run(run);
    EXPECT_EQ(done.status.code, 5) << done.err;
}

TEST_F(BadInput, UntouchedDefaultSettings) {
    site.write("settings.php", "<?php\n$database = 'mysql://user:pass@localhost/database_name';\n");
    expect_refused(run, 2, "settings.php");
}

TEST_F(BadInput, PostgresIsRefusedByName) {
    site.write("settings.php",
               "<?php\n$database = 'pgsql://a:b@localhost/c';\n$config_directories['active'] = "
               "'./config/active';\n");
    expect_refused(run, 5, "PostgreSQL");
}

TEST_F(BadInput, UnreachableServer) {
    site.write("settings.php",
               "<?php\n$database = 'mysql://a:secret@127.0.0.1:1/c';\n$config_directories['active'] = "
               "'./config/active';\n");
    const Completed done = site.run(run);
    EXPECT_EQ(done.status.code, 5);
    EXPECT_THAT(done.err, HasSubstr("127.0.0.1"));
    EXPECT_THAT(done.err, testing::Not(HasSubstr("secret")));
}

TEST_F(BadInput, MissingDatabaseFile) {
    fs::rename(site.root() / "site.sqlite", site.root() / "elsewhere.sqlite");
    const Completed done = site.run(run);
    EXPECT_EQ(done.status.code, 5);
    EXPECT_THAT(done.err, HasSubstr("site.sqlite"));
    EXPECT_FALSE(fs::exists(site.root() / "site.sqlite"));
}

TEST_F(BadInput, MissingSystemTable) {
    site.sql("DROP TABLE system;");
    expect_refused(run, 5, "system");
}

TEST_F(BadInput, MissingConfigDirectory) {
    fs::remove_all(site.root() / "config/active");
    expect_refused(run, 5, "config directory");
}

TEST_F(BadInput, BrokenConfigFile) {
    site.write("config/active/broken.json", "{");
    expect_refused(run, 5, "broken.json");
}

TEST_F(BadInput, EmptyConfigFile) {
    site.write("config/active/empty.json", "");
    expect_refused(run, 5, "empty.json");
}

TEST_F(BadInput, ReadOnlyConfigDirectory) {
    if (::geteuid() == 0) GTEST_SKIP() << "root writes everywhere";
    fs::permissions(site.root() / "config/active", fs::perms::owner_read | fs::perms::owner_exec);
    expect_refused(run, 5, "config");
    fs::permissions(site.root() / "config/active", fs::perms::owner_all);
}

TEST_F(BadInput, SyntaxErrorInAnInstallFile) {
    site.append("modules/dues/dues.install", "\nfunction dues_update_1007() {\n");
    expect_refused(run, 5, "dues.install");
}

TEST_F(BadInput, SyntaxErrorThatOnlyPhpSees) {
    site.append("modules/dues/dues.install", "\n$a $b;\n");
    const std::string before = site.content();
    const Completed done = site.run(run);
    EXPECT_EQ(done.status.code, 5) << done.err;
    EXPECT_THAT(done.err, HasSubstr("dues.install"));
    EXPECT_EQ(site.content(), before);
}

TEST_F(BadInput, DuplicateFunction) {
    site.append("modules/dues/dues.install", "\nfunction dues_update_1005() {}\n");
    expect_refused(run, 5, "dues_update_1005() is declared twice");
}

TEST_F(BadInput, NumberThatTheTableCannotHold) {
    site.append("modules/dues/dues.install", "\nfunction dues_update_32768() {}\n");
    expect_refused(run, 5, "32768");
}

TEST_F(BadInput, CyclicDependency) {
    site.append("modules/gallery/gallery.install",
                "\nfunction gallery_update_dependencies() {\n  return array('gallery' => array(1001 => "
                "array('dues' => 1005)), "
                "'dues' => array(1005 => array('gallery' => 1002)));\n}\n");
    expect_refused(run, 5, "gallery_update_1001");
}

TEST_F(BadInput, DependencyOnNothingBlocksAndIsNamed) {
    site.append("modules/gallery/gallery.install",
                "\nfunction gallery_update_dependencies() {\n  return array('gallery' => array(1001 => "
                "array('nowhere' => "
                "1000)));\n}\n");
    const Completed done = site.run({"status", "--exit-code"});
    EXPECT_EQ(done.status.code, 4);
    EXPECT_THAT(done.out, HasSubstr("nowhere"));
}

TEST_F(BadInput, EnabledModuleWithoutCode) {
    fs::remove_all(site.root() / "modules/dues");
    const Completed done = site.run({"status", "--exit-code"});
    EXPECT_EQ(done.status.code, 4);
    EXPECT_THAT(done.out, HasSubstr("dues is enabled"));
    EXPECT_EQ(site.run({"run", "--yes"}).status.code, 4);
}

TEST_F(BadInput, MissingPhp) {
    expect_refused({"run", "--yes", "--php", "/nonexistent/php"}, 5, "/nonexistent/php");
}

TEST_F(BadInput, SomethingThatIsNoPhp) {
    expect_refused({"run", "--yes", "--php", "cat"}, 5, "PHP");
}

TEST_F(BadInput, PhpWithoutTheDriver) {
    // -n: no php.ini, so no extension that Debian loads by it.
    expect_refused({"run", "--yes", "--php", "php -n"}, 5, "pdo_sqlite");
}

TEST_F(BadInput, BackupDirectoryInsideTheDocroot) {
    expect_refused({"run", "--yes", "--backup-dir", (site.root() / "backups").string()}, 5,
                   "inside the docroot");
}

TEST_F(BadInput, StateDirectoryInsideTheDocroot) {
    expect_refused({"run", "--yes", "--state-dir", (site.root() / "state").string()}, 5,
                   "inside the docroot");
}

TEST_F(BadInput, BackupDirectoryThatCannotBe) {
    expect_refused({"run", "--yes", "--backup-dir", "/proc/none"}, 6, "/proc/none");
}

TEST_F(BadInput, AnUpdateThatPrintsRubbishAroundTheProtocolSucceeds) {
    site.append("modules/dues/dues.install",
                "\n/**\n * Prints.\n */\nfunction dues_update_1007() {\n  echo \"{\\\"id\\\": 1}\\n\", "
                "str_repeat('rubbish ', "
                "100000);\n  fwrite(STDERR, \"more\\n\");\n  return 'printed';\n}\n");
    const Completed done = site.run(run);
    EXPECT_EQ(done.status.code, 0) << done.err;
    EXPECT_THAT(done.err, HasSubstr("printed"));
}

TEST_F(BadInput, ReadingCommandsLeaveNoTrace) {
    site.sql("PRAGMA journal_mode = WAL;");
    const auto listing = [this] {
        std::string names;
        for (const auto& entry : fs::recursive_directory_iterator(site.root().parent_path()))
            names += entry.path().string() + "\n";
        return names;
    };
    const std::string before = listing();
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"status"}, {"plan"}, {"run", "--dry-run"}, {"backup", "list"}}) {
        EXPECT_EQ(site.run(command).status.code, 0);
        EXPECT_EQ(listing(), before) << command.front();
    }
}

}  // namespace
}  // namespace bdupdate::test
