// A site whose database wants an encrypted connection: bdupdate, the client programs and PHP all have to make
// one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "fault/club.h"
#include "support/certificates.h"
#include "support/mariadb.h"

namespace bdupdate::test {
namespace {

using testing::HasSubstr;

class EncryptedSite : public testing::Test {
  protected:
    void SetUp() override {
        if (!MariaDb::available()) GTEST_SKIP() << "no MariaDB server here";
        MariaDb& server = MariaDb::instance();
        server.restart(SIGTERM, certificates_.server_options());
        club_.emplace(Store::MariaDb);
        server.run("", "ALTER USER site@127.0.0.1 REQUIRE X509");
        club_->replace("settings.php", "'localhost', 'unix_socket' => '" + server.socket().string() + "'",
                       "'127.0.0.1', 'port' => " + std::to_string(server.port()) + ", 'pdo' => array(" +
                           option("CA", "ca.pem") + option("CERT", "client.pem") +
                           option("KEY", "client.key") + ")");
        club_->keep();
    }
    void TearDown() override {
        if (!MariaDb::available()) return;
        MariaDb::instance().run("", "ALTER USER site@127.0.0.1 REQUIRE NONE");
        MariaDb::instance().restart(SIGTERM);
    }
    [[nodiscard]] std::string option(const std::string& name, const std::string& file) const {
        return "PDO::MYSQL_ATTR_SSL_" + name + " => '" + certificates_.file(file) + "', ";
    }

    Certificates certificates_;
    std::optional<Club> club_;
};

TEST_F(EncryptedSite, IsUpdated) {
    const Completed done = club_->run({"run", "--yes"});
    EXPECT_EQ(done.status.code, 0) << done.out << done.err;
    EXPECT_THAT(done.err, HasSubstr("backed up: "));
    EXPECT_EQ(club_->run({"status", "--exit-code"}).status.code, 0);
    EXPECT_EQ(club_->run({"verify"}).status.code, 0);
}

TEST_F(EncryptedSite, IsPutBackFromItsBackup) {
    club_->only_update(2001,
                       "db_add_field('state', 'extra', array('type' => 'int')); throw new Exception('no');");
    const std::string before = club_->held();
    const Completed done = club_->run({"run", "--yes"});
    EXPECT_EQ(done.status.code, 1) << done.out << done.err;
    EXPECT_THAT(done.out, HasSubstr("restored"));
    EXPECT_EQ(first_difference(before, club_->held()), "");
}

}  // namespace
}  // namespace bdupdate::test
