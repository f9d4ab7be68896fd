// One command on many sites: docs/many-sites.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "bdupdate/base/file.h"
#include "bdupdate/base/subprocess.h"
#include "support/temp_directory.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* tables = R"sql(
CREATE TABLE system (filename VARCHAR(255) PRIMARY KEY, name VARCHAR(255), type VARCHAR(12), owner VARCHAR(255) DEFAULT '',
  status INT, bootstrap INT DEFAULT 0, schema_version SMALLINT DEFAULT -1, weight INT DEFAULT 0, info BLOB);
CREATE TABLE state (name VARCHAR(128) PRIMARY KEY, value BLOB);
CREATE TABLE goods (id INTEGER PRIMARY KEY, title TEXT);
INSERT INTO goods VALUES (1, 'tea');
INSERT INTO system (filename, name, type, status, schema_version) VALUES ('modules/shop/shop.module', 'shop', 'module', 1, 1000);
)sql";

constexpr const char* install = R"php(<?php
/**
 * Renames the goods.
 */
function shop_update_1001() {
  db_query("UPDATE {goods} SET title = 'coffee'");
  return 'Renamed.';
}
)php";

constexpr const char* slow_install = R"php(<?php
/**
 * Takes its time.
 */
function shop_update_1001(&$sandbox) {
  $sandbox += array('pass' => 0);
  touch(BACKDROP_ROOT . '/at-work');
  usleep(50000);
  if (++$sandbox['pass'] == 100 || file_exists(BACKDROP_ROOT . '/hurry')) {
    db_query("UPDATE {goods} SET title = 'coffee'");
    return 'Renamed.';
  }
  $sandbox['#finished'] = $sandbox['pass'] / 100;
}
)php";

class ManySites : public testing::Test {
  protected:
    void SetUp() override {
        const auto made =
            run_program({.argv = {"sqlite3", "-bail", (temp_.path() / "new.sqlite").string()}}, tables);
        ASSERT_TRUE(made && made->status.ok());
    }
    [[nodiscard]] fs::path root(const std::string& name) const { return temp_.path() / "sites" / name; }
    void put(const std::string& name, const std::string& file, const std::string& text) const {
        fs::create_directories((root(name) / file).parent_path());
        std::ofstream(root(name) / file) << text;
    }
    void make(const std::string& name, const std::string& code = install) const {
        put(name, "settings.php",
            "<?php\n$database = 'sqlite:site.sqlite';\n$config_directories['active'] = 'config';\n");
        put(name, "modules/shop/shop.info", "name = Shop\ntype = module\nbackdrop = 1.x\n");
        put(name, "modules/shop/shop.module", "<?php\n");
        put(name, "modules/shop/shop.install", code);
        fs::create_directories(root(name) / "config");
        fs::copy_file(temp_.path() / "new.sqlite", root(name) / "site.sqlite");
    }
    [[nodiscard]] std::string title(const std::string& name) const {
        const auto told = run_program(
            {.argv = {"sqlite3", (root(name) / "site.sqlite").string(), "SELECT title FROM goods"}});
        return told ? std::string(told->out, 0, told->out.find('\n')) : "";
    }
    [[nodiscard]] SpawnOptions command(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), BDUPDATE_BINARY);
        return {.argv = arguments,
                .environment = {{"BDUPDATE_STATE_DIR", (temp_.path() / "state").string()},
                                {"BDUPDATE_CONFIG", "/dev/null"}},
                .directory = temp_.path()};
    }
    [[nodiscard]] Completed bdupdate(const std::vector<std::string>& arguments) const {
        auto done = run_program(command(arguments), {}, std::chrono::minutes(2));
        EXPECT_TRUE(done);
        return done ? *done : Completed{};
    }
    [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
        std::ofstream(temp_.path() / name) << text;
        return (temp_.path() / name).string();
    }
    /// result of each site by its name
    static std::map<std::string, json> by_name(const json& document) {
        std::map<std::string, json> result;
        for (const json& site : document["sites"]) result[site["name"]] = site;
        return result;
    }
    TempDirectory temp_;
};

TEST_F(ManySites, OneSitesFailureNeverTouchesAnother) {
    for (const char* name : {"a", "b", "c", "d", "broken", "throws", "gone", "killed"}) make(name);
    put("broken", "settings.php", "<?php\n$database = ;\n");
    put("throws", "modules/shop/shop.install",
        std::string(install) + "function shop_update_1002() {\n  throw new Exception('no');\n}\n");
    fs::remove(root("gone") / "site.sqlite");
    const std::string killer = file("killer", "#!/bin/sh\nkill -KILL $PPID\n");
    fs::permissions(killer, fs::perms::owner_all);
    std::string sections;
    for (const char* name : {"a", "broken", "b", "throws", "gone", "c", "killed", "d"})
        sections += std::string("[site.") + name + "]\nroot = sites/" + name + "\n" +
                    (std::string(name) == "killed" ? "php = " + killer + "\n" : "");
    const Completed done = bdupdate(
        {"--sites-from", file("sites.conf", sections), "--jobs", "3", "run", "--yes", "--format", "json"});
    const json document = json::parse(done.out, nullptr, false);
    ASSERT_FALSE(document.is_discarded()) << done.out;
    EXPECT_EQ(document.begin().key(), "count") << "nlohmann sorts; the text begins with the schema";
    EXPECT_EQ(done.out.rfind("{\"schema\":1,", 0), 0U);
    auto sites = by_name(document);
    ASSERT_EQ(sites.size(), 8U);
    for (const char* name : {"a", "b", "c", "d"}) {
        EXPECT_EQ(sites[name]["exit_code"], 0) << name;
        EXPECT_EQ(sites[name]["events"].back()["event"], "end") << name;
        EXPECT_EQ(sites[name]["events"].back()["updates"], 1) << name;
        EXPECT_EQ(title(name), "coffee") << name;
    }
    EXPECT_EQ(sites["broken"]["exit_code"], 2);
    EXPECT_THAT(std::string(sites["broken"]["error"]), HasSubstr("settings.php"));
    EXPECT_EQ(sites["throws"]["exit_code"], 1);
    EXPECT_EQ(title("throws"), "tea") << "put back";
    EXPECT_EQ(sites["gone"]["exit_code"], 5);
    EXPECT_EQ(sites["killed"]["exit_code"], nullptr);
    EXPECT_EQ(sites["killed"]["crash"], "killed by signal 9");
    EXPECT_EQ(title("killed"), "tea");
    EXPECT_EQ(document["results"], json({{"done", 4}, {"failed", 1}, {"refused", 2}, {"crashed", 1}}));
    EXPECT_EQ(document["exit_code"], 8) << "nobody knows what the killed one left";
    EXPECT_EQ(done.status.code, 8);
    // Each line of talk names its site.
    EXPECT_THAT(done.err, HasSubstr("throws: error: shop_update_1002 failed"));
    EXPECT_THAT(done.err, HasSubstr("\nkilled: error: bdupdate ended unexpectedly"));
}

TEST_F(ManySites, TheTableNamesTheWorstLast) {
    for (const char* name : {"a", "bad", "c"}) make(name);
    put("bad", "settings.php", "<?php\n");
    const Completed done = bdupdate({"run", "--yes", "--sites-from", (temp_.path() / "sites/*").string()});
    EXPECT_EQ(done.status.code, 2);
    EXPECT_THAT(done.out, HasSubstr("a    done     updated: 1 update done"));
    EXPECT_THAT(done.out, HasSubstr("bad  refused  "));
    EXPECT_THAT(done.out, HasSubstr("\n3 sites: 2 done, 1 refused\n"));
    EXPECT_LT(done.out.find("c    done"), done.out.find("bad  refused"));
    EXPECT_EQ(title("c"), "coffee");
}

TEST_F(ManySites, QuietIsSilentOnSuccessAndTellsOfWhatFailed) {
    for (const char* name : {"a", "b"}) make(name);
    const std::string all = (temp_.path() / "sites/*").string();
    Completed done = bdupdate({"-q", "run", "--yes", "--sites-from", all});
    EXPECT_EQ(done.status.code, 0);
    EXPECT_THAT(done.out + done.err, IsEmpty());
    put("b", "settings.php", "<?php\n");
    done = bdupdate({"-q", "run", "--yes", "--sites-from", all});
    EXPECT_EQ(done.status.code, 2);
    EXPECT_THAT(done.out, IsEmpty());
    EXPECT_THAT(done.err, HasSubstr("b: error: "));
    EXPECT_THAT(done.err, Not(HasSubstr("a: ")));
    EXPECT_THAT(done.err, HasSubstr("2 sites: 1 done, 1 refused"));
}

TEST_F(ManySites, WithoutConsentNothingIsTouched) {
    make("a");
    const Completed done = bdupdate({"run", "--sites-from", (temp_.path() / "sites/*").string()});
    EXPECT_EQ(done.status.code, 2);
    EXPECT_THAT(done.err, HasSubstr("add --yes"));
    EXPECT_EQ(title("a"), "tea");
}

TEST_F(ManySites, AListAndAGlobAndASectionNameTheSame) {
    for (const char* name : {"a", "b"}) make(name);
    fs::create_directories(root("cgi-bin"));
    const auto names = [&](const std::string& from) {
        const Completed done = bdupdate({"status", "--format", "json", "--sites-from", from});
        EXPECT_EQ(done.status.code, 0) << done.err;
        std::string text;
        const json document = json::parse(done.out);
        for (const json& site : document["sites"])
            text += std::string(site["name"]) + "=" + std::string(site["answer"]["docroot"]) + " ";
        return text;
    };
    const std::string expected = "a=" + root("a").string() + " b=" + root("b").string() + " ";
    EXPECT_EQ(names((temp_.path() / "sites/*").string()), expected) << "what is no docroot is left out";
    EXPECT_EQ(names(file("list", "# all\nsites/a\n\n  " + root("b").string() + "/ \nsites/../sites/a\n")),
              expected);
    EXPECT_EQ(names(file("c.conf", "[site.a]\nroot = sites/a\n[site.b]\nroot = \"sites/b\"\n")), expected);
    EXPECT_EQ(names("sites/?"), expected) << "from the current directory";
}

TEST_F(ManySites, ASectionHasThePolicyOfItsSite) {
    const std::string failing =
        std::string(install) + "function shop_update_1002() {\n  throw new Exception('no');\n}\n";
    for (const char* name : {"kept", "restored"}) make(name, failing);
    const std::string from =
        file("c.conf",
             "verbose = true\n[run]\non-failure = restore\n[site.kept]\nroot = sites/kept\n"
             "run.on-failure = stop\n[site.restored]\nroot = sites/restored\n");
    Completed done = bdupdate({"run", "--yes", "--sites-from", from, "--format", "json"});
    auto sites = by_name(json::parse(done.out));
    EXPECT_EQ(sites["kept"]["events"].back()["end"], "stopped");
    EXPECT_EQ(sites["restored"]["events"].back()["end"], "restored");
    EXPECT_EQ(title("kept"), "coffee");
    EXPECT_EQ(title("restored"), "tea");
    EXPECT_THAT(done.err, HasSubstr("kept: database: SQLite"))
        << "what stands above the sections holds for all";
    // What was typed wins over the section.
    done = bdupdate({"recover", "--yes", "--sites-from", from, "--restore"});
    EXPECT_EQ(title("kept"), "tea") << done.out << done.err;
    EXPECT_THAT(done.out, HasSubstr("restored  done  nothing to recover"));
}

TEST_F(ManySites, EachSiteHasItsOwnBackupDirectoryAndLogLines) {
    for (const char* name : {"a", "b"}) make(name);
    const std::string all = (temp_.path() / "sites/*").string();
    const std::string log = (temp_.path() / "log").string();
    const Completed done = bdupdate({"backup", "create", "--sites-from", all, "--backup-dir",
                                     (temp_.path() / "backups").string(), "--log-file", log});
    EXPECT_EQ(done.status.code, 0) << done.err;
    for (const char* name : {"a", "b"}) {
        EXPECT_FALSE(fs::is_empty(temp_.path() / "backups" / name));
        EXPECT_THAT(read_file(log).value(), HasSubstr(std::string(" ") + name + ": backed up:"));
    }
    EXPECT_FALSE(fs::exists(temp_.path() / "backups/a/b"));
}

TEST_F(ManySites, EachSitesReportIsAFileOfItsOwn) {
    for (const char* name : {"a", "b"}) make(name);
    const std::string all = (temp_.path() / "sites/*").string();
    fs::create_directories(temp_.path() / "reports");
    const auto report = [&](const std::string& name) {
        const auto text = read_file(temp_.path() / "reports" / name);
        return text ? *text : "";
    };
    Completed done = bdupdate({"run", "--yes", "--sites-from", all, "--report", "reports/run.html"});
    EXPECT_EQ(done.status.code, 0) << done.err;
    for (const char* name : {"a", "b"})
        EXPECT_THAT(report(std::string("run-") + name + ".html"), HasSubstr(root(name).string() + "<"));
    done = bdupdate({"report", "--sites-from", all, "--output", "reports/last.html"});
    EXPECT_EQ(done.status.code, 0) << done.err;
    for (const char* name : {"a", "b"})
        EXPECT_THAT(report(std::string("last-") + name + ".html"), HasSubstr(root(name).string() + "<"));
    EXPECT_EQ(std::distance(fs::directory_iterator(temp_.path() / "reports"), {}), 4);
}

TEST_F(ManySites, MarkNeedsOneConsentForAllSites) {
    for (const char* name : {"a", "b"}) make(name);
    const std::string all = (temp_.path() / "sites/*").string();
    Completed done = bdupdate({"mark", "shop=1001", "--no-backup", "--sites-from", all});
    EXPECT_EQ(done.status.code, 2);
    EXPECT_THAT(done.err, Not(HasSubstr("a: "))) << "refused before any site is begun";
    done = bdupdate({"mark", "shop=1001", "--no-backup", "--yes", "--sites-from", all});
    EXPECT_EQ(done.status.code, 0) << done.err;
    EXPECT_THAT(done.out, HasSubstr("\n2 sites: 2 done\n"));
    EXPECT_THAT(bdupdate({"status", "--exit-code", "--sites-from", all}).out, HasSubstr("nothing pending"));
}

TEST_F(ManySites, CommandsToTypeNameTheSite) {
    make("a");
    const Completed done = bdupdate({"status", "--sites-from", (temp_.path() / "sites/*").string()});
    EXPECT_THAT(done.out, HasSubstr("hint: bdupdate --root " + root("a").string() + " run\n"));
}

TEST_F(ManySites, WrongSitesFilesAreRefusedBeforeAnythingBegins) {
    make("a");
    const auto refusal = [&](const std::string& from) {
        const Completed done = bdupdate({"run", "--yes", "--sites-from", from});
        EXPECT_EQ(done.status.code, 2);
        EXPECT_EQ(title("a"), "tea");
        return done.err;
    };
    EXPECT_THAT(refusal("/nowhere/*"), HasSubstr("names no site"));
    EXPECT_THAT(refusal(file("empty", "# nothing\n")), HasSubstr("names no site"));
    EXPECT_THAT(refusal(file("c.conf", "[site.a]\nroot = sites/a\n[site.b]\nphp = x\n")),
                HasSubstr("c.conf:4: [site.b] names no root"));
    EXPECT_THAT(refusal(file("c.conf", "[site.a]\nroot = sites/a\nphpp = x\n")),
                HasSubstr("c.conf:3: unknown key phpp"));
    EXPECT_THAT(refusal(file("c.conf", "[site.a]\nroot = sites/a\n[site.b]\nroot = b\ndb-port = x\n")),
                HasSubstr("c.conf:5: db-port"));
    const Completed both = bdupdate({"status", "--sites-from", "x", "--root", "y"});
    EXPECT_EQ(both.status.code, 2);
}

TEST_F(ManySites, InterruptedAllEndAfterTheirPassAndNoneBegins) {
    for (const char* name : {"a", "b", "c"}) make(name, slow_install);
    const std::string all = (temp_.path() / "sites/*").string();
    auto child =
        Subprocess::spawn(command({"run", "--yes", "--sites-from", all, "--jobs", "2", "--format", "json"}));
    ASSERT_TRUE(child);
    child->close_in();
    for (int i = 0; i < 600 && !(fs::exists(root("a") / "at-work") && fs::exists(root("b") / "at-work")); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ::kill(child->pid(), SIGINT);
    EXPECT_EQ(child->wait().code, 130);
    std::string out(1 << 16, '\0');
    const ssize_t got = ::read(child->out().get(), out.data(), out.size());
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    auto sites = by_name(json::parse(out));
    for (const char* name : {"a", "b"}) {
        EXPECT_EQ(sites[name]["exit_code"], 130) << name;
        EXPECT_EQ(sites[name]["events"].back()["exit_code"], 130) << name;
        put(name, "hurry", "");
    }
    EXPECT_EQ(sites["c"]["result"], "not_begun");
    EXPECT_FALSE(fs::exists(root("c") / "at-work"));
    const Completed recovered = bdupdate({"recover", "--yes", "--sites-from", all, "--jobs", "2"});
    EXPECT_EQ(recovered.status.code, 0) << recovered.out << recovered.err;
    EXPECT_EQ(title("a") + title("b") + title("c"), "coffeecoffeetea");
}

TEST_F(ManySites, WhoeverKillsTheParentStopsTheSitesAfterTheirPass) {
    make("a", slow_install);
    auto child = Subprocess::spawn(command({"run", "--yes", "--sites-from", "sites/*"}));
    ASSERT_TRUE(child);
    for (int i = 0; i < 600 && !fs::exists(root("a") / "at-work"); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ::kill(child->pid(), SIGKILL);
    child->wait();
    int code = 11;
    for (int i = 0; i < 100 && code == 11; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        code = bdupdate({"maintenance", "off", "--yes", "--root", root("a").string()}).status.code;
    }
    EXPECT_EQ(code, 8) << "stopped, with its state saved";
}

TEST_F(ManySites, ASitesUserDoesItsWork) {
    const passwd* nobody = ::getpwnam("nobody");
    if (::geteuid() != 0 || nobody == nullptr) GTEST_SKIP() << "only root becomes somebody else";
    const uid_t uid = nobody->pw_uid;
    make("a");
    fs::permissions(temp_.path(), fs::perms::all);
    fs::create_directories(temp_.path() / "theirs");
    for (const fs::path& path :
         {root("a"), root("a") / "site.sqlite", root("a") / "config", temp_.path() / "theirs"})
        ASSERT_EQ(::chown(path.c_str(), uid, nobody->pw_gid), 0);
    const std::string from = file("c.conf", "[site.a]\nroot = sites/a\nuser = nobody\nstate-dir = " +
                                                (temp_.path() / "theirs").string() + "\n");
    SpawnOptions options = command({"run", "--yes", "--sites-from", from});
    options.environment.erase("BDUPDATE_STATE_DIR");
    const auto done = run_program(options, {}, std::chrono::minutes(2));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->status.code, 0) << done->out << done->err;
    EXPECT_EQ(title("a"), "coffee");
    for (const auto& entry : fs::recursive_directory_iterator(temp_.path() / "theirs")) {
        struct stat status {};
        ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
        EXPECT_EQ(status.st_uid, uid) << entry.path();
    }
}

TEST_F(ManySites, AConfigFileThatOthersMayWriteIsNotRootsConfigFile) {
    if (::geteuid() != 0) GTEST_SKIP() << "a rule for root";
    make("a");
    const std::string from = file("c.conf", "[site.a]\nroot = sites/a\n");
    fs::permissions(from, fs::perms::group_write, fs::perm_options::add);
    EXPECT_THAT(bdupdate({"status", "--sites-from", from}).err, HasSubstr("may be written by others"));
    EXPECT_EQ(bdupdate({"status", "--config", from, "--root", root("a").string()}).status.code, 2);
}

}  // namespace
}  // namespace bdupdate::test
