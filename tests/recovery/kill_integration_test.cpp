// The program is killed right before one of its writes (tests/support/kill_at.cpp), recovery too in a third
// of the cases, and afterwards the site is as before the run or as after it, never anything else. By default
// a sample of the places; BDUPDATE_EVERY_KILL=N takes
// every N-th.

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "bdupdate/base/file.h"
#include "support/program.h"

namespace bdupdate::test {
namespace {

constexpr const char* failing_update = R"php(
function gallery_update_1003(&$sandbox) {
  db_update('gallery_picture')->fields(array('path' => 'torn'))->execute();
  config('club.settings')->set('torn', TRUE)->save();
  throw new Exception('no');
}
)php";

struct Kills : testing::Test {
    std::vector<std::string> arguments = {"run", "--yes", "--module", "club", "--module", "gallery"};

    virtual void prepare(ExampleSite&) {}

    static std::map<std::string, std::string> preload(const char* name, const std::string& value) {
        return {
            {"LD_PRELOAD", BDUPDATE_KILL_AT}, {"ASAN_OPTIONS", "verify_asan_link_order=0"}, {name, value}};
    }
    static std::string content(ExampleSite& site) {
        std::string text = site.content();
        for (std::size_t at = 0; (at = text.find(site.root().string(), at)) != std::string::npos;)
            text.replace(at, site.root().string().size(), "SITE");
        return text;
    }
    /// Kills the run at its `at`-th write and recovers; true: the run was killed.
    bool killed_at(ExampleSite& site, long at, std::string& story) {
        const Completed run = site.run(arguments, preload("KILL_AT", std::to_string(at)));
        story += "run: " + run.status.text() + "\n" + run.err;
        const bool killed = run.status.signal == SIGKILL;
        for (long again = at % 3 == 0 ? 1 + at * 7 % 60 : 0;; again = again > 40 ? 0 : again + 13) {
            const Completed recovered =
                again == 0 ? site.run({"recover", "--yes"})
                           : site.run({"recover", "--yes"}, preload("KILL_AT", std::to_string(again)));
            story += "recover: " + recovered.status.text() + "\n" + recovered.err + recovered.out;
            if (recovered.status.signal == SIGKILL) continue;
            recover_code = recovered.status.code;
            return killed;
        }
    }
    long writes() {
        ExampleSite site;
        prepare(site);
        const auto file = site.state().string() + ".count";
        site.run(arguments, preload("KILL_COUNT", file));
        expected = content(site);
        return std::atol(read_file(file).value_or("0").c_str());
    }
    /// About `sample` places, or all; `codes` are the exit codes that recovery may end with.
    void campaign(long sample, const std::vector<int>& codes) {
        const long all = writes();
        ASSERT_GT(all, 50);
        const char* wanted = std::getenv("BDUPDATE_EVERY_KILL");
        const long stride = wanted == nullptr ? all / sample : std::atol(wanted);
        std::size_t as_before = 0, as_after = 0, killed = 0;
        for (long at = 1; at <= all; at += std::max(1L, stride)) {
            ExampleSite site;
            prepare(site);
            const std::string before = content(site);
            std::string story;
            killed += killed_at(site, at, story) ? 1 : 0;
            const std::string now = content(site);
            as_before += now == before ? 1 : 0;
            as_after += now == expected ? 1 : 0;
            ASSERT_TRUE(now == before || now == expected) << "killed at " << at << " of " << all << "\n"
                                                          << story;
            ASSERT_NE(std::find(codes.begin(), codes.end(), recover_code), codes.end())
                << "exit " << recover_code << ", killed at " << at << " of " << all << "\n"
                << story;
            ASSERT_EQ(site.run({"recover", "--yes"}).out, "nothing to recover\n") << at << "\n" << story;
        }
        RecordProperty("killed", static_cast<int>(killed));
        std::cout << killed << " kills at " << all << " writes: " << as_before << " as before, " << as_after
                  << " as after\n";
        EXPECT_GT(killed, 5U);
    }

    std::string expected;
    int recover_code = -1;
};

TEST_F(Kills, ARunIsUpdatedOrAsBefore) {
    campaign(12, {0, 4});
}

/// What a power cut does to files that nobody synced.
struct PowerCuts : Kills {
    enum class Tear { Empty, Half, Old, Gone };

    static void tear_config(ExampleSite& site, Tear how, const std::string& old) {
        const auto file = site.root() / "config/active/club.settings.json";
        const std::string now = read_file(file).value_or("");
        if (now == old) return;  // not written in this run, or written back and synced
        switch (how) {
            case Tear::Empty:
                return site.write("config/active/club.settings.json", "");
            case Tear::Half:
                return site.write("config/active/club.settings.json", now.substr(0, now.size() / 2));
            case Tear::Old:
                return site.write("config/active/club.settings.json", old);
            case Tear::Gone:
                std::filesystem::remove(file);
        }
    }
    /// Drops a part of the log that was written and not synced: none of it, all, or up to any byte.
    static void tear_journal(ExampleSite& site, const std::filesystem::path& synced, long at) {
        const long length = std::atol(read_file(synced).value_or("0").c_str());
        for (const auto& entry : std::filesystem::recursive_directory_iterator(site.state())) {
            if (entry.path().filename() != "journal.sqlite-wal") continue;
            const auto size = static_cast<long>(entry.file_size());
            if (size > length) {
                std::filesystem::resize_file(
                    entry.path(), static_cast<std::uintmax_t>(length + at * 7919 % (size - length + 1)));
                ++torn_journals;
            }
        }
    }
    inline static std::size_t torn_journals = 0;
};

TEST_F(PowerCuts, WhatWasNotSyncedIsMissedByNobody) {
    const long all = writes();
    const char* wanted = std::getenv("BDUPDATE_EVERY_KILL");
    const long stride = wanted == nullptr ? all / 14 : std::atol(wanted);
    for (long at = 1; at <= all; at += std::max(1L, stride)) {
        ExampleSite site;
        const std::string before = content(site);
        const std::string old = read_file(site.root() / "config/active/club.settings.json").value();
        const std::filesystem::path synced = site.state().string() + ".synced";
        auto environment = preload("KILL_AT", std::to_string(at));
        environment["KILL_SYNCED"] = synced.string();
        const Completed run = site.run(arguments, environment);
        if (run.status.signal != SIGKILL) continue;
        // A run that had ended its config in order has synced it.
        const std::string status = site.run({"status"}).out;
        if (status.find("tidying up") == std::string::npos && status.rfind("interrupted", 0) == 0)
            tear_config(site, static_cast<Tear>(at % 4), old);
        tear_journal(site, synced, at);
        const Completed recovered = site.run({"recover", "--yes"});
        const std::string now = content(site);
        ASSERT_TRUE(now == before || now == expected) << "cut at " << at << " of " << all << "\n"
                                                      << run.err << status << recovered.err << recovered.out;
        ASSERT_EQ(site.run({"recover", "--yes"}).out, "nothing to recover\n") << at;
    }
    std::cout << torn_journals << " journals torn\n";
    EXPECT_GT(torn_journals, 0U);
}

struct FailingKills : Kills {
    void prepare(ExampleSite& site) override {
        site.append("modules/gallery/gallery.install", failing_update);
    }
};

TEST_F(FailingKills, ARunThatFailsIsAsBefore) {
    campaign(12, {0, 1});
    ExampleSite site;
    prepare(site);
    EXPECT_EQ(expected, content(site)) << "restored, so the same";
}

TEST_F(FailingKills, ARunThatGoesOnWithoutWhatFailedIsDoneOrAsBefore) {
    arguments.insert(arguments.end(), {"--on-failure", "continue"});
    campaign(8, {0, 1});
}

}  // namespace
}  // namespace bdupdate::test
