#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "bdupdate/backup/backup.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/subprocess.h"
#include "support/mariadb.h"
#include "support/temp_directory.h"

namespace bdupdate::backup {

/// A Backdrop-like site on MariaDB whose rows hold everything that a dump could trip over.
class MySqlBackupSite : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!test::MariaDb::available()) GTEST_SKIP() << "no MariaDB server on this machine";
        server().create_database("site_db");
        sql(tables());
        std::filesystem::create_directories(root() / "active");
        std::ofstream(root() / "active" / "system.core.json") << "{}";
        site_.kind = site::Kind::Backdrop;
        site_.name = "site";
        site_.core_version = "1.34.3";
        site_.docroot = std::filesystem::canonical(root());
        site_.active_config = root() / "active";
        site_.database = server().settings("site_db");
        options_.directory = temporary_.path() / "backups";
    }

    static test::MariaDb& server() { return test::MariaDb::instance(); }
    static std::string sql(const std::string& text, const std::string& database = "site_db") {
        return server().query(database, text);
    }

    static std::string tables() {
        return "CREATE TABLE system (filename VARCHAR(190) PRIMARY KEY, name VARCHAR(190), type VARCHAR(12), "
               "status INT,"
               " bootstrap INT, schema_version SMALLINT, weight INT, owner VARCHAR(190), info BLOB);"
               "INSERT INTO system VALUES ('a', 'system', 'module', 1, 0, 1080, 0, '', NULL),"
               " ('b', 'node', 'module', 1, 0, 1005, 0, '', '');"
               "CREATE TABLE cache (cid VARCHAR(190) PRIMARY KEY, data LONGBLOB, expire INT, created INT, "
               "serialized SMALLINT);"
               "CREATE TABLE cache_page LIKE cache; INSERT INTO cache_page VALUES ('x', 'page', 0, 0, 0);"
               "CREATE TABLE cache_own (cid INT PRIMARY KEY, precious TEXT); INSERT INTO cache_own VALUES "
               "(1, 'kept');"
               "CREATE TABLE weird (id INT AUTO_INCREMENT PRIMARY KEY, t LONGTEXT, b LONGBLOB, d "
               "DECIMAL(10,2), j JSON,"
               " bits BIT(5), e ENUM('a''b', 'c'), g INT GENERATED ALWAYS AS (id * 2) VIRTUAL) "
               "COMMENT='it''s; (a) `test`';"
               "INSERT INTO weird (t, b, d, bits, e) VALUES"
               " (CONCAT('quote '' and \\\" and \\\\', CHAR(10), 'INSERT INTO `weird` VALUES (1),(2);', "
               "CHAR(10), ';'),"
               "  0x000127225c0aff, -1.5, b'10101', 'a''b'),"
               " ('\xf0\x9f\x98\x80 \xc3\xa4 ), (', UNHEX(REPEAT('00ff27', 1000)), NULL, NULL, NULL), (NULL, "
               "'', 0, b'0', 'c'),"
               " ('', NULL, 1, NULL, 'c'), (REPEAT('long '' text ', 30000), UNHEX(REPEAT('27', 300000)), "
               "NULL, NULL, NULL);"
               "CREATE TABLE empty_one (x INT); CREATE TABLE `odd ``name` (`col``umn (1)` INT); INSERT INTO "
               "`odd ``name` VALUES"
               " (1), (2), (3); CREATE TABLE latin (t VARCHAR(50)) CHARSET latin1; INSERT INTO latin VALUES "
               "('caf\xc3\xa9');"
               "CREATE TABLE parent (id INT PRIMARY KEY); INSERT INTO parent VALUES (1);"
               "CREATE TABLE child (p INT, FOREIGN KEY (p) REFERENCES parent (id)); INSERT INTO child VALUES "
               "(1);"
               "CREATE TABLE old (x INT) ENGINE=MyISAM; INSERT INTO old VALUES (1), (2);"
               "CREATE VIEW a_view AS SELECT id, t FROM weird WHERE t LIKE '%''%';"
               "CREATE TABLE bdupdate_mark (x INT); INSERT INTO bdupdate_mark VALUES (1);";
    }

    /// A trigger and a function; a definer that is not the site's account makes the function unreadable for
    /// it.
    static std::string with_code(const std::string& definer = "site@localhost") {
        return "DELIMITER //\n"
               "CREATE TRIGGER guard BEFORE INSERT ON empty_one FOR EACH ROW BEGIN SET NEW.x = NEW.x + 1; "
               "END//\n"
               "CREATE DEFINER=" +
               definer + " FUNCTION twice(a INT) RETURNS INT DETERMINISTIC RETURN a * 2//\nDELIMITER ;\n";
    }

    std::unique_ptr<db::Database> open(bool read_only = true) {
        db::OpenOptions options;
        options.read_only = read_only;
        auto database = db::open_database(site_.database, site_.kind, options);
        EXPECT_TRUE(database) << database.error().message;
        return std::move(*database);
    }

    Result<Backup> make() { return create(site_, *open(), options_); }

    /// Everything of a database as text, mark and cached data aside: what "equal" means.
    static std::string dump(const std::string& database) {
        SpawnOptions options;
        options.argv = {"mariadb-dump",    "--no-defaults",
                        "-uroot",          "-S",
                        server().socket(), "--hex-blob",
                        "--skip-comments", "--routines",
                        "--triggers",      "--ignore-table=" + database + ".bdupdate_mark",
                        database};
        const auto done = run_program(options);
        EXPECT_TRUE(done && done->status.ok()) << (done ? done->err : done.error().message);
        return done ? done->out : "";
    }

    /// Where two dumps part, or nothing: whole dumps in a failure message help nobody.
    static std::string difference(const std::string& a, const std::string& b) {
        const auto [at, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
        if (at == a.end() && other == b.end()) return "";
        const auto from = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, at - a.begin() - 100));
        return a.substr(from, 300) + "\n--- against ---\n" + b.substr(from, 300);
    }

    [[nodiscard]] std::filesystem::path root() const { return temporary_.path() / "docroot"; }

    test::TempDirectory temporary_;
    site::Site site_;
    CreateOptions options_;
};

}  // namespace bdupdate::backup
