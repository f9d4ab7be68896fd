#include "../../src/run/doctor_php.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_directory.h"

namespace bdupdate::run {
namespace {

using testing::HasSubstr;

struct WebServersPhp : testing::Test {
    test::TempDirectory temp;

    void make(const std::string& file) {
        std::filesystem::create_directories((temp.path() / file).parent_path());
        std::ofstream(temp.path() / file) << "";
    }
    std::vector<Diagnosis> look(const std::string& version = "8.2.7") {
        return compare_with_web_server("php", temp.path(), version);
    }
};

TEST_F(WebServersPhp, NothingIsSaidWhereNothingCanBeKnown) {
    EXPECT_TRUE(look().empty());
    make("8.2/cli/php.ini");
    EXPECT_TRUE(look().empty()) << "no web server's";
    make("8.2/fpm/php.ini");
    EXPECT_TRUE(look("").empty());
}

TEST_F(WebServersPhp, AnotherVersionIsAWarning) {
    make("8.1/fpm/php.ini");
    const auto found = look();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].health, Health::Warning);
    EXPECT_THAT(found[0].finding.message, HasSubstr("php is PHP 8.2.7, and the web server's is 8.1"));
    EXPECT_EQ(found[0].finding.hint, "--php php8.1");
}

TEST_F(WebServersPhp, ExtensionsThatOnlyTheWebServerLoadsAreNamed) {
    make("8.2/fpm/php.ini");
    for (const char* name : {"10-pdo.ini", "20-gd.ini", "20-intl.ini", "10-opcache.ini"})
        make(std::string("8.2/fpm/conf.d/") + name);
    make("8.2/cli/conf.d/10-pdo.ini");
    const auto found = look();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_THAT(found[0].finding.message, HasSubstr("the web server's PHP loads gd, intl ("));
    make("8.2/cli/conf.d/20-gd.ini");
    make("8.2/cli/conf.d/20-intl.ini");
    EXPECT_EQ(look().at(0).health, Health::Ok);
}

}  // namespace
}  // namespace bdupdate::run
