#include "bdupdate/lint/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdupdate::lint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Lint : testing::Test {
    ModuleFiles files;

    Lint() {
        files.module = "foo";
        files.install.name = "foo.install";
    }

    /// "LINE RULE" of every finding in a file that begins with `<?php` and a new line.
    std::vector<std::string> found(const std::string& code) {
        files.install.text = "<?php\n" + code;
        std::vector<std::string> result;
        for (const Finding& finding : check(files)) {
            EXPECT_FALSE(finding.message.empty());
            EXPECT_FALSE(finding.hint.empty()) << finding.rule;
            result.push_back(std::to_string(finding.line) + " " + finding.rule);
        }
        return result;
    }
    /// The same for the body of one update, whose first line is line 2.
    std::vector<std::string> found_in_update(const std::string& body) {
        return found("/** Does it. */ function foo_update_1001(&$sandbox) {" + body + "}\n");
    }
};

TEST_F(Lint, EveryFindingHasARuleOfTheList) {
    std::vector<std::string> names;
    for (const Rule& rule : rules()) names.emplace_back(rule.name);
    for (const Finding& finding : (found("function foo_update_6000() {}"), check(files)))
        EXPECT_THAT(names, testing::Contains(finding.rule));
}

TEST_F(Lint, AFileWithoutFaultsHasNoFindings) {
    EXPECT_THAT(found(R"php(
/**
 * Adds a column.
 */
function foo_update_1000() {}
/** What came with Drupal 7. */
function foo_update_7002() {}
/** Later. */
function foo_update_1100(&$sandbox) {}
function foo_update_last_removed() { return 7001; }
function foo_update_dependencies() { return array('foo' => array(1100 => array('bar' => 1001))); }
)php"),
                IsEmpty());
}

TEST_F(Lint, NumbersOutsideOfTheSchemeAreNamed) {
    EXPECT_THAT(
        found(R"php(
/** a */ function foo_update_40000() {}
/** b */ function foo_update_01002() {}
/** c */ function foo_update_6001() {}
/** d */ function foo_update_8001() {}
/** e */ function foo_update_12() {}
/** f */ function foo_update_2001() {}
/** g */ function foo_update_0() {}
)php"),
        ElementsAre("3 number", "4 number", "5 number", "6 number", "7 number", "8 number", "9 number"));
}

TEST_F(Lint, ModulesOfDrupal7HaveItsNumbers) {
    files.rules = plan::Rules::Drupal7;
    EXPECT_THAT(found("/** a */ function foo_update_7100() {}\n/** b */ function foo_update_1000() {}\n"),
                ElementsAre("3 number"));
}

TEST_F(Lint, TheSameNumberTwiceIsFoundHoweverItIsWritten) {
    EXPECT_THAT(found("/** a */ function foo_update_1001() {}\n/** b */ function FOO_update_1001() {}\n"),
                ElementsAre("3 duplicate"));
}

TEST_F(Lint, AnUpdateWithoutWordsForTheAdministrator) {
    EXPECT_THAT(found("function foo_update_1001() {}\n/** Implements hook_update_N(). */ function "
                      "foo_update_1002() {}\n/**\n */\nfunction foo_update_1003() {}\n"),
                ElementsAre("2 description", "3 description", "6 description"));
}

TEST_F(Lint, AnUpdateAtOrBelowTheLastRemovedOneNeverRuns) {
    EXPECT_THAT(found("function foo_update_last_removed() { return 1002; }\n"
                      "/** a */ function foo_update_1002() {}\n/** b */ function foo_update_1003() {}\n"
                      "/** c */ function foo_update_7005() {}\n"),
                ElementsAre("3 last-removed", "5 last-removed"))
        << "7xxx comes before 1xxx";
}

TEST_F(Lint, CoresLastRemovedOfDrupal7IsNoFault) {
    EXPECT_THAT(found("function foo_update_last_removed() { return 7078; }\n"
                      "/** a */ function foo_update_1000() {}\n"),
                IsEmpty());
}

TEST_F(Lint, HooksThatOnlyPhpCanTellAreNamed) {
    EXPECT_THAT(found("function foo_update_last_removed() { return bar(); }\n"
                      "function foo_update_dependencies() { return baz(); }\n"),
                ElementsAre("2 not-constant", "3 not-constant"));
}

TEST_F(Lint, ADependencyOnAnUpdateThatIsNotThere) {
    EXPECT_THAT(found(R"php(function foo_update_dependencies() {
  $dependencies['foo'][1005] = array('bar' => 1001);
  $dependencies['bar'][1001] = array('foo' => 1001);
  $dependencies['bar'][1002] = array('foo' => 1002);
  return $dependencies;
}
/** a */ function foo_update_1001() {}
)php"),
                ElementsAre("2 dependency", "2 dependency"));
}

TEST_F(Lint, UpdatesOfOtherModulesAndPlacesAreNamed) {
    files.others = {
        {"foo.module", "<?php\nfunction foo_update_1001() {}\n"},
        {"foo.inc", "<?php\nfunction foo_update_1002() {}\n"},
        {"foo.updates.inc", "<?php\nfunction foo_update_1003() {}\nfunction bar_update_1() {}\n"}};
    EXPECT_THAT(found("require_once 'foo.updates.inc';\n/** a */ function bar_update_1001() {}\n"),
                ElementsAre("2 place", "3 module-name", "2 place"))
        << "by file: foo.inc, foo.install, foo.module";
}

TEST_F(Lint, AModuleWithCapitalsHasNoUpdates) {
    files.module = "Foo";
    EXPECT_THAT(found("/** a */ function Foo_update_1001() {}\n"), ElementsAre("2 module-name"));
}

TEST_F(Lint, AFunctionOfTheOwnModuleMayNotBeThere) {
    files.others = {{"foo.module", "<?php\nfunction foo_types() {}\nfunction foo_more() {}\n"}};
    EXPECT_THAT(found_in_update("foo_types(); foo_types();"), ElementsAre("2 own-module")) << "said once";
    EXPECT_THAT(found_in_update("backdrop_load('module', 'foo'); foo_types();"), IsEmpty());
    EXPECT_THAT(found_in_update("module_load_include('module', 'foo'); foo_types();"), IsEmpty());
    EXPECT_THAT(found_in_update("require_once BACKDROP_ROOT . '/modules/foo/foo.module'; foo_types();"),
                IsEmpty());
    EXPECT_THAT(found_in_update("if (function_exists('foo_types')) { foo_types(); }"), IsEmpty());
    EXPECT_THAT(found_in_update("$x->foo_types(); A::foo_types(); $y = 'foo_types()'; // foo_types()\n"),
                IsEmpty());
    EXPECT_THAT(found_in_update("foo_helper();} function foo_helper() { foo_more();"),
                ElementsAre("2 own-module"))
        << "through a function of the .install";
    EXPECT_THAT(found("function foo_install() { foo_types(); }"), IsEmpty()) << "no update calls it";
    files.always_enabled = true;
    EXPECT_THAT(found_in_update("foo_types();"), IsEmpty());
}

TEST_F(Lint, FunctionsThatInvokeHooksAreNamed) {
    EXPECT_THAT(
        found_in_update("node_save($node); module_enable(array('x')); update_module_enable(array('x'));"),
        ElementsAre("2 api", "2 api"));
}

struct Division : Lint, testing::WithParamInterface<const char*> {};

using Unguarded = Division;
TEST_P(Unguarded, IsFound) {
    EXPECT_THAT(found_in_update(GetParam()), ElementsAre("2 division")) << GetParam();
}
INSTANTIATE_TEST_SUITE_P(
    Divisions, Unguarded,
    testing::Values("$sandbox['#finished'] = $sandbox['progress'] / $sandbox['max'];",
                    "$sandbox['max'] = db_query('x')->fetchField(); $x = 1 / $sandbox['max'];",
                    "$total = count($ids); $sandbox['#finished'] = $done / $total;",
                    "if (!isset($sandbox['max'])) { $sandbox['max'] = 0; } $x = 1 / $sandbox['max'];",
                    "if (!isset($sandbox['n'])) { $x = 1; } else { $x = 1 / $sandbox['n']; }",
                    "$sandbox[\"#finished\"] = 1 / $sandbox[\"max\"];"));

using Guarded = Division;
TEST_P(Guarded, IsFine) {
    EXPECT_THAT(found_in_update(GetParam()), IsEmpty()) << GetParam();
}
INSTANTIATE_TEST_SUITE_P(
    Divisions, Guarded,
    testing::Values(
        "$sandbox['#finished'] = empty($sandbox['max']) ? 1 : $sandbox['progress'] / $sandbox['max'];",
        "$sandbox['#finished'] = $sandbox['max'] ? $sandbox['progress'] / $sandbox['max'] : 1;",
        "if ($sandbox['progress'] != $sandbox['max']) { $x = $sandbox['progress'] / $sandbox['max']; }",
        "if ($sandbox['progress'] < $sandbox['max']) { $x = $sandbox['progress'] / $sandbox['max']; }",
        "$sandbox['max'] = max(1, count($ids)); $x = 1 / $sandbox['max'];",
        "$x = 1 / max(1, $sandbox['max']);",
        "$n = count($ids); if (!$n) { return; } $sandbox['max'] = $n; $x = 1 / $sandbox['max'];",
        "$sandbox['max'] = 5; $sandbox['#finished'] = $i / $sandbox['max'];",
        "$sandbox['#finished'] = count($ids) ? 1 / $sandbox['max'] : 1;",
        "if ($found) { $sandbox['#finished'] = 1 / $sandbox['max']; }",
        "foreach ($ids as $id) { $sandbox['#finished'] = 1 / $sandbox['max']; }",
        "$half = $price / $rate;",  // nothing of the sandbox
        "// $sandbox['progress'] / $sandbox['max']\n"));

TEST_F(Lint, ConfigThatOnlyUpdatedSitesHave) {
    files.has_config = true;
    files.config["foo.settings"] =
        R"({"_config_name": "foo.settings", "old": 1, "list": [], "deep": {"a": 1}})";
    EXPECT_THAT(found_in_update("config_set('foo.settings', 'new', 1);"), ElementsAre("2 config-default"));
    EXPECT_THAT(found_in_update("config('foo.settings')->set('new', 1)->save();"),
                ElementsAre("2 config-default"));
    EXPECT_THAT(
        found_in_update("$c = config('foo.settings'); $c->set('old', 2)->set('deep.b', 1); $c->save();"),
        ElementsAre("2 config-default"));
    EXPECT_THAT(found_in_update("$c = config('foo.settings'); $c->set('old', 2); $c->set('list.x', 1); "
                                "$c->set('deep.a', 1); $c->set($name, 1); $c->set('a' . $b, 1); $c->save();"),
                IsEmpty());
    EXPECT_THAT(found_in_update("config('bar.settings')->set('new', 1)->save();"), IsEmpty())
        << "another module's";
    EXPECT_THAT(found_in_update("config_set('foo.settings', 'new', 1); config_clear('foo.settings', 'new');"),
                IsEmpty());
    EXPECT_THAT(found_in_update("if (config_get('foo.settings', 'gone') == 1) "
                                "config_set('foo.settings', 'gone', 2);"),
                IsEmpty())
        << "it only changes what was there";
}

TEST_F(Lint, WhatWasReleasedDoesNotChange) {
    files.released =
        "<?php\n/** a */ function foo_update_1001() { a(); }\n"
        "/** b */ function foo_update_1003() { b(); }\n"
        "function foo_update_last_removed() { return 1000; }\n";
    const std::string last = "function foo_update_last_removed() { return 1000; }\n";
    const std::string first = "/** Other words. */\nfunction foo_update_1001() {\n  a(); // as before\n}\n";
    const std::string third = "/** b */ function foo_update_1003() { b(); }\n";
    EXPECT_THAT(found(first + third + last + "/** c */ function foo_update_1004() {}"), IsEmpty())
        << "words and blanks may change, and numbers above come";
    EXPECT_THAT(found(first + "/** c */ function foo_update_1002() {}\n" + third + last),
                ElementsAre("6 renumbered"));
    EXPECT_THAT(found(first + "/** c */ function foo_update_7002() {}\n" + third + last),
                testing::Contains("6 renumbered"));
    EXPECT_THAT(found(first + last), ElementsAre("1 removed"));
    EXPECT_THAT(found(third + "function foo_update_last_removed() { return 1001; }\n"), IsEmpty());
    EXPECT_THAT(found("/** a */ function foo_update_1001() { other(); }\n" + third + last),
                ElementsAre("2 changed"));
    EXPECT_THAT(found(first + third + "function foo_update_last_removed() { return 999; }\n"),
                ElementsAre("7 last-removed-lowered"));
    EXPECT_THAT(found(first + third), ElementsAre("1 last-removed-lowered"));
}

TEST_F(Lint, ACommentAllowsAFinding) {
    EXPECT_THAT(
        found_in_update("\n  // bdupdate-lint: ignore api: it has no hooks here\n  node_save($node);"),
        IsEmpty());
    EXPECT_THAT(found_in_update("node_save($node); // bdupdate-lint: ignore division, api\n"), IsEmpty());
    EXPECT_THAT(found_in_update("\n  // bdupdate-lint: ignore division\n  node_save($node);"),
                ElementsAre("4 api"));
    EXPECT_THAT(
        found("/**\n * Does it.\n * bdupdate-lint: ignore number, api\n */\nfunction foo_update_8000() "
              "{\n\n\n  node_save($n);\n}\n"),
        IsEmpty());
}

TEST_F(Lint, AFileThatPhpCannotReadIsOneFinding) {
    EXPECT_THAT(found("function foo_update_8000() {\n"), ElementsAre(HasSubstr("syntax")));
}

}  // namespace
}  // namespace bdupdate::lint
