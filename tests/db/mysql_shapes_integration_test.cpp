#include <gmock/gmock.h>

#include "db/mysql_fixture.h"
#include "db/shape_texts.h"

namespace bdupdate::db {
namespace {

using test::texts;
using ::testing::ElementsAre;
using ::testing::Pair;

TEST_F(MySqlSite, HowATableIsMadeIsToldInItsOwnWords) {
    sql("CREATE TABLE club (id INT UNSIGNED NOT NULL AUTO_INCREMENT, name VARCHAR(20) NOT NULL DEFAULT '', "
        "note "
        "TEXT, code CHAR(2) CHARACTER SET ascii COLLATE ascii_bin, PRIMARY KEY (id), UNIQUE KEY name (name, "
        "note(10)), KEY code (code)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci; "
        "CREATE VIEW club_view AS SELECT id FROM club");
    const auto database = open(true);
    const schema::Tables shapes = database->shapes().value();
    const schema::Table& club = shapes.at("club");
    EXPECT_EQ(club.options, "InnoDB, utf8mb4_general_ci");
    EXPECT_THAT(texts(club.columns),
                ElementsAre(Pair("code", "char(2) collate ascii_bin"),
                            Pair("id", "int(10) unsigned not null auto_increment"),
                            Pair("name", "varchar(20) not null default ''"), Pair("note", "text")));
    EXPECT_THAT(texts(club.indexes), ElementsAre(Pair("PRIMARY", "(id)"), Pair("code", "(code)"),
                                                 Pair("name", "unique (name, note(10))")));
    EXPECT_EQ(shapes.at("club_view").options, "view");
    EXPECT_EQ(database->schema_cookie().value(), std::nullopt);
    const schema::Tables some = database->shapes_of({"club_view", "club", "absent"}).value();
    EXPECT_EQ(some, (schema::Tables{{"club", club}, {"club_view", shapes.at("club_view")}}));
}

}  // namespace
}  // namespace bdupdate::db
