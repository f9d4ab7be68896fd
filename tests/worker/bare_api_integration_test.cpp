// The bare update API on real PHP, SQLite and MariaDB: each case of tests/bare/*_cases.php by its name.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bdupdate/base/subprocess.h"
#include "bdupdate/base/text.h"
#include "support/mariadb.h"
#include "support/temp_directory.h"

namespace bdupdate {
namespace {

struct Group {
    const char* name;
    std::size_t least;  ///< fewer cases than this means that the script ended early
    /// Run inside the worker's transaction; on SQLite only, for schema changes end it elsewhere.
    bool outer = true;
};

std::ostream& operator<<(std::ostream& out, const Group& group) {
    return out << group.name;
}

constexpr Group shared_groups[] = {{"query", 43}, {"builder", 57}, {"schema", 46},     {"config", 28},
                                   {"text", 16},  {"module", 14},  {"guard", 8, false}};
constexpr Group sqlite_groups[] = {{"sqlite_schema", 13}, {"example", 5, false}};

nlohmann::json mariadb_settings(const std::string& database, const std::string& prefix) {
    test::MariaDb::instance().create_database(database);
    const site::DatabaseSettings settings = test::MariaDb::instance().settings(database);
    return {{"driver", "mysql"},
            {"database", settings.database},
            {"username", settings.username},
            {"password", settings.password},
            {"unix_socket", settings.unix_socket},
            {"prefix", prefix}};
}

/// Runs a group and reports every case that is not "ok".
void check(const Group& group, const nlohmann::json& database, bool outer) {
    const test::TempDirectory scratch;
    SpawnOptions options;
    const std::string source = BDUPDATE_SOURCE_DIR;
    options.argv = {
        "php", source + "/tests/bare/harness.php", source, group.name,
        nlohmann::json{{"database", database}, {"scratch", scratch.path().string()}, {"outer", outer}}
            .dump()};
    const auto done = run_program(options, {}, std::chrono::minutes(4));
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_TRUE(done->status.ok()) << done->status.text() << '\n' << done->err << done->out;
    std::size_t cases = 0;
    for (const std::string_view line : split(done->out, '\n')) {
        if (line.empty()) continue;
        ++cases;
        EXPECT_EQ(line.substr(0, 3), "ok ") << line;
    }
    EXPECT_GE(cases, group.least) << done->out << done->err;
}

class BareApi : public testing::TestWithParam<Group> {};
class BareApiOnSqlite : public testing::TestWithParam<Group> {};

TEST_P(BareApi, HoldsOnSqlite) {
    for (const char* prefix : {"", "bd_"})
        check(GetParam(), {{"driver", "sqlite"}, {"prefix", prefix}}, GetParam().outer);
}

TEST_P(BareApi, HoldsOnMariaDb) {
    if (!test::MariaDb::available()) GTEST_SKIP() << "no MariaDB server here";
    for (const char* prefix : {"", "bd_"}) check(GetParam(), mariadb_settings("bare_api", prefix), false);
}

TEST_P(BareApiOnSqlite, Holds) {
    check(GetParam(), {{"driver", "sqlite"}, {"prefix", ""}}, GetParam().outer);
}

std::string name_of(const testing::TestParamInfo<Group>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Groups, BareApi, testing::ValuesIn(shared_groups), name_of);
INSTANTIATE_TEST_SUITE_P(Groups, BareApiOnSqlite, testing::ValuesIn(sqlite_groups), name_of);

}  // namespace
}  // namespace bdupdate
