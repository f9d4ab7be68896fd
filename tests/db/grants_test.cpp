#include "../../src/db/grants.h"

#include <gtest/gtest.h>

namespace bdupdate::db {
namespace {

struct Case {
    std::vector<std::string> lines;
    bool lacks_alter, unsure;
};

class ReadGrants : public testing::TestWithParam<Case> {};

TEST_P(ReadGrants, TellsWhatIsSurelyMissing) {
    const Grants grants = read_grants(GetParam().lines, "my_site");
    EXPECT_EQ(grants.surely_lacks("ALTER"), GetParam().lacks_alter) << GetParam().lines.front();
    EXPECT_EQ(grants.unsure, GetParam().unsure) << GetParam().lines.front();
}

const std::string usage = "GRANT USAGE ON *.* TO `web`@`%` IDENTIFIED BY PASSWORD '*ABC'";

INSTANTIATE_TEST_SUITE_P(
    Lines, ReadGrants,
    testing::Values(
        Case{{"GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"}, false, false},
        Case{{usage, "GRANT ALL PRIVILEGES ON `my_site`.* TO `web`@`%`"}, false, false},
        Case{{usage, "GRANT ALL PRIVILEGES ON `my\\_site`.* TO `web`@`%`"}, false, false},
        Case{{usage, "GRANT ALL PRIVILEGES ON `my\\_%`.* TO `web`@`%`"}, false, false},
        Case{{usage, "GRANT ALL PRIVILEGES ON `MY_SITE`.* TO `web`@`%`"}, false, false},
        Case{{usage, "GRANT ALL PRIVILEGES ON \"my_site\".* TO \"web\"@\"%\""}, false, false},
        Case{{usage, "GRANT SELECT, INSERT, ALTER, LOCK TABLES ON `my_site`.* TO `web`@`%`"}, false, false},
        Case{{usage, "GRANT SELECT, INSERT, UPDATE, DELETE ON `my_site`.* TO `web`@`%`"}, true, false},
        Case{{usage, "GRANT ALL PRIVILEGES ON `other`.* TO `web`@`%`"}, true, false},
        Case{{usage, "GRANT ALL PRIVILEGES ON `my_site2`.* TO `web`@`%`"}, true, false},
        Case{{usage}, true, false},
        // A wildcard that is not escaped.
        Case{{usage, "GRANT ALL PRIVILEGES ON `my%`.* TO `web`@`%`"}, false, false},
        Case{{"GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION", usage}, true, false},
        Case{{usage, "GRANT EXECUTE ON PROCEDURE `my_site`.`p` TO `web`@`%`"}, true, false},
        // Not to be told from these lines.
        Case{{usage, "GRANT `editors` TO `web`@`%`"}, false, true},
        Case{{usage, "GRANT SELECT, INSERT ON `my_site`.`system` TO `web`@`%`"}, false, true},
        Case{{usage, "GRANT SELECT (`a`, `b`), INSERT ON `my_site`.* TO `web`@`%`"}, false, true},
        Case{{usage, "GRANT SELECT ON *.* TO `web`@`%`", "REVOKE SELECT ON `x`.* FROM `web`@`%`"},
             false,
             true},
        Case{{"something new"}, false, true}, Case{{"GRANT ALL PRIVILEGES ON `my_site"}, false, true}));

TEST(Grants, NoLinesAreNotUnderstood) {
    EXPECT_TRUE(read_grants({}, "x").unsure);
}

}  // namespace
}  // namespace bdupdate::db
