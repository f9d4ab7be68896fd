// Where config lives, and what of it a run touches: in the database, overridden in settings.php, waiting in
// the staging directory, under git.

#include "fault/faulty_update.h"

namespace bdupdate::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* change_config = R"php(
  config_set('club.settings', 'colour', config_get('club.settings', 'colour') . ' and white');
  config_set('dues.settings', 'fee', 12);
  config('guestbook.settings')->delete();
)php";

class ConfigInDatabase : public testing::Test {
  protected:
    /// The club with its config in {config_active}, and one update that changes it.
    void prepare(Store store, const std::string& body) {
        club = std::make_unique<Club>(store);
        club->execute(
            "CREATE TABLE config_active (name VARCHAR(255) NOT NULL PRIMARY KEY, data TEXT NOT NULL, changed "
            "INTEGER NOT NULL "
            "DEFAULT 0);"
            "INSERT INTO config_active VALUES"
            "('system.core', "
            "'{\"_config_name\":\"system.core\",\"site_mail\":\"office@example.org\",\"install_profile\":"
            "\"standard\"}', 1),"
            "('club.settings', '{\"_config_name\":\"club.settings\",\"colour\":\"blue\"}', 1),"
            "('guestbook.settings', '{\"_config_name\":\"guestbook.settings\",\"x\":1}', 1);");
        std::filesystem::remove_all(club->config());
        club->append("settings.php", "\n$settings['config_active_class'] = 'ConfigDatabaseStorage';\n");
        club->only_update(1007, body);
        club->keep();
        before = held();
    }
    [[nodiscard]] std::string held() const {
        return club->rows("SELECT name, data, changed FROM config_active ORDER BY name") + "\n" +
               club->rows("SELECT name, schema_version FROM system ORDER BY filename") + "\n" +
               club->rows("SELECT name, value FROM state ORDER BY name");
    }
    [[nodiscard]] std::string data(const std::string& name) const {
        return club->rows("SELECT data FROM config_active WHERE name = '" + name + "'");
    }
    std::unique_ptr<Club> club;
    std::string before;
};

TEST_F(ConfigInDatabase, IsChangedByUpdatesAndWithoutOverrides) {
    for (const Store store : {Store::Sqlite, Store::MariaDb}) {
        if (store == Store::MariaDb && !MariaDb::available()) continue;
        prepare(store, std::string(change_config) +
                           "$core = config('system.core'); $core->set('fee', 12)->save(); return "
                           "$core->get('site_mail');");
        const Completed done = club->run({"run", "--yes"});
        EXPECT_EQ(done.status.code, 0) << done.err << done.out;
        EXPECT_THAT(data("club.settings"), HasSubstr("blue and white"));
        EXPECT_THAT(data("dues.settings"), HasSubstr("12"));
        EXPECT_EQ(data("guestbook.settings"), "");
        EXPECT_THAT(done.err, HasSubstr("staging@example.org"));  // what the update reads
        EXPECT_THAT(data("system.core"), HasSubstr("office@example.org"));
        EXPECT_THAT(data("system.core"), Not(HasSubstr("staging")));
        EXPECT_THAT(done.out, Not(HasSubstr("config file")));
    }
}

TEST_F(ConfigInDatabase, GoesBackWithAFailedPassAndWithTheBackup) {
    const std::string passes =
        std::string(change_config) +
        "$sandbox += array('n' => 0); if (++$sandbox['n'] == 2) { throw new Exception('no'); } "
        "$sandbox['#finished'] = 0.5;";
    for (const Store store : {Store::Sqlite, Store::MariaDb}) {
        if (store == Store::MariaDb && !MariaDb::available()) continue;
        prepare(store, passes);
        Completed failed = club->run({"run", "--yes"});
        EXPECT_EQ(failed.status.code, 1) << failed.err;
        EXPECT_THAT(failed.out, HasSubstr("the site is as before the run"));
        EXPECT_EQ(first_difference(before, held()), "");

        club->renew();
        failed = club->run({"run", "--yes", "--on-failure", "stop"});
        EXPECT_EQ(failed.status.code, 1) << failed.err;
        EXPECT_THAT(data("club.settings"), HasSubstr("\"blue and white\""));  // pass 1, and not pass 2
        const Completed back = club->run({"recover", "--yes", "--restore"});
        EXPECT_EQ(back.status.code, 0) << back.err;
        EXPECT_EQ(first_difference(before, held()), "");
    }
}

TEST_F(ConfigInDatabase, ThatMissesItsTableIsRefused) {
    prepare(Store::Sqlite, change_config);
    club->execute("DROP TABLE config_active");
    const Completed refused = club->run({"run", "--yes"});
    EXPECT_NE(refused.status.code, 0);
    EXPECT_THAT(refused.err, HasSubstr("config_active"));
}

struct ConfigInFiles : testing::Test {
    Club club{Store::Sqlite};
    std::string run(const std::string& body, int code = 0) {
        club.only_update(1007, body);
        const Completed done = club.run({"run", "--yes"});
        EXPECT_EQ(done.status.code, code) << done.err;
        return done.out + done.err;
    }
    [[nodiscard]] std::string file(const std::string& name) const {
        return read_file(club.config() / name).value();
    }
};

TEST_F(ConfigInFiles, OverridesStayOutOfThem) {
    const std::string before = file("system.core.json");
    run("$core = config('system.core'); $core->set('fee', 12)->save(); return $core->get('site_mail');");
    EXPECT_THAT(file("system.core.json"), HasSubstr("fee"));
    EXPECT_THAT(file("system.core.json"), Not(HasSubstr("staging@example.org")));
    EXPECT_NE(file("system.core.json"), before);
}

TEST_F(ConfigInFiles, AreCountedAtTheEndAndShownByGit) {
    club.write("config/active/guestbook.settings.json", "{\n    \"x\": 1\n}\n");
    const std::string body = std::string(change_config);
    // Where git does not know the directory, the journal shows them.
    const std::string out = run(body), show = "bdupdate show ";
    EXPECT_THAT(out, HasSubstr("3 config files changed in " + club.config().string() +
                               " (1 new, 1 deleted): " + show));
    const std::string shown = club.run({"show", out.substr(out.find(show) + show.size(), 8), "--patch"}).out;
    EXPECT_THAT(shown, HasSubstr("--- a/guestbook.settings.json\n+++ /dev/null\n"));
    std::filesystem::create_directories(club.root() / ".git");
    club.add_update(1008, "config_set('club.settings', 'colour', 'red');");
    EXPECT_THAT(club.run({"run", "--yes"}).out,
                HasSubstr("1 config file changed in " + club.config().string() + ": git -C " +
                          club.config().string() + " diff .\n"));
    club.add_update(1009, "config_set('other.settings', 'colour', 'red');");
    EXPECT_THAT(club.run({"run", "--yes"}).out,
                HasSubstr(" (1 new): git -C " + club.config().string() + " add -N . && git -C " +
                          club.config().string() + " diff .\n"));
}

TEST_F(ConfigInFiles, ThatWaitInTheStagingDirectoryGetAWarning) {
    const auto staging = club.root() / "config/staging";
    std::filesystem::create_directories(staging);
    club.only_update(1007, "return;");
    const auto warned = [&] { return club.run({"run", "--dry-run"}).err; };
    EXPECT_THAT(warned(), Not(HasSubstr("staging directory")));
    for (const auto& entry : std::filesystem::directory_iterator(club.config()))
        std::filesystem::copy(entry.path(), staging / entry.path().filename());
    EXPECT_THAT(warned(), Not(HasSubstr("staging directory")));
    club.write("config/staging/other.settings.json", "{}\n");
    club.append("config/staging/system.core.json", " ");  // no difference
    EXPECT_THAT(warned(), HasSubstr("staging directory " + staging.string() +
                                    " differs from the active config (1 new)"));
    club.write("config/staging/system.core.json", "{\"changed\": true}\n");
    club.write("config/active/more.settings.json", "{}\n");
    EXPECT_THAT(warned(), HasSubstr("(1 changed, 1 new, 1 missing)"));
    const Completed unchanged = club.run({"run", "--yes"});
    EXPECT_EQ(unchanged.status.code, 0);
    EXPECT_THAT(unchanged.out, Not(HasSubstr("staging directory")));
    club.add_update(1008, "config_set('club.settings', 'colour', 'red');");
    EXPECT_THAT(club.run({"run", "--yes"}).out, HasSubstr("importing it would undo these changes"));
}

}  // namespace
}  // namespace bdupdate::test
