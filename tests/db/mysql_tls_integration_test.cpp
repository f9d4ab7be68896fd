// Encrypted connections, with a certificate authority of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "bdupdate/db/database.h"
#include "support/certificates.h"
#include "support/mariadb.h"

namespace bdupdate::db {
namespace {

using test::MariaDb;
using testing::HasSubstr;

class Encrypted : public testing::Test {
  protected:
    void SetUp() override {
        if (!MariaDb::available()) GTEST_SKIP() << "no MariaDB server here";
        MariaDb& server = MariaDb::instance();
        server.restart(SIGTERM, certificates_.server_options());
        server.create_database("secret");
        server.run("secret", "CREATE TABLE `schema` (name VARCHAR(50) PRIMARY KEY, schema_version INT)");
        server.run("", "ALTER USER site@127.0.0.1 REQUIRE SSL");
        settings_ = server.settings("secret", true);
        settings_.tls.ca = file("ca.pem");
    }
    void TearDown() override {
        if (!MariaDb::available()) return;
        MariaDb::instance().run("", "ALTER USER site@127.0.0.1 REQUIRE NONE");
        MariaDb::instance().restart(SIGTERM);
    }
    [[nodiscard]] std::string file(const std::string& name) const { return certificates_.file(name); }
    [[nodiscard]] Result<std::unique_ptr<Database>> opened() const {
        return open_database(settings_, site::Kind::Bare);
    }
    [[nodiscard]] Error refused() const {
        const auto database = opened();
        return database ? Error{ExitCode::Done, "it was let in", "", {}} : database.error();
    }

    test::Certificates certificates_;
    site::DatabaseSettings settings_;
};

TEST_F(Encrypted, TheCertificateAuthorityOfSettingsLetsIn) {
    const auto database = opened();
    ASSERT_TRUE(database) << database.error().message;
}

TEST_F(Encrypted, WithoutItTheServerRefuses) {
    settings_.tls = {};
    const Error error = refused();
    EXPECT_THAT(error.message, HasSubstr("refuses the login"));
    EXPECT_THAT(error.hint, HasSubstr("PDO::MYSQL_ATTR_SSL_CA"));
}

TEST_F(Encrypted, AnotherAuthorityIsNotTrusted) {
    settings_.tls.ca = file("other.pem");
    const Error error = refused();
    EXPECT_THAT(error.message, HasSubstr("no encrypted connection"));
    EXPECT_THAT(error.hint, HasSubstr("'pdo'"));
    settings_.tls.verify = false;
    EXPECT_TRUE(opened()) << "PHP would connect, too";
}

TEST_F(Encrypted, AServerOfAnotherNameIsNotTrusted) {
    MariaDb::instance().restart(SIGTERM, certificates_.server_options("stranger"));
    EXPECT_THAT(refused().message, HasSubstr("no encrypted connection"));
}

TEST_F(Encrypted, AnAccountCanWantACertificateOfItsOwn) {
    MariaDb::instance().run("", "ALTER USER site@127.0.0.1 REQUIRE X509");
    EXPECT_THAT(refused().message, HasSubstr("refuses the login"));
    settings_.tls.certificate = file("client.pem");
    settings_.tls.key = file("client.key");
    const auto database = opened();
    EXPECT_TRUE(database) << database.error().message;
}

TEST_F(Encrypted, AFileThatIsNotHereIsNamed) {
    settings_.tls.ca = "/nowhere/ca.pem";
    const Error error = refused();
    EXPECT_EQ(error.code, ExitCode::Preflight);
    EXPECT_THAT(error.message, HasSubstr("/nowhere/ca.pem"));
    EXPECT_THAT(error.hint, HasSubstr("--path-map"));
}

TEST_F(Encrypted, AServerWithoutIsRefusedWhereSettingsWantIt) {
    MariaDb::instance().run("", "ALTER USER site@127.0.0.1 REQUIRE NONE");
    MariaDb::instance().restart(SIGTERM, {"--skip-ssl"});
    EXPECT_THAT(refused().message, HasSubstr("no encrypted connection"));
}

}  // namespace
}  // namespace bdupdate::db
