// What bdupdate itself costs a pass, beside the update: a look at 1,000 config files and the journal. The
// mark's two statements are in the worker's transaction. Wanted: at most 2 ms, and one fsync more where
// config changed (how many there are: tests/bench/syncs_per_pass.sh).

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "bdupdate/config/config_directory.h"
#include "bdupdate/journal/journal.h"

namespace {

using namespace bdupdate;
namespace fs = std::filesystem;

struct Place {
    fs::path directory;
    Place() {
        std::string pattern = (fs::temp_directory_path() / "bdupdate-bench-XXXXXX").string();
        directory = ::mkdtemp(pattern.data());
        fs::create_directories(directory / "config");
        for (int i = 0; i < 1000; ++i) write(i, "as it was");
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { fs::remove_all(directory); }
    void write(int number, const std::string& text) const {
        std::ofstream(directory / "config" / ("views.view.number_" + std::to_string(number) + ".json"))
            << "{\"_config_name\": \"views.view." << number << "\", \"text\": \"" << text
            << std::string(2000, 'x') << "\"}\n";
    }
};

journal::Pass pass(std::int64_t seq) {
    journal::Pass record;
    record.seq = seq;
    record.plan = 1;
    record.function = "node_update_1001";
    record.committed = true;
    record.messages = {{"status", "done"}};
    return record;
}

void one_pass(benchmark::State& state) {
    const bool changes = state.range(0) != 0;
    const Place place;
    auto journal = journal::Journal::open(place.directory / "journal.sqlite").value();
    auto config = config::ConfigDirectory::open(place.directory / "config").value();
    static_cast<void>(journal.put_image("run", 0, config.image().value()));
    std::int64_t seq = 0;
    for (auto _ : state) {
        ++seq;
        if (changes) {
            state.PauseTiming();
            place.write(static_cast<int>(seq % 1000), std::to_string(seq));
            state.ResumeTiming();
        }
        const auto found = config.changes().value();
        if (!found.empty()) static_cast<void>(journal.put_image("run", seq, found));
        static_cast<void>(journal.add_pass("run", pass(seq)));
    }
    state.SetLabel(changes ? "one of 1,000 config files changed" : "1,000 config files, none changed");
}
BENCHMARK(one_pass)->Arg(0)->Arg(1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
