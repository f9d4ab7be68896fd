#include "bdupdate/scan/definitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temp_directory.h"

namespace bdupdate::scan {
namespace {

using Kind = Symbol::Kind;

struct Definitions : testing::Test {
    test::TempDirectory temp;
    site::Site site;

    Definitions() { site.docroot = temp.path(); }
    void write(const std::string& file, const std::string& text) const {
        std::filesystem::create_directories((temp.path() / file).parent_path());
        std::ofstream(temp.path() / file) << text;
    }
    /// "file (module)", in order.
    [[nodiscard]] std::vector<std::string> find(Kind kind, const std::string& name) const {
        std::vector<std::string> found;
        for (const Definition& it : find_definitions(site, {kind, name}))
            found.push_back(it.file + " (" + it.module + ")");
        return found;
    }
};

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(Definitions, OfAFunctionAreFoundWithTheirModule) {
    write("modules/foo/foo.module", "<?php\nfunction foo_a() {}\n");
    write("modules/foo/includes/deep/foo.pages.inc", "<?php\nfunction &Foo_B ($x) { }\n");
    write("core/includes/common.inc", "<?php\nif (TRUE) { function core_c() {} }\n");
    EXPECT_THAT(find(Kind::Function, "foo_a"), ElementsAre("modules/foo/foo.module (foo)"));
    EXPECT_THAT(find(Kind::Function, "foo_b"), ElementsAre("modules/foo/includes/deep/foo.pages.inc (foo)"));
    EXPECT_THAT(find(Kind::Function, "core_c"), ElementsAre("core/includes/common.inc ()"));
}

TEST_F(Definitions, AreNotWhatOnlyLooksLikeOne) {
    write("modules/foo/foo.module", R"(<?php
// function foo_a() {}
$x = 'function foo_a() {}';
class C { function foo_a() {} }
function foo_ab() { foo_a(); }
$y = "class Foo_Class";
define('OTHER', 'FOO_CONST');
)");
    write("modules/foo/notes.txt", "<?php function foo_a() {}");
    write("files/upload.php", "<?php function foo_a() {}");
    write("modules/foo/node_modules/a.php", "<?php function foo_a() {}");
    EXPECT_THAT(find(Kind::Function, "foo_a"), IsEmpty());
    EXPECT_THAT(find(Kind::Class, "Foo_Class"), IsEmpty());
    EXPECT_THAT(find(Kind::Constant, "FOO_CONST"), IsEmpty());
    EXPECT_THAT(find(Kind::Function, ""), IsEmpty());
}

TEST_F(Definitions, OfClassesAndConstantsAreFound) {
    write("modules/foo/lib/Thing.php", "<?php\nnamespace Foo\\Lib;\nfinal class Thing extends Other {}\n");
    write("modules/foo/foo.module",
          "<?php\ndefine('FOO_MAX', 3);\nconst FOO_MIN = 1;\ninterface Foo_I {}\ntrait Foo_T {}\n");
    EXPECT_THAT(find(Kind::Class, "Foo\\Lib\\Thing"), ElementsAre("modules/foo/lib/Thing.php (foo)"));
    EXPECT_THAT(find(Kind::Class, "foo_i"), ElementsAre("modules/foo/foo.module (foo)"));
    EXPECT_THAT(find(Kind::Class, "Foo_T"), ElementsAre("modules/foo/foo.module (foo)"));
    EXPECT_THAT(find(Kind::Constant, "FOO_MAX"), ElementsAre("modules/foo/foo.module (foo)"));
    EXPECT_THAT(find(Kind::Constant, "FOO_MIN"), ElementsAre("modules/foo/foo.module (foo)"));
}

TEST_F(Definitions, OfAShadowingModuleComeBeforeCores) {
    write("core/modules/foo/foo.module", "<?php\nfunction foo_a() {}\n");
    write("modules/foo/foo.module", "<?php\nfunction foo_a() {}\n");
    EXPECT_THAT(find(Kind::Function, "foo_a"),
                ElementsAre("modules/foo/foo.module (foo)", "core/modules/foo/foo.module (foo)"));
}

TEST_F(Definitions, OfSeveralModulesInOneDirectoryBelongToTheirOwn) {
    write("modules/foo/foo.module", "<?php\n");
    write("modules/foo/foo_ui.module", "<?php\n");
    write("modules/foo/foo_ui.install", "<?php\nfunction foo_ui_a() {}\n");
    EXPECT_THAT(find(Kind::Function, "foo_ui_a"), ElementsAre("modules/foo/foo_ui.install (foo_ui)"));
}

TEST_F(Definitions, SearchSurvivesCirclesAndFilesThatAreNone) {
    write("modules/foo/foo.module", "<?php\nfunction foo_a() {}\n");
    std::filesystem::create_directory_symlink(temp.path(), temp.path() / "modules/foo/up");
    std::filesystem::create_symlink("/dev/zero", temp.path() / "modules/foo/zero.php");
    std::filesystem::create_symlink("nowhere", temp.path() / "modules/foo/nowhere.inc");
    EXPECT_THAT(find(Kind::Function, "foo_a"), ElementsAre("modules/foo/foo.module (foo)"));
}

TEST(MissingSymbol, IsReadFromPhpsWords) {
    const auto text = [](const std::string& words) {
        const Symbol symbol = missing_symbol(words);
        return std::to_string(static_cast<int>(symbol.kind)) + " " + symbol.name;
    };
    EXPECT_EQ(text("x failed: Error: Call to undefined function foo_a() (modules/x)"), "0 foo_a");
    EXPECT_EQ(text("Error: Call to undefined function Foo\\foo_a()"), "0 Foo\\foo_a");
    EXPECT_EQ(text("node_save() is not part of the bare API (docs/bare-api.md): write the rows"),
              "0 node_save");
    EXPECT_EQ(text("Error: Class \"Foo\\Bar\" not found (x:1)"), "1 Foo\\Bar");
    EXPECT_EQ(text("Error: Class 'Bar' not found"), "1 Bar");
    EXPECT_EQ(text("Interface \"Bar\" not found"), "1 Bar");
    EXPECT_EQ(text("Error: Undefined constant \"VIEWS_STORAGE_DEFAULT\""), "2 VIEWS_STORAGE_DEFAULT");
    EXPECT_EQ(text("Exception: Class \"Bar\" is fine"), "2 ");
    EXPECT_EQ(text("Exception: no"), "2 ");
}

}  // namespace
}  // namespace bdupdate::scan
