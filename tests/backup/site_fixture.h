#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "bdupdate/backup/backup.h"
#include "support/temp_directory.h"

namespace bdupdate::backup {

/// A small bare site on SQLite with a config directory, and a place for its backups outside.
class SqliteBackupSite : public ::testing::Test {
  protected:
    void SetUp() override {
        namespace fs = std::filesystem;
        fs::create_directories(root() / "files" / "active");
        put("system.core.json", "{\"site_name\": \"A\"}\n");
        put(".htaccess", "deny from all\n");
        site_.kind = site::Kind::Bare;
        site_.name = "example";
        site_.docroot = fs::canonical(root());
        site_.active_config = root() / "files" / "active";
        site_.database.driver = site::Driver::Sqlite;
        site_.database.database = root() / "site.sqlite";
        sql("CREATE TABLE schema (name TEXT PRIMARY KEY, schema_version INTEGER);"
            "INSERT INTO schema VALUES ('node', 1000), ('user', 1001);"
            "CREATE TABLE node (nid INTEGER PRIMARY KEY, title TEXT, data BLOB);"
            "INSERT INTO node VALUES (1, 'one', x'0001ff'), (2, 'it''s', NULL);");
        db::OpenOptions options;
        options.read_only = false;
        auto opened = db::open_database(site_.database, site_.kind, options);
        ASSERT_TRUE(opened) << opened.error().message;
        database_ = std::move(*opened);
        options_.directory = temporary_.path() / "backups";
    }

    [[nodiscard]] std::filesystem::path root() const { return temporary_.path() / "docroot"; }
    void put(const std::string& name, const std::string& content) const {
        std::ofstream(root() / "files" / "active" / name, std::ios::trunc) << content;
    }
    void sql(const char* text) const {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(site_.database.database.c_str(), &handle), SQLITE_OK);
        sqlite3_exec(handle, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
        char* words = nullptr;
        ASSERT_EQ(sqlite3_exec(handle, text, nullptr, nullptr, &words), SQLITE_OK) << words;
        sqlite3_close(handle);
    }
    Result<Backup> make() { return create(site_, *database_, options_); }

    test::TempDirectory temporary_;
    site::Site site_;
    std::unique_ptr<db::Database> database_;
    CreateOptions options_;
};

}  // namespace bdupdate::backup
