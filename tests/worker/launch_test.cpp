#include "bdupdate/worker/launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace bdupdate::worker {
namespace {

using testing::HasSubstr;
using testing::Not;

const PathMap map = {{"/srv/site", "/var/www"}, {"/srv/site/files", "/data"}};

TEST(PathMaps, ReplaceWholeComponentsByTheLongestPrefix) {
    EXPECT_EQ(path_there(map, "/srv/site/core/a.inc"), "/var/www/core/a.inc");
    EXPECT_EQ(path_there(map, "/srv/site"), "/var/www");
    EXPECT_EQ(path_there(map, "/srv/site/files/x"), "/data/x");
    EXPECT_EQ(path_there(map, "/srv/sites/x"), "/srv/sites/x");
    EXPECT_EQ(path_there({{"/srv/site/", "/w/"}}, "/srv/site/x"), "/w/x");
}

TEST(PathMaps, LeadBack) {
    EXPECT_EQ(path_here(map, "/var/www/core/a.inc"), "/srv/site/core/a.inc");
    EXPECT_EQ(path_here(map, "/data/x"), "/srv/site/files/x");
    EXPECT_EQ(path_here(map, "/other"), "/other");
}

TEST(Launch, KeepsTheWordsOfAWrappedPhpInFront) {
    Options options;
    options.php = {"docker", "exec", "-i", "web", "php"};
    const auto argv = php_command(options);
    EXPECT_TRUE(std::equal(options.php.begin(), options.php.end(), argv.begin()));
    EXPECT_EQ(argv[argv.size() - 2], "-r");
}

TEST(Launch, CodeHasNoOpeningTagInIt) {
    EXPECT_THAT(worker_code(site::Kind::Backdrop, "t", "/srv/site"), Not(HasSubstr("<?php")));
    EXPECT_THAT(worker_code(site::Kind::Bare, "t", "/srv/site"), Not(HasSubstr("<?php")));
    EXPECT_THAT(worker_code(site::Kind::Drupal7, "t", "/srv/site"), Not(HasSubstr("<?php")));
}

TEST(Launch, OnlyTheCodeOfTheKindTravels) {
    EXPECT_THAT(worker_code(site::Kind::Backdrop, "t", "/srv/site"),
                Not(HasSubstr("class BdupdateBareSite")));
    EXPECT_THAT(worker_code(site::Kind::Bare, "t", "/srv/site"),
                Not(HasSubstr("class BdupdateBackdropSite")));
    EXPECT_THAT(worker_code(site::Kind::Drupal7, "t", "/srv/site"), HasSubstr("class BdupdateDrupalSite"));
    EXPECT_THAT(worker_code(site::Kind::Drupal7, "t", "/srv/site"),
                Not(HasSubstr("class BdupdateBackdropSite")));
}

TEST(Launch, LengthStandsBeforeTheCode) {
    EXPECT_EQ(loader_input("echo 1;"), "7\necho 1;");
}

}  // namespace
}  // namespace bdupdate::worker
