#include <sys/stat.h>
#include <unistd.h>

#include "site/site_files.h"

namespace bdupdate::site {
namespace {

namespace fs = std::filesystem;

class LoadSite : public SiteFiles {};

TEST_F(LoadSite, DocrootIsFoundFromBelow) {
    make_backdrop();
    settings(plain_settings);
    fs::create_directories(root_ / "core/modules/node");
    options_.start = root_ / "core/modules/node";
    const Site site = loaded();
    EXPECT_EQ(site.docroot, root_);
    EXPECT_EQ(site.kind, Kind::Backdrop);
    EXPECT_EQ(site.core_version, "1.34.3");
    EXPECT_EQ(site.conf_path, ".");
    EXPECT_EQ(site.settings_file, root_ / "settings.php");
    EXPECT_EQ(site.name, "www");
    EXPECT_FALSE(site.asked_php);
}

TEST_F(LoadSite, LinksToTheDocrootAreResolved) {
    make_backdrop();
    settings(plain_settings);
    fs::create_directory_symlink(root_, root_.parent_path() / "current");
    options_.start = root_.parent_path() / "current";
    EXPECT_EQ(loaded().docroot, root_);
}

TEST_F(LoadSite, NoDocrootIsRefusedWithAHint) {
    options_.start = root_;
    Error found = refused();
    EXPECT_EQ(found.code, ExitCode::Preflight);
    EXPECT_NE(found.message.find("no docroot"), std::string::npos);
    EXPECT_NE(found.hint.find("--root"), std::string::npos);
    options_.start.clear();
    found = refused();
    EXPECT_EQ(found.code, ExitCode::Preflight);
    EXPECT_NE(found.message.find(root_.string()), std::string::npos);
}

TEST_F(LoadSite, DrupalSevenIsRecognized) {
    put("includes/bootstrap.inc", "<?php\ndefine('VERSION', '7.103');\n");
    put("modules/system/system.module", "<?php\n");
    put("sites/default/settings.php",
        "<?php $databases['default']['default'] = array('driver' => 'mysql', 'database' => 'd7', 'username' "
        "=> 'u',"
        "'password' => 'p', 'host' => 'h', 'prefix' => 'd_'); $update_free_access = TRUE; $drupal_hash_salt "
        "= 'x';");
    const Site site = loaded();
    EXPECT_EQ(site.kind, Kind::Drupal7);
    EXPECT_EQ(site.core_version, "7.103");
    EXPECT_EQ(site.conf_path, "sites/default");
    EXPECT_EQ(site.database.table("system"), "d_system");
    EXPECT_TRUE(site.update_free_access);
}

TEST_F(LoadSite, DrupalSevenOnSqliteStandsInTheDocroot) {
    put("includes/bootstrap.inc", "<?php\ndefine('VERSION', '7.103');\n");
    put("modules/system/system.module", "<?php\n");
    const auto settings_with = [this](const std::string& prefix) {
        put("sites/default/settings.php",
            "<?php $databases['default']['default'] = array('driver' => 'sqlite', 'database' => "
            "'sites/default/files/.ht.sqlite', 'prefix' => " +
                prefix + "); $conf['install_profile'] = 'minimal'; $conf['cache_default_class'] = 'Redis';");
    };
    settings_with("''");
    const Site site = loaded();
    EXPECT_EQ(site.database.database, (root_ / "sites/default/files/.ht.sqlite").string());
    EXPECT_EQ(site.install_profile_override, "minimal");
    EXPECT_EQ(site.state_cache, "Redis");
    EXPECT_TRUE(site.active_config.empty());
    for (const char* prefix : {"'d7_'", "array('default' => '', 'users' => 'shared_')"}) {
        settings_with(prefix);
        const Error error = refused();
        EXPECT_EQ(error.code, ExitCode::Preflight);
        EXPECT_NE(error.message.find("in another file each"), std::string::npos) << error.message;
    }
}

TEST_F(LoadSite, DirectoryOfAMultisiteIsNoBareSite) {
    make_backdrop();
    settings(plain_settings);
    put("sites/sites.php", "<?php $sites['two.example.com'] = 'two';");
    put("sites/two/settings.php",
        std::string("<?php\n") + plain_settings + "$database['database'] = 'second';");
    fs::create_directories(root_ / "sites/two/modules");
    options_.start = root_ / "sites/two/modules";
    const Site site = loaded();
    EXPECT_EQ(site.kind, Kind::Backdrop);
    EXPECT_EQ(site.conf_path, "sites/two");
    EXPECT_EQ(site.database.database, "second");
}

TEST_F(LoadSite, BareSiteBelowAnotherSitesFilesIsItsOwn) {
    make_backdrop();
    put("files/demo/settings.php", "<?php $database = 'sqlite:x.db';");
    fs::create_directories(root_ / "files/demo/modules");
    options_.start = root_ / "files/demo";
    EXPECT_EQ(loaded().kind, Kind::Bare);
}

TEST_F(LoadSite, MissingSettingsFileIsRefused) {
    make_backdrop();
    const Error found = refused();
    EXPECT_EQ(found.code, ExitCode::Preflight);
    EXPECT_NE(found.message.find("settings.php"), std::string::npos);
}

TEST_F(LoadSite, UnreadableSettingsFileIsRefused) {
    if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
    make_backdrop();
    settings(plain_settings);
    ::chmod((root_ / "settings.php").c_str(), 0);
    const Error found = refused();
    EXPECT_EQ(found.code, ExitCode::Preflight);
    EXPECT_NE(found.message.find("settings.php"), std::string::npos);
    EXPECT_FALSE(found.hint.empty());
}

TEST_F(LoadSite, SettingsFileThatIsADirectoryIsRefused) {
    make_backdrop();
    fs::create_directories(root_ / "settings.php");
    const Error found = refused();
    EXPECT_EQ(found.code, ExitCode::Preflight);
    EXPECT_NE(found.message.find("settings.php"), std::string::npos);
}

TEST_F(LoadSite, SyntaxErrorNamesFileAndLine) {
    make_backdrop();
    settings("$database = array(\n  'database' => 'd'\n  'username' => 'u',\n);\n");
    const Error found = refused();
    EXPECT_EQ(found.code, ExitCode::Usage);
    EXPECT_NE(found.message.find("settings.php:4: syntax error"), std::string::npos) << found.message;
}

TEST_F(LoadSite, SyntaxErrorInAnIncludedFileNamesThatFile) {
    make_backdrop();
    settings(std::string(plain_settings) + "include __DIR__ . '/settings.local.php';");
    put("settings.local.php", "<?php\n$a = ;\n");
    EXPECT_NE(refused().message.find("settings.local.php:2: syntax error"), std::string::npos);
}

TEST_F(LoadSite, ConfigDirectoriesFollowCoresRules) {
    make_backdrop();
    const std::pair<const char*, fs::path> cases[] = {
        {"files/c/active", root_ / "files/c/active"},
        {"./files/c/", root_ / "files/c"},
        {"../config/active", root_.parent_path() / "config/active"},
        {"/srv/config/active", "/srv/config/active"}};
    for (const auto& [written, expected] : cases) {
        settings(std::string(plain_settings) + "$config_directories['active'] = '" + written + "';");
        EXPECT_EQ(loaded().active_config, expected) << written;
    }
}

TEST_F(LoadSite, ConfigDirectoryOfAMultisiteIsRelativeToItsSettings) {
    make_backdrop();
    put("sites/sites.php", "<?php $sites['a.example.com'] = 'a';");
    put("sites/a/settings.php",
        std::string("<?php\n") + plain_settings + "$config_directories['staging'] = './stage';");
    options_.site = "a";
    const Site site = loaded();
    EXPECT_EQ(site.active_config, root_ / "sites/a/files/config/active");
    EXPECT_EQ(site.staging_config, root_ / "stage") << "a dot starts at the docroot";
    EXPECT_EQ(site.name, "www-a");
}

TEST_F(LoadSite, MissingConfigDirectoryIsRefused) {
    make_backdrop();
    settings("$database = 'mysql://u:p@h/d';");
    EXPECT_NE(refused().message.find("config_directories"), std::string::npos);
}

TEST_F(LoadSite, ConfigMayLiveInTheDatabase) {
    make_backdrop();
    settings(std::string(plain_settings) + "$settings['config_active_class'] = 'ConfigDatabaseStorage';");
    const Site site = loaded();
    EXPECT_TRUE(site.config_in_database);
    EXPECT_TRUE(site.active_config.empty());
}

TEST_F(LoadSite, SettingsThatMatterAreRead) {
    make_backdrop();
    settings(std::string(plain_settings) +
             "$settings['update_free_access'] = TRUE; $settings['restore_free_access'] = 1;"
             "$settings['backup_directory'] = '../backups'; $config['system.core']['install_profile'] = "
             "'minimal';");
    const Site site = loaded();
    EXPECT_TRUE(site.update_free_access);
    EXPECT_TRUE(site.restore_free_access);
    EXPECT_EQ(site.backup_directory, root_.parent_path() / "backups");
    EXPECT_EQ(site.install_profile_override, "minimal");
    settings(std::string(plain_settings) + "$settings['backup_directory'] = FALSE;");
    EXPECT_FALSE(loaded().backup_directory);
    EXPECT_FALSE(loaded().update_free_access);
}

TEST_F(LoadSite, LocalSettingsComeLast) {
    make_backdrop();
    settings(
        std::string(plain_settings) +
        "if (file_exists(__DIR__ . '/settings.local.php')) { include __DIR__ . '/settings.local.php'; }");
    EXPECT_EQ(loaded().database.database, "d");
    put("settings.local.php",
        "<?php $database['database'] = 'local'; $settings['update_free_access'] = TRUE;");
    EXPECT_EQ(loaded().database.database, "local");
    EXPECT_TRUE(loaded().update_free_access);
}

TEST_F(LoadSite, LinkedSettingsFileLooksBesideItsTarget) {
    make_backdrop();
    put("../shared/settings.php", std::string("<?php\n") + plain_settings + "include __DIR__ . '/more.php';");
    put("../shared/more.php", "<?php $database['database'] = 'shared';");
    fs::create_symlink("../shared/settings.php", root_ / "settings.php");
    EXPECT_EQ(loaded().database.database, "shared");
}

TEST_F(LoadSite, HashedConfigDirectoryIsWorkedOut) {
    make_backdrop();
    settings(
        "$database = array('database' => 'd', 'username' => 'u', 'password' => 'p', 'host' => 'localhost');\n"
        "$config_directories['active'] = 'files/config_' . md5(serialize($database)) . '/active';");
    EXPECT_EQ(loaded().active_config, root_ / "files/config_cc42ea16b9b1ad77e87b30621aa4aa16/active");
    settings(
        "$database = 'mysql://u:p@localhost/d';\n"
        "$config_directories['active'] = 'files/config_' . md5($database) . '/active';");
    EXPECT_EQ(loaded().active_config, root_ / "files/config_964a8efbfb9964dae2a4bb353ad16613/active");
}

TEST_F(LoadSite, EmptySettingsAreAnArrayInOldCores) {
    make_backdrop("1.27.1");
    settings("$database = 'mysql://u:p@h/d';" + std::string(config_lines) +
             "$settings += array('update_free_access' => TRUE);");
    EXPECT_TRUE(loaded().update_free_access);
}

TEST_F(LoadSite, ArrayFormNeedsANewerCore) {
    make_backdrop("1.29.2");
    settings(plain_settings);
    const Error found = refused();
    EXPECT_EQ(found.code, ExitCode::Usage);
    EXPECT_NE(found.message.find("1.29.2"), std::string::npos);
    make_backdrop("1.30.0");
    EXPECT_EQ(loaded().database.database, "d");
}

}  // namespace
}  // namespace bdupdate::site
