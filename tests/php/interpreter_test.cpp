#include "bdupdate/php/interpreter.h"

#include <gtest/gtest.h>

#include <map>

namespace bdupdate::php {
namespace {

/// Files and an environment that exist in the test only.
class FakeWorld : public World {
  public:
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> variables;

    bool file_exists(const std::filesystem::path& path) override {
        return files.count(path.lexically_normal().string()) > 0;
    }
    bool is_dir(const std::filesystem::path& path) override { return path.lexically_normal() == "/www"; }
    bool is_readable(const std::filesystem::path& path) override { return file_exists(path); }
    std::optional<std::string> read(const std::filesystem::path& path) override {
        const auto found = files.find(path.lexically_normal().string());
        return found == files.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<std::string> environment(const std::string& name) override {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    }
};

class Interpreter : public ::testing::Test {
  protected:
    Interpreter() {
        options.file = "/www/settings.php";
        options.working_directory = "/www";
    }
    Evaluation run(const std::string& php) {
        auto result = evaluate_file("<?php\n" + php, options, world);
        EXPECT_TRUE(result) << result.error().message;
        return result ? *result : Evaluation{};
    }
    std::string known(const std::string& php, const std::string& name = "x") {
        const Value value = run(php).get(name);
        EXPECT_EQ(value.unknown_inside(), nullptr) << php << "\n" << value.unknown_inside()->why;
        return serialize(value);
    }
    std::string why(const std::string& php, const std::string& name = "x") {
        const Value value = run(php).get(name);
        EXPECT_NE(value.unknown_inside(), nullptr) << php << " gives " << serialize(value);
        return value.unknown_inside() != nullptr ? value.unknown_inside()->why : "";
    }
    FakeWorld world;
    EvaluateOptions options;
};

TEST_F(Interpreter, ReasonNamesFileLineAndStatement) {
    EXPECT_EQ(why("$a = 1;\n\n$x = my_function($a);"), "/www/settings.php:4: my_function()");
    world.files["/www/more.php"] = "<?php\n$x = PHP_VERSION;";
    EXPECT_EQ(why("include 'more.php';"), "/www/more.php:2: the constant PHP_VERSION");
}

TEST_F(Interpreter, SyntaxErrorsAreUsageErrors) {
    const auto result = evaluate_file("<?php\n$a = 1;\n$b = (2;\n", options, world);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ExitCode::Usage);
    EXPECT_EQ(result.error().message, "/www/settings.php:3: syntax error: unexpected ;");
    for (const char* source :
         {"<?php $a = 'open", "<?php if (1) {", "<?php /* open", "<?php $a = <<<X\nopen", "<?php }",
          "<?php $a = \"$b[\";", "<?php foreach ($a) {}", "<?php $a = [1 => ];"}) {
        EXPECT_FALSE(evaluate_file(source, options, world)) << source;
    }
}

TEST_F(Interpreter, SyntaxErrorInAFileThatMayNotBeIncludedIsNone) {
    world.files["/www/broken.php"] = "<?php $a = ;";
    EXPECT_TRUE(evaluate_file("<?php if (PHP_VERSION_ID > 1) { include 'broken.php'; }", options, world));
    EXPECT_FALSE(evaluate_file("<?php include 'broken.php';", options, world));
}

TEST_F(Interpreter, NestingWithoutEndIsNotFollowedAndNoError) {
    const std::string deep = "$x = " + std::string(2000, '(') + "1" + std::string(2000, ')') + ";";
    EXPECT_NE(why(deep), "");
    EXPECT_NE(why("$x = 1; function f($n) { return f($n + 1); } $y = f(1);", "y"), "");
}

TEST_F(Interpreter, EndlessLoopsAreGivenUp) {
    EXPECT_NE(why("$x = 1; while (true) { $x++; }").find("more steps"), std::string::npos);
}

TEST_F(Interpreter, GrowingValuesAreGivenUp) {
    EXPECT_NE(why("$x = 'aaaaaaaaaaaaaaaa'; for ($i = 0; $i < 40; $i++) { $x = $x . $x; }"), "");
    EXPECT_NE(why("$x = [1, 2]; for ($i = 0; $i < 40; $i++) { $x = [$x, $x]; }"), "");
}

TEST_F(Interpreter, IncludeLooksInTheWorkingDirectoryThenBesideTheFile) {
    world.files["/www/here.php"] = "<?php $x = 'working directory';";
    world.files["/etc/site/here.php"] = "<?php $x = 'beside';";
    world.files["/etc/site/other.php"] = "<?php $x = 'beside';";
    options.file = "/etc/site/settings.php";
    EXPECT_EQ(known("include 'here.php';"), "s:17:\"working directory\";");
    EXPECT_EQ(known("include 'other.php';"), "s:6:\"beside\";");
    EXPECT_EQ(known("$x = include './other.php';"), "b:0;") << "a dot means the working directory alone";
}

TEST_F(Interpreter, RequireOfNothingEndsEverything) {
    EXPECT_NE(why("$x = 1; require 'none.php';").find("does not exist"), std::string::npos);
    EXPECT_EQ(known("$x = 1; if (PHP_VERSION_ID > 1) { require 'none.php'; } $x = 2;"), "i:2;");
}

TEST_F(Interpreter, UnknownFunctionMayWriteGlobalVariablesOnly) {
    options.globals = {"settings"};
    EXPECT_EQ(known("$database = 'd'; $settings['a'] = 1; drupal_thing();", "database"), "s:1:\"d\";");
    EXPECT_NE(why("$settings['a'] = 1; drupal_thing();", "settings"), "");
    EXPECT_NE(why("$database = 'd'; drupal_thing($database);", "database"), "") << "by reference";
    options.globals.reset();
    EXPECT_NE(why("$database = 'd'; drupal_thing();", "database"), "")
        << "at the top level every variable is global";
}

TEST_F(Interpreter, UnknownFunctionMayChangeTheEnvironment) {
    world.variables["DB"] = "x";
    options.globals.emplace();
    EXPECT_EQ(known("$x = getenv('DB');"), "s:1:\"x\";");
    EXPECT_NE(why("(new Dotenv\\Dotenv(__DIR__))->load(); $x = getenv('DB');"), "");
    EXPECT_NE(why("(new Dotenv\\Dotenv(__DIR__))->load(); $x = $_SERVER['OTHER'] ?? 'default';"), "");
}

TEST_F(Interpreter, EnvironmentOfAnotherMachineIsNotKnown) {
    world.variables["DB"] = "x";
    options.environment_known = false;
    EXPECT_NE(why("$x = getenv('DB');"), "");
    EXPECT_NE(why("$x = $_SERVER['DB'];"), "");
}

TEST_F(Interpreter, GlobalsReachTheVariablesOfTheFile) {
    EXPECT_EQ(known("$y = 1; function f() { global $y; $y = 5; return $GLOBALS['y']; } $x = f() . $y;"),
              "s:2:\"55\";");
    EXPECT_EQ(known("$GLOBALS['x'] = 3; $GLOBALS['x']++;"), "i:4;");
    options.globals = {"settings"};
    EXPECT_EQ(known("$GLOBALS['settings']['a'] = 1; $x = $settings['a'];"), "i:1;");
    EXPECT_EQ(known("$x = 1; $GLOBALS['x'] = 2;"), "i:1;")
        << "a local variable of the function that includes the file";
    EXPECT_NE(why("global $conf_of_core; $x = $conf_of_core;"), "");
}

TEST_F(Interpreter, GivenFunctionsConstantsAndVariablesAreUsed) {
    options.functions["conf_path"] = Value("./sites/a");
    options.constants["BACKDROP_ROOT"] = Value("/www");
    options.variables["conf"] = Value(Array());
    EXPECT_EQ(known("$x = conf_path() . BACKDROP_ROOT . count($conf);"), "s:14:\"./sites/a/www0\";");
}

TEST_F(Interpreter, WrittenFilesAreNotTrusted) {
    world.files["/www/a.php"] = "<?php $x = 'included';";
    EXPECT_NE(why("file_put_contents('a.php', '<?php $x = 1;'); include 'a.php';"), "");
    EXPECT_NE(why("touch('b.php'); $x = file_exists('b.php');"), "");
}

TEST_F(Interpreter, BranchesOnTheUnknownAreMergedElementByElement) {
    const std::string php =
        "$s = ['a' => 1, 'b' => 2]; if (PHP_VERSION_ID > 1) { $s['b'] = 3; $s['c'] = 4; } ";
    EXPECT_EQ(known(php + "$x = $s['a'];"), "i:1;");
    EXPECT_NE(why(php + "$x = $s['b'];").find("a condition that is not known"), std::string::npos);
    EXPECT_NE(why(php + "$x = isset($s['c']);"), "");
    EXPECT_EQ(known(php + "$x = isset($s['d']);"), "b:0;");
    EXPECT_NE(why(php + "$x = count($s);"), "");
    EXPECT_NE(why(php + "$s['c'] = 5; $x = md5(serialize($s));"), "") << "the order of keys";
    EXPECT_EQ(known(php + "$s['c'] = 5; $x = $s['c'];"), "i:5;");
}

TEST_F(Interpreter, LoopsOnTheUnknownTaintWhatTheyWriteOnly) {
    const std::string php = "$x = $y = 1; foreach (some_list() as $v) { $x = $v; }";
    options.globals.emplace();
    EXPECT_NE(why(php), "");
    EXPECT_EQ(known(php, "y"), "i:1;");
    EXPECT_NE(why("$x = 1; foreach (some_list() as $v) { include $v; }"), "");
    EXPECT_NE(why("$x = 1; foreach (some_list() as $v) { return; } $x = 2;"), "");
}

TEST_F(Interpreter, ReturnedValueIsKept) {
    const Evaluation result = run("$x = 1; return ['a' => 1];");
    ASSERT_TRUE(result.returned);
    EXPECT_EQ(serialize(*result.returned), "a:1:{s:1:\"a\";i:1;}");
}

TEST_F(Interpreter, BodiesOfHooksGiveTheirValue) {
    const auto body = [this](const std::string& php) { return evaluate_body(php, options, world); };
    EXPECT_EQ(serialize(body(" return 1005; ")), "i:1005;");
    EXPECT_EQ(serialize(body("\n  $dependencies['a'][1001] = array(\n    'b' => 7010,\n  );\n"
                             "  $dependencies['a'][1002]['c'] = 1;\n  return $dependencies;\n")),
              "a:1:{s:1:\"a\";a:2:{i:1001;a:1:{s:1:\"b\";i:7010;}i:1002;a:1:{s:1:\"c\";i:1;}}}");
    EXPECT_TRUE(body("$a = 1;").is_null());
    EXPECT_NE(body("return module_list();").unknown(), nullptr);
    EXPECT_NE(body("if (module_exists('x')) { return array(); } return array('a' => 1);").unknown_inside(),
              nullptr);
    EXPECT_NE(body("return (;").unknown(), nullptr);
}

TEST_F(Interpreter, VariablesOfTheFunctionAroundAreItsOwnInABody) {
    EXPECT_EQ(serialize(evaluate_body("$x['a'] = 1; other_function(); return $x;", options, world)),
              "a:1:{s:1:\"a\";i:1;}");
}

TEST_F(Interpreter, EverythingIsUnknownAfterWhatCannotBeFollowed) {
    for (const char* php :
         {"$x = 1; eval($y);", "$x = 1; include $y;", "$x = 1; exit;", "$x = 1; goto a; a: $x = 2;",
          "namespace A; $x = 1;", "$x = 1; ini_set('precision', 5); $x = 1.123456789 . '';"}) {
        EXPECT_NE(why(php), "") << php;
    }
    EXPECT_TRUE(run("include $y;").everything);
    EXPECT_NE(run("include $y;").get("never_set").unknown(), nullptr);
    EXPECT_TRUE(run("$x = 1;").get("never_set").is_null());
}

}  // namespace
}  // namespace bdupdate::php
