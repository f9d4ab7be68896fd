#pragma once

#include <random>
#include <string>
#include <vector>

namespace bdupdate::test {

/// Writes settings files of random statements: everything that the evaluator follows, with conditions among
/// them that it cannot know (what `unknown()` gives is a truth that depends on the version of PHP).
class RandomSettings {
  public:
    explicit RandomSettings(std::uint32_t seed) : random_(seed) {}

    std::string file() {
        std::string out = "<?php\n$a = $b = 's'; $c = $d = $e = [1, 'k' => 'v']; $n = 0;\n";
        for (int i = 0, n = 4 + below(10); i < n; ++i) out += statement(2);
        return out;
    }

  private:
    int below(int limit) { return static_cast<int>(random_() % static_cast<std::uint32_t>(limit)); }
    const char* pick(const std::vector<const char*>& from) { return from[random_() % from.size()]; }

    // $a and $b hold scalars, the others arrays: most mixtures are errors in PHP 8
    std::string scalar_variable() { return pick({"$a", "$b"}); }
    std::string array_variable() { return pick({"$c", "$d", "$e"}); }
    std::string key() {
        return pick({"'k'", "'m'", "0", "1", "'1'", "2", "'x y'", "true", "null", "-1", "1.5", "'01'"});
    }
    std::string place() {
        if (below(3) == 0) return scalar_variable();
        std::string out = array_variable();
        for (int i = 1 + below(2); i > 0; --i) out += "[" + key() + "]";
        return out;
    }
    std::string element() { return array_variable() + "[" + key() + "]"; }
    std::string any_variable() { return below(2) == 0 ? scalar_variable() : array_variable(); }
    std::string unknown() {
        return pick({"(PHP_VERSION_ID > 70000)", "(PHP_VERSION_ID < 70000)", "(phpversion() == 'x')",
                     "(PHP_MAJOR_VERSION & 1)"});
    }

    std::string scalar() {
        return pick({"0",
                     "1",
                     "-1",
                     "7",
                     "42",
                     "9223372036854775807",
                     "1.5",
                     "0.1",
                     "-0.0",
                     "1e20",
                     "true",
                     "false",
                     "null",
                     "''",
                     "'0'",
                     "'1'",
                     "'abc'",
                     "'ABC'",
                     "'12'",
                     "'1.5'",
                     "' 7'",
                     "'7 '",
                     "'1e2'",
                     "'12abc'",
                     "\"\\n\"",
                     "\"$a\"",
                     "\"x{$b}y\"",
                     "\"$c[k]\"",
                     "__LINE__",
                     "PHP_EOL",
                     "PHP_INT_MAX",
                     "'/a/b/c.php'",
                     "'mysql://u:p@h:1/d'",
                     "getenv('BDU_SET')",
                     "getenv('BDU_NOT_SET')",
                     "'k'",
                     "'x-y-z'"});
    }

    std::string array(int depth) {
        std::string out = "[";
        for (int i = below(4); i > 0; --i) {
            if (below(2) == 0) out += key() + " => ";
            out += expression(depth - 1) + ", ";
        }
        return out + "]";
    }

    std::string text(int depth) {
        return below(2) == 0 ? scalar() : "(string) (" + expression(depth - 1) + ")";
    }
    std::string number(int depth) {
        if (below(2) == 0)
            return pick({"0", "1", "2", "7", "-3", "1.5", "'12'", "'1.5'", "true", "null", "__LINE__"});
        return std::string(below(4) == 0 ? "(float) (" : "(int) (") + expression(depth - 1) + ")";
    }
    std::string whole(int depth) {
        return below(3) == 0 ? "(int) (" + text(depth) + ")" : pick({"0", "1", "2", "3", "-1"});
    }
    std::string list(int depth) {
        return below(2) == 0 ? array(depth) : "(array) (" + expression(depth - 1) + ")";
    }

    // A letter for each argument: a text, an integer, an array, anything.
    std::string call(int depth) {
        static const std::vector<std::pair<const char*, const char*>> functions = {
            {"strtolower", "t"},
            {"strtoupper", "t"},
            {"trim", "t"},
            {"trim", "tt"},
            {"rtrim", "tt"},
            {"strlen", "t"},
            {"md5", "t"},
            {"serialize", "m"},
            {"intval", "m"},
            {"floatval", "m"},
            {"strval", "t"},
            {"boolval", "m"},
            {"count", "a"},
            {"array_keys", "a"},
            {"array_values", "a"},
            {"is_array", "m"},
            {"is_string", "m"},
            {"is_null", "m"},
            {"is_numeric", "m"},
            {"is_int", "m"},
            {"is_bool", "m"},
            {"dirname", "t"},
            {"dirname", "ti"},
            {"basename", "t"},
            {"basename", "tt"},
            {"urlencode", "t"},
            {"rawurlencode", "t"},
            {"base64_encode", "t"},
            {"bin2hex", "t"},
            {"ucfirst", "t"},
            {"strrev", "t"},
            {"array_reverse", "a"},
            {"array_reverse", "am"},
            {"array_filter", "a"},
            {"array_flip", "a"},
            {"gettype", "m"},
            {"abs", "i"},
            {"parse_url", "t"},
            {"json_decode", "tm"},
            {"implode", "ta"},
            {"implode", "a"},
            {"array_key_last", "a"},
            {"max", "ii"},
            {"rawurldecode", "t"},
            {"in_array", "ma"},
            {"in_array", "mam"},
            {"array_key_exists", "ta"},
            {"explode", "tt"},
            {"explode", "tti"},
            {"strpos", "tt"},
            {"strpos", "tti"},
            {"str_contains", "tt"},
            {"str_ends_with", "tt"},
            {"substr", "ti"},
            {"substr", "tii"},
            {"str_repeat", "ti"},
            {"array_merge", "aa"},
            {"sprintf", "tm"},
            {"str_pad", "tit"},
            {"array_combine", "aa"},
            {"array_search", "ma"},
            {"strcmp", "tt"},
            {"array_replace_recursive", "aa"},
            {"array_replace", "aa"},
            {"array_fill_keys", "am"},
            {"str_replace", "ttt"},
            {"str_replace", "att"},
            {"str_replace", "aat"},
            {"substr_count", "tt"},
            {"array_map", "fa"},
            {"min", "a"}};
        const auto& [name, kinds] = functions[random_() % functions.size()];
        std::string out = std::string("@") + name + "(";
        for (const char* kind = kinds; *kind != 0; ++kind) {
            if (kind != kinds) out += ", ";
            if (*kind == 't') out += text(depth);
            if (*kind == 'i') out += whole(depth);
            if (*kind == 'a') out += list(depth);
            if (*kind == 'm') out += expression(depth - 1);
            if (*kind == 'f') out += pick({"'trim'", "'strtoupper'", "'intval'", "'count'"});
        }
        return out + ")";
    }

    std::string operation(int depth) {
        if (below(2) == 0) {
            return "(" + number(depth) + " " + pick({"+", "-", "*", "/", "%", "**", "&", "|", "<<"}) + " " +
                   number(depth) + ")";
        }
        return "(" + expression(depth - 1) + " " +
               pick({"==", "!=", "===", "!==", "<", ">", "<=", ">=", "<=>", "&&", "||", "and", "or", "xor",
                     "??"}) +
               " " + expression(depth - 1) + ")";
    }

    std::string expression(int depth) {
        if (depth <= 0) return below(3) == 0 ? "@" + place() : scalar();
        switch (below(16)) {
            case 0:
            case 1:
                return array(depth);
            case 2:
            case 3:
                return call(depth);
            case 4:
            case 5:
                return operation(depth);
            case 6:
                return "(" + text(depth) + " . " + text(depth) + ")";
            case 7:
                return "(" + expression(depth - 1) + " ? " + expression(depth - 1) + " : " +
                       expression(depth - 1) + ")";
            case 8:
                return "(" + expression(depth - 1) + " ?: " + expression(depth - 1) + ")";
            case 9:
                return std::string(
                           pick({"(int) ", "(string) ", "(bool) ", "(array) ", "(float) ", "!", "-", "@"})) +
                       "(" + expression(depth - 1) + ")";
            case 10:
                return "isset(" + place() + ")";
            case 11:
                return "empty(" + place() + ")";
            case 12:
                return "(" + place() + " ?? " + expression(depth - 1) + ")";
            case 13:
                return "(" + unknown() + " ? " + expression(depth - 1) + " : " + expression(depth - 1) + ")";
            case 14:
                return below(3) == 0 ? "(" + scalar_variable() + " = " + text(depth) + ")" : "@" + place();
            default:
                return scalar();
        }
    }

    std::string block(int depth) {
        std::string out = "{ ";
        for (int i = 1 + below(2); i > 0; --i) out += statement(depth - 1);
        return out + "}";
    }

    std::string assignment(int depth) {
        switch (below(7)) {
            case 0:
                return "@" + scalar_variable() + " = " + text(depth) + ";\n";
            case 1:
                return "@" + array_variable() + " = " + list(depth) + ";\n";
            case 2:
                return "@" + array_variable() + "[] = " + expression(depth) + ";\n";
            case 3:
                return "@" + scalar_variable() + " .= " + text(depth) + ";\n";
            case 4:
                return "@" + element() + " \?\?= " + expression(depth) + ";\n";
            case 5:
                return "@" + array_variable() + " += " + list(depth) + ";\n";
            default:
                return "@" + element() + " = " + expression(depth) + ";\n";
        }
    }

    std::string jump() { return pick({"break; ", "continue; "}); }

    std::string loop(int depth) {
        switch (below(4)) {
            case 0:
                return "foreach (" + list(2) + " as " + (below(2) == 0 ? "$k => " : "") +
                       pick({"$v", "$a", "$e['k']"}) + ") { " +
                       (below(3) == 0 ? "if (" + expression(1) + ") " + jump() : "") +
                       (below(6) == 0 ? "if (" + unknown() + ") " + jump() : "") + statement(depth - 1) +
                       "}\n";
            case 1: {
                const std::string i = "$i" + std::to_string(++loops_);  // its own, so that it ends
                return "for (" + i + " = 0; " + i + " < " + pick({"3", "0", "1"}) + "; " + i + "++) " +
                       block(depth) + "\n";
            }
            case 2: {
                const std::string i = "$i" + std::to_string(++loops_);
                return i + " = 0; while (" + i + "++ < 3) { " +
                       (below(3) == 0 ? "if (" + expression(1) + ") " + jump() : "") + statement(depth - 1) +
                       "}\n";
            }
            default:
                return std::string("foreach ([1, 2, 3] as &") + pick({"$a", "$v"}) + ") " + block(depth) +
                       "\n";
        }
    }

    std::string statement(int depth) {
        switch (below(depth > 0 ? 20 : 7)) {
            case 0:
                return "unset(" + place() + ");\n";
            case 1:
                return "@$n" + std::string(pick({"++", "--"})) + "; @$n += " + number(1) + ";\n";
            case 8:
            case 9:
                return "if (" + expression(2) + ") " + block(depth) + " else " + block(depth) + "\n";
            case 10:
            case 11:
                return "if (" + unknown() + ") " + block(depth) +
                       (below(2) == 0 ? " else " + block(depth) : "") + "\n";
            case 12:
            case 13:
                return loop(depth);
            case 14:
                return "switch (" + expression(1) + ") { case " + scalar() + ": " + statement(depth - 1) +
                       (below(2) == 0 ? "break; " : "") + "case " + scalar() + ": " + statement(depth - 1) +
                       "break; default: " + statement(depth - 1) + "}\n";
            case 15:
                return "list(" + scalar_variable() + ", " + element() + ") = [" + text(2) + ", " + text(2) +
                       "];\n";
            case 16:
                if (below(2) == 0) return "$a = &$b;\n";
                return below(2) == 0 ? "$c = &$d;\n" : scalar_variable() + " = &" + element() + ";\n";
            case 17:
                return below(3) == 0 ? "if (" + unknown() + ") { return 1; }\n"
                                     : "include __DIR__ . '/local.php';\n";
            case 18:
                return "@" + unknown() + " && (" + scalar_variable() + " = " + text(1) + ");\n";
            default:
                return assignment(3);
        }
    }

    std::mt19937 random_;
    int loops_ = 0;
};

}  // namespace bdupdate::test
