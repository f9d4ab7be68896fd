#include "../../src/run/usual_causes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdupdate::run {
namespace {

using testing::HasSubstr;

struct Case {
    const char* name;
    const char* words;  ///< as the server or PHP writes them
    const char* hint;   ///< part of what is to be said
};

const Case cases[] = {
    {"MissingTable",
     "PDOException: SQLSTATE[42S02]: Base table or view not found: 1146 Table 'club.dues' doesn't exist",
     "table dues is missing"},
    {"MissingTableOnSqlite", "PDOException: SQLSTATE[HY000]: General error: 1 no such table: dues: SELECT 1",
     "table dues is missing"},
    {"MissingTableByCore",
     "DatabaseSchemaObjectDoesNotExistException: Cannot add field dues.paid: table doesn't exist.",
     "a table is missing"},
    {"MissingColumn", "SQLSTATE[42S22]: Column not found: 1054 Unknown column 'd.paid' in 'field list'",
     "column paid is missing"},
    {"MissingColumnOnSqlite", "General error: 1 no such column: paid: UPDATE dues", "column paid is missing"},
    {"MissingColumnOfInsert", "General error: 1 table dues has no column named paid: INSERT",
     "column paid is missing"},
    {"MissingColumnByCore", "Cannot change the definition of field dues.paid: field doesn't exist.",
     "column paid is missing"},
    {"MissingIndexByLayer",
     "DatabaseSchemaObjectDoesNotExistException: cannot add index x: table y does not exist",
     "changes what is not there"},
    {"DuplicateKey",
     "SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry 'a@b' for key 'mail'",
     "alike where mail allows one"},
    {"DuplicateKeyOnSqlite", "Integrity constraint violation: 19 UNIQUE constraint failed: dues.mail: UPDATE",
     "alike where dues.mail allows one"},
    {"TableExists", "SQLSTATE[42S01]: Base table or view already exists: 1050 Table 'dues' already exists",
     "made before"},
    {"ColumnExists", "SQLSTATE[42S21]: Column already exists: 1060 Duplicate column name 'paid'",
     "made before"},
    {"IndexExists", "SQLSTATE[42000]: Syntax error or access violation: 1061 Duplicate key name 'mail'",
     "made before"},
    {"FieldExistsByCore",
     "DatabaseSchemaObjectExistsException: Cannot add field dues.paid: field already exists.", "made before"},
    {"Memory", "Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes)",
     "--memory-limit"},
    {"ExecutionTime", "Maximum execution time of 30 seconds exceeded (modules/x/x.install:3)",
     "set_time_limit"},
    {"PassTimeout", "php did not answer within 30 min", "--pass-timeout"},
    {"GoneAway", "SQLSTATE[HY000]: General error: 2006 MySQL server has gone away", "wait_timeout"},
    {"Lost", "SQLSTATE[HY000]: General error: 2013 Lost connection to server during query", "error log"},
    {"LockWait",
     "SQLSTATE[HY000]: General error: 1205 Lock wait timeout exceeded; try restarting transaction",
     "cron, an import"},
    {"Deadlock", "SQLSTATE[40001]: Serialization failure: 1213 Deadlock found when trying to get lock",
     "cron, an import"},
    {"LockedSqlite", "SQLSTATE[HY000]: General error: 5 database is locked", "cron, an import"},
    {"Packet", "SQLSTATE[08S01]: 1153 Got a packet bigger than 'max_allowed_packet' bytes",
     "raise max_allowed_packet"},
    {"PacketByWarning", "2006 MySQL server has gone away (max_allowed_packet)", "raise max_allowed_packet"},
    {"AccessDenied",
     "SQLSTATE[42000]: 1142 DROP command denied to user 'club'@'localhost' for table `club`.`dues`",
     "grant the database account"},
    {"AccessDeniedForDatabase", "SQLSTATE[42000] [1044] Access denied for user 'club'@'%' to database 'club'",
     "grant the database account"},
    {"ReadOnlySqlite", "General error: 8 attempt to write a readonly database", "write the SQLite file"},
    {"ConfigFile", "ConfigStorageException: Failed to write configuration file: /srv/club/active/a.json",
     "config directory must be writable"},
    {"ConfigFileOfABareSite",
     "ConfigStorageException: config file /srv/club/active/a.json: cannot be written",
     "config directory must be writable"},
    {"FullDisk", "General error: 13 database or disk is full", "make room"},
    {"FullTable", "SQLSTATE[HY000]: General error: 1114 The table 'dues' is full", "make room"},
    {"KeyTooLong", "1071 Specified key was too long; max key length is 767 bytes", "ROW_FORMAT=DYNAMIC"},
    {"FourByteCharacters", "1366 Incorrect string value: '\\xF0\\x9F\\x98\\x80' for column 'title' at row 1",
     "utf8mb4"},
    {"TooLongValue", "SQLSTATE[22001]: 1406 Data too long for column 'title' at row 1",
     "does not fit its column"},
    {"NullValue", "1048 Column 'title' cannot be null", "lacks a value"},
    {"NullValueOnSqlite", "19 NOT NULL constraint failed: dues.title", "lacks a value"},
    {"ZeroDate", "1292 Incorrect datetime value: '0000-00-00 00:00:00' for column", "sql_mode"},
    {"DivisionByZero", "DivisionByZeroError: Division by zero (modules/x/x.install:3)",
     "divides by a number that is 0"},
    {"OldCode", "TypeError: count(): Argument #1 ($value) must be of type Countable|array, null given",
     "older PHP"},
    {"KilledBySignal", "php ended without an answer (killed by signal 9)", "out of memory"},
};

class UsualCause : public testing::TestWithParam<Case> {};
TEST_P(UsualCause, GetsItsHint) {
    EXPECT_THAT(hint_for(GetParam().words), HasSubstr(GetParam().hint));
}
INSTANTIATE_TEST_SUITE_P(All, UsualCause, testing::ValuesIn(cases),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(UsualCauses, WhatNobodyKnowsGetsNoHint) {
    EXPECT_EQ(hint_for("Exception: the bank did not answer (modules/dues/dues.install:74)"), "");
    EXPECT_EQ(hint_for(""), "");
}

TEST(UsualCauses, BrokenWordsAreNoTrap) {
    EXPECT_THAT(hint_for("42S02 Table '"), HasSubstr("a table is missing"));
    EXPECT_THAT(hint_for("no such column: "), HasSubstr("a column is missing"));
    EXPECT_THAT(hint_for("Duplicate entry for key '"), HasSubstr("a key"));
}

}  // namespace
}  // namespace bdupdate::run
