// The login of MySQL 8 in a program that has libmariadb linked in. No MySQL server is at hand: the numbers
// were computed with other libraries, and the other end of the conversation is tests/db/login_server.h.
#include "../../src/db/mysql_login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../src/db/mysql_connection.h"
#include "db/login_server.h"

namespace bdupdate::db {
namespace {

using test::LoginServer;
using testing::ElementsAre;
using testing::HasSubstr;

std::string hex(const std::string& bytes) {
    std::string text;
    for (const char byte : bytes) {
        constexpr const char* digits = "0123456789abcdef";
        const auto value = static_cast<unsigned char>(byte);
        text += digits[value >> 4U];
        text += digits[value & 15U];
    }
    return text;
}

/// Computed with Python's hashlib and with PHP's hash().
TEST(CachingSha2, TheScrambleIsTheOneThatOtherLibrariesCompute) {
    std::string counting;
    for (char byte = 1; byte <= 20; ++byte) counting += byte;
    EXPECT_EQ(hex(caching_sha2_scramble("secret", counting)),
              "746ebe205d56a0707acb3e796e834e0dd7b1d61743b26bd5202c7a623230c7c9");
    EXPECT_EQ(hex(caching_sha2_scramble("p\xc3\xa4ssw\xc3\xb6rd \\ '\"", "abcdefghijklmnopqrst")),
              "a431ae5eac8c4bd70ee7be985a5df39891dc7aa14867066dd50d502769595444");
    EXPECT_EQ(hex(caching_sha2_scramble(std::string(100, 'x'), std::string(20, '\xff'))),
              "bf6bfea5d366f3cff2844386232cf5fe39c6cb8d6a02c7529f061be6125dbaa4");
}

TEST(LoginMethods, WhatLibmariadbLacksIsToldFromWhatTheServerLacks) {
    EXPECT_EQ(missing_login_method("Plugin client_ed25519 could not be loaded: no such file"),
              "client_ed25519");
    EXPECT_EQ(missing_login_method("Plugin 'ed25519' is not loaded"), "");
    EXPECT_EQ(missing_login_method("Access denied for user 'Plugin'@'localhost'"), "");
}

TEST(CachingSha2, WhatIsNoKeyIsRefused) {
    const auto encrypted = caching_sha2_encrypted("secret", "01234567890123456789", "rubbish");
    ASSERT_FALSE(encrypted);
    EXPECT_THAT(encrypted.error().message, HasSubstr("no public key"));
}

/// libmariadb's login with the method of src/db/mysql_login.cpp in it, as the static program has it.
struct CachingSha2Login : testing::Test {
    void SetUp() override {
        MYSQL* handle = mysql_init(nullptr);
        ASSERT_TRUE(register_caching_sha2(handle)) << mysql_error(handle);
        mysql_close(handle);
    }
    static Result<void> log_in(const LoginServer& server, const std::string& password) {
        const auto connection =
            MySqlConnection::open(server.settings(password), std::chrono::seconds(20), false);
        if (!connection) return fail(connection.error());
        return {};
    }
    const std::string password_ = "p\xc3\xa4ssw\xc3\xb6rd \\ '\"";
};

TEST_F(CachingSha2Login, AServerThatRemembersTheAccountBelievesTheProof) {
    for (const bool tcp : {false, true}) {
        LoginServer server(password_, {.tcp = tcp, .remembers = true});
        const auto in = log_in(server, password_);
        EXPECT_TRUE(in) << in.error().message;
        EXPECT_THAT(server.heard(), ElementsAre("proof"));
    }
}

TEST_F(CachingSha2Login, OneThatDoesNotGetsThePasswordOverALocalSocket) {
    LoginServer server(password_, {});
    const auto in = log_in(server, password_);
    EXPECT_TRUE(in) << in.error().message;
    EXPECT_THAT(server.heard(), ElementsAre("plain"));
}

TEST_F(CachingSha2Login, OverTcpWithoutTlsThePasswordIsEncryptedWithTheServersKey) {
    for (const std::string& password : {password_, std::string("a password of more than twenty bytes")}) {
        LoginServer server(password, {.tcp = true});
        const auto in = log_in(server, password);
        EXPECT_TRUE(in) << in.error().message;
        EXPECT_THAT(server.heard(), ElementsAre("asks for the key", "encrypted"));
    }
}

TEST_F(CachingSha2Login, AServerWithAnotherDefaultAsksForTheMethod) {
    LoginServer server(password_, {.remembers = true, .greets_with = "mysql_native_password"});
    const auto in = log_in(server, password_);
    EXPECT_TRUE(in) << in.error().message;
    EXPECT_THAT(server.heard(), ElementsAre("logs in by mysql_native_password", "proof"));
}

TEST_F(CachingSha2Login, AWrongPasswordIsRefusedInEachWay) {
    for (const bool tcp : {false, true})
        for (const bool remembers : {false, true}) {
            LoginServer server(password_, {.tcp = tcp, .remembers = remembers});
            const auto in = log_in(server, "another");
            ASSERT_FALSE(in);
            EXPECT_THAT(in.error().message, HasSubstr("refuses the login: Access denied"));
        }
}

TEST_F(CachingSha2Login, NoPasswordIsTold) {
    LoginServer server("", {});
    const auto in = log_in(server, "");
    EXPECT_TRUE(in) << in.error().message;
    EXPECT_THAT(server.heard(), ElementsAre("no password"));
}

}  // namespace
}  // namespace bdupdate::db
