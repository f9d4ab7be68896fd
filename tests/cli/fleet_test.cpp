// Several processes at once.
#include "../../src/cli/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>

#include "bdupdate/base/clock.h"

namespace bdupdate::cli {
namespace {

using testing::ElementsAre;

/// What came of a fleet of shell lines.
struct Voyage {
    std::map<std::size_t, Result<Landing>> landings;
    std::map<std::size_t, std::vector<std::string>> lines;
    std::vector<std::size_t> begun;
    std::size_t at_work = 0, most_at_work = 0;

    explicit Voyage(
        const std::vector<std::string>& scripts, std::size_t at_once,
        const std::function<int()>& signal = [] { return 0; },
        const std::function<bool()>& abort = [] { return false; }) {
        FleetWatch watch;
        watch.started = [this](std::size_t index) {
            begun.push_back(index);
            most_at_work = std::max(most_at_work, ++at_work);
        };
        watch.said = [this](std::size_t index, std::string_view line) { lines[index].emplace_back(line); };
        watch.ended = [this](std::size_t index, const Result<Landing>& landing) {
            --at_work;
            landings.emplace(index, landing);
        };
        watch.tick = [] {};
        sail(
            scripts.size(), at_once,
            [&scripts](std::size_t index) {
                return SpawnOptions{
                    .argv = {scripts[index].empty() ? "/nonexistent/program" : "sh", "-c", scripts[index]}};
            },
            watch, signal, abort);
    }
};

TEST(Fleet, StartsInOrderAndNoMoreThanAllowed) {
    const Voyage voyage(std::vector<std::string>(7, "sleep 0.05"), 3);
    EXPECT_THAT(voyage.begun, ElementsAre(0, 1, 2, 3, 4, 5, 6));
    EXPECT_EQ(voyage.most_at_work, 3U);
    EXPECT_EQ(voyage.landings.size(), 7U);
}

TEST(Fleet, TellsWholeLinesAndAllOfStdout) {
    const Voyage voyage(
        {"echo one >&2; printf tw >&2; sleep 0.1; echo o >&2; printf three >&2; echo out; exit 4",
         "head -c 3000000 /dev/zero"},
        2);
    EXPECT_THAT(voyage.lines.at(0), ElementsAre("one", "two", "three"));
    EXPECT_EQ(voyage.landings.at(0)->status.code, 4);
    EXPECT_EQ(voyage.landings.at(0)->out, "out\n");
    EXPECT_EQ(voyage.landings.at(1)->out.size(), 3000000U);
}

TEST(Fleet, ADeathOrAFailedStartIsOneShipsAlone) {
    const Voyage voyage({"kill -SEGV $$", "", "echo fine"}, 2);
    EXPECT_EQ(voyage.landings.at(0)->status.signal, SIGSEGV);
    EXPECT_FALSE(voyage.landings.at(1));
    EXPECT_EQ(voyage.landings.at(2)->out, "fine\n");
}

TEST(Fleet, SomethingLeftBehindHoldsNobodyUp) {
    const auto start = Monotonic::now();
    const Voyage voyage({"sleep 20 & echo gone"}, 1);
    EXPECT_EQ(voyage.landings.at(0)->out, "gone\n");
    EXPECT_LT(Monotonic::now() - start, std::chrono::seconds(10));
}

TEST(Fleet, ClosedPipesAreNoEnd) {
    const Voyage voyage({"exec >&- 2>&-; sleep 0.3; exit 3"}, 1);
    EXPECT_EQ(voyage.landings.at(0)->status.code, 3);
}

TEST(Fleet, ASignalIsPassedOnOnceAndAgainWhenAbortIsWanted) {
    const std::string counts =
        "trap 'n=$((n+1)); echo $n >&2; test $n = 2 && exit 9' INT; n=0; echo up >&2; "
        "while :; do sleep 0.05; done";
    const auto start = Monotonic::now();
    const auto after = [start](int tenths) {
        return Monotonic::now() - start > std::chrono::milliseconds(100 * tenths);
    };
    const Voyage voyage(
        {counts, counts, "echo never"}, 2, [&] { return after(5) ? SIGINT : 0; }, [&] { return after(15); });
    EXPECT_THAT(voyage.begun, ElementsAre(0, 1));
    for (const std::size_t index : {0U, 1U}) {
        EXPECT_THAT(voyage.lines.at(index), ElementsAre("up", "1", "2"));
        EXPECT_EQ(voyage.landings.at(index)->status.code, 9);
    }
}

}  // namespace
}  // namespace bdupdate::cli
