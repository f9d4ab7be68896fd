#include "bdupdate/php/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace bdupdate::php {
namespace {

TEST(PhpValue, DecimalTextBecomesAnIntegerKey) {
    for (const char* text : {"0", "7", "-7", "9223372036854775807", "-9223372036854775807"}) {
        EXPECT_TRUE(std::holds_alternative<std::int64_t>(key_of(text))) << text;
    }
    for (const char* text : {"", "-", "-0", "007", "+7", " 7", "7 ", "1.0", "0x1", "9223372036854775808",
                             "-9223372036854775808", "abc"}) {
        EXPECT_EQ(std::get<std::string>(key_of(text)), text);
    }
}

TEST(PhpValue, AppendGoesOnAfterTheHighestKeyEver) {
    Array array;
    array[Key(std::int64_t{5})] = Value("five");
    array.append() = Value("six");
    EXPECT_NE(array.find(Key(std::int64_t{6})), nullptr);
    array.erase(Key(std::int64_t{6}));
    array.append();
    EXPECT_NE(array.find(Key(std::int64_t{7})), nullptr);
}

TEST(PhpValue, NextKeyAfterNegativeOnesDependsOnTheVersion) {
    Array array;
    array[Key(std::int64_t{-3})];
    EXPECT_TRUE(array.next_key_depends_on_version());
    array[Key(std::int64_t{0})];
    EXPECT_FALSE(array.next_key_depends_on_version());
}

TEST(PhpValue, ErasedElementsLeaveTheOrderAlone) {
    Array array;
    for (const char* name : {"a", "b", "c"}) array[Key(name)] = Value(name);
    EXPECT_TRUE(array.erase(Key("b")));
    EXPECT_FALSE(array.erase(Key("b")));
    ASSERT_EQ(array.size(), 2U);
    EXPECT_EQ(std::get<std::string>(array.entries()[1].first), "c");
}

TEST(PhpValue, FloatsPrintAsPhpPrintsThem) {
    const std::pair<double, const char*> printed[] = {{1.0, "1"},
                                                      {0.1, "0.1"},
                                                      {-1.5, "-1.5"},
                                                      {100000.0, "100000"},
                                                      {1e14, "1.0E+14"},
                                                      {1e15, "1.0E+15"},
                                                      {123456789012345678.0, "1.2345678901235E+17"},
                                                      {0.0001, "0.0001"},
                                                      {0.00001, "1.0E-5"},
                                                      {0.1 + 0.2, "0.3"},
                                                      {1.0 / 3, "0.33333333333333"},
                                                      {-0.0, "-0"},
                                                      {std::numeric_limits<double>::infinity(), "INF"}};
    for (const auto& [number, text] : printed) EXPECT_EQ(Value(number).to_string(), text);
}

TEST(PhpValue, SerializedFloatsReadBackAsTheSame) {
    EXPECT_EQ(serialize(Value(0.1 + 0.2)), "d:0.30000000000000004;");
    EXPECT_EQ(serialize(Value(1e25)), "d:1.0E+25;");
    EXPECT_EQ(serialize(Value(1e16)), "d:10000000000000000;");
    EXPECT_EQ(serialize(Value(-0.0)), "d:-0;");
    EXPECT_EQ(serialize(Value(std::nan(""))), "d:NAN;");
}

TEST(PhpValue, SerializeCountsBytes) {
    Array inner;
    inner.append() = Value(true);
    Array outer;
    outer[Key("é")] = Value(std::move(inner));
    outer[Key(std::int64_t{3})] = Value();
    EXPECT_EQ(serialize(Value(std::move(outer))), "a:2:{s:2:\"é\";a:1:{i:0;b:1;}i:3;N;}");
    EXPECT_EQ(serialize(Value("a\"b")), "s:3:\"a\"b\";");
}

TEST(PhpValue, TruthIsPhps) {
    for (const Value& value : {Value(), Value(false), Value(std::int64_t{0}), Value(0.0), Value(-0.0),
                               Value(""), Value("0"), Value(Array())}) {
        EXPECT_FALSE(value.truthy()) << serialize(value);
    }
    for (const Value& value :
         {Value(true), Value(std::int64_t{-1}), Value("0.0"), Value(" "), Value("false")}) {
        EXPECT_TRUE(value.truthy()) << serialize(value);
    }
}

TEST(PhpValue, UnknownIsFoundInside) {
    Array inner;
    inner[Key("x")] = Value(Unknown{"why"});
    Array outer;
    outer.append() = Value("known");
    outer.append() = Value(inner);
    ASSERT_NE(Value(outer).unknown_inside(), nullptr);
    EXPECT_EQ(Value(outer).unknown_inside()->why, "why");
    EXPECT_EQ(Value(outer).unknown(), nullptr);
    Array uncertain;
    uncertain.make_uncertain(Unknown{"shape"});
    EXPECT_EQ(Value(uncertain).unknown_inside()->why, "shape");
}

TEST(PhpValue, IdentityNeedsTypeAndOrder) {
    EXPECT_FALSE(identical(Value(std::int64_t{1}), Value(1.0)));
    EXPECT_FALSE(identical(Value("1"), Value(std::int64_t{1})));
    EXPECT_FALSE(identical(Value(Unknown{"a"}), Value(Unknown{"a"})));
    Array one;
    one[Key("a")] = Value("x");
    one[Key("b")] = Value("y");
    Array other;
    other[Key("b")] = Value("y");
    other[Key("a")] = Value("x");
    EXPECT_TRUE(identical(Value(one), Value(one)));
    EXPECT_FALSE(identical(Value(one), Value(other)));
}

TEST(PhpValue, JsonKeepsTheOrderOfKeys) {
    const auto decoded = decode_json(R"({"z":1,"a":[true,null,1.5],"10":"ten","z":2})");
    ASSERT_TRUE(decoded);
    EXPECT_EQ(serialize(*decoded),
              "a:3:{s:1:\"z\";i:2;s:1:\"a\";a:3:{i:0;b:1;i:1;N;i:2;d:1.5;}i:10;s:3:\"ten\";}");
}

TEST(PhpValue, JsonThatPhpRefusesIsRefused) {
    for (const char* text :
         {"", "{", "{'a':1}", "[1,]", "nul", "[1] x", "\xEF\xBB\xBF[]", "\"\xff\"", "01", "{\"a\":1}}"}) {
        EXPECT_FALSE(decode_json(text)) << text;
    }
    EXPECT_FALSE(decode_json(std::string(513, '[') + std::string(513, ']')));
    EXPECT_TRUE(decode_json(std::string(512, '[') + std::string(512, ']')));
}

}  // namespace
}  // namespace bdupdate::php
