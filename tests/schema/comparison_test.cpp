#include "bdupdate/schema/comparison.h"

#include <gmock/gmock.h>

namespace bdupdate::schema {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

DeclaredColumn declared(const std::string& type, const std::string& size = "normal") {
    DeclaredColumn column;
    column.type = type;
    column.size = size;
    return column;
}

DeclaredColumn varchar(std::int64_t length) {
    DeclaredColumn column = declared("varchar");
    column.length = length;
    return column;
}

Column real(const std::string& type) {
    Column column;
    column.type = type;
    return column;
}

std::string plain(const std::string& name) {
    return name;
}

/// "thing name aspect: declared > real", "-" for nothing.
std::vector<std::string> lines(const std::vector<Difference>& differences) {
    std::vector<std::string> lines;
    for (const Difference& one : differences)
        lines.push_back(std::string(to_string(one.thing)) + " " + one.name + " " +
                        std::string(to_string(one.aspect)) + ": " + one.declared.value_or("-") + " > " +
                        one.real.value_or("-"));
    return lines;
}

/// Differences of one column `c` in a table that is otherwise as it should be.
std::vector<std::string> column(const DeclaredColumn& wanted, const Column& is, Dialect dialect) {
    Declared schema;
    schema.tables["t"].columns["c"] = wanted;
    Tables tables;
    tables["t"].columns["c"] = is;
    return lines(compare(schema, tables, dialect, plain).differences);
}

std::vector<std::string> on_mysql(const DeclaredColumn& wanted, const std::string& type) {
    return column(wanted, real(type), Dialect::MySql);
}

std::vector<std::string> on_sqlite(const DeclaredColumn& wanted, const std::string& type) {
    return column(wanted, real(type), Dialect::Sqlite);
}

TEST(TypesOnMySql, AreThoseOfCoresMap) {
    EXPECT_THAT(on_mysql(varchar(255), "varchar(255)"), IsEmpty());
    EXPECT_THAT(on_mysql(declared("int"), "int(11)"), IsEmpty());
    EXPECT_THAT(on_mysql(declared("int"), "int"), IsEmpty()) << "MySQL 8 tells no width";
    EXPECT_THAT(on_mysql(declared("int", "tiny"), "tinyint(4)"), IsEmpty());
    EXPECT_THAT(on_mysql(declared("int", "big"), "bigint(20)"), IsEmpty());
    EXPECT_THAT(on_mysql(declared("text"), "text"), IsEmpty());
    EXPECT_THAT(on_mysql(declared("text", "small"), "tinytext"), IsEmpty());
    EXPECT_THAT(on_mysql(declared("text", "big"), "longtext"), IsEmpty());
    EXPECT_THAT(on_mysql(declared("blob", "big"), "longblob"), IsEmpty());
    EXPECT_THAT(on_mysql(declared("float", "big"), "double"), IsEmpty());
    EXPECT_THAT(on_mysql(declared("float", "small"), "float"), IsEmpty());
    EXPECT_THAT(on_mysql(declared("numeric"), "decimal(10,0)"), IsEmpty());
    EXPECT_THAT(on_mysql(declared("datetime"), "datetime"), IsEmpty());
}

TEST(TypesOnMySql, DifferInNameLengthAndSign) {
    EXPECT_THAT(on_mysql(varchar(255), "varchar(128)"),
                ElementsAre("column c type: varchar(255) > varchar(128)"));
    EXPECT_THAT(on_mysql(declared("int"), "bigint(20)"), ElementsAre("column c type: int > bigint"));
    EXPECT_THAT(on_mysql(declared("int"), "int(10) unsigned"),
                ElementsAre("column c type: int > int unsigned"));
    DeclaredColumn natural = declared("int");
    natural.is_unsigned = true;
    EXPECT_THAT(on_mysql(natural, "int(10) unsigned"), IsEmpty());
    EXPECT_THAT(on_mysql(natural, "int(11)"), ElementsAre("column c type: int unsigned > int"));
    DeclaredColumn money = declared("numeric");
    money.precision = 10;
    money.scale = 2;
    EXPECT_THAT(on_mysql(money, "decimal(10,2)"), IsEmpty());
    EXPECT_THAT(on_mysql(money, "decimal(12,2)"),
                ElementsAre("column c type: decimal(10,2) > decimal(12,2)"));
}

TEST(TypesOnMySql, ASerialCountsUp) {
    DeclaredColumn serial = declared("serial");
    serial.is_unsigned = serial.not_null = true;
    Column is = real("int(10) unsigned");
    is.not_null = true;
    EXPECT_THAT(column(serial, is, Dialect::MySql),
                ElementsAre("column c type: int unsigned auto_increment > int unsigned"));
    is.extra = "auto_increment";
    EXPECT_THAT(column(serial, is, Dialect::MySql), IsEmpty());
}

TEST(Types, ThatOneDatabaseOrNobodyKnowsAreNotCompared) {
    DeclaredColumn own = declared("text");
    own.own_type = true;
    EXPECT_THAT(on_mysql(own, "varbinary(16)"), IsEmpty());
    EXPECT_THAT(on_mysql(declared("geometry"), "point"), IsEmpty());
    DeclaredColumn short_text = declared("text");
    short_text.length = 100;
    EXPECT_THAT(on_mysql(short_text, "tinytext"), IsEmpty()) << "MySQL chooses the size by the length";
}

TEST(TypesOnSqlite, AreComparedByAffinityWhereTheyTellNoSize) {
    EXPECT_THAT(on_sqlite(declared("int", "big"), "integer"), IsEmpty());
    EXPECT_THAT(on_sqlite(declared("text", "big"), "text"), IsEmpty());
    EXPECT_THAT(on_sqlite(declared("float", "big"), "float"), IsEmpty());
    EXPECT_THAT(on_sqlite(declared("numeric"), "numeric"), IsEmpty());
    EXPECT_THAT(on_sqlite(declared("datetime"), "numeric"), IsEmpty());
    EXPECT_THAT(on_sqlite(declared("int"), "text"), ElementsAre("column c type: int > text"));
    EXPECT_THAT(on_sqlite(declared("blob"), "text"), ElementsAre("column c type: blob > text"));
}

TEST(TypesOnSqlite, TellTheirSizeByMySqlsNames) {
    EXPECT_THAT(on_sqlite(declared("int", "big"), "bigint"), IsEmpty());
    EXPECT_THAT(on_sqlite(declared("int"), "smallint"), ElementsAre("column c type: int > smallint"));
    EXPECT_THAT(on_sqlite(declared("text"), "longtext"), ElementsAre("column c type: text > longtext"));
    EXPECT_THAT(on_sqlite(varchar(60), "varchar(60)"), IsEmpty());
    EXPECT_THAT(on_sqlite(varchar(60), "varchar(40)"),
                ElementsAre("column c type: varchar(60) > varchar(40)"));
    DeclaredColumn money = declared("numeric");
    money.precision = 10;
    money.scale = 2;
    EXPECT_THAT(on_sqlite(money, "decimal(10, 2)"), IsEmpty());
    EXPECT_THAT(on_sqlite(money, "decimal(8, 2)"),
                ElementsAre("column c type: decimal(10,2) > decimal(8,2)"));
}

TEST(Nulls, ArePartOfTheDeclaration) {
    DeclaredColumn wanted = declared("int");
    wanted.not_null = true;
    EXPECT_THAT(on_mysql(wanted, "int(11)"), ElementsAre("column c null: not null > null"));
    Column is = real("int(11)");
    is.not_null = true;
    EXPECT_THAT(column(declared("int"), is, Dialect::MySql), ElementsAre("column c null: null > not null"));
}

/// Differences in the default alone.
std::vector<std::string> defaults(DeclaredColumn wanted, const std::optional<std::string>& declared_default,
                                  const std::string& type, const std::optional<std::string>& is) {
    wanted.default_value = declared_default;
    Column column_is = real(type);
    column_is.default_value = is;
    return column(wanted, column_is, Dialect::MySql);
}

TEST(Defaults, AreComparedAsValues) {
    EXPECT_THAT(defaults(varchar(9), "x", "varchar(9)", "'x'"), IsEmpty());
    EXPECT_THAT(defaults(varchar(9), "it's", "varchar(9)", "'it''s'"), IsEmpty());
    EXPECT_THAT(defaults(varchar(9), "'", "varchar(9)", "''''"), IsEmpty());
    EXPECT_THAT(defaults(varchar(9), "", "varchar(9)", "''"), IsEmpty());
    EXPECT_THAT(defaults(varchar(9), "0", "varchar(9)", "'0'"), IsEmpty());
    EXPECT_THAT(defaults(declared("float"), "0", "float", "0.0"), IsEmpty());
    EXPECT_THAT(defaults(declared("int"), "0", "int(11)", "'0'"), IsEmpty());
    EXPECT_THAT(defaults(declared("int"), "", "int(11)", "0"), IsEmpty()) << "what MySQL made of ''";
    EXPECT_THAT(defaults(declared("int"), "-1", "int(11)", "0"), ElementsAre("column c default: -1 > 0"));
    EXPECT_THAT(defaults(varchar(9), "", "varchar(9)", std::nullopt),
                ElementsAre("column c default: '' > -"));
    EXPECT_THAT(defaults(varchar(9), std::nullopt, "varchar(9)", "'NULL'"),
                ElementsAre("column c default: - > 'NULL'"));
}

TEST(Defaults, OfTextsAreNotCompared) {
    EXPECT_THAT(defaults(declared("text"), "x", "text", std::nullopt), IsEmpty());
    EXPECT_THAT(defaults(declared("blob", "big"), std::nullopt, "longblob", "''"), IsEmpty());
}

struct Keys : testing::Test {
    Declared schema;
    Tables tables;
    Keys() {
        for (const char* name : {"id", "a", "b"}) {
            schema.tables["t"].columns[name] = declared("int");
            tables["t"].columns[name] = real("int(11)");
        }
    }
    std::vector<std::string> differences(Dialect dialect = Dialect::MySql) {
        return lines(compare(schema, tables, dialect, plain).differences);
    }
};

TEST_F(Keys, AreComparedByNameColumnsAndUniqueness) {
    schema.tables["t"].primary = {"id"};
    schema.tables["t"].unique["u"] = {"a"};
    schema.tables["t"].indexes["i"] = {"a", "b"};
    EXPECT_THAT(differences(),
                ElementsAre("index PRIMARY existence: (id) > -", "index u existence: unique (a) > -",
                            "index i existence: (a, b) > -"));
    tables["t"].indexes = {
        {"PRIMARY", {false, "", {"id"}}}, {"u", {true, "", {"a"}}}, {"I", {false, "", {"A", "b(10)"}}}};
    EXPECT_THAT(differences(), IsEmpty()) << "names in any case, whatever the prefix lengths";
    tables["t"].indexes["I"].columns = {"b", "a"};
    tables["t"].indexes["u"].unique = false;
    tables["t"].indexes["PRIMARY"].columns.push_back("a");
    tables["t"].indexes["more"] = {false, "FULLTEXT", {"a"}};
    EXPECT_THAT(differences(),
                ElementsAre("index PRIMARY columns: (id) > (id, a)", "index u columns: unique (a) > (a)",
                            "index i columns: (a, b) > (b, a)", "index more existence: - > FULLTEXT (a)"));
}

TEST_F(Keys, APrimaryKeyThatNobodyDeclares) {
    tables["t"].indexes["PRIMARY"].columns = {"id"};
    EXPECT_THAT(differences(), ElementsAre("index PRIMARY existence: - > (id)"));
}

TEST_F(Keys, OfSqliteBeginWithTheTablesName) {
    schema.tables["t"].primary = {"id", "a"};
    tables["t"].columns["id"].extra = tables["t"].columns["a"].extra = "primary key";
    schema.tables["t"].unique["u"] = {"a"};
    schema.tables["t"].indexes["i"] = {"b"};
    tables["t"].indexes = {{"t_i", {false, "", {"b"}}}, {"sqlite_autoindex_t_1", {true, "", {"a"}}}};
    EXPECT_THAT(differences(Dialect::Sqlite), IsEmpty()) << "a UNIQUE of the table's definition has no name";
    tables["t"].columns["a"].extra.clear();
    tables["t"].indexes.erase("t_i");
    EXPECT_THAT(differences(Dialect::Sqlite),
                ElementsAre("index PRIMARY columns: (id, a) > (id)", "index i existence: (b) > -"));
}

TEST_F(Keys, ASerialIsSqlitesPrimaryKey) {
    schema.tables["t"].columns["id"].type = "serial";
    schema.tables["t"].primary = {"a", "b"};
    tables["t"].columns["id"] = real("integer");
    tables["t"].columns["id"].extra = "primary key";
    EXPECT_THAT(differences(Dialect::Sqlite), IsEmpty());
}

TEST_F(Keys, ColumnsOfThePrimaryKeyAreNotNullBySomeDatabasesThemselves) {
    schema.tables["t"].primary = {"id"};
    tables["t"].indexes["PRIMARY"].columns = {"id"};
    tables["t"].columns["id"].not_null = true;
    EXPECT_THAT(differences(), IsEmpty());
}

TEST(Tables, AndColumnsThatAreMissingOrNotDeclared) {
    Declared schema;
    schema.tables["here"].columns["old"] = declared("int");
    schema.tables["gone"].columns["c"] = declared("int");
    schema.tables["seen"].columns["c"] = declared("int");
    Tables tables;
    tables["bd_here"].columns["new"] = real("varchar(9)");
    tables["bd_more"].columns["c"] = real("int(11)");
    tables["bd_seen"].options = "view";
    tables["bd_picture"].options = "view";
    const Comparison found =
        compare(schema, tables, Dialect::MySql, [](const std::string& name) { return "bd_" + name; });
    EXPECT_EQ(found.tables, 3U);
    EXPECT_THAT(lines(found.differences),
                ElementsAre("table  existence: 1 column > -", "column old existence: int > -",
                            "column new existence: - > varchar(9)"));
    EXPECT_THAT(found.undeclared, ElementsAre("bd_more"));
}

TEST(Tables, OfAnotherDatabaseAreNotMissing) {
    Declared schema;
    schema.tables["users"].columns["c"] = declared("int");
    const Comparison found =
        compare(schema, {}, Dialect::MySql, [](const std::string& name) { return "shared." + name; });
    EXPECT_THAT(found.differences, IsEmpty());
    EXPECT_THAT(found.elsewhere, ElementsAre("shared.users"));
    EXPECT_EQ(found.tables, 0U);
}

TEST(Tables, MayBeCalledInAnyCase) {
    Declared schema;
    schema.tables["Users"].columns["Name"] = varchar(9);
    Tables tables;
    tables["users"].columns["name"] = real("varchar(9)");
    const Comparison found = compare(schema, tables, Dialect::MySql, plain);
    EXPECT_THAT(found.differences, IsEmpty());
    EXPECT_THAT(found.undeclared, IsEmpty());
}

struct SinceTest : testing::Test {
    Declared schema;
    Tables tables;
    SinceTest() {
        schema.tables["t"].columns["c"] = varchar(20);
        schema.tables["t"].indexes["i"] = {"c"};
        tables["t"].columns["c"] = real("varchar(20)");
        tables["t"].indexes["i"] = {false, "", {"c"}};
    }
    [[nodiscard]] Comparison look() const { return compare(schema, tables, Dialect::MySql, plain); }
};

TEST_F(SinceTest, WhatStoodBeforeIsNotNew) {
    tables["t"].indexes.clear();
    tables["x"];
    const Comparison before = look();
    const Since found = since(look(), {before});
    EXPECT_THAT(found.fresh, IsEmpty());
    EXPECT_THAT(lines(found.standing), ElementsAre("index i existence: (c) > -"));
    EXPECT_THAT(found.undeclared, IsEmpty());
}

TEST_F(SinceTest, WhatCameIsNew) {
    const Comparison before = look();
    tables["t"].indexes.clear();
    tables["x"];
    const Since found = since(look(), {before});
    EXPECT_THAT(lines(found.fresh), ElementsAre("index i existence: (c) > -"));
    EXPECT_THAT(found.standing, IsEmpty());
    EXPECT_THAT(found.undeclared, ElementsAre("x"));
}

TEST_F(SinceTest, AnotherWrongTypeIsAnotherDifference) {
    tables["t"].columns["c"].type = "varchar(15)";
    const Comparison before = look();
    tables["t"].columns["c"].type = "varchar(10)";
    EXPECT_THAT(lines(since(look(), {before}).fresh),
                ElementsAre("column c type: varchar(20) > varchar(10)"));
}

TEST_F(SinceTest, AnIndexThatNobodyDeclaresStaysTheSameWhenItsColumnIsRenamed) {
    tables["t"].indexes["more"] = {false, "", {"language"}};
    const Comparison before = look();
    tables["t"].indexes["more"] = {false, "", {"langcode"}};
    EXPECT_THAT(since(look(), {before}).fresh, IsEmpty());
}

TEST_F(SinceTest, WhatWasMendedAndBrokeAgainIsNew) {
    Tables whole = tables;
    tables["t"].indexes.clear();
    const Comparison before = look();
    std::swap(whole, tables);
    const Comparison after = look();
    std::swap(whole, tables);
    EXPECT_THAT(since(look(), {before}).fresh, IsEmpty());
    EXPECT_THAT(lines(since(look(), {before, after}).fresh), ElementsAre("index i existence: (c) > -"));
}

TEST_F(SinceTest, WithNothingToCompareWithNothingIsNew) {
    tables["t"].indexes.clear();
    const Since found = since(look(), {});
    EXPECT_THAT(found.fresh, IsEmpty());
    EXPECT_EQ(found.standing.size(), 1U);
}

}  // namespace
}  // namespace bdupdate::schema
