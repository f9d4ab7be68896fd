#include "structure/include_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdupdate::structure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Includes, AreFoundInBothForms) {
    const auto found = includes_of("#pragma once\n#include <map>\n  #  include \"bdupdate/base/text.h\"\n");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].target, "map");
    EXPECT_FALSE(found[0].quoted);
    EXPECT_EQ(found[1].target, "bdupdate/base/text.h");
    EXPECT_TRUE(found[1].quoted);
}

TEST(Includes, InCommentsDoNotCount) {
    EXPECT_THAT(includes_of("// #include <map>\n/* here\n#include <set>\n*/\n"), IsEmpty());
    EXPECT_EQ(includes_of("/* one line */\n#include <set>\n").size(), 1U);
}

TEST(Rooms, AreFoldersOfSourcesAndHeaders) {
    EXPECT_EQ(room_of("src/plan/graph.cpp"), "plan");
    EXPECT_EQ(room_of("src/worker/php/bare/api.cpp"), "worker");
    EXPECT_EQ(room_of("include/bdupdate/db/database.h"), "db");
    EXPECT_EQ(room_of("src/main.cpp"), "");
    EXPECT_EQ(room_of("src/misc/a.cpp"), "");
    EXPECT_EQ(room_of("tests/plan/order_test.cpp"), "");
}

TEST(Rules, DownwardsIsAllowed) {
    EXPECT_THAT(
        violations("src/run/run.cpp", "#include \"bdupdate/journal/journal.h\"\n#include \"engine.h\"\n"),
        IsEmpty());
    EXPECT_THAT(violations("src/cli/main.cpp", "#include \"bdupdate/report/text.h\"\n"), IsEmpty());
}

TEST(Rules, UpwardsIsRefused) {
    EXPECT_THAT(violations("src/base/file.cpp", "#include \"bdupdate/php/value.h\"\n"),
                ElementsAre("src/base/file.cpp: base may not know php (bdupdate/php/value.h)"));
    EXPECT_THAT(violations("include/bdupdate/plan/plan.h", "#include \"bdupdate/db/database.h\"\n"),
                ElementsAre(HasSubstr("plan may not know db")));
    EXPECT_THAT(violations("src/report/text.cpp", "#include \"bdupdate/worker/worker.h\"\n"),
                ElementsAre(HasSubstr("report may not know worker")));
}

TEST(Rules, NobodyKnowsTheCommandLine) {
    for (const std::string& room : rooms()) {
        if (room == "cli") continue;
        EXPECT_THAT(violations("src/" + room + "/a.cpp", "#include \"bdupdate/cli/options.h\"\n"),
                    ElementsAre(HasSubstr("may not know cli")))
            << room;
    }
}

TEST(Rules, ClimbingOutOfARoomIsRefused) {
    EXPECT_THAT(violations("src/run/run.cpp", "#include \"../db/sqlite.h\"\n"),
                ElementsAre(HasSubstr("../db/sqlite.h")));
}

TEST(Rules, LibrariesStayInTheirRooms) {
    EXPECT_THAT(violations("src/cli/parse.cpp", "#include <CLI/CLI.hpp>\n"), IsEmpty());
    EXPECT_THAT(violations("src/run/run.cpp", "#include <CLI/CLI.hpp>\n"),
                ElementsAre(HasSubstr("does not belong in run")));
    EXPECT_THAT(violations("src/journal/sqlite.cpp", "#include <sqlite3.h>\n"), IsEmpty());
    EXPECT_THAT(violations("src/journal/mysql.cpp", "#include <mysql.h>\n"),
                ElementsAre(HasSubstr("does not belong in journal")));
    EXPECT_THAT(violations("include/bdupdate/db/a.h", "#include <sqlite3.h>\n"),
                ElementsAre(HasSubstr("public header")));
    EXPECT_THAT(violations("include/bdupdate/worker/a.h", "#include <nlohmann/json.hpp>\n"),
                ElementsAre(HasSubstr("public header")));
    EXPECT_THAT(violations("src/worker/a.cpp", "#include <nlohmann/json.hpp>\n"), IsEmpty());
}

TEST(Rules, PureRoomsHaveNoEffects) {
    EXPECT_THAT(violations("src/plan/a.cpp", "#include <spdlog/spdlog.h>\n"),
                ElementsAre(HasSubstr("only computes")));
    EXPECT_THAT(violations("src/php/a.cpp", "#include <fstream>\n"), ElementsAre(HasSubstr("only computes")));
    EXPECT_THAT(violations("src/recovery/decision.cpp", "#include <unistd.h>\n"),
                ElementsAre(HasSubstr("only computes")));
    EXPECT_THAT(violations("src/recovery/carry_out.cpp", "#include <unistd.h>\n"), IsEmpty());
    EXPECT_THAT(violations("src/site/load.cpp", "#include <fstream>\n"), IsEmpty());
}

TEST(Rules, AFileOutsideOfTheRoomsIsRefused) {
    EXPECT_THAT(violations("src/util.cpp", ""), ElementsAre(HasSubstr("no room")));
}

}  // namespace
}  // namespace bdupdate::structure
