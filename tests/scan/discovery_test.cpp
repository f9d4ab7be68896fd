#include <gtest/gtest.h>
#include <unistd.h>

#include "scan/site_folder.h"

namespace bdupdate::scan {
namespace {

using test::functions_of;

class Discovery : public ::testing::Test {
  protected:
    test::SiteFolder folder;

    std::string directory(const Inventory& inventory, const std::string& module) const {
        return inventory.modules.at(module).directory.lexically_relative(folder.site.docroot).string();
    }
};

TEST_F(Discovery, AModuleDeepBelowModulesIsFound) {
    folder.module("modules/contrib/a/sub/foo");
    const Inventory inventory = folder.scan({"foo"});
    EXPECT_EQ(inventory.modules.at("foo").state, CodeState::Present);
    EXPECT_EQ(directory(inventory, "foo"), "modules/contrib/a/sub/foo");
    EXPECT_TRUE(inventory.warnings.empty());
}

TEST_F(Discovery, WithoutItsModuleFileOrItsInfoFileAModuleIsNotFound) {
    folder.write("modules/a/a.info", "name = A\nbackdrop = 1.x\n");
    folder.write("modules/a/a.install", "<?php function a_update_1000() {}");
    folder.write("modules/b/b.module", "<?php ");
    const Inventory inventory = folder.scan({"a", "b", "gone"});
    for (const char* name : {"a", "b", "gone"})
        EXPECT_EQ(inventory.modules.at(name).state, CodeState::NotFound) << name;
    EXPECT_TRUE(inventory.updates.empty());
}

TEST_F(Discovery, ACopyInModulesTakesThePlaceOfCoresAndIsMentioned) {
    folder.module("core/modules/foo", "function foo_update_1000() {}");
    folder.module("modules/foo", "function foo_update_1001() {}");
    const Inventory inventory = folder.scan({"foo"});
    EXPECT_EQ(test::functions_of(inventory, "foo"), "foo_update_1001");
    ASSERT_EQ(inventory.warnings.size(), 1U);
    EXPECT_EQ(inventory.warnings[0],
              "module foo: modules/foo takes the place of core's own core/modules/foo");
}

TEST_F(Discovery, TheSearchOrderIsCoreThenProfilesThenModulesThenTheSitesOwn) {
    folder.options.install_profile = "p";
    folder.site.conf_path = "sites/x";
    folder.module("core/modules/foo");
    EXPECT_EQ(directory(folder.scan({"foo"}), "foo"), "core/modules/foo");
    folder.module("core/profiles/p/modules/foo");
    EXPECT_EQ(directory(folder.scan({"foo"}), "foo"), "core/profiles/p/modules/foo");
    folder.module("profiles/p/modules/foo");
    EXPECT_EQ(directory(folder.scan({"foo"}), "foo"), "profiles/p/modules/foo");
    folder.module("modules/foo");
    EXPECT_EQ(directory(folder.scan({"foo"}), "foo"), "modules/foo");
    folder.module("sites/x/modules/foo");
    EXPECT_EQ(directory(folder.scan({"foo"}), "foo"), "sites/x/modules/foo");
}

TEST_F(Discovery, AFileWinsOverCopiesBelowItsOwnDirectory) {
    folder.module("modules/a/foo");
    folder.write("modules/a/foo/old/foo.module", "<?php ");
    folder.write("modules/a/foo/foo/foo.module", "<?php ");
    const Inventory inventory = folder.scan({"foo"});
    EXPECT_EQ(directory(inventory, "foo"), "modules/a/foo");
    EXPECT_TRUE(inventory.warnings.empty());
}

TEST_F(Discovery, CopiesSideBySideAreReportedAsAmbiguous) {
    folder.module("modules/a/foo");
    folder.module("modules/b/foo");
    const Inventory inventory = folder.scan({"foo"});
    ASSERT_EQ(inventory.warnings.size(), 1U);
    EXPECT_EQ(inventory.warnings[0].rfind("module foo exists more than once: ", 0), 0U)
        << inventory.warnings[0];
}

TEST_F(Discovery, DirectoriesThatCoreIgnoresAreIgnored) {
    for (const char* ignored : {".git", "css", "templates", "node_modules", "assets"})
        folder.module(std::string("modules/") + ignored + "/foo");
    EXPECT_EQ(folder.scan({"foo"}).modules.at("foo").state, CodeState::NotFound);
}

TEST_F(Discovery, AFileWhoseNameIsNoPhpNameIsNoModule) {
    folder.module("modules/9foo");
    folder.module("modules/foo-bar");
    const Inventory inventory = folder.scan({"9foo", "foo-bar"});
    EXPECT_EQ(inventory.modules.at("9foo").state, CodeState::NotFound);
    EXPECT_EQ(inventory.modules.at("foo-bar").state, CodeState::NotFound);
}

TEST_F(Discovery, ALinkedDirectoryIsFollowedAndALoopOfLinksEnds) {
    folder.module("elsewhere/foo");
    std::filesystem::create_directories(folder.site.docroot / "modules/a");
    std::filesystem::create_directory_symlink("../../elsewhere", folder.site.docroot / "modules/a/linked");
    std::filesystem::create_directory_symlink("..", folder.site.docroot / "modules/a/loop");
    EXPECT_EQ(directory(folder.scan({"foo"}), "foo"), "modules/a/linked/foo");
}

TEST_F(Discovery, ModulesMergedIntoCoreAreReadFromTheSitesOwnCore) {
    folder.module("modules/token", "function token_update_1000() {}");
    const Inventory inventory = folder.scan({"token"});
    EXPECT_EQ(inventory.modules.at("token").state, CodeState::Merged);
    EXPECT_TRUE(inventory.updates.empty());
}

TEST_F(Discovery, AModuleForAnotherCoreIsNamedSo) {
    folder.module("modules/a", "", "", "name = A\ncore = 7.x\n");
    folder.module("modules/b", "", "", "name = B\nbackdrop = 2.x\n");
    const Inventory inventory = folder.scan({"a", "b"});
    EXPECT_EQ(inventory.modules.at("a").state, CodeState::WrongCore);
    EXPECT_EQ(inventory.modules.at("a").core, "7.x");
    EXPECT_EQ(inventory.modules.at("b").state, CodeState::WrongCore);
}

TEST_F(Discovery, PhpTooOldIsSaidOnlyWhenThePhpIsKnown) {
    folder.module("modules/a", "", "", "backdrop = 1.x\nphp = 8.10\n");
    EXPECT_EQ(folder.scan({"a"}).modules.at("a").state, CodeState::PhpTooOld);
    folder.options.php_version = "8.10.0";
    EXPECT_EQ(folder.scan({"a"}).modules.at("a").state, CodeState::Present);
    folder.options.php_version.clear();
    EXPECT_EQ(folder.scan({"a"}).modules.at("a").state, CodeState::Present);
}

TEST_F(Discovery, TheProfileCountsAsAModuleAndCoresCopyOfItWins) {
    for (const char* base : {"profiles/p", "core/profiles/p"}) {
        folder.write(std::string(base) + "/p.info", "name = P\nbackdrop = 1.x\n");
        folder.write(std::string(base) + "/p.profile", "<?php ");
        folder.write(std::string(base) + "/p.install", "<?php function p_update_1000() {}");
    }
    folder.options.install_profile = "p";
    const Inventory inventory = folder.scan({"p"});
    EXPECT_EQ(directory(inventory, "p"), "core/profiles/p");
    EXPECT_EQ(test::functions_of(inventory, "p"), "p_update_1000");
}

TEST_F(Discovery, OfABareSiteTheInstallFileIsEnough) {
    folder.site.kind = site::Kind::Bare;
    folder.write("modules/a/a.install", "<?php function a_update_1000() {}");
    folder.write("modules/b.install", "<?php function b_update_1000() {}");
    const Inventory inventory = folder.scan({"a", "b", "c"});
    EXPECT_EQ(inventory.modules.at("a").state, CodeState::Present);
    EXPECT_EQ(test::functions_of(inventory, "a"), "a_update_1000");
    EXPECT_EQ(test::functions_of(inventory, "b"), "b_update_1000");
    EXPECT_EQ(inventory.modules.at("c").state, CodeState::NotFound);
}

TEST_F(Discovery, ADrupal7ModuleForAnotherCoreShadowsNothing) {
    folder.site.kind = site::Kind::Drupal7;
    folder.module("modules/foo", "", "", "name = F\ncore = 7.x\n");
    folder.module("sites/all/modules/foo", "", "", "name = F\ncore = 6.x\n");
    EXPECT_EQ(directory(folder.scan({"foo"}), "foo"), "modules/foo");
}

TEST_F(Discovery, ADirectoryThatCannotBeReadIsAnErrorThatNamesIt) {
    folder.module("modules/closed/foo");
    std::filesystem::permissions(folder.site.docroot, std::filesystem::perms(0755));
    std::filesystem::permissions(folder.site.docroot / "modules/closed", std::filesystem::perms::none);
    // Root may read everything, so it looks with other eyes.
    const bool root = ::geteuid() == 0;
    ASSERT_EQ(root ? ::seteuid(65534) : 0, 0);
    const auto inventory = folder.try_scan({{"foo", true}});
    ASSERT_EQ(root ? ::seteuid(0) : 0, 0);
    std::filesystem::permissions(folder.site.docroot / "modules/closed", std::filesystem::perms::owner_all);
    ASSERT_FALSE(inventory);
    EXPECT_EQ(inventory.error().message, "cannot read the directory modules/closed: Permission denied");
    EXPECT_EQ(inventory.error().code, ExitCode::Preflight);
}

TEST_F(Discovery, ASearchThatWasBegunServesOneScanAndLaterOnesLookAgain) {
    folder.module("modules/foo", "function foo_update_1000() {}");
    folder.options.begun = begin_reading(folder.site, folder.options.install_profile);
    ASSERT_NE(folder.options.begun, nullptr);
    EXPECT_EQ(test::functions_of(folder.scan({"foo"}), "foo"), "foo_update_1000");
    folder.module("modules/bar");
    EXPECT_EQ(directory(folder.scan({"bar"}), "bar"), "modules/bar");
}

TEST_F(Discovery, ASearchThatWasBegunForAnotherProfileIsNotUsed) {
    folder.module("profiles/minimal/modules/foo");
    folder.options.begun = begin_reading(folder.site, "standard");
    folder.options.install_profile = "minimal";
    EXPECT_EQ(directory(folder.scan({"foo"}), "foo"), "profiles/minimal/modules/foo");
}

TEST_F(Discovery, FilesAreReadTheSameWayWhoeverReadsThem) {
    std::vector<WantedModule> wanted;
    for (int i = 0; i < 40; ++i) {
        const std::string name = "foo" + std::to_string(i);
        folder.module("modules/" + name, "/**\n * Mends " + name + ".\n */\nfunction " + name +
                                             "_update_1000() {} function " + name +
                                             "_update_last_removed() { return " + std::to_string(i) + "; }");
        wanted.push_back({name, i % 2 == 0});
    }
    folder.options.begun = begin_reading(folder.site, folder.options.install_profile);
    const auto begun = folder.try_scan(wanted);
    const auto later = folder.try_scan(wanted);
    ASSERT_TRUE(begun && later);
    for (const WantedModule& module : wanted) {
        SCOPED_TRACE(module.name);
        for (const auto* inventory : {&*begun, &*later}) {
            EXPECT_EQ(inventory->updates.at(module.name).at(0).description, "Mends " + module.name + ".");
            EXPECT_EQ("foo" + std::to_string(inventory->modules.at(module.name).last_removed), module.name);
        }
    }
}

TEST_F(Discovery, ASearchThatNobodyComesForEnds) {
    folder.module("modules/foo");
    const auto begun = begin_reading(folder.site, folder.options.install_profile);
    EXPECT_NE(begun, nullptr);
}

TEST_F(Discovery, AnErrorOfTheSearchThatWasBegunIsTheScans) {
    std::filesystem::remove(folder.site.docroot / "core/includes/module.inc");
    folder.options.begun = begin_reading(folder.site, folder.options.install_profile);
    const auto inventory = folder.try_scan({});
    ASSERT_FALSE(inventory);
    EXPECT_NE(inventory.error().message.find("core/includes/module.inc"), std::string::npos);
}

}  // namespace
}  // namespace bdupdate::scan
