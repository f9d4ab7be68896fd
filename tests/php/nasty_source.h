#pragma once

#include <array>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace bdupdate::test {

/// Makes PHP-like sources out of fragments that lexers get wrong. Deterministic for a seed.
class NastySource {
  public:
    explicit NastySource(unsigned seed) : random_(seed) {}

    std::string make() {
        static constexpr std::array<std::string_view, 4> starts = {"<?php ", "<?php\n", "<?php\r\n",
                                                                   "a <? b <?= "};
        std::string source(starts[random_() % 8 < 5 ? 0 : random_() % starts.size()]);
        const std::size_t pieces = 1 + random_() % 24;
        for (std::size_t i = 0; i < pieces; ++i) {
            source += fragments[random_() % std::size(fragments)];
            if (random_() % 4 == 0) source += glue[random_() % glue.size()];
        }
        // Broken off at any place: what is unterminated must be seen as such.
        if (random_() % 5 == 0) source.resize(random_() % (source.size() + 1));
        return source;
    }

    /// Like make(), with everything well formed up to a `__halt_compiler`.
    std::string make_halting() {
        static constexpr std::array<std::string_view, 6> halts = {
            "__halt_compiler();", "__HALT_compiler /* x */ ( ) ;", "__halt_compiler()?>\n",
            "__halt_compiler",    "$a->__halt_compiler(); $b",     "\\__halt_compiler(); 'a'"};
        std::string source = "<?php $a = 1;";
        source += halts[random_() % halts.size()];
        source += make();
        return source;
    }

  private:
    static constexpr std::array<std::string_view, 12> glue = {" ", "\n",     "\r\n", "\r", "\t", ";",
                                                              "",  "\n\n  ", ",",    "{",  "}",  " = "};
    static constexpr std::string_view fragments[] = {"$a",
                                                     "$_x1",
                                                     "$$b",
                                                     "foo",
                                                     "Foo\\Bar",
                                                     "\\Foo\\baz",
                                                     "namespace\\x",
                                                     "\xc3\xa4\x80z",
                                                     "function foo_update_1000() {",
                                                     "function &bar($x = array(1, [2]))",
                                                     "{",
                                                     "}",
                                                     "(",
                                                     ")",
                                                     "[",
                                                     "]",
                                                     ";",
                                                     "if (1) {",
                                                     "} else {",
                                                     "?>",
                                                     "?>\n",
                                                     "?>\r\n<?php ",
                                                     "?> html <?php\n",
                                                     "?> <?= ",
                                                     "?><?PHP ",
                                                     "<?php",
                                                     "<?xml ?>",
                                                     "<?",
                                                     "<?=",
                                                     "// line ?> x",
                                                     "// line\n",
                                                     "# hash\r\n",
                                                     "# hash ?>\n<?php ",
                                                     "#[Attr(1)]",
                                                     "#[",
                                                     "/* c */",
                                                     "/** d */",
                                                     "/**/",
                                                     "/***/",
                                                     "/** \n * doc ?>\n */",
                                                     "/* open",
                                                     "'s'",
                                                     "'it\\'s'",
                                                     "'a\\\\'",
                                                     "'\n'",
                                                     "'open",
                                                     "\"d\"",
                                                     "\"d\\\"e\"",
                                                     "\"{$a}\"",
                                                     "\"$a\"",
                                                     "\"$a[0] $a[b] $a[$c] $a[-1]\"",
                                                     "\"$a->b $a?->c\"",
                                                     "\"{$a[\"x{$b['}']}\"]}\"",
                                                     "\"${a}\"",
                                                     "\"${a['}']}\"",
                                                     "\"{$a->b(function() { return '}'; })}\"",
                                                     "\"\\{$a\"",
                                                     "\"{ $a }\"",
                                                     "\"$\"",
                                                     "\"$ {\"",
                                                     "\"\\\\\"",
                                                     "\"\n$a\r\n\"",
                                                     "\"$a[\"",
                                                     "\"$a['x']\"",
                                                     "\"$a[ 1]\"",
                                                     "\"open $a",
                                                     "\"{$a",
                                                     "b'x'",
                                                     "B\"x$a\"",
                                                     "b <<<E\n",
                                                     "$a->b'x'",
                                                     "->b\"x\"",
                                                     "\\b'x'",
                                                     "ab'x'",
                                                     "`ls $a`",
                                                     "`{$a[`x`]}`",
                                                     "`\\``",
                                                     "<<<E\nx\nE\n",
                                                     "<<<E\nE;\n",
                                                     "<<<\"E\"\nx $a[0] {$b}\nE\n",
                                                     "<<<'E'\n$a {$b\\\nE\n",
                                                     "<<<E\n  x\n  E;",
                                                     "<<<E\n EE\n E_\n E\xc3\n E.\n",
                                                     "<<<E\n{$a[<<<F\n}\nF\n]}\nE\n",
                                                     "<<<E\n\\\nE\n",
                                                     "<<<E\r\n\\$a\r\nE\r\n",
                                                     "<<< \tE\nE\n",
                                                     "<<<E",
                                                     "<<<E x\n",
                                                     "<<<<E\nE\n",
                                                     "<<<'E\"\n",
                                                     "<<<E\nopen",
                                                     "E\n",
                                                     "E;",
                                                     "\nE\n",
                                                     "0",
                                                     "1",
                                                     "1_000",
                                                     "1__0",
                                                     "1_",
                                                     "0x1F",
                                                     "0X_1",
                                                     "0xg",
                                                     "0b102",
                                                     "0B11",
                                                     "0o17",
                                                     "0O8",
                                                     "017",
                                                     "1.5",
                                                     ".5",
                                                     "1.",
                                                     "1..2",
                                                     "1...2",
                                                     "1e3",
                                                     "1e+3",
                                                     "1.e5",
                                                     "1e",
                                                     "1e+",
                                                     "1_0.0_1e1_0",
                                                     "0x1.5",
                                                     "...",
                                                     "..",
                                                     ".=",
                                                     "??",
                                                     "?\?=",
                                                     "?\?>",
                                                     "\x01",
                                                     "\v",
                                                     "?\?\?>",
                                                     "?->",
                                                     "?->b\"x\"",
                                                     "->",
                                                     "=>",
                                                     "===",
                                                     "!==",
                                                     "<=>",
                                                     "<=",
                                                     "<>",
                                                     "<<=",
                                                     ">>=",
                                                     "**=",
                                                     "**",
                                                     "++",
                                                     "--",
                                                     "&&",
                                                     "||",
                                                     "::",
                                                     "|=",
                                                     "^=",
                                                     "&=",
                                                     "%=",
                                                     "(int)",
                                                     "( string )",
                                                     "(\tBOOL )",
                                                     "(float",
                                                     "yield from",
                                                     "yield\n from",
                                                     "fn($x) => $x"};
    std::mt19937 random_;
};

}  // namespace bdupdate::test
