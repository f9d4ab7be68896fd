#include <gmock/gmock.h>

#include "db/shape_texts.h"
#include "db/sqlite_fixture.h"

namespace bdupdate::db {
namespace {

using test::texts;
using ::testing::ElementsAre;
using ::testing::Pair;

TEST_F(SqliteSite, HowATableIsMadeIsToldInItsOwnWords) {
    sql(backdrop_tables);
    sql("CREATE TABLE club (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL DEFAULT 'x', note TEXT, UNIQUE "
        "(name)); "
        "CREATE INDEX club_note ON club (note, name); CREATE VIEW club_view AS SELECT id FROM club;");
    const auto database = open(true);
    const schema::Tables shapes = database->shapes().value();
    const schema::Table& club = shapes.at("club");
    EXPECT_THAT(texts(club.columns),
                ElementsAre(Pair("id", "integer primary key"),
                            Pair("name", "varchar(20) not null default 'x'"), Pair("note", "text")));
    EXPECT_EQ(club.indexes.at("club_note").text(), "(note, name)");
    EXPECT_EQ(club.indexes.size(), 2U);
    EXPECT_EQ(shapes.at("club_view").options, "view");
}

TEST_F(SqliteSite, TablesOfOthersAndTheMarkAreNotOurs) {
    sql(backdrop_tables, "bd_");
    sql("CREATE TABLE stranger (x INT); CREATE TABLE bd_bdupdate_mark (x INT);");
    settings_.prefix = "bd_";
    const schema::Tables shapes = open(true)->shapes().value();
    EXPECT_EQ(shapes.count("stranger"), 0U);
    EXPECT_EQ(shapes.count("bd_bdupdate_mark"), 0U);
    EXPECT_EQ(shapes.count("bd_system"), 1U);
}

TEST_F(SqliteSite, TheCookieMovesWithTheSchemaOnly) {
    sql(backdrop_tables);
    const auto database = open(false);
    const auto before = database->schema_cookie().value();
    sql("INSERT INTO state (name, value) VALUES ('a', 'b')");
    EXPECT_EQ(database->schema_cookie().value(), before);
    sql("CREATE INDEX state_value ON state (value)");
    EXPECT_NE(database->schema_cookie().value(), before);
}

}  // namespace
}  // namespace bdupdate::db
