#include "bdupdate/plan/graph.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bdupdate/plan/php_sort.h"

namespace bdupdate::plan {
namespace {

RunModule module(std::string_view name, std::initializer_list<std::string_view> numbers) {
    RunModule result{name, {}};
    for (const auto number : numbers) result.numbers.push_back(parse_number(number));
    return result;
}

std::vector<std::string> names(const UpdateGraph& graph, const std::vector<UpdateGraph::Vertex>& vertices) {
    std::vector<std::string> result;
    for (const auto vertex : vertices) result.push_back(graph.function(vertex));
    return result;
}

std::vector<std::string> order(const std::vector<RunModule>& run,
                               const std::vector<scan::Dependency>& declared) {
    const UpdateGraph graph(run, declared);
    return names(graph, graph.core_order());
}

using Names = std::vector<std::string>;
using Dependencies = std::vector<scan::Dependency>;

}  // namespace

TEST(UpdateGraph, FirstUpdatesOfTheLongestModulesComeFirst) {
    EXPECT_EQ(order({module("a", {"1000"}), module("b", {"1000", "1001"})}, {}),
              (Names{"b_update_1000", "a_update_1000", "b_update_1001"}));
}

TEST(UpdateGraph, FewerKeysWinBeforeNames) {
    // a_update_1000 has nothing before or after it; the last of b has something before it.
    EXPECT_EQ(
        order({module("c", {"1000", "1001"}), module("a", {"1000"}), module("b", {"1000", "1001"})}, {}),
        (Names{"b_update_1000", "c_update_1000", "a_update_1000", "b_update_1001", "c_update_1001"}));
}

TEST(UpdateGraph, ADeclaredDependencyMovesAnUpdateBehindIt) {
    EXPECT_EQ(order({module("a", {"1000"}), module("b", {"1000"})}, {{"a", "1000", "b", "1000"}}),
              (Names{"b_update_1000", "a_update_1000"}));
}

TEST(UpdateGraph, OnlyTheHighestOfRedundantDependenciesCounts) {
    const Dependencies declared = {{"a", "1000", "b", "1001"}, {"a", "1000", "b", "1000"}};
    const UpdateGraph graph({module("a", {"1000"}), module("b", {"1000", "1001"})}, declared);
    EXPECT_EQ(names(graph, graph.declared_before(0)), (Names{"b_update_1001"}));
}

TEST(UpdateGraph, TheHighestIsTheHighestRawNumber) {
    const Dependencies declared = {{"a", "1000", "b", "1005"}, {"a", "1000", "b", "7010"}};
    const UpdateGraph graph({module("a", {"1000"}), module("b", {"7010", "1005"})}, declared);
    EXPECT_EQ(names(graph, graph.declared_before(0)), (Names{"b_update_7010"}));
}

TEST(UpdateGraph, ADependencyOnSomethingElseIsAVertexOutsideTheRun) {
    const Dependencies declared = {{"a", "1000", "b", "5"}, {"a", "1001", "b", "5"}, {"c", "1", "d", "1"}};
    const UpdateGraph graph({module("a", {"1000", "1001"})}, declared);
    ASSERT_EQ(graph.size(), 3U);
    EXPECT_EQ(graph.first_outside(), 2U);
    EXPECT_EQ(graph.function(2), "b_update_5");
    EXPECT_EQ(names(graph, graph.core_order()), (Names{"b_update_5", "a_update_1000", "a_update_1001"}));
}

TEST(UpdateGraph, ANumberWrittenDifferentlyIsAnotherUpdateThatComparesAsEqual) {
    // Order of weight -1: m_update_1000 and m_update_01000, which only their paths tell apart.
    EXPECT_EQ(
        order({module("y", {"1000"}), module("m", {"1000"}), module("x", {"1000"}), module("z", {"1000"})},
              {{"y", "1000", "x", "1000"}, {"m", "1000", "x", "1000"}, {"z", "1000", "m", "01000"}}),
        (Names{"x_update_1000", "m_update_1000", "m_update_01000", "y_update_1000", "z_update_1000"}));
}

TEST(UpdateGraph, DeclaringWhatTheNumbersSayAnywayChangesNothing) {
    const Dependencies declared = {{"a", "1001", "a", "1000"}};
    const UpdateGraph graph({module("a", {"1000", "1001"})}, declared);
    EXPECT_FALSE(graph.find_cycle());
    EXPECT_EQ(names(graph, graph.core_order()), (Names{"a_update_1000", "a_update_1001"}));
}

TEST(UpdateGraph, ACycleIsFoundAndBeginsWithItsFirstUpdate) {
    const Dependencies declared = {
        {"b", "1002", "a", "1001"}, {"a", "1001", "b", "1002"}, {"c", "1000", "b", "1002"}};
    const UpdateGraph graph(
        {module("a", {"1000", "1001", "1002"}), module("b", {"1002"}), module("c", {"1000"})}, declared);
    const auto cycle = graph.find_cycle();
    ASSERT_TRUE(cycle);
    EXPECT_EQ(names(graph, *cycle), (Names{"a_update_1001", "b_update_1002"}));
}

TEST(UpdateGraph, ADependencyOnItselfIsACycle) {
    const Dependencies declared = {{"a", "1000", "a", "1000"}};
    const UpdateGraph graph({module("a", {"1000"})}, declared);
    ASSERT_TRUE(graph.find_cycle());
    EXPECT_EQ(names(graph, *graph.find_cycle()), (Names{"a_update_1000"}));
}

TEST(UpdateGraph, ADependencyOnALaterUpdateOfTheSameModuleIsACycle) {
    const Dependencies declared = {{"a", "1000", "a", "1002"}};
    const UpdateGraph graph({module("a", {"1000", "1001", "1002"})}, declared);
    ASSERT_TRUE(graph.find_cycle());
    EXPECT_EQ(names(graph, *graph.find_cycle()), (Names{"a_update_1000", "a_update_1001", "a_update_1002"}));
}

TEST(UpdateGraph, AChainOfAHundredThousandNeedsNoDeepStack) {
    std::vector<std::string> texts;
    for (int i = 0; i < 100000; ++i) texts.push_back("m" + std::to_string(i));
    std::vector<RunModule> run;
    std::vector<scan::Dependency> declared;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        run.push_back(module(texts[i], {"1000"}));
        if (i > 0) declared.push_back({texts[i - 1], "1000", texts[i], "1000"});
    }
    const UpdateGraph graph(run, declared);
    EXPECT_FALSE(graph.find_cycle());
    const auto sorted = graph.core_order();
    EXPECT_EQ(graph.function(sorted.front()), "m99999_update_1000");
    EXPECT_EQ(graph.function(sorted.back()), "m0_update_1000");
}

TEST(PhpSort, SortsLikeAnySortWhereTheComparisonIsAnOrder) {
    for (std::size_t size = 0; size < 3000; size = size < 40 ? size + 1 : size * 2) {
        std::vector<std::uint32_t> list;
        for (std::size_t i = 0; i < size; ++i) list.push_back(static_cast<std::uint32_t>(i) * 2654435761U);
        auto expected = list;
        std::sort(expected.begin(), expected.end());
        php::sort(list.begin(), list.end(), [](auto a, auto b) { return a < b ? -1 : (a > b ? 1 : 0); });
        EXPECT_EQ(list, expected) << size;
    }
}

}  // namespace bdupdate::plan
