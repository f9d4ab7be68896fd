// One run a site: at the same moment, from two hosts, and with holders that are gone.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/identity.h"
#include "fault/club.h"
#include "support/mariadb.h"
#include "support/tcp_proxy.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

struct Ended {
    int code = 0;
    std::string err;
};

Ended end_of(Subprocess& child) {
    Ended ended;
    std::array<char, 4096> buffer{};
    const auto drain = [&] {
        for (ssize_t got = 0; (got = ::read(child.err().get(), buffer.data(), buffer.size())) > 0;)
            ended.err.append(buffer.data(), static_cast<std::size_t>(got));
        while (::read(child.out().get(), buffer.data(), buffer.size()) > 0) {
        }
    };
    const auto deadline = Monotonic::now() + 60s;
    while (!child.poll() && Monotonic::now() < deadline) {
        drain();
        std::this_thread::sleep_for(5ms);
    }
    drain();
    const ExitStatus status = child.wait();
    ended.code = status.signal != 0 ? -status.signal : status.code;
    return ended;
}

class OneRun : public testing::TestWithParam<Store> {
  protected:
    void SetUp() override {
        if (GetParam() == Store::MariaDb && !MariaDb::available()) GTEST_SKIP() << "no MariaDB server";
        club = std::make_unique<Club>(GetParam());
        club->execute("CREATE TABLE ran (who VARCHAR(20));");
        club->only_update(1007, slow);
    }
    /// Long enough that two runs meet; says who ran, and that it is at work.
    static constexpr const char* slow =
        "  db_query(\"INSERT INTO {ran} (who) VALUES ('x')\");\n  touch('working');\n  usleep(700000);";
    void wait_until_it_works() const { wait_until_there_is("working"); }
    void wait_until_there_is(const std::string& file) const {
        for (int i = 0; i < 2000 && !fs::exists(club->root() / file); ++i) std::this_thread::sleep_for(10ms);
        ASSERT_TRUE(fs::exists(club->root() / file));
    }
    /// What a second host brings along: a state directory of its own, and its own way to the server.
    [[nodiscard]] std::map<std::string, std::string> other_host(int port) const {
        std::map<std::string, std::string> environment;
        if (GetParam() == Store::MariaDb)
            environment = {{"BDUPDATE_DB_HOST", "127.0.0.1"}, {"BDUPDATE_DB_PORT", std::to_string(port)}};
        return environment;
    }
    Subprocess start_elsewhere(const std::vector<std::string>& arguments, int port) const {
        std::vector<std::string> all = arguments;
        all.insert(all.end(), {"--state-dir", (club->state().parent_path() / "state2").string()});
        return club->start(all, other_host(port));
    }
    void forget_elsewhere() const { fs::remove_all(club->state().parent_path() / "state2"); }

    std::unique_ptr<Club> club;
};

/// BDUPDATE_RACES=50 for a long look.
int races() {
    const char* wanted = std::getenv("BDUPDATE_RACES");
    return wanted == nullptr ? 5 : std::atoi(wanted);
}

TEST_P(OneRun, OfTwoStartedAtOnceExactlyOneRuns) {
    for (int race = 0; race < races(); ++race) {
        Subprocess first = club->start({"run", "--yes"});
        std::this_thread::sleep_for(std::chrono::milliseconds(race % 5 * 3));
        Subprocess second = club->start({"run", "--yes"});
        const Ended one = end_of(first), two = end_of(second);
        EXPECT_EQ(club->rows("SELECT count(*) FROM ran"), "1") << one.err << two.err;
        EXPECT_THAT(std::min(one.code, two.code), 0) << one.err << two.err;
        EXPECT_THAT(std::max(one.code, two.code), AnyOf(8, 11)) << one.err << two.err;
        EXPECT_EQ(club->run({"status", "--exit-code"}).status.code, 0);
        club->renew();
    }
}

TEST_P(OneRun, OfTwoHostsExactlyOneRuns) {
    const int port = GetParam() == Store::MariaDb ? MariaDb::instance().port() : 0;
    for (int race = 0; race < races(); ++race) {
        Subprocess first = club->start({"run", "--yes"});
        std::this_thread::sleep_for(std::chrono::milliseconds(race % 5 * 3));
        Subprocess second = start_elsewhere({"run", "--yes"}, port);
        const Ended one = end_of(first), two = end_of(second);
        EXPECT_EQ(club->rows("SELECT count(*) FROM ran"), "1") << one.err << two.err;
        EXPECT_EQ(std::min(one.code, two.code), 0) << one.err << two.err;
        EXPECT_THAT(std::max(one.code, two.code), AnyOf(8, 11)) << one.err << two.err;
        EXPECT_EQ(club->run({"status", "--exit-code"}).status.code, 0);
        club->renew();
        forget_elsewhere();
    }
}

TEST_P(OneRun, WhoIsTurnedAwayHearsWhoHoldsTheSite) {
    Subprocess first = club->start({"run", "--yes"});
    wait_until_it_works();
    const Completed second = club->run({"recover", "--yes"});
    EXPECT_EQ(second.status.code, 11) << second.err;
    EXPECT_THAT(second.err, HasSubstr(user_name() + " on " + host_name() + ", pid " +
                                      std::to_string(first.pid()) + ", since 20"));
    EXPECT_EQ(end_of(first).code, 0);
}

TEST_P(OneRun, LockTimeoutWaitsForTheOther) {
    // The lock alone, without a run that would leave a mark: as a run that is just ending.
    fs::create_directories(club->state());
    Subprocess first = club->start({"run", "--yes"});
    const Ended one = end_of(first);
    ASSERT_EQ(one.code, 0) << one.err;
    fs::path lock;
    for (const auto& entry : fs::directory_iterator(club->state())) lock = entry.path() / "lock";
    Subprocess holder =
        std::move(Subprocess::spawn({.argv = {"flock", lock.string(), "sleep", "2"}}).value());
    std::this_thread::sleep_for(300ms);
    club->add_update(1008, "  return 'eight';");
    const Completed hasty = club->run({"run", "--yes"});
    EXPECT_EQ(hasty.status.code, 11) << hasty.err;
    EXPECT_THAT(hasty.err, HasSubstr("--lock-timeout"));
    const Completed patient = club->run({"run", "--yes", "--lock-timeout", "20"});
    EXPECT_EQ(patient.status.code, 0) << patient.err;
    EXPECT_THAT(patient.err, HasSubstr("eight"));
}

TEST_P(OneRun, ARunAtWorkIsNoInterruptedOneAndIsWaitedFor) {
    Subprocess first = club->start({"run", "--yes"});
    wait_until_it_works();
    const Completed hasty = club->run({"run", "--yes"});
    EXPECT_EQ(hasty.status.code, 11) << hasty.err;
    EXPECT_THAT(hasty.err, HasSubstr("pid " + std::to_string(first.pid())));
    const Completed patient = club->run({"run", "--yes", "--lock-timeout", "20"});
    EXPECT_EQ(patient.status.code, 0) << patient.err;
    EXPECT_EQ(patient.out, "nothing pending\n");
    EXPECT_EQ(end_of(first).code, 0);
    EXPECT_EQ(club->rows("SELECT count(*) FROM ran"), "1");
}

TEST_P(OneRun, WhoLooksIsToldThatARunIsAtWorkAndByWhom) {
    club->add_update(1008, "  touch('waiting');\n  while (!file_exists('go-on')) usleep(10000);");
    Subprocess first = club->start({"run", "--yes"});
    wait_until_there_is("waiting");
    const std::string holder =
        user_name() + " on " + host_name() + ", pid " + std::to_string(first.pid()) + ", since 20";
    for (const char* command : {"status", "plan"}) {
        const Completed looked = club->run({command});
        EXPECT_EQ(looked.status.code, 0) << looked.err;
        EXPECT_EQ(looked.out.rfind("at work: " + holder, 0), 0U) << looked.out;
        EXPECT_THAT(looked.out, Not(HasSubstr("interrupted")));
        EXPECT_THAT(looked.out, Not(HasSubstr("hint: bdupdate r")));
    }
    const Completed document = club->run({"status", "--exit-code", "--format", "json"});
    EXPECT_EQ(document.status.code, 11);
    EXPECT_THAT(document.out, HasSubstr("\"interrupted\": null"));
    EXPECT_THAT(document.out, HasSubstr("\"holder\": \"" + holder));
    const std::vector<std::vector<std::string>> refused = {
        {"doctor"}, {"run", "--dry-run"}, {"recover", "--yes"}, {"backup", "restore", "latest", "--yes"}};
    for (const auto& command : refused) {
        const Completed done = club->run(command);
        EXPECT_EQ(done.status.code, 11) << command.front() << done.out << done.err;
        EXPECT_THAT(done.out + done.err, HasSubstr("another run holds this site: " + holder));
    }
    // Seen from another host: what the database knows.
    if (GetParam() == Store::MariaDb) {
        Subprocess elsewhere = start_elsewhere({"status", "--exit-code"}, MariaDb::instance().port());
        EXPECT_EQ(end_of(elsewhere).code, 11);
    }
    std::ofstream(club->root() / "go-on") << "";
    EXPECT_EQ(end_of(first).code, 0);
    EXPECT_EQ(club->run({"status", "--exit-code"}).status.code, 0);
}

TEST_P(OneRun, AKilledRunIsInterruptedForWhoLooks) {
    Subprocess first = club->start({"run", "--yes"});
    wait_until_it_works();
    first.kill(SIGKILL);
    EXPECT_EQ(end_of(first).code, -SIGKILL);
    // At once, while the server may not know yet that its client is gone.
    const Completed looked = club->run({"status", "--exit-code"});
    EXPECT_EQ(looked.status.code, 8);
    EXPECT_EQ(looked.out.rfind("interrupted: ", 0), 0U) << looked.out;
    EXPECT_EQ(club->run({"doctor"}).status.code, 8);
}

TEST_P(OneRun, HolderThatWasKilledHoldsNothing) {
    Subprocess first = club->start({"run", "--yes"});
    wait_until_it_works();
    first.kill(SIGKILL);
    EXPECT_EQ(end_of(first).code, -SIGKILL);
    const Completed refused = club->run({"run", "--yes"});
    EXPECT_EQ(refused.status.code, 8) << refused.err;
    const Completed recovered = club->run({"recover", "--yes"});
    EXPECT_EQ(recovered.status.code, 0) << recovered.err;
    EXPECT_EQ(club->rows("SELECT count(*) FROM ran"), "1");
}

INSTANTIATE_TEST_SUITE_P(Stores, OneRun, testing::Values(Store::Sqlite, Store::MariaDb),
                         [](const auto& store) {
                             return store.param == Store::Sqlite ? std::string("SQLite")
                                                                 : std::string("MariaDb");
                         });

struct TwoHosts : OneRun {};

TEST_P(TwoHosts, ARunFromAnotherHostIsNamedWithItsHost) {
    if (::geteuid() != 0) GTEST_SKIP() << "another host name needs root";
    const std::vector<std::string> unshare = {
        "unshare", "--uts", "sh", "-c", "hostname web2.example && exec \"$0\" run --yes", BDUPDATE_BINARY};
    if (!run_program({.argv = {"unshare", "--uts", "true"}})->status.ok())
        GTEST_SKIP() << "this machine allows no namespaces";
    SpawnOptions options;
    options.argv = unshare;
    options.environment["BDUPDATE_STATE_DIR"] = (club->state().parent_path() / "state2").string();
    options.directory = club->root();
    Subprocess first = std::move(Subprocess::spawn(options).value());
    wait_until_it_works();
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"run", "--yes"}, {"maintenance", "off", "--yes"}}) {
        const Completed second = club->run(command);
        EXPECT_EQ(second.status.code, 11) << second.err;
        EXPECT_THAT(second.err, HasSubstr("on web2.example, pid "));
    }
    EXPECT_EQ(end_of(first).code, 0);
}

/// GET_LOCK is a function that this server does not know.
TEST_P(TwoHosts, WhereTheServerRefusesGetLockTheMarkKeepsTheOtherOut) {
    const TcpProxy proxy(MariaDb::instance().port(), "GET_LOCK(", "GOT_LOCK(");
    for (int race = 0; race < 3; ++race) {
        Subprocess first = club->start({"run", "--yes"}, other_host(proxy.port()));
        Subprocess second = start_elsewhere({"run", "--yes"}, proxy.port());
        const Ended one = end_of(first), two = end_of(second);
        EXPECT_EQ(club->rows("SELECT count(*) FROM ran"), "1") << one.err << two.err;
        EXPECT_EQ(std::min(one.code, two.code), 0) << one.err << two.err;
        EXPECT_THAT(std::max(one.code, two.code), AnyOf(8, 11)) << one.err << two.err;
        club->renew();
        forget_elsewhere();
    }
}

INSTANTIATE_TEST_SUITE_P(Stores, TwoHosts, testing::Values(Store::MariaDb),
                         [](const auto&) { return std::string("MariaDb"); });

}  // namespace
}  // namespace bdupdate::test
