#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "bdupdate/db/database.h"
#include "support/mariadb.h"

namespace bdupdate::db {

inline const char* const name_of_database = "site_db";

inline std::string with_prefix(std::string text, const std::string& prefix) {
    for (std::size_t at = text.find("{p}"); at != std::string::npos; at = text.find("{p}"))
        text.replace(at, 3, prefix);
    return text;
}

/// The tables as a Backdrop installation makes them, as far as this room reads them.
inline const char* const backdrop_tables =
    "CREATE TABLE `{p}system` (filename VARCHAR(190) NOT NULL DEFAULT '', name VARCHAR(190) NOT NULL DEFAULT "
    "'',"
    " type VARCHAR(12) NOT NULL DEFAULT '', owner VARCHAR(190) NOT NULL DEFAULT '', status INT NOT NULL "
    "DEFAULT 0,"
    " bootstrap INT NOT NULL DEFAULT 0, schema_version SMALLINT NOT NULL DEFAULT -1, weight INT NOT NULL "
    "DEFAULT 0,"
    " info BLOB NULL, PRIMARY KEY (filename), INDEX system_list (status, bootstrap, type, weight, name),"
    " INDEX type_name (type, name)) ENGINE=InnoDB;"
    "CREATE TABLE `{p}state` (name VARCHAR(128) NOT NULL DEFAULT '', value LONGBLOB NOT NULL, PRIMARY KEY "
    "(name));"
    "CREATE TABLE `{p}cache` (cid VARCHAR(190) NOT NULL DEFAULT '', data LONGBLOB NULL, expire INT NOT NULL "
    "DEFAULT 0,"
    " created INT NOT NULL DEFAULT 0, serialized SMALLINT NOT NULL DEFAULT 0, PRIMARY KEY (cid));"
    "CREATE TABLE `{p}cache_fake` (cid VARCHAR(190), price INT);"
    "CREATE TABLE `{p}semaphore` (name VARCHAR(190) NOT NULL, value VARCHAR(190) NOT NULL, expire DOUBLE NOT "
    "NULL,"
    " PRIMARY KEY (name));"
    "CREATE TABLE `{p}batch` (bid INT UNSIGNED NOT NULL, token VARCHAR(64), timestamp INT, batch LONGBLOB, "
    "PRIMARY KEY (bid));"
    "CREATE TABLE `{p}queue` (item_id INT UNSIGNED AUTO_INCREMENT, name VARCHAR(190), data LONGBLOB, PRIMARY "
    "KEY (item_id));"
    "INSERT INTO `{p}system` (filename, name, type, status, schema_version, weight) VALUES"
    " ('b.module', 'node', 'module', 1, 1005, 0), ('a.module', 'system', 'module', 1, 1080, -10),"
    " ('c.module', 'Zoo', 'module', 0, 7001, 0), ('d.module', 'off', 'module', 0, -1, 0), ('t', 'bartik', "
    "'theme', 1, 0, 0);";

inline Mark example_mark() {
    Mark mark;
    mark.run = "0123456789abcdef0123456789abcdef";
    mark.state = MarkState::Preparing;
    mark.sandbox = std::string("\0\x01\xff\xfe'\"\\\n\x1a%_?", 12) + "\xf0\x9f\x98\x80";
    mark.maintenance_before = "b:0;";
    mark.state_dir = "/srv/\xff";
    mark.host = "web1";
    mark.user = "j\xc3\xb6rg \xf0\x9f\x98\x80";
    return mark;
}

class MySqlSite : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        if (!test::MariaDb::available()) GTEST_SKIP() << "no MariaDB server on this machine";
    }
    void SetUp() override {
        if (!test::MariaDb::available()) GTEST_SKIP();
        server().create_database(name_of_database);
        server().run(name_of_database, with_prefix(backdrop_tables, ""));
    }

    static test::MariaDb& server() { return test::MariaDb::instance(); }
    static site::DatabaseSettings settings(bool tcp = false) {
        return server().settings(name_of_database, tcp);
    }
    static Result<std::unique_ptr<Database>> try_open(
        const site::DatabaseSettings& settings, bool read_only = true,
        std::chrono::seconds timeout = std::chrono::seconds(5)) {
        OpenOptions options;
        options.read_only = read_only;
        options.connect_timeout = timeout;
        return open_database(settings, site::Kind::Backdrop, options);
    }
    static std::unique_ptr<Database> open(bool read_only = false) {
        auto database = try_open(settings(), read_only);
        EXPECT_TRUE(database) << database.error().message;
        return std::move(*database);
    }
    static std::string sql(const std::string& text) { return server().query(name_of_database, text); }
};

}  // namespace bdupdate::db
