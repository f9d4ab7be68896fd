#include "../../src/report/config_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdupdate::report {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> keys(const std::string& before, const std::string& after) {
    std::vector<std::string> lines;
    const auto changes = key_changes({1, "x.json", before, after});
    for (const KeyChange& change : *changes)
        lines.push_back(change.key + ": " + change.before.value_or("-") + " > " + change.after.value_or("-"));
    return lines;
}

TEST(ConfigDiff, NamesEachKeyThatCameWentOrChanged) {
    EXPECT_THAT(keys(R"({"a": 1, "b": {"c": "x", "d": true}})", R"({"a": 2, "b": {"d": true, "e": null}})"),
                ElementsAre("a: 1 > 2", "b.e: - > null", R"(b.c: "x" > -)"));
}

TEST(ConfigDiff, OrderAndLayoutAreNoChange) {
    EXPECT_THAT(keys(R"({"a": 1, "b": 2})", "{\n \"b\": 2,\n \"a\": 1\n}"), IsEmpty());
}

TEST(ConfigDiff, AValueThatBecomesATreeGoesAndComesKeyByKey) {
    EXPECT_THAT(keys(R"({"a": "x"})", R"({"a": {"b": 1, "c": 2}})"),
                ElementsAre(R"(a: "x" > -)", "a.b: - > 1", "a.c: - > 2"));
}

TEST(ConfigDiff, AnEmptyPhpArrayIsAnEmptyTree) {
    EXPECT_THAT(keys(R"({"a": []})", R"({"a": {"b": 1}})"), ElementsAre("a.b: - > 1"));
}

TEST(ConfigDiff, OfListsOnlyTheMiddleIsTold) {
    EXPECT_THAT(keys(R"({"a": ["x", "y", "z"]})", R"({"a": ["x", "new", "y", "z"]})"),
                ElementsAre(R"(a[1]: - > "new")"));
    EXPECT_THAT(keys(R"({"a": ["x", "y"]})", R"({"a": ["x"]})"), ElementsAre(R"(a[1]: "y" > -)"));
}

TEST(ConfigDiff, WhatIsNoJsonHasNoKeys) {
    EXPECT_FALSE(key_changes({1, ".htaccess", "Deny", "Allow"}));
}

TEST(ConfigDiff, PasswordsAreHidden) {
    EXPECT_THAT(keys(R"({"smtp_password": "old", "n": {"apiKey": ""}})",
                     R"({"smtp_password": "new", "n": {"apiKey": "k"}, "t": {"secret": {"x": ["y"]}}})"),
                ElementsAre(R"x(smtp_password: "(hidden)" > "(hidden)")x", R"x(n.apiKey: "" > "(hidden)")x",
                            R"x(t.secret.x: - > ["(hidden)"])x"));
}

TEST(ConfigDiff, APasswordInAUrlIsHiddenAndTheRestIsNot) {
    EXPECT_THAT(keys(R"({"a": "x"})", R"({"a": "redis://me:p:w@host/1"})"),
                ElementsAre(R"(a: "x" > "redis://me:(hidden)@host/1")"));
    EXPECT_THAT(keys(R"({"a": 1})", R"({"a": "http://host:80/x@y"})"),
                ElementsAre(R"(a: 1 > "http://host:80/x@y")"));
}

TEST(ConfigDiff, CoresMailTextsAboutPasswordsAreNoSecret) {
    EXPECT_THAT(keys(R"({"password_reset_subject": "a"})", R"({"password_reset_subject": "b"})"),
                ElementsAre(R"(password_reset_subject: "a" > "b")"));
}

TEST(ConfigDiff, SecretsOfBothSidesAreFoundForThePatch) {
    EXPECT_THAT(secrets_of({1, "x", R"({"a": {"password": "p"}})", R"({"token": "t", "u": "x://a:b@c"})"}),
                testing::UnorderedElementsAre("\"p\"", "\"t\"", ":b@"));
}

}  // namespace
}  // namespace bdupdate::report
