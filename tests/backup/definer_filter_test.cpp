#include "../../src/backup/definer_filter.h"

#include <gtest/gtest.h>

namespace bdupdate::backup {
namespace {

std::string filtered(const std::string& text, std::size_t piece) {
    std::string result;
    DefinerFilter filter([&result](std::string_view bytes) -> Result<void> {
        result += bytes;
        return {};
    });
    for (std::size_t at = 0; at < text.size(); at += piece) EXPECT_TRUE(filter.feed(text.substr(at, piece)));
    EXPECT_TRUE(filter.finish());
    return result;
}

TEST(DefinerFilter, ClausesOfViewsTriggersAndRoutinesGo) {
    EXPECT_EQ(without_definer("/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n"),
              "/*!50013 SQL SECURITY DEFINER */\n");
    EXPECT_EQ(
        without_definer("/*!50003 CREATE*/ /*!50017 DEFINER=`a``b`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT\n"),
        "/*!50003 CREATE*/ /*!50017 */ /*!50003 TRIGGER t BEFORE INSERT\n");
    EXPECT_EQ(without_definer("CREATE DEFINER=`x`@`10.0.0.%` FUNCTION `f`() RETURNS int(11)\n"),
              "CREATE FUNCTION `f`() RETURNS int(11)\n");
}

TEST(DefinerFilter, EverythingElsePassesInPiecesOfAnySize) {
    const std::string text =
        "CREATE TABLE `t` (\n  `x` int\n);\nINSERT INTO `t` VALUES\n('CREATE DEFINER=`a`@`b` '),\n(2);\n"
        "/*!50013 DEFINER=`broken\nCREATE DEFINER=`a`\n/*!40101 SET x */;\n\nCREATE";
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1000}})
        EXPECT_EQ(filtered(text, piece), text) << piece;
    for (const std::size_t piece : {std::size_t{1}, std::size_t{5}, std::size_t{1000}})
        EXPECT_EQ(filtered("x\nCREATE DEFINER=`a`@`b` FUNCTION f\ny", piece), "x\nCREATE FUNCTION f\ny");
}

}  // namespace
}  // namespace bdupdate::backup
