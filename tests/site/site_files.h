#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "bdupdate/site/site.h"
#include "support/temp_directory.h"

namespace bdupdate::site {

/// A docroot to be filled with files.
class SiteFiles : public ::testing::Test {
  protected:
    void SetUp() override {
        ::unsetenv("BACKDROP_SETTINGS");
        root_ = std::filesystem::canonical(temp_.path()) / "www";
        std::filesystem::create_directories(root_);
    }
    void TearDown() override { ::unsetenv("BACKDROP_SETTINGS"); }

    void put(const std::string& path, const std::string& content) const {
        std::filesystem::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path, std::ios::binary) << content;
    }
    void make_backdrop(const std::string& version = "1.34.3") const {
        put("core/includes/bootstrap.inc",
            "<?php\n/** @file */\ndefine('BACKDROP_VERSION', '" + version + "');\n");
    }
    void make_bare() const { std::filesystem::create_directories(root_ / "modules"); }
    void settings(const std::string& php) const { put("settings.php", "<?php\n" + php); }

    Result<Site> load(const AskPhp& ask = {}) {
        options_.root = options_.start.empty() ? std::optional(root_) : std::nullopt;
        return load_site(options_, ask);
    }
    /// The site, or a failed test.
    Site loaded(const AskPhp& ask = {}) {
        auto site = load(ask);
        EXPECT_TRUE(site) << site.error().message << "\n" << site.error().hint;
        return site ? *site : Site{};
    }
    /// The error, or a failed test.
    Error refused(const AskPhp& ask = {}) {
        auto site = load(ask);
        EXPECT_FALSE(site);
        return site ? Error{} : site.error();
    }

    test::TempDirectory temp_;
    std::filesystem::path root_;
    LocateOptions options_;
};

/// An array as 1.34 ships it, filled in, and config directories.
constexpr const char* plain_settings =
    "$database = array('database' => 'd', 'username' => 'u', 'password' => 'p', 'host' => 'localhost');\n"
    "$config_directories['active'] = 'files/config/active';\n"
    "$config_directories['staging'] = 'files/config/staging';\n";
constexpr const char* config_lines =
    "$config_directories['active'] = 'files/config/active';\n$config_directories['staging'] = "
    "'files/config/staging';\n";

}  // namespace bdupdate::site
