#include "support/json_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdupdate::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> differences(const std::string& example, const std::string& actual) {
    std::string problem;
    const auto wanted = json_documents(example, problem);
    EXPECT_EQ(problem, "");
    const auto given = json_documents(actual, problem);
    EXPECT_EQ(problem, "");
    return shape_differences(wanted, given);
}

TEST(JsonShape, OtherValuesOfTheSameTypesAreTheSameShape) {
    EXPECT_THAT(differences(R"({"a": 1, "b": [{"c": "x"}]})", R"({"a": 2.5, "b": [{"c": "y"}, {"c": ""}]})"),
                IsEmpty());
}

TEST(JsonShape, AFieldMoreOrLessOrOfAnotherTypeIsFoundAtAnyDepth) {
    EXPECT_THAT(differences(R"({"a": [{"b": 1}]})", R"({"a": [{"b": 1}, {"b": 1, "c": 2}]})"),
                ElementsAre(".a[1].c is not in the example"));
    EXPECT_THAT(differences(R"({"a": {"b": 1, "c": 2}})", R"({"a": {"b": 1}})"),
                ElementsAre(".a.c is missing"));
    EXPECT_THAT(differences(R"({"a": "x"})", R"({"a": null})"),
                ElementsAre(".a is null, in the example string"));
}

TEST(JsonShape, AMarkedFieldMayBeNullOrMissingButOfNoOtherType) {
    EXPECT_THAT(differences(R"({"a?": "x"})", R"({"a": null})"), IsEmpty());
    EXPECT_THAT(differences(R"({"a?": "x"})", "{}"), IsEmpty());
    EXPECT_THAT(differences(R"({"a?": "x"})", R"({"a": 1})"),
                ElementsAre(".a is number, in the example string"));
}

TEST(JsonShape, AnEmptyListShowsNothing) {
    EXPECT_THAT(differences(R"({"a": []})", R"({"a": [1]})"), ElementsAre(HasSubstr("empty in the example")));
    EXPECT_THAT(differences(R"({"a": [1]})", R"({"a": []})"), ElementsAre(HasSubstr("is empty")));
}

TEST(JsonShape, EventsAreComparedWithTheirOwnKind) {
    const std::string example = "{\"event\": \"a\", \"x\": 1}\n{\"event\": \"b\"}\n";
    EXPECT_THAT(differences(example, "{\"event\": \"b\"}\n{\"event\": \"a\", \"x\": 2}\n"), IsEmpty());
    EXPECT_THAT(differences(example, "{\"event\": \"a\", \"x\": 2}\n"), ElementsAre("event b did not come"));
    EXPECT_THAT(differences(example, example + "{\"event\": \"c\"}\n"),
                ElementsAre(HasSubstr("is not in the example")));
}

TEST(JsonShape, WhatIsNoJsonIsSaid) {
    std::string problem;
    json_documents("{\"a\": 1}\nerror: no\n", problem);
    EXPECT_THAT(problem, HasSubstr("error: no"));
}

}  // namespace
}  // namespace bdupdate::test
