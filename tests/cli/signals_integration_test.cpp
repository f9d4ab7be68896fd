// Ctrl-C, SIGTERM and SIGHUP end a run after the current pass; a second one aborts the pass; a killed run is
// recovered.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/file.h"
#include "support/program.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace std::chrono_literals;

/// The example site with an update of many slow passes; each pass adds a row and leaves a trace outside the
/// transaction.
struct Signals : testing::Test {
    ExampleSite site;

    Signals() {
        site.sql("CREATE TABLE ticks (pass INTEGER);");
        site.append("modules/dues/dues.install", R"php(

/**
 * Ticks twenty times.
 */
function dues_update_1007(&$sandbox) {
  $sandbox += array('pass' => 0);
  $sandbox['pass']++;
  db_query("INSERT INTO {ticks} (pass) VALUES (:pass)", array(':pass' => $sandbox['pass']));
  touch(getenv('BDUPDATE_STATE_DIR') . '/ticked-' . $sandbox['pass']);
  usleep(100000);
  $sandbox['#finished'] = $sandbox['pass'] / 20;
}
)php");
    }

    Subprocess start() {
        SpawnOptions options;
        options.argv = {BDUPDATE_BINARY, "run", "--yes"};
        options.environment["BDUPDATE_STATE_DIR"] = site.state().string();
        options.directory = site.root();
        return std::move(Subprocess::spawn(options).value());
    }
    void wait_for_tick(int pass) {
        const fs::path trace = site.state() / ("ticked-" + std::to_string(pass));
        for (int i = 0; i < 3000 && !fs::exists(trace); ++i) std::this_thread::sleep_for(10ms);
        ASSERT_TRUE(fs::exists(trace));
    }
    std::string ticks() {
        const std::string database = (site.root() / "site.sqlite").string();
        return run_program(
                   {.argv = {"sqlite3", database, "SELECT count(*), count(DISTINCT pass) FROM ticks"}})
            ->out;
    }
};

TEST_F(Signals, EachEndsAfterTheCurrentPassAndRecoverGoesOn) {
    int pass = 2;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        Subprocess run = start();
        wait_for_tick(pass);
        ::kill(run.pid(), signal);
        EXPECT_EQ(run.wait().code, 128 + signal);
        const Completed refused = site.run({"run", "--yes"});
        EXPECT_EQ(refused.status.code, 8) << refused.err;
        const Completed recovered = site.run({"recover", "--yes"});
        EXPECT_EQ(recovered.status.code, 0) << recovered.err;
        EXPECT_EQ(ticks(), "20|20\n");
        // Once more for the next signal.
        site.sql("DELETE FROM ticks; UPDATE system SET schema_version = 1006 WHERE name = 'dues';");
        for (int i = 1; i <= 20; ++i) fs::remove(site.state() / ("ticked-" + std::to_string(i)));
    }
}

TEST_F(Signals, TheSecondAbortsThePassAndUndoesIt) {
    site.replace("modules/dues/dues.install", "usleep(100000)", "sleep($sandbox['pass'] == 3 ? 60 : 0)");
    Subprocess run = start();
    wait_for_tick(3);
    const auto before = Monotonic::now();
    ::kill(run.pid(), SIGINT);
    std::this_thread::sleep_for(100ms);
    ::kill(run.pid(), SIGINT);
    EXPECT_EQ(run.wait().code, 128 + SIGINT);
    EXPECT_LT(Monotonic::now() - before, 30s);
    EXPECT_EQ(ticks(), "2|2\n");
    site.replace("modules/dues/dues.install", "sleep($sandbox['pass'] == 3 ? 60 : 0)", "usleep(100)");
    const Completed recovered = site.run({"recover", "--yes"});
    EXPECT_EQ(recovered.status.code, 0) << recovered.err;
    EXPECT_EQ(ticks(), "20|20\n");
}

TEST_F(Signals, AKilledRunIsRecoveredFromItsLastCommittedPass) {
    Subprocess run = start();
    wait_for_tick(4);
    ::kill(run.pid(), SIGKILL);
    EXPECT_EQ(run.wait().signal, SIGKILL);
    EXPECT_EQ(site.run({"status", "--exit-code"}).status.code, 8);
    const Completed recovered = site.run({"recover", "--yes"});
    EXPECT_EQ(recovered.status.code, 0) << recovered.err;
    EXPECT_EQ(ticks(), "20|20\n");
    EXPECT_EQ(site.run({"status", "--exit-code"}).status.code, 0);
}

TEST_F(Signals, ASecondRunAtTheSameTimeIsRefused) {
    Subprocess run = start();
    wait_for_tick(1);
    const Completed second = site.run({"run", "--yes"});
    EXPECT_THAT(second.status.code, testing::AnyOf(8, 11)) << second.err;
    EXPECT_EQ(site.run({"recover", "--yes"}).status.code, 11);
    std::string out;
    EXPECT_EQ(run.wait().code, 0);
    EXPECT_EQ(ticks(), "20|20\n");
}

}  // namespace
}  // namespace bdupdate::test
