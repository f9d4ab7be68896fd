#include <cstdlib>

#include "bdupdate/base/subprocess.h"
#include "site/site_files.h"

namespace bdupdate::site {
namespace {

namespace fs = std::filesystem;

/// Runs the worker's ask_settings.php the way the worker does, without its protocol.
Result<std::string> ask(const fs::path& docroot, const fs::path& settings_file) {
    const std::string code =
        "require $argv[1]; ini_set('display_errors', '0');"
        "echo json_encode(BdupdateAskSettings::ask($argv[2], $argv[3]), JSON_FORCE_OBJECT | "
        "JSON_UNESCAPED_SLASHES);";
    SpawnOptions options;
    options.argv = {"php",
                    "-d",
                    "variables_order=EGPCS",
                    "-r",
                    code,
                    "--",
                    std::string(BDUPDATE_SOURCE_DIR) + "/src/worker/php/ask_settings.php",
                    docroot.string(),
                    settings_file.string()};
    BDUPDATE_ASSIGN(const Completed done, run_program(options));
    if (!done.status.ok()) return fail(ExitCode::Preflight, "PHP: " + done.out + done.err);
    return done.out;
}

/// Nothing that matters is changed, but bdupdate cannot know that.
constexpr const char* not_understood =
    "\nif (constant('PHP_EOL') == 'x') { extract(array()); return eval(''); }\n";

class SettingsAgainstPhp : public SiteFiles {
  protected:
    void SetUp() override {
        if (!find_program("php")) GTEST_SKIP() << "no php in PATH";
        SiteFiles::SetUp();
        make_backdrop();
        put("settings.local.php",
            "<?php $settings['backup_directory'] = '../local'; $database['port'] = 3399;");
    }

    static std::string told(const Site& site) {
        std::string out =
            site.database.database + "|" + site.database.username + "|" + site.database.password + "|" +
            site.database.host + "|" + std::to_string(site.database.port) + "|" + site.database.unix_socket +
            "|" + site.database.table("node") + "|" + site.database.table("users") + "|" +
            site.database.charset + "|" + site.database.collation + "|" + site.active_config.string() + "|" +
            site.staging_config.string() + "|" + (site.config_in_database ? "db" : "files") + "|" +
            site.backup_directory.value_or("").string() + "|" + site.install_profile_override.value_or("-");
        return out + (site.update_free_access ? "|free" : "|closed") +
               (site.restore_free_access ? "|free" : "|closed");
    }
};

std::vector<std::string> settings_files() {
    const std::string plain = plain_settings;
    return {
        plain,
        plain + "$settings['update_free_access'] = TRUE; $settings['restore_free_access'] = '1';",
        plain +
            "if (file_exists(__DIR__ . '/settings.local.php')) { include __DIR__ . '/settings.local.php'; }",
        "$database = 'mysql://u%40x:p%2Fw+%20@127.0.0.1:33307/na%2Fme'; $database_prefix = 'bd_';"
        "$config_directories['active'] = './files/config_' . md5($database) . '/active';"
        "$config_directories['staging'] = '../config_' . md5(serialize($database)) . '/staging'; "
        "$database_charset = 'utf8mb4';",
        plain + "$database['prefix'] = array('default' => 'x_', 'users' => 'shared_');",
        plain + "$database['unix_socket'] = '/run/mysqld.sock'; $database['collation'] = 'utf8mb4_bin';",
        plain +
            "$settings['config_active_class'] = 'ConfigDatabaseStorage'; "
            "$config['system.core']['install_profile'] = 'm';",
        plain + "$settings['backup_directory'] = dirname(BACKDROP_ROOT) . '/backups'; echo 'printed';",
        plain + "$config_directories['active'] = conf_path() . '/config'; fast_404(); $conf['x'] = 1;",
        plain + "$database['password'] = \"b\\xe9\\xff\"; $settings['object'] = new stdClass;",
        plain +
            "$_SERVER['BACKDROP_SETTINGS'] = json_encode(array('settings' => array('backup_directory' => "
            "'/b'),"
            "'databases' => array('default' => array('default' => array('host' => 'json')))));",
        "$databases['default']['default'] = array('driver' => 'mysql', 'database' => getenv('BDU_DB') ?: "
        "'none',"
        "'username' => 'u', 'password' => 'p', 'host' => 'h', 'charset' => 'utf8mb4');\n" +
            std::string(config_lines),
    };
}

TEST_F(SettingsAgainstPhp, WithAndWithoutPhpTheSiteIsTheSame) {
    ::setenv("BDU_DB", "from environment", 1);
    int asked = 0;
    for (const std::string& php : settings_files()) {
        SCOPED_TRACE(php);
        settings(php);
        const Site own = loaded(ask);
        settings(php + not_understood);
        const Site by_php = loaded(ask);
        EXPECT_TRUE(by_php.asked_php);
        asked += own.asked_php ? 1 : 0;
        EXPECT_EQ(told(own), told(by_php));
    }
    EXPECT_EQ(asked, 1) << "json_encode() alone is not followed";
}

TEST_F(SettingsAgainstPhp, MultisiteIsAskedAboutItsOwnFile) {
    put("sites/sites.php", "<?php $sites += array_merge_recursive(array('a.example.com' => 'a'));");
    put("sites/a/settings.php", std::string("<?php\n") + plain_settings + not_understood +
                                    "$settings['backup_directory'] = conf_path() . '/b';");
    settings(plain_settings);
    options_.site = "a.example.com";
    const Site site = loaded(ask);
    EXPECT_EQ(site.conf_path, "sites/a");
    EXPECT_EQ(site.backup_directory, root_ / "sites/a/b");
}

TEST_F(SettingsAgainstPhp, EmptySettingsAreAnArrayInOldCoresForPhpToo) {
    make_backdrop("1.27.1");
    settings("$database = 'mysql://u:p@h/d';" + std::string(config_lines) + not_understood +
             "$settings += array('update_free_access' => TRUE);");
    EXPECT_TRUE(loaded(ask).update_free_access);
}

TEST_F(SettingsAgainstPhp, DyingSettingsFileIsReported) {
    settings(std::string(plain_settings) + not_understood + "no_such_function();");
    const Error found = refused(ask);
    EXPECT_EQ(found.code, ExitCode::Usage);
    ASSERT_FALSE(found.details.empty());
}

/// Core itself, where BDUPDATE_REAL_CORE names its `core` directory: what it makes of the same settings
/// files.
constexpr const char* core_code = R"(
    error_reporting(0);
    chdir($argv[1]);
    define('BACKDROP_ROOT', $argv[1]);
    define('MAINTENANCE_MODE', 'update');
    $_SERVER += array('HTTP_HOST' => 'localhost', 'SCRIPT_NAME' => '/core/update.php', 'REMOTE_ADDR' => '127.0.0.1');
    require 'core/includes/bootstrap.inc';
    require 'core/includes/errors.inc';
    ob_start();
    backdrop_settings_initialize();
    ob_end_clean();
    require 'core/includes/config.inc';
    $c = $databases['default']['default'];
    $p = is_array($c['prefix'] ?? '') ? $c['prefix'] : array('default' => $c['prefix'] ?? '');
    $port = (int) ($c['port'] ?? 0);
    echo $c['database'], '|', $c['username'], '|', $c['password'], '|', $c['host'], '|', $port, '|', $c['unix_socket'] ?? '';
    echo '|', $p['default'] ?? '', 'node|', $p['users'] ?? $p['default'], 'users|', $c['charset'] ?? '', '|', $c['collation'] ?? '';
    $active = settings_get('config_active_class') == 'ConfigDatabaseStorage' ? '' : config_get_config_directory('active');
    echo '|', $active, '|', isset($config_directories['staging']) ? config_get_config_directory('staging') : '';
    echo '|', $active === '' ? 'db' : 'files', '|', settings_get('backup_directory', ''), '|';
    echo $config['system.core']['install_profile'] ?? '-', settings_get('update_free_access') ? '|free' : '|closed';
    echo settings_get('restore_free_access') ? '|free' : '|closed';
)";

/// Core leaves paths relative to the docroot.
std::string absolute(const fs::path& root, const std::string& path) {
    return path.empty() ? path : (root / path).lexically_normal().string();
}

TEST_F(SettingsAgainstPhp, CoreReadsTheSame) {
    const char* core = std::getenv("BDUPDATE_REAL_CORE");
    if (core == nullptr) GTEST_SKIP() << "BDUPDATE_REAL_CORE names no Backdrop";
    fs::remove_all(root_ / "core");
    fs::create_directory_symlink(core, root_ / "core");
    std::vector<std::string> files = settings_files();
    ::setenv("BDU_DB", "from environment", 1);
    for (const char* server :
         {"", R"({"databases":{"default":{"default":{"host":"s","prefix":"q_"}}},)"
              R"("settings":{"backup_directory":"/x"},"config_directories":{"active":"/y"},)"
              R"("database":{"host":"ignored"},"database_charset":"latin1","config":{"a":1}})"}) {
        if (*server != 0) ::setenv("BACKDROP_SETTINGS", server, 1);
        for (const std::string& php : files) {
            SCOPED_TRACE(php + server);
            settings(php);
            SpawnOptions options;
            options.argv = {"php", "-d", "variables_order=EGPCS", "-r", core_code, "--", root_.string()};
            const auto done = run_program(options);
            ASSERT_TRUE(done);
            std::vector<std::string> parts;
            std::istringstream in(done->out);
            for (std::string part; std::getline(in, part, '|');) parts.push_back(part);
            if (!done->status.ok()) {  // the array form up to 1.29
                EXPECT_EQ(refused(ask).code, ExitCode::Usage) << done->err;
                continue;
            }
            ASSERT_EQ(parts.size(), 17U) << done->out << done->err;
            for (const std::size_t path : {10U, 11U, 13U}) parts[path] = absolute(root_, parts[path]);
            std::string joined;
            for (const std::string& part : parts) joined += (joined.empty() ? "" : "|") + part;
            EXPECT_EQ(told(loaded(ask)), joined);
        }
    }
}

}  // namespace
}  // namespace bdupdate::site
