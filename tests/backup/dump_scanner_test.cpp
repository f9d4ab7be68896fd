#include "../../src/backup/dump_scanner.h"

#include <gtest/gtest.h>

#include <random>

namespace bdupdate::backup {
namespace {

DumpScanner scan(const std::string& text, std::size_t piece = std::string::npos) {
    DumpScanner scanner;
    for (std::size_t at = 0; at < text.size(); at += std::min(piece, text.size()))
        scanner.feed(text.substr(at, piece));
    return scanner;
}

TEST(DumpScanner, CountsTuplesOfOneLineAndOfMany) {
    const auto scanner = scan(
        "INSERT INTO `a` VALUES (1,'x'),(2,NULL),(3,0xFF);\n"
        "INSERT INTO `b` VALUES\n(1),\n(2);\nINSERT INTO `a` VALUES (4,'y');\n");
    EXPECT_EQ(scanner.rows().at("a"), 4U);
    EXPECT_EQ(scanner.rows().at("b"), 2U);
}

TEST(DumpScanner, NothingInAStringCounts) {
    const auto scanner = scan(
        "INSERT INTO `a` VALUES ('),(1),(\\'),(2);\\\\'),('it''s (a) ;'),('\\\\'),('-- Dump completed\n"
        "INSERT INTO `evil` VALUES (1)\n;');\n");
    EXPECT_EQ(scanner.rows().at("a"), 4U);
    EXPECT_EQ(scanner.rows().count("evil"), 0U);
    EXPECT_FALSE(scanner.complete());
}

TEST(DumpScanner, ColumnListsAndOddNamesAreRead) {
    const auto scanner =
        scan("INSERT INTO `we``ird (VALUES)` (`a(1)`, `Values`, `c;'`) VALUES (1,2,3),(4,5,6);\n");
    EXPECT_EQ(scanner.rows().at("we`ird (VALUES)"), 2U);
}

TEST(DumpScanner, NestedParenthesesAreOneTuple) {
    EXPECT_EQ(scan("INSERT INTO `g` VALUES (ST_GeomFromText('(x)'),(1)),(2);\n").rows().at("g"), 2U);
}

TEST(DumpScanner, MadeTablesAndViewsAreNoted) {
    const auto scanner = scan(
        "CREATE TABLE `t` (\n  `x` int\n);\n/*!50001 CREATE VIEW `v` AS SELECT\n 1 AS `x`*/;\n"
        "/*!50001 VIEW `v` AS select 1 AS `x` */;\n");
    EXPECT_EQ(scanner.created(), (std::set<std::string>{"t", "v"}));
}

TEST(DumpScanner, EndMarkCountsOnlyAtTheEnd) {
    EXPECT_TRUE(scan("x;\n-- Dump completed\n").complete());
    EXPECT_TRUE(scan("x;\n-- Dump completed on 2026-11-22 14:05:09\n\n--\n").complete());
    EXPECT_TRUE(scan("x;\n-- Dump completed").complete());
    EXPECT_FALSE(scan("-- Dump completed\nINSERT INTO `a` VALUES (1);\n").complete());
    EXPECT_FALSE(scan("-- Dump completed\nINS\n").complete());
    EXPECT_FALSE(scan("-- Dump comp").complete());
    EXPECT_FALSE(scan("").complete());
    EXPECT_TRUE(scan("-- Dump completed\nCREATE TABLE `a` (x);\n-- Dump completed\n").complete());
}

TEST(DumpScanner, PiecesOfAnySizeGiveTheSame) {
    std::mt19937 random(7);
    std::string text;
    std::uint64_t rows = 0;
    for (int i = 0; i < 300; ++i) {
        text += "INSERT INTO `t` VALUES\n";
        const int tuples = 1 + static_cast<int>(random() % 5);
        for (int t = 0; t < tuples; ++t) {
            text += t == 0 ? "(" : ",\n(";
            text += "0xAB,NULL,-1.5e10,'";
            for (unsigned c = 0; c < random() % 30; ++c) {
                static const std::string nasty = "(),;`x-V\n\"";
                const std::size_t pick = random() % 14;
                text += pick < nasty.size() ? std::string(1, nasty[pick]) : pick % 2 == 0 ? "\\'" : "\\\\";
            }
            text += "')";
            ++rows;
        }
        text += ";\n";
    }
    text += "-- Dump completed\n";
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{4096}, text.size()}) {
        const auto scanner = scan(text, piece);
        EXPECT_EQ(scanner.rows().at("t"), rows) << piece;
        EXPECT_TRUE(scanner.complete()) << piece;
    }
}

}  // namespace
}  // namespace bdupdate::backup
