// The lock's holder: its name, and when it counts as gone.

#include <gmock/gmock.h>
#include <unistd.h>

#include <thread>

#include "bdupdate/base/identity.h"
#include "db/mysql_fixture.h"
#include "support/tcp_proxy.h"

namespace bdupdate::db {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

std::uint64_t session_of(const std::string& text) {
    return std::stoull(text.substr(text.find("session ") + 8));
}

TEST_F(MySqlSite, TheMarkTellsWhoHoldsTheLock) {
    const auto holder = open();
    ASSERT_TRUE(holder->lock(0s)->taken);
    const auto other = open();
    EXPECT_THAT(other->lock(0s)->held_by, HasSubstr("database session")) << "no mark yet";
    ASSERT_TRUE(holder->create_mark(example_mark()));
    const auto refused = other->lock(0s).value();
    EXPECT_THAT(refused.held_by, HasSubstr(user_name() + " on " + host_name() + ", pid " +
                                           std::to_string(::getpid()) + ", since 20"));
    EXPECT_FALSE(refused.stale);
    EXPECT_EQ(refused.session, session_of(refused.held_by));
}

TEST_F(MySqlSite, ShortWaitTimeoutOfTheServerDoesNotTakeTheLock) {
    server().run("", "SET GLOBAL wait_timeout = 1, GLOBAL interactive_timeout = 1");
    const auto holder = open();
    server().run("", "SET GLOBAL wait_timeout = 28800, GLOBAL interactive_timeout = 28800");
    ASSERT_TRUE(holder->lock(0s)->taken);
    std::this_thread::sleep_for(2500ms);
    EXPECT_TRUE(holder->holds_lock().value_or(false));
}

TEST_F(MySqlSite, LostSessionIsSeenBeforeACommit) {
    const auto holder = open();
    ASSERT_TRUE(holder->lock(0s)->taken);
    const auto other = open();
    server().run("", "KILL " + std::to_string(other->lock(0s)->session));
    EXPECT_FALSE(holder->holds_lock().value_or(false));
    EXPECT_TRUE(other->lock(2s)->taken) << "and the lock is free";
}

/// A client that was cut off: the server keeps its session for as long as its wait_timeout says.
TEST_F(MySqlSite, SessionThatHasGoneSilentIsStaleAndCanBeEnded) {
    test::TcpProxy proxy(server().port());
    auto cut_off = settings(true);
    cut_off.port = proxy.port();
    const auto holder = try_open(cut_off, false);
    ASSERT_TRUE(holder) << holder.error().message;
    ASSERT_TRUE((*holder)->lock(0s)->taken);
    proxy.freeze();
    OpenOptions options;
    options.read_only = false;
    options.stale_after = 2s;
    const auto other = open_database(settings(true), site::Kind::Backdrop, options).value();
    EXPECT_FALSE(other->lock(0s)->stale);
    std::this_thread::sleep_for(2100ms);
    const auto refused = other->lock(0s).value();
    EXPECT_FALSE(refused.taken);
    EXPECT_TRUE(refused.stale);
    EXPECT_THAT(refused.held_by, HasSubstr("silent for 2"));
    const auto ended = other->end_session(refused.session, "", 10s);
    ASSERT_TRUE(ended) << ended.error().message;
    EXPECT_TRUE(other->lock(2s)->taken);
}

/// Accounts of one name and different hosts do not see each other's sessions, nor may they end them.
TEST_F(MySqlSite, HolderOfAnotherAccountIsAnErrorWhenItIsToBeEnded) {
    const auto holder = try_open(settings(true), false);
    ASSERT_TRUE((*holder)->lock(0s)->taken);
    const auto other = open();
    const auto refused = other->lock(0s).value();
    EXPECT_FALSE(refused.stale);
    const auto ended = other->end_session(refused.session, "", 1s);
    ASSERT_FALSE(ended);
    EXPECT_THAT(ended.error().message, HasSubstr("cannot end database session"));
    EXPECT_TRUE((*holder)->holds_lock().value());
}

}  // namespace
}  // namespace bdupdate::db
