#include "bdupdate/schema/tables.h"

#include <gtest/gtest.h>

namespace bdupdate::schema {
namespace {

TEST(TablesText, ComesBackAsItWas) {
    Tables tables;
    tables["users"].options = "InnoDB, utf8mb4_general_ci";
    tables["users"].columns["name"] = {"varchar(60)", "utf8mb4_bin", true, "'it''s'", ""};
    tables["users"].columns["uid"] = {"int(10) unsigned", "", true, std::nullopt, "auto_increment"};
    tables["users"].indexes["name"] = {true, "HASH", {"name(10)", "uid"}};
    tables["empty"];
    const auto read = from_text(to_text(tables));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, tables);
    EXPECT_EQ(from_text(to_text({})).value(), Tables());
}

TEST(TablesText, AnythingElseIsAnError) {
    for (const char* text : {"", "[]x", "{\"t\":1}", "{\"t\":[\"\",{\"c\":[1]},{}]}"})
        EXPECT_FALSE(from_text(text)) << text;
}

TEST(Definitions, AreToldAsSqlWouldSayThem) {
    EXPECT_EQ((Column{"varchar(9)", "ascii_bin", true, "''", ""}).text(),
              "varchar(9) collate ascii_bin not null default ''");
    EXPECT_EQ((Column{"", "", false, std::nullopt, "primary key"}).text(), "primary key");
    EXPECT_EQ((Index{true, "HASH", {"a", "b(3)"}}).text(), "unique HASH (a, b(3))");
}

}  // namespace
}  // namespace bdupdate::schema
