#include "site/site_files.h"

namespace bdupdate::site {
namespace {

class AskingPhp : public SiteFiles {
  protected:
    void SetUp() override {
        SiteFiles::SetUp();
        make_backdrop();
    }
    AskPhp answering(const std::string& json) {
        return [this, json](const std::filesystem::path&,
                            const std::filesystem::path& file) -> Result<std::string> {
            ++asked_;
            EXPECT_EQ(file, root_ / "settings.php");
            return json;
        };
    }
    int asked_ = 0;
};

constexpr const char* answer =
    R"({"database":{"database":"php","username":"u","password":"p","host":"h","port":3306},)"
    R"("config_directories":{"active":"/there/config"},"settings":{"backup_directory":"/there/b"}})";

TEST_F(AskingPhp, UnderstoodSettingsAskNobody) {
    settings(plain_settings);
    EXPECT_FALSE(loaded(answering(answer)).asked_php);
    EXPECT_EQ(asked_, 0);
}

TEST_F(AskingPhp, UnknownValueThatMattersAsksOnceAndSaysWhy) {
    settings(std::string(plain_settings) + "\n$database['password'] = my_secret('db');");
    const Site site = loaded(answering(answer));
    EXPECT_TRUE(site.asked_php);
    EXPECT_EQ(asked_, 1);
    EXPECT_EQ(site.database.database, "php");
    ASSERT_EQ(site.notes.size(), 1U);
    EXPECT_NE(site.notes[0].find("settings.php:6: my_secret()"), std::string::npos) << site.notes[0];
}

TEST_F(AskingPhp, UnknownValueThatDoesNotMatterAsksNobody) {
    settings(
        std::string(plain_settings) +
        "$settings['hash_salt'] = phpversion(); $database['pdo'] = array(PDO::MYSQL_ATTR_SSL_CA => '/ca');"
        "$config['mail.settings']['key'] = getenv('X') . time(); $unrelated = eval_nothing;");
    EXPECT_FALSE(loaded(answering(answer)).asked_php);
}

TEST_F(AskingPhp, WithoutPhpTheStatementIsNamed) {
    settings(std::string(plain_settings) + "extract(my_settings());");
    const Error none = refused();
    EXPECT_EQ(none.code, ExitCode::Usage);
    EXPECT_NE(none.message.find("settings.php:5"), std::string::npos) << none.message;
    EXPECT_NE(none.hint.find("PHP is needed"), std::string::npos);
    const Error failed = refused([](const auto&, const auto&) -> Result<std::string> {
        return fail(ExitCode::Preflight, "php: not found in PATH");
    });
    EXPECT_EQ(failed.code, ExitCode::Usage);
    ASSERT_FALSE(failed.details.empty());
    EXPECT_NE(failed.details[0].find("not found in PATH"), std::string::npos);
}

TEST_F(AskingPhp, RubbishForAnAnswerIsRefused) {
    settings("$database = my_database();");
    EXPECT_EQ(refused(answering("<html>")).code, ExitCode::Usage);
}

TEST_F(AskingPhp, PathsAreMappedBack) {
    settings("$database = my_database();");
    options_.path_map = {{"/here", "/there"}};
    const Site site = loaded(answering(answer));
    EXPECT_EQ(site.active_config, "/here/config");
    EXPECT_EQ(site.backup_directory, "/here/b");
}

TEST_F(AskingPhp, WrappedBytesAreUnwrapped) {
    settings("$database = my_database();");
    const Site site = loaded(
        answering(R"({"database":{"database":"d","username":"u","password":{"bdupdate_base64":"cP9z"},)"
                  R"("host":"h","port":1},"config_directories":{"active":"/c"}})"));
    EXPECT_EQ(site.database.password, "p\xffs");
}

TEST_F(AskingPhp, PhpElsewhereHasAnotherEnvironment) {
    settings(std::string(plain_settings) + "$database['host'] = getenv('DB_HOST') ?: 'localhost';");
    EXPECT_FALSE(loaded().asked_php);
    options_.php_elsewhere = true;
    EXPECT_TRUE(loaded(answering(answer)).asked_php);
}

class ServerSettings : public AskingPhp {
  protected:
    void environment(const std::string& json) { ::setenv("BACKDROP_SETTINGS", json.c_str(), 1); }
};

TEST_F(ServerSettings, TheyComeAfterTheSettingsFile) {
    environment(
        R"({"databases":{"default":{"default":{"host":"server","port":"3310"}}},"database":"ignored",)"
        R"("settings":{"backup_directory":"/backups"},"config_directories":{"active":"/srv/active"},)"
        R"("config":{"system.core":{"install_profile":"testing"}}})");
    settings(std::string(plain_settings) + "$settings['update_free_access'] = TRUE; $config['x']['y'] = 1;");
    const Site site = loaded();
    EXPECT_EQ(site.database.host, "server");
    EXPECT_EQ(site.database.port, 3310);
    EXPECT_EQ(site.database.database, "d") << "databases are merged";
    EXPECT_EQ(site.active_config, "/srv/active");
    EXPECT_TRUE(site.staging_config.empty()) << "any other key replaces its variable";
    EXPECT_EQ(site.backup_directory, "/backups");
    EXPECT_TRUE(site.update_free_access) << "settings are merged";
    EXPECT_EQ(site.install_profile_override, "testing");
    EXPECT_NE(site.backdrop_settings.find("3310"), std::string::npos);
}

TEST_F(ServerSettings, TheyMayGiveTheOnlyDatabase) {
    environment(
        R"({"databases":{"default":{"default":{"driver":"mysql","database":"s","username":"u","password":"p",)"
        R"("host":"h"}}},"database_charset":"utf8mb4"})");
    settings(std::string("$database = 'mysql://user:pass@localhost/database_name';") + config_lines);
    EXPECT_EQ(loaded().database.database, "s");
    EXPECT_EQ(loaded().database.charset, "utf8mb4");
}

TEST_F(ServerSettings, SettingsFileMayWriteThem) {
    settings(std::string(plain_settings) +
             "$_SERVER['BACKDROP_SETTINGS'] = "
             "'{\"databases\":{\"default\":{\"default\":{\"host\":\"written\"}}}}';");
    environment(R"({"databases":{"default":{"default":{"host":"environment"}}}})");
    EXPECT_EQ(loaded().database.host, "written");
}

TEST_F(ServerSettings, RubbishIsRefused) {
    settings(plain_settings);
    for (const char* json : {"", "no json", "[1", "5", "\"text\""}) {
        environment(json);
        const Error found = refused();
        EXPECT_EQ(found.code, ExitCode::Usage) << json;
        EXPECT_NE(found.message.find("BACKDROP_SETTINGS"), std::string::npos);
    }
}

}  // namespace
}  // namespace bdupdate::site
