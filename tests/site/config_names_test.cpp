#include "bdupdate/site/config_names.h"

#include <gtest/gtest.h>

namespace bdupdate::site {
namespace {

constexpr const char* shipped =
    "<?php\n"
    "// $config_directories['active'] = '../config/active';\n"
    "$config_directories['active'] = 'files/config_' . md5(serialize($database)) . '/active';\n"
    "$config_directories['staging'] = 'files/config_' . md5(serialize($database)) . '/staging';\n"
    "$settings['hash_salt'] = 'x';";

TEST(ConfigNames, TheDefaultIsReplacedAsCoreDoesItAndNothingElse) {
    EXPECT_EQ(with_config_directories(shipped, ".", "abc"),
              "<?php\n"
              "// $config_directories['active'] = '../config/active';\n"
              "$config_directories['active'] = './files/config_abc/active';\n"
              "$config_directories['staging'] = './files/config_abc/staging';\n"
              "$settings['hash_salt'] = 'x';");
}

TEST(ConfigNames, ASiteOfAMultisiteHasThemInItsOwnDirectory) {
    EXPECT_NE(with_config_directories(shipped, "sites/north", "abc")
                  ->find("'./sites/north/files/config_abc/active'"),
              std::string::npos);
}

TEST(ConfigNames, NamesThatTheSiteChoseStay) {
    EXPECT_FALSE(
        with_config_directories("<?php\n$config_directories['active'] = '../active';\n", ".", "abc"));
    EXPECT_FALSE(with_config_directories("<?php\n", ".", "abc"));
}

TEST(ConfigNames, OnlyLinesThatBeginWithTheVariableCount) {
    EXPECT_FALSE(with_config_directories("<?php\n  $config_directories['active'] = md5('x');\n", ".", "abc"));
}

}  // namespace
}  // namespace bdupdate::site
