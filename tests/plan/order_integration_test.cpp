#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

#include "bdupdate/base/subprocess.h"
#include "bdupdate/base/text.h"
#include "bdupdate/plan/graph.h"
#include "bdupdate/plan/php_sort.h"
#include "bdupdate/plan/plan.h"
#include "plan/random_site.h"

namespace bdupdate::plan {
namespace {

constexpr std::uint32_t site_count = 6000;

/// Lines that PHP prints when the script of tests/plan reads `input`.
std::vector<std::string> lines_of_php(const std::string& script, const std::string& input) {
    SpawnOptions options;
    options.argv = {"php", "-n", "-d", "memory_limit=1G",
                    std::string(BDUPDATE_SOURCE_DIR) + "/tests/plan/" + script};
    const auto done = run_program(options, input, std::chrono::minutes(2));
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    if (!done) return {};
    EXPECT_TRUE(done->status.ok()) << done->status.text() << done->out.substr(0, 500)
                                   << done->err.substr(0, 500);
    std::vector<std::string> lines;
    std::istringstream stream(done->out);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

/// Words behind the first one.
std::vector<std::string> words_after_label(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    std::string word;
    stream >> word;
    while (stream >> word) words.push_back(word);
    return words;
}

struct Reference {
    std::vector<std::string> run;
    std::vector<std::string> order;
    std::vector<std::string> allowed;
};

struct Compared {
    Facts facts;
    Reference reference;
};

std::vector<Compared> compare_sites(Rules rules) {
    std::vector<Compared> result;
    std::string input;
    for (std::uint32_t seed = 1; seed <= site_count; ++seed) {
        result.push_back({test::RandomSite(seed).make(), {}});
        result.back().facts.rules = rules;
        input += test::to_json(result.back().facts);
    }
    const auto lines = lines_of_php("reference_order.php", input);
    EXPECT_EQ(lines.size(), 3 * result.size());
    if (lines.size() != 3 * result.size()) return std::vector<Compared>{};
    for (std::size_t i = 0; i < result.size(); ++i) {
        result[i].reference = {words_after_label(lines[3 * i]), words_after_label(lines[3 * i + 1]),
                               words_after_label(lines[3 * i + 2])};
    }
    return result;
}

const std::vector<Compared>& compared_sites() {
    static const std::vector<Compared> sites = compare_sites(Rules::Backdrop);
    return sites;
}

/// The graph of exactly the updates that core starts, applied ones that it repeats included.
std::vector<std::string> order_of(const Compared& site, std::size_t& outside) {
    std::vector<RunModule> run;
    for (const std::string& word : site.reference.run) {
        const auto colon = word.find(':');
        RunModule module{std::string_view(word).substr(0, colon), {}};
        for (const auto number : split(std::string_view(word).substr(colon + 1), ',')) {
            module.numbers.push_back(parse_number(number));
        }
        run.push_back(std::move(module));
    }
    const UpdateGraph graph(run, site.facts.dependencies, site.facts.rules);
    EXPECT_FALSE(graph.find_cycle());
    outside = graph.size() - graph.first_outside();
    std::vector<std::string> order;
    for (const auto vertex : graph.core_order()) order.push_back(graph.function(vertex));
    return order;
}

std::vector<std::string> steps_of(const Plan& plan) {
    std::vector<std::string> steps;
    for (const Step& step : plan.steps) steps.push_back(step.update.function);
    return steps;
}

}  // namespace

TEST(OrderAgainstPhp, EveryVertexOfRandomSitesStandsWhereCoreWouldPutIt) {
    std::size_t differences = 0, with_outside = 0, large = 0, vertices = 0;
    std::uint32_t seed = 0;
    for (const Compared& site : compared_sites()) {
        ++seed;
        std::size_t outside = 0;
        const auto order = order_of(site, outside);
        with_outside += outside > 0 ? 1 : 0;
        large += order.size() > 16 ? 1 : 0;
        vertices += order.size();
        if (order == site.reference.order) continue;
        if (++differences <= 3) {
            ADD_FAILURE() << "seed " << seed << "\n"
                          << test::to_json(site.facts) << "php  " << join(site.reference.order, " ")
                          << "\nhere " << join(order, " ");
        }
    }
    EXPECT_EQ(differences, 0U);
    EXPECT_EQ(seed, site_count);
    // The sites must be of the kinds that are hard: otherwise this test proves nothing.
    EXPECT_GT(with_outside, site_count / 4);
    EXPECT_GT(large, site_count / 4);
    RecordProperty("vertices", static_cast<int>(vertices));
    RecordProperty("with_outside", static_cast<int>(with_outside));
    RecordProperty("above_16", static_cast<int>(large));
}

TEST(OrderAgainstPhp, PlansRunWhatCoreWouldRunInItsOrder) {
    std::size_t same = 0, filtered = 0;
    std::uint32_t seed = 0;
    for (const Compared& site : compared_sites()) {
        ++seed;
        const auto plan = make_plan(site.facts);
        ASSERT_TRUE(plan) << "seed " << seed << ": " << plan.error().message;
        std::size_t listed = plan->steps.size();
        for (const Blocked& blocked : plan->blocked) listed += blocked.number.empty() ? 0 : 1;
        std::size_t started = 0;
        for (const std::string& word : site.reference.run) started += split(word, ',').size();
        if (listed != started) continue;  // core repeats applied updates, which makes its graph another one
        const auto steps = steps_of(*plan);
        // What is allowed differs where 7xxx numbers are compared with others: there only the order must
        // agree.
        const std::set<std::string> running(steps.begin(), steps.end());
        std::vector<std::string> expected;
        for (const std::string& function : site.reference.order) {
            if (running.count(function) > 0) expected.push_back(function);
        }
        ASSERT_EQ(steps, expected) << "seed " << seed << "\n" << test::to_json(site.facts);
        (steps == site.reference.allowed ? same : filtered) += 1;
    }
    EXPECT_GT(same, site_count / 2);
    EXPECT_GT(filtered, 0U);
    RecordProperty("same_list", static_cast<int>(same));
    RecordProperty("same_order_of_a_different_list", static_cast<int>(filtered));
}

/// PHP before 8.0 puts vertices of one weight in an order of its own.
TEST(OrderAgainstPhp, Drupal7SortsByWeightAlone) {
    std::size_t compared = 0;
    for (const Compared& site : compare_sites(Rules::Drupal7)) {
        const auto plan = make_plan(site.facts);
        if (!plan) continue;  // a cycle: these sites were made without one in Backdrop's order of numbers
        ++compared;
        std::size_t outside = 0;
        ASSERT_EQ(order_of(site, outside), site.reference.order) << test::to_json(site.facts);
        const auto steps = steps_of(*plan);
        const auto [here, php] = std::mismatch(steps.begin(), steps.end(), site.reference.allowed.begin(),
                                               site.reference.allowed.end());
        ASSERT_EQ(steps, site.reference.allowed)
            << "from " << (here == steps.end() ? "the end" : *here) << " on; " << test::to_json(site.facts);
    }
    EXPECT_GT(compared, site_count / 2);
    RecordProperty("compared", static_cast<int>(compared));
}

TEST(OrderAgainstPhp, PlansPutEveryUpdateAfterWhatItNeeds) {
    for (const Compared& site : compared_sites()) {
        const auto plan = make_plan(site.facts);
        ASSERT_TRUE(plan);
        std::map<std::string, std::size_t> place;
        for (std::size_t i = 0; i < plan->steps.size(); ++i) place[plan->steps[i].update.function] = i;
        std::map<std::string, std::int64_t> reached;
        for (std::size_t i = 0; i < plan->steps.size(); ++i) {
            const Step& step = plan->steps[i];
            const auto key = order_key(parse_number(step.update.number).value);
            const auto [before, is_first] = reached.try_emplace(step.update.module, key);
            ASSERT_TRUE(is_first || before->second < key);
            before->second = key;
            for (const std::string& needed : step.after) ASSERT_LT(place.at(needed), i) << needed;
        }
    }
}

TEST(SortAgainstPhp, MakesTheSameComparisonsWithTheSameResult) {
    std::vector<std::pair<int, int>> cases;
    for (int size = 0; size <= 40; ++size) {
        for (int seed = 0; seed < 25; ++seed) cases.emplace_back(size, seed);
    }
    for (const int size : {100, 333, 1000, 1023, 1024, 1025, 2047, 2048, 5000}) {
        for (int seed = 0; seed < 4; ++seed) cases.emplace_back(size, seed);
    }
    std::string input;
    for (const auto& [size, seed] : cases) input += std::to_string(size) + ' ' + std::to_string(seed) + '\n';
    const auto lines = lines_of_php("reference_sort.php", input);
    ASSERT_EQ(lines.size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto [size, seed] = cases[i];
        std::vector<int> list;
        for (int value = 0; value < size; ++value) list.push_back(value);
        int asked = 0;
        php::sort(list.begin(), list.end(), [&asked, shift = seed * 31](int a, int b) {
            ++asked;
            return ((a * 7919 + b * 104729 + shift) % 101) % 2 != 0 ? 1 : -1;
        });
        std::string line;
        for (const int value : list) line += (line.empty() ? "" : " ") + std::to_string(value);
        ASSERT_EQ(line + " asked " + std::to_string(asked), lines[i]) << size << " elements, seed " << seed;
    }
}

}  // namespace bdupdate::plan
