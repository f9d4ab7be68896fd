#pragma once

#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace bdupdate::test {

/// Makes files that PHP compiles, full of what hides functions or looks like one. Deterministic for a seed.
class NastyFile {
  public:
    explicit NastyFile(unsigned seed) : random_(seed) {}

    std::string make() {
        std::string file = random_() % 6 == 0 ? "html <?xml function no() {} ?> <?php\n" : "<?php\n";
        const std::size_t pieces = 1 + random_() % 12;
        for (std::size_t i = 0; i < pieces; ++i) {
            if (random_() % 2 == 0) file += pick(comments);
            if (random_() % 2 == 0)
                file += function();
            else
                file += numbered(std::string(pick(statements)));
            if (random_() % 3 == 0) file += pick(comments);
        }
        return file;
    }

  private:
    template <std::size_t N>
    std::string_view pick(const std::string_view (&from)[N]) {
        return from[random_() % N];
    }

    /// PHP refuses names that come twice.
    std::string numbered(std::string text) {
        for (std::size_t at; (at = text.find('@')) != std::string::npos;)
            text.replace(at, 1, std::to_string(++count_));
        return text;
    }

    std::string function() {
        const std::string name =
            "m" + std::to_string(random_() % 3) + std::string(pick(names)) + std::to_string(++count_);
        std::string text(pick(heads));
        text.replace(text.find('@'), 1, name);
        text += '{';
        for (std::size_t i = random_() % 4; i > 0; --i) text += numbered(std::string(pick(bodies)));
        return text + "}\n";
    }

    static constexpr std::string_view names[] = {"_update_",          "_Update_", "_update_0",
                                                 "_update_x_update_", "_x",       "\xc3\xa4_"};
    static constexpr std::string_view heads[] = {"function @() ",
                                                 "FUNCTION\n@ ( )\n",
                                                 "function &@($a = array(1, [2], '{'), &...$b) ",
                                                 "function/* { */@()// {\n",
                                                 "function @(array $x = ['a' => \"}\"]): ?array ",
                                                 "#[Foo('{')]\nfunction @() ",
                                                 "function /** inner */ @() ",
                                                 "function @(\n  #[Bar] $a,\n  $b = PHP_EOL\n)\n\n"};
    static constexpr std::string_view comments[] = {"/** One. */\n",
                                                    "/**\n * Two.\n */\n",
                                                    "/**\n * Three,\n *\n * in * lines.\n */\n\n\n",
                                                    "/* no doc */\n",
                                                    "// no doc */ {\n",
                                                    "# function f() {\n",
                                                    "/**\n   *   Four */",
                                                    "/** */",
                                                    "/**\t\n*/",
                                                    "/**\r\n * Five\r\n */\r\n",
                                                    "/**\n\n * Six\n\n\n*\n*/\n",
                                                    "/**\n * a\n */ /** b */\n",
                                                    "// ?> function g() { <?php\n"};
    static constexpr std::string_view statements[] = {
        "$a = 1;\n",
        "$a = function() { function inner() {} };\n",
        "$f = fn($x) => $x;\n",
        "$s = 'function a() {';\n",
        "$s = \"{$a['}']} ${b} function b() {\";\n",
        "$h = <<<E\nfunction c() {\n{$a[\"}\"]}\n  E;\n",
        "$h = <<<'E'\n} function d() {\nE;\n",
        "?> function e() { <?php\n",
        "?>\n<?= 1 ?>\nfunction x@() {}\n<?php ",
        "if ($a) { $b = ['}' => 1]; }\n",
        "{ ; }\n",
        "if (1): endif;\n",
        "foreach ([] as $x): echo '{'; endforeach;\n",
        "const C@ = 1;\n",
        "$o = new class { function m() {} };\n",
        "$o = new class(function() { return '}'; }) extends \\ArrayObject { public function n() { function "
        "z() {} } };\n",
        "use function foo\\bar@;\n",
        "$x = $o->function; $y = $o?->class; $z = Foo::class;\n",
        "$o->function(1);\n",
        "Foo::function();\n",
        "$x = `ls {$a}`;\n",
        "$x = [1, [2, (3)]];\n",
        "echo 1 ?><?php\n",
        "try { } catch (\\Exception $e) { } finally { }\n",
        "$x = static function &() use (&$a) { };\n",
        "label@: $q = $a ? $b : $c;\n",
        "switch (1) { case 1: break; }\n"};
    static constexpr std::string_view bodies[] = {" return 1;\n",
                                                  " // }\n",
                                                  " /* } */ ",
                                                  " # }\n",
                                                  " $a = '}';",
                                                  " $a = \"}\";",
                                                  " $a = \"{$b['}']}\";",
                                                  " $a = <<<E\n}\nE;\n",
                                                  " $a = <<<'E'\n{$\nE;\n",
                                                  " if (1) { while (0) { } }",
                                                  " $f = function() { return '{'; };",
                                                  " ?> } <?php ",
                                                  " $a = `}`;",
                                                  " $o = new class { public $x = '}'; };",
                                                  " function in@() {}",
                                                  " $a = 1 << 2 <<3;",
                                                  " $a = $b ?? $c ?: '}';",
                                                  " #[A] fn() => 1;",
                                                  " $x = \"$a[0] $a->b {\";",
                                                  " /** doc } */ "};
    std::mt19937 random_;
    unsigned count_ = 0;
};

}  // namespace bdupdate::test
