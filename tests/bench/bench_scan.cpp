// Bytes per second of the scanner over the PHP files of a real core: set BDUPDATE_REAL_CORE to its directory.
// tests/bench/scan_vs_php.sh runs this and PHP's token_get_all() over the same files and prints the ratio.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "bdupdate/php/functions.h"
#include "bdupdate/php/lexer.h"

namespace {

const std::vector<std::string>& sources() {
    static const std::vector<std::string> all_sources = [] {
        const std::set<std::string> extensions = {".php",     ".inc",    ".module",
                                                  ".install", ".engine", ".profile"};
        std::vector<std::string> read;
        const char* core = std::getenv("BDUPDATE_REAL_CORE");
        if (core == nullptr) return read;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(core)) {
            if (!entry.is_regular_file() || extensions.count(entry.path().extension()) == 0) continue;
            std::ifstream in(entry.path(), std::ios::binary);
            read.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
        }
        return read;
    }();
    return all_sources;
}

template <class PerSource>
void over_all_sources(benchmark::State& state, PerSource per_source) {
    if (sources().empty()) {
        state.SkipWithError("BDUPDATE_REAL_CORE is not set to the core directory of a Backdrop");
        return;
    }
    std::size_t bytes = 0;
    for (const std::string& source : sources()) bytes += source.size();
    for (auto step : state) {
        static_cast<void>(step);
        for (const std::string& source : sources()) per_source(source);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void tokenize(benchmark::State& state) {
    over_all_sources(state, [](const std::string& source) {
        benchmark::DoNotOptimize(bdupdate::php::tokenize(source).size());
    });
}
BENCHMARK(tokenize)->Unit(benchmark::kMillisecond);

void outline(benchmark::State& state) {
    over_all_sources(state, [](const std::string& source) {
        benchmark::DoNotOptimize(bdupdate::php::outline(source).functions.size());
    });
}
BENCHMARK(outline)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
