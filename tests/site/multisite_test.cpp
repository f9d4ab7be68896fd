#include <gmock/gmock.h>

#include "site/site_files.h"

namespace bdupdate::site {
namespace {

class Multisite : public SiteFiles {
  protected:
    void SetUp() override {
        SiteFiles::SetUp();
        make_backdrop();
        settings(plain_settings);
        for (const char* name : {"one", "two.example.com", "example.com.sub", "8080.example.com"}) {
            put(std::string("sites/") + name + "/settings.php",
                std::string("<?php\n") + plain_settings + "$database['database'] = '" + name + "';");
        }
        put("sites/sites.php",
            "<?php\n$sites['one.example.com'] = 'one';\n$sites['www.one.example.com'] = 'one';");
    }
    std::string path_for(const std::string& site) {
        options_.site = site;
        return loaded().conf_path;
    }
};

TEST_F(Multisite, WithoutANameTheDefaultSiteIsMeant) {
    EXPECT_EQ(path_for(""), ".");
    EXPECT_EQ(path_for("default"), ".");
}

TEST_F(Multisite, DirectoryNamesAndUrlsAreTaken) {
    EXPECT_EQ(path_for("one"), "sites/one");
    EXPECT_EQ(path_for("one.example.com"), "sites/one");
    EXPECT_EQ(path_for("https://www.one.example.com/"), "sites/one");
    EXPECT_EQ(path_for("http://WWW.One.Example.com"), "sites/one");
    EXPECT_EQ(path_for("two.example.com"), "sites/two.example.com");
    EXPECT_EQ(path_for("http://deep.two.example.com"), "sites/two.example.com");
    EXPECT_EQ(path_for("http://example.com/sub"), "sites/example.com.sub");
    EXPECT_EQ(path_for("http://example.com:8080/"), "sites/8080.example.com");
    EXPECT_EQ(loaded().database.database, "8080.example.com");
}

TEST_F(Multisite, UnknownSiteListsThoseThatAreThere) {
    options_.site = "nothing.example.org";
    const Error found = refused();
    EXPECT_EQ(found.code, ExitCode::Usage);
    EXPECT_NE(found.message.find("nothing.example.org"), std::string::npos);
    EXPECT_NE(found.hint.find("one, two.example.com"), std::string::npos) << found.hint;
    EXPECT_NE(found.hint.find("default"), std::string::npos);
}

TEST_F(Multisite, SitesCountOnlyWhereSitesPhpMapsAny) {
    put("sites/sites.php", "<?php\n// $sites['one.example.com'] = 'one';\n");
    options_.site = "one";
    const Error found = refused();
    EXPECT_EQ(found.code, ExitCode::Usage);
    EXPECT_NE(found.message.find("maps no sites"), std::string::npos);
    options_.site.clear();
    EXPECT_EQ(loaded().conf_path, ".");
}

TEST_F(Multisite, OnlySiteNeedsNoName) {
    std::filesystem::remove(root_ / "settings.php");
    for (const char* name : {"two.example.com", "example.com.sub", "8080.example.com"}) {
        std::filesystem::remove_all(root_ / "sites" / name);
    }
    EXPECT_EQ(path_for(""), "sites/one");
}

TEST_F(Multisite, SeveralSitesWithoutADefaultNeedAName) {
    std::filesystem::remove(root_ / "settings.php");
    const Error found = refused();
    EXPECT_EQ(found.code, ExitCode::Usage);
    EXPECT_NE(found.message.find("several sites"), std::string::npos);
}

TEST_F(Multisite, MapThatIsNotUnderstoodIsAskedFor) {
    put("sites/sites.php", "<?php\n$sites = some_function();");
    options_.site = "one.example.com";
    EXPECT_NE(refused().message.find("sites.php:2"), std::string::npos);
    const AskPhp ask = [this](const std::filesystem::path& docroot,
                              const std::filesystem::path& file) -> Result<std::string> {
        EXPECT_EQ(docroot, root_);
        EXPECT_EQ(file, root_ / "sites/sites.php");
        return R"({"sites":{"one.example.com":"one"}})";
    };
    EXPECT_EQ(loaded(ask).conf_path, "sites/one");
}

class AllSites : public Multisite {
  protected:
    std::vector<std::string> names() {
        LocateOptions options;
        options.root = root_;
        const auto all = sites_of(options, nobody_to_ask);
        return all ? all->names : std::vector<std::string>{all.error().message};
    }
    static Result<std::string> nobody_to_ask(const std::filesystem::path&, const std::filesystem::path&) {
        return fail(ExitCode::Preflight, "nobody to ask");
    }
};

TEST_F(AllSites, AreThoseThatCoreWouldLookAt) {
    put("sites/empty/README.md", "no settings.php");
    std::filesystem::create_directory_symlink("one", root_ / "sites/www.one.example.com");
    EXPECT_THAT(names(), testing::ElementsAre("default", "8080.example.com", "example.com.sub", "one",
                                              "two.example.com"))
        << "a link to a site is no other one";
    put("sites/sites.php", "<?php\n// $sites['one.example.com'] = 'one';\n");
    EXPECT_THAT(names(), testing::ElementsAre("default"));
}

TEST_F(AllSites, AnUntouchedSettingsFileIsNoSiteBesideOthers) {
    settings("$database = 'mysql://user:pass@localhost/database_name';");
    EXPECT_THAT(names(), testing::Not(testing::Contains("default")));
    EXPECT_THAT(names(), testing::SizeIs(4));
    put("sites/sites.php", "<?php\n");
    EXPECT_THAT(names(), testing::ElementsAre("default")) << "it is the only one: it is told of";
    std::filesystem::remove(root_ / "settings.php");
    EXPECT_THAT(names(), testing::ElementsAre(testing::HasSubstr("no settings.php")));
}

}  // namespace
}  // namespace bdupdate::site
