#include "bdupdate/scan/inventory.h"

#include <gtest/gtest.h>

#include "scan/site_folder.h"

namespace bdupdate::scan {
namespace {

using test::functions_of;

class Inventories : public ::testing::Test {
  protected:
    test::SiteFolder folder;
};

TEST_F(Inventories, AnUpdateHasItsDescriptionFileAndLine) {
    folder.module("modules/foo", "\n/**\n * Adds a table.\n */\nfunction foo_update_1000(&$sandbox) {\n}\n");
    const Inventory inventory = folder.scan({"foo"});
    const UpdateFunction& update = inventory.updates.at("foo").at(0);
    EXPECT_EQ(update.number, "1000");
    EXPECT_EQ(update.description, "Adds a table.");
    EXPECT_EQ(update.file, folder.site.docroot / "modules/foo/foo.install");
    EXPECT_EQ(update.line, 6);
}

TEST_F(Inventories, NamesAreMatchedGreedilyAndWithoutRegardToCase) {
    folder.module(
        "modules/foo",
        "function foo_update_bar_update_1000() {}\nfunction Foo_UPDATE_01001() {}\n"
        "function foo_update_x1() {}\nfunction _update_1002() {}\nfunction foo_update_1003x() {}\n");
    const Inventory inventory = folder.scan({"foo"});
    EXPECT_EQ(inventory.updates.size(), 2U);
    EXPECT_EQ(functions_of(inventory, "foo_update_bar"), "foo_update_bar_update_1000");
    EXPECT_EQ(functions_of(inventory, "foo"), "Foo_UPDATE_01001");
    EXPECT_EQ(inventory.updates.at("foo").at(0).number, "01001");
}

TEST_F(Inventories, UpdatesInTheModuleFileCountOnlyWhereItIsEnabled) {
    folder.module("modules/foo", "", "function foo_update_1000() {}");
    EXPECT_EQ(functions_of(folder.scan({"foo"}), "foo"), "foo_update_1000");
    EXPECT_TRUE(folder.try_scan({{"foo", false}})->updates.empty());
}

TEST_F(Inventories, MethodsInnerFunctionsAndTextAreNoUpdates) {
    folder.module(
        "modules/foo",
        "class A { function foo_update_1000() {} }\n$x = function() { function foo_update_1001() {} };\n"
        "// function foo_update_1002() {}\n$s = 'function foo_update_1003() {}'; ?>\n"
        "function foo_update_1004() {}\n");
    EXPECT_TRUE(folder.scan({"foo"}).updates.empty());
}

TEST_F(Inventories, FilesThatAreLoadedAtIncludeTimeAreFollowed) {
    folder.module("modules/bar");
    folder.module("modules/foo",
                  "require_once __DIR__ . '/a.inc';\ninclude dirname(__FILE__) . '/b.inc';\n"
                  "require_once BACKDROP_ROOT . '/modules/foo/c.inc';\n"
                  "include_once BACKDROP_ROOT . '/' . backdrop_get_path('module', 'bar') . '/d.inc';\n"
                  "module_load_include('inc', 'foo', 'e');\nrequire 'f.inc';\n"
                  "function x() { require __DIR__ . '/never.inc'; }\n");
    for (const char* name : {"a", "b", "c", "e", "f", "never"}) {
        folder.write(std::string("modules/foo/") + name + ".inc",
                     std::string("<?php function foo_") + name + "_update_1() {}");
    }
    folder.write("modules/bar/d.inc", "<?php require __DIR__ . '/deeper.inc'; function foo_d_update_1() {}");
    folder.write("modules/bar/deeper.inc", "<?php function foo_deeper_update_1() {}");
    const Inventory inventory = folder.scan({"foo"});
    for (const char* name : {"a", "b", "c", "d", "deeper", "e", "f"})
        EXPECT_EQ(inventory.updates.count(std::string("foo_") + name), 1U) << name;
    EXPECT_EQ(inventory.updates.size(), 7U);
    EXPECT_TRUE(inventory.warnings.empty());
}

TEST_F(Inventories, AFileThatCannotBeKnownWithoutPhpIsWarnedOf) {
    folder.module("modules/foo", "\nrequire $GLOBALS['where'] . '/a.inc';\nfunction foo_update_1000() {}\n");
    const Inventory inventory = folder.scan({"foo"});
    EXPECT_EQ(functions_of(inventory, "foo"), "foo_update_1000");
    ASSERT_EQ(inventory.warnings.size(), 1U);
    EXPECT_EQ(inventory.warnings[0].rfind("modules/foo/foo.install line 3: ", 0), 0U)
        << inventory.warnings[0];
}

TEST_F(Inventories, TheSameUpdateTwiceIsAnErrorThatNamesBothPlaces) {
    folder.module("modules/a", "function a_update_1000() {}\n");
    folder.module("modules/b", "\n\nfunction A_update_1000() {}\n");
    const auto inventory = folder.try_scan({{"a", false}, {"b", false}});
    ASSERT_FALSE(inventory);
    EXPECT_EQ(inventory.error().code, ExitCode::Preflight);
    EXPECT_EQ(
        inventory.error().message,
        "A_update_1000() is declared twice: in modules/a/a.install line 2 and in modules/b/b.install line 4");
}

TEST_F(Inventories, AFileLoadedTwiceDeclaresNothingTwice) {
    folder.module("modules/a", "require_once __DIR__ . '/x.inc';\n");
    folder.module("modules/b", "require_once __DIR__ . '/../a/../a/x.inc';\n");
    folder.write("modules/a/x.inc", "<?php function a_update_1000() {}");
    EXPECT_EQ(functions_of(folder.scan({"a", "b"}), "a"), "a_update_1000");
}

TEST_F(Inventories, AnUpdateDeclaredOnAConditionIsFoundAndNoDuplicate) {
    folder.module("modules/a",
                  "if (!function_exists('a_update_1000')) {\n  function a_update_1000() {}\n}\n");
    folder.module("modules/b", "function a_update_1000() {}\n");
    const Inventory inventory = folder.scan({"a", "b"});
    EXPECT_EQ(functions_of(inventory, "a"), "a_update_1000");
    EXPECT_EQ(inventory.warnings.size(), 2U);
}

TEST_F(Inventories, ASyntaxErrorIsNamedWithFileAndLine) {
    folder.module("modules/a", "function a_update_1000() {\n  f(1];\n}\n");
    folder.module("modules/b", "function b_update_1000() {\n}\n$x = 'open;\n");
    folder.module("modules/c", "function c_update_1000() {\n  if (1) {\n}\n");
    folder.module("modules/d", "function d_update_1000() {}\n");
    const Inventory inventory = folder.scan({"a", "b", "c", "d"});
    EXPECT_EQ(inventory.modules.at("a").syntax_error, "modules/a/a.install line 3: ']' does not match '('");
    EXPECT_EQ(inventory.modules.at("b").syntax_error, "modules/b/b.install line 4: unterminated string");
    EXPECT_EQ(inventory.modules.at("c").syntax_error, "modules/c/c.install line 2: unclosed '{'");
    EXPECT_EQ(inventory.modules.at("d").syntax_error, std::nullopt);
}

TEST_F(Inventories, LastRemovedAndDependenciesAreEvaluated) {
    folder.module(
        "modules/foo",
        "function foo_update_last_removed() {\n  return 7004;\n}\n"
        "function foo_update_dependencies() {\n  $d['foo'][1001] = array('system' => 1010, 'user' => 1007);\n"
        "  $d['foo'][1002]['node'] = 1005;\n  return $d;\n}\n");
    folder.module("modules/bar");
    const Inventory inventory = folder.scan({"foo", "bar"});
    const ModuleCode& foo = inventory.modules.at("foo");
    EXPECT_EQ(foo.last_removed_state, HookState::Known);
    EXPECT_EQ(foo.last_removed, 7004);
    ASSERT_EQ(foo.dependencies.size(), 3U);
    EXPECT_EQ(foo.dependencies[1].module, "foo");
    EXPECT_EQ(foo.dependencies[1].number, "1001");
    EXPECT_EQ(foo.dependencies[1].other_module, "user");
    EXPECT_EQ(foo.dependencies[1].other_number, "1007");
    EXPECT_EQ(foo.dependencies[2].number, "1002");
    EXPECT_EQ(inventory.modules.at("bar").dependencies_state, HookState::Absent);
}

TEST_F(Inventories, AHookInAnotherModulesFileCounts) {
    folder.module("modules/foo", "function bar_update_last_removed() { return 1003; }");
    folder.module("modules/bar");
    EXPECT_EQ(folder.scan({"foo", "bar"}).modules.at("bar").last_removed, 1003);
}

TEST_F(Inventories, AHookThatIsNoConstantNeedsPhpAndSaysWhere) {
    folder.module("modules/foo",
                  "function foo_update_last_removed() {\n\n  return db_query('x')->fetchField();\n}\n");
    const Inventory inventory = folder.scan({"foo"});
    const ModuleCode& foo = inventory.modules.at("foo");
    EXPECT_EQ(foo.last_removed_state, HookState::NeedsPhp);
    EXPECT_NE(foo.needs_php_why.find("modules/foo/foo.install:4"), std::string::npos) << foo.needs_php_why;
}

TEST_F(Inventories, PhpIsAskedWhereTheHookIsNoConstant) {
    folder.module("modules/foo",
                  "function foo_update_last_removed() { return f(); }\n"
                  "function foo_update_dependencies() { return f(); }\n");
    std::vector<std::string> asked;
    folder.options.ask_php = [&asked](const std::filesystem::path& file, const std::string& function) {
        asked.push_back(file.filename().string() + ' ' + function);
        return Result<std::string>(
            function == "foo_update_last_removed" ? "1002" : R"({"foo":{"1003":{"bar":1001}}})");
    };
    const Inventory inventory = folder.scan({"foo"});
    const ModuleCode& foo = inventory.modules.at("foo");
    EXPECT_EQ(asked, (std::vector<std::string>{"foo.install foo_update_last_removed",
                                               "foo.install foo_update_dependencies"}));
    EXPECT_EQ(foo.last_removed, 1002);
    ASSERT_EQ(foo.dependencies.size(), 1U);
    EXPECT_EQ(foo.dependencies[0].other_number, "1001");
    EXPECT_TRUE(foo.needs_php_why.empty());
}

TEST_F(Inventories, TheInfoFileIsDescribed) {
    folder.module(
        "modules/foo", "", "",
        "name = Foo\nbackdrop = 1.x\nversion = BACKDROP_VERSION\nphp = 7.2\ndependencies[] = bar (>1.2)\n");
    const Inventory inventory = folder.scan({"foo"});
    const ModuleCode& foo = inventory.modules.at("foo");
    EXPECT_EQ(foo.human_name, "Foo");
    EXPECT_EQ(foo.version, "1.34.3");
    EXPECT_EQ(foo.php, "7.2");
    EXPECT_EQ(foo.requires_modules, std::vector<std::string>{"bar (>1.2)"});
}

TEST_F(Inventories, TheModuleFilesComeBeforeTheInstallFilesAsInCore) {
    folder.module("modules/a", "function x_update_1() {}");
    folder.module("modules/b", "", "function x_update_2() {}");
    EXPECT_EQ(functions_of(folder.scan({"a", "b"}), "x"), "x_update_2 x_update_1");
}

}  // namespace
}  // namespace bdupdate::scan
