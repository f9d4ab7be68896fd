// The planner on large sites: 20 pending updates a module, two dependencies a module on other modules'
// updates.

#include <benchmark/benchmark.h>

#include <random>

#include "bdupdate/plan/plan.h"

namespace {

using namespace bdupdate;

plan::Facts large_site(int modules, int updates, int dependencies) {
    plan::Facts facts;
    for (int m = 0; m < modules; ++m) {
        plan::ModuleFacts module;
        module.name = "module_" + std::to_string(m);
        module.schema_version = 1000;
        for (int u = 1; u <= updates; ++u) {
            scan::UpdateFunction update;
            update.module = module.name;
            update.number = std::to_string(1000 + u);
            update.function = module.name + "_update_" + update.number;
            update.description = "Converts the settings of " + module.name + " to the new format.";
            update.file = "/var/www/site/modules/contrib/" + module.name + "/" + module.name + ".install";
            update.line = 10 * u;
            module.updates.push_back(std::move(update));
        }
        facts.modules.push_back(std::move(module));
    }
    // Later modules depend on earlier ones, here and there on an update that was performed long ago.
    std::mt19937 random(7);
    for (int m = 1; m < modules; ++m) {
        for (int d = 0; d < dependencies; ++d) {
            const auto other = random() % static_cast<std::uint32_t>(m);
            const auto number = random() % 10 == 0 ? 900 + random() % 100 : 1001 + random() % 20;
            facts.dependencies.push_back({"module_" + std::to_string(m), std::to_string(1001 + random() % 20),
                                          "module_" + std::to_string(other), std::to_string(number)});
        }
    }
    return facts;
}

void plan_large_site(benchmark::State& state) {
    const int modules = static_cast<int>(state.range(0));
    const auto facts = large_site(modules, 20, 2);
    for (auto _ : state) {
        state.PauseTiming();
        auto given = facts;
        state.ResumeTiming();
        auto plan = plan::make_plan(std::move(given));
        state.PauseTiming();
        if (!plan || plan->steps.size() != static_cast<std::size_t>(modules) * 20) {
            state.SkipWithError("the plan is not whole");
            break;
        }
        benchmark::DoNotOptimize(plan);
        given = {};
        plan = plan::Plan{};
        state.ResumeTiming();
    }
    state.SetComplexityN(modules);
}

BENCHMARK(plan_large_site)->Arg(1000)->Arg(2000)->Arg(5000)->Unit(benchmark::kMillisecond)->Complexity();

// Facts that are kept: every update is copied into the plan.
void plan_large_site_keeping_facts(benchmark::State& state) {
    const auto facts = large_site(static_cast<int>(state.range(0)), 20, 2);
    for (auto _ : state) benchmark::DoNotOptimize(plan::make_plan(facts));
    state.SetComplexityN(state.range(0));
}

BENCHMARK(plan_large_site_keeping_facts)
    ->Arg(1000)
    ->Arg(2000)
    ->Arg(5000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

// No dependency at all: every update of a weight is compared with those of all other modules.
void plan_unrelated_modules(benchmark::State& state) {
    const auto facts = large_site(static_cast<int>(state.range(0)), 20, 0);
    for (auto _ : state) benchmark::DoNotOptimize(plan::make_plan(facts));
    state.SetComplexityN(state.range(0));
}

BENCHMARK(plan_unrelated_modules)
    ->Arg(1000)
    ->Arg(2000)
    ->Arg(5000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

}  // namespace

BENCHMARK_MAIN();
