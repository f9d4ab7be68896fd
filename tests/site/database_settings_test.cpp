#include "site/site_files.h"

namespace bdupdate::site {
namespace {

class DatabaseOfASite : public SiteFiles {
  protected:
    void SetUp() override {
        SiteFiles::SetUp();
        make_backdrop();
    }
    DatabaseSettings database(const std::string& php) {
        settings(php + "\n" + config_lines);
        return loaded().database;
    }
    Error error(const std::string& php) {
        settings(php + "\n" + config_lines);
        return refused();
    }
};

TEST_F(DatabaseOfASite, ArrayFormGetsCoresDefaults) {
    const DatabaseSettings found =
        database("$database = ['database' => 'd', 'username' => 'u', 'password' => 'p', 'host' => 'h'];");
    EXPECT_EQ(found.driver, Driver::MySql);
    EXPECT_EQ(found.database, "d");
    EXPECT_EQ(found.username, "u");
    EXPECT_EQ(found.password, "p");
    EXPECT_EQ(found.host, "h");
    EXPECT_EQ(found.port, 0);
    EXPECT_EQ(found.prefix, "");
    EXPECT_EQ(found.charset, "utf8mb4");
    EXPECT_EQ(found.collation, "utf8mb4_general_ci");
}

TEST_F(DatabaseOfASite, ArrayFormKeepsWhatItSays) {
    const DatabaseSettings found = database(
        "$database = ['database' => 'd', 'username' => 'u', 'password' => '', 'host' => 'h', 'port' => "
        "'3307',"
        "'prefix' => 'bd_', 'charset' => 'utf8', 'collation' => 'utf8_bin', 'unix_socket' => '/run/s'];");
    EXPECT_EQ(found.password, "");
    EXPECT_EQ(found.port, 3307);
    EXPECT_EQ(found.prefix, "bd_");
    EXPECT_EQ(found.charset, "utf8");
    EXPECT_EQ(found.collation, "utf8_bin");
    EXPECT_EQ(found.unix_socket, "/run/s");
}

TEST_F(DatabaseOfASite, UrlIsDecoded) {
    const DatabaseSettings found = database(
        "$database = 'mysql://us%40er:p%2Fa%3As%25s@127.0.0.1:33307/na%20me';\n$database_prefix = 'x_';");
    EXPECT_EQ(found.username, "us@er");
    EXPECT_EQ(found.password, "p/a:s%s");
    EXPECT_EQ(found.host, "127.0.0.1");
    EXPECT_EQ(found.port, 33307);
    EXPECT_EQ(found.database, "na me");
    EXPECT_EQ(found.prefix, "x_");
    EXPECT_EQ(found.charset, "");
}

TEST_F(DatabaseOfASite, PlusInAUrlStaysAPlus) {
    EXPECT_EQ(database("$database = 'mysql://u:a+b@h/d';").password, "a+b");
}

TEST_F(DatabaseOfASite, CharsetVariableActsOnTheUrlFormOnly) {
    EXPECT_EQ(database("$database = 'mysql://u:p@h/d'; $database_charset = 'utf8mb4';").charset, "utf8mb4");
    const std::string array =
        "$database = ['database' => 'd', 'username' => 'u', 'password' => 'p', 'host' => 'h', ";
    EXPECT_EQ(database(array + "'charset' => 'utf8']; $database_charset = 'x';").charset, "utf8");
    EXPECT_EQ(database(array + "'port' => 1]; $database_prefix = 'ignored_';").prefix, "");
}

TEST_F(DatabaseOfASite, LongFormIsTakenAsItStands) {
    const DatabaseSettings found = database(
        "$databases['default']['default'] = array('driver' => 'mysql', 'database' => 'd', 'username' => 'u',"
        "'password' => 'p', 'host' => 'h', 'port' => 3308,"
        "'prefix' => array('default' => 'main_', 'users' => 'shared_', 'role' => ''));");
    EXPECT_EQ(found.port, 3308);
    EXPECT_EQ(found.table("node"), "main_node");
    EXPECT_EQ(found.table("users"), "shared_users");
    EXPECT_EQ(found.table("role"), "role");
}

TEST_F(DatabaseOfASite, ShortFormReplacesTheLongOne) {
    EXPECT_EQ(
        database(
            "$databases['default']['default'] = ['driver' => 'mysql', 'database' => 'long', 'host' => 'h', "
            "'username' => 'u'];\n$database = 'mysql://u:p@h/short';")
            .database,
        "short");
}

TEST_F(DatabaseOfASite, UntouchedShortFormLeavesTheLongOne) {
    EXPECT_EQ(
        database(
            "$database = 'mysql://user:pass@localhost/database_name';\n"
            "$databases['default']['default'] = ['driver' => 'mysql', 'database' => 'long', 'host' => 'h', "
            "'username' => 'u'];")
            .database,
        "long");
}

TEST_F(DatabaseOfASite, FirstOfSeveralConnectionsIsTakenAndSaid) {
    settings(
        "$databases['default']['default'][] = ['driver' => 'mysql', 'database' => 'one', 'host' => 'h', "
        "'username' => 'u'];"
        "$databases['default']['default'][] = ['driver' => 'mysql', 'database' => 'two', 'host' => 'h', "
        "'username' => 'u'];" +
        std::string(config_lines));
    const Site site = loaded();
    EXPECT_EQ(site.database.database, "one");
    ASSERT_EQ(site.notes.size(), 1U);
    EXPECT_NE(site.notes[0].find("several connections"), std::string::npos);
}

TEST_F(DatabaseOfASite, UntouchedDefaultIsSaidToBeOne) {
    for (const char* php :
         {"$database = 'mysql://user:pass@localhost/database_name';",
          "$database = array('database' => 'database_name', 'username' => 'user', 'password' => 'pass', "
          "'host' => 'localhost');"}) {
        const Error found = error(php);
        EXPECT_EQ(found.code, ExitCode::Usage);
        EXPECT_NE(found.message.find("untouched default"), std::string::npos) << found.message;
        EXPECT_NE(found.hint.find("overwritten"), std::string::npos);
    }
}

TEST_F(DatabaseOfASite, MissingPartsAreNamed) {
    const std::string rest = "'password' => 'p', 'port' => 1, ";
    EXPECT_NE(error("$database = ['database' => 'd', 'username' => 'u', 'host' => '', " + rest + "];")
                  .message.find("host"),
              std::string::npos);
    EXPECT_NE(error("$database = ['database' => 'd', 'host' => 'h', " + rest + "];").message.find("user"),
              std::string::npos);
    EXPECT_NE(error("$database = ['database' => '', 'username' => 'u', 'host' => 'h', " + rest + "];")
                  .message.find("name"),
              std::string::npos);
    EXPECT_EQ(error("$database = 'mysql://:p@h/d';").code, ExitCode::Usage);
    EXPECT_NE(error("").message.find("names no database"), std::string::npos);
    // core asks for a host even where there is a socket
    EXPECT_NE(
        error("$database = ['database' => 'd', 'username' => 'u', 'unix_socket' => '/s', " + rest + "];")
            .message.find("host"),
        std::string::npos);
}

TEST_F(DatabaseOfASite, UrlThatIsNoneIsRefused) {
    const Error found = error("$database = 'mysql://u:p/x@h/d';");
    EXPECT_EQ(found.code, ExitCode::Usage);
    EXPECT_NE(found.hint.find("url-encoded"), std::string::npos);
}

TEST_F(DatabaseOfASite, OtherDriversAreRefused) {
    for (const char* url : {"pgsql://u:p@h/d", "sqlite:files/x.sqlite", "oci://u:p@h/d"}) {
        const Error found = error(std::string("$database = '") + url + "';");
        EXPECT_EQ(found.code, ExitCode::Preflight) << url;
        EXPECT_EQ(found.message.find(":p@"), std::string::npos) << "a password is shown";
    }
    EXPECT_NE(error("$database = 'pgsql://u:p@h/d';").message.find("PostgreSQL"), std::string::npos);
}

TEST_F(DatabaseOfASite, OverridesReplaceHostPortAndSocket) {
    const std::string php =
        "$database = ['database' => 'd', 'username' => 'u', 'password' => 'p', 'host' => 'db', "
        "'port' => 1, 'unix_socket' => '/s'];";
    options_.db_host = "127.0.0.1";
    options_.db_port = 33306;
    DatabaseSettings found = database(php);
    EXPECT_EQ(found.host, "127.0.0.1");
    EXPECT_EQ(found.port, 33306);
    EXPECT_EQ(found.unix_socket, "") << "the socket would win over the host";
    options_ = {};
    options_.db_socket = "/run/other.sock";
    found = database(php);
    EXPECT_EQ(found.host, "db");
    EXPECT_EQ(found.unix_socket, "/run/other.sock");
}

TEST_F(DatabaseOfASite, EncryptionIsReadFromTheOptionsOfPdo) {
    const std::string connection =
        "$databases['default']['default'] = ['driver' => 'mysql', 'database' => 'd', 'username' => 'u', "
        "'password' => 'p', 'host' => 'h', 'pdo' => [";
    Tls tls =
        database(connection +
                 "PDO::MYSQL_ATTR_SSL_CA => '/etc/ca.pem', \\PDO::MYSQL_ATTR_SSL_CERT => 'own/cert.pem', "
                 "1007 => 'own/key.pem', PDO::MYSQL_ATTR_SSL_CIPHER => 'AES', "
                 "PDO::MYSQL_ATTR_INIT_COMMAND => 'SET x = 1']];")
            .tls;
    EXPECT_TRUE(tls.wanted());
    EXPECT_EQ(tls.ca, "/etc/ca.pem");
    EXPECT_EQ(tls.certificate, (root_ / "own/cert.pem").string());
    EXPECT_EQ(tls.key, (root_ / "own/key.pem").string());
    EXPECT_EQ(tls.ca_directory, "");
    EXPECT_EQ(tls.cipher, "AES");
    EXPECT_TRUE(tls.verify) << "as PHP does where nothing is said";
    tls = database(connection +
                   "Pdo\\Mysql::ATTR_SSL_CA => true, PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => FALSE]];")
              .tls;
    EXPECT_TRUE(tls.wanted());
    EXPECT_FALSE(tls.verify);
    tls = database(connection + "PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => TRUE]];").tls;
    EXPECT_FALSE(tls.wanted()) << "nor does PHP encrypt then";
}

TEST_F(DatabaseOfASite, CertificatesOfAPhpElsewhereAreMappedBack) {
    options_.path_map = {{"/srv/here", "/var/www"}};
    const Tls tls = database(
                        "$databases['default']['default'] = ['driver' => 'mysql', 'database' => 'd', "
                        "'username' => 'u', 'password' => 'p', 'host' => 'h', 'pdo' => [1009 => "
                        "'/var/www/ca.pem', 1010 => '/etc/ssl']];")
                        .tls;
    EXPECT_EQ(tls.ca, "/srv/here/ca.pem");
    EXPECT_EQ(tls.ca_directory, "/etc/ssl");
}

class DatabaseWithoutCore : public SiteFiles {
  protected:
    void SetUp() override {
        SiteFiles::SetUp();
        make_bare();
    }
};

TEST_F(DatabaseWithoutCore, SqliteFileIsMadeAbsolute) {
    const std::pair<std::string, std::string> cases[] = {
        {"$database = 'sqlite:files/site.sqlite';", (root_ / "files/site.sqlite").string()},
        {"$database = 'sqlite:///srv/data/site.sqlite';", "/srv/data/site.sqlite"},
        {"$database = 'sqlite:../site.sqlite';", (root_.parent_path() / "site.sqlite").string()},
        {"$database = ['driver' => 'sqlite', 'database' => 'a.db'];", (root_ / "a.db").string()},
        {"$databases['default']['default'] = ['driver' => 'sqlite', 'database' => __DIR__ . '/b.db'];",
         (root_ / "b.db").string()}};
    for (const auto& [php, path] : cases) {
        settings(php);
        const Site site = loaded();
        EXPECT_EQ(site.kind, Kind::Bare);
        EXPECT_EQ(site.database.driver, Driver::Sqlite) << php;
        EXPECT_EQ(site.database.database, path) << php;
    }
}

TEST_F(DatabaseWithoutCore, MySqlWorksToo) {
    settings("$database = 'mysql://u:p@h/d';");
    EXPECT_EQ(loaded().database.driver, Driver::MySql);
}

}  // namespace
}  // namespace bdupdate::site
