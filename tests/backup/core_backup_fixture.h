#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "bdupdate/base/subprocess.h"

namespace bdupdate::backup {

inline void write_gzip(const std::filesystem::path& path, const std::string& content) {
    std::filesystem::remove(path);
    gzFile file = gzopen(path.c_str(), "wb9");
    ASSERT_NE(file, nullptr) << path;
    ASSERT_EQ(gzwrite(file, content.data(), static_cast<unsigned>(content.size())),
              static_cast<int>(content.size()));
    gzclose(file);
}

/// What BackupMySql writes for these statements.
inline std::string core_dump(const std::string& statements) {
    return "-- Backdrop MySQL Dump\n-- Backdrop Version: 1.34.3\n-- http://backdropcms.org/\n--\n\n"
           "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n"
           "/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;\n"
           "/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;\n"
           "/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;\n"
           "/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n"
           "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE=NO_AUTO_VALUE_ON_ZERO */;\n\n"
           "SET SQL_MODE=\"NO_AUTO_VALUE_ON_ZERO\";\nSET NAMES utf8mb4;\n\n" +
           statements +
           "\n\n/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n"
           "/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n"
           "/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;\n"
           "/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;\n"
           "/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;\n"
           "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n";
}

/// A backup as core/update.php leaves it; its config is one file. Returns its folder.
inline std::filesystem::path write_core_backup(
    const std::filesystem::path& directory, const std::string& name,
    const std::string& statements =
        "DROP TABLE IF EXISTS `a`;\nCREATE TABLE `a` (   `x` int ) ENGINE=InnoDB;\n"
        "INSERT INTO `a` VALUES ('1','it''s \\\\'),('2',null);\n"
        "DROP TABLE IF EXISTS `b`;\nCREATE TABLE `b` (   `x` int );\nINSERT INTO `b` VALUES ('1');\n"
        "DROP VIEW IF EXISTS `v`;\nSET sql_mode = 'ANSI';\nCREATE VIEW \"v\" AS select 1 AS \"1\";\n"
        "SET sql_mode = 'STRICT_TRANS_TABLES';\n") {
    namespace fs = std::filesystem;
    const fs::path folder = directory / name;
    fs::create_directories(folder);
    std::ofstream(folder / "system.core.json") << "{}\n";
    SpawnOptions tar;
    tar.argv = {"tar", "-czf", folder / "config_active.tar.gz", "-C", folder, "system.core.json"};
    EXPECT_TRUE(run_program(tar)->status.ok());
    fs::remove(folder / "system.core.json");
    write_gzip(folder / "db_default.sql.gz", core_dump(statements));
    const auto target = [](const std::string& id, const std::string& what) {
        return "\"" + id + "\": {\"name\": \"" + id + "\", \"target\": \"" + what +
               "\", \"completed\": true, \"settings\": []}";
    };
    std::ofstream(folder / (name + ".backup.json"))
        << "{\"timestamp\": 1767323045, \"name\": \"" << name << "\", \"label\": \"" << name
        << "\", \"description\": \"\", \"backup_directory\": \"" << folder.string() << "\", \"targets\": {"
        << target("db_default", "db:default") << ", " << target("config_active", "config:active") << "}}";
    return folder;
}

}  // namespace bdupdate::backup
