#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>

#include "bdupdate/db/database.h"
#include "support/temp_directory.h"

namespace bdupdate::db {

inline const char* const backdrop_tables =
    "CREATE TABLE {p}system (filename TEXT PRIMARY KEY, name TEXT, type TEXT, owner TEXT, status INTEGER, "
    "bootstrap INTEGER,"
    " schema_version INTEGER, weight INTEGER, info BLOB);"
    "CREATE TABLE {p}state (name TEXT PRIMARY KEY, value BLOB);"
    "CREATE TABLE {p}cache (cid TEXT PRIMARY KEY, data BLOB, created INTEGER, expire INTEGER, serialized "
    "INTEGER);"
    "CREATE TABLE {p}semaphore (name TEXT PRIMARY KEY, value TEXT, expire REAL);"
    "CREATE TABLE {p}batch (bid INTEGER PRIMARY KEY, token TEXT, timestamp INTEGER, batch BLOB);"
    "CREATE TABLE {p}queue (item_id INTEGER PRIMARY KEY, name TEXT, data BLOB);"
    "CREATE TABLE {p}config_active (name TEXT PRIMARY KEY, data TEXT, changed INTEGER);";

inline Mark example_mark() {
    Mark mark;
    mark.run = "0123456789abcdef0123456789abcdef";
    mark.epoch = 3;
    mark.seq = 7;
    mark.plan = 2;
    mark.step = 5;
    mark.state = MarkState::Done;
    mark.after_restore = "rerun";
    mark.sandbox = std::string("a:1:{s:1:\"\0\";i:1;}\xff\xfe'\"\\?", 24);
    mark.maintenance_before = "b:0;";
    mark.schema_hash = "feed";
    mark.state_dir = "/var/lib/bd\xc3\xa4";
    mark.host = "web1";
    mark.user = "root";
    mark.site_fingerprint = "cafe";
    return mark;
}

class SqliteSite : public ::testing::Test {
  protected:
    void SetUp() override {
        settings_.driver = site::Driver::Sqlite;
        settings_.database = path();
    }

    [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "site.sqlite"; }

    void sql(std::string text, const std::string& prefix = "") const {
        for (std::size_t at = text.find("{p}"); at != std::string::npos; at = text.find("{p}"))
            text.replace(at, 3, prefix);
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(path().c_str(), &handle), SQLITE_OK);
        sqlite3_exec(handle, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
        char* words = nullptr;
        ASSERT_EQ(sqlite3_exec(handle, text.c_str(), nullptr, nullptr, &words), SQLITE_OK) << words;
        sqlite3_close(handle);
    }

    [[nodiscard]] std::unique_ptr<Database> open(bool read_only = false,
                                                 site::Kind kind = site::Kind::Backdrop) const {
        OpenOptions options;
        options.read_only = read_only;
        options.connect_timeout = std::chrono::seconds(1);
        options.lock_file = directory_.path() / "lock";
        auto database = open_database(settings_, kind, options);
        EXPECT_TRUE(database) << database.error().message;
        return database ? std::move(*database) : nullptr;
    }

    test::TempDirectory directory_;
    site::DatabaseSettings settings_;
};

}  // namespace bdupdate::db
