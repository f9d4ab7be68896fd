// Restores by hand, broken: killed at any moment and finished by `recover`; from damaged backups; while a run
// is open. BDUPDATE_RESTORE_KILLS, BDUPDATE_MUTATIONS and BDUPDATE_SEED make them longer.

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "fault/club.h"
#include "support/mariadb.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Restores : public testing::TestWithParam<Store> {
  protected:
    void SetUp() override {
        if (GetParam() == Store::MariaDb && !MariaDb::available())
            GTEST_SKIP() << "no MariaDB server on this machine";
    }

    /// Site and backup: the site as it was, then everything else.
    std::string back_up_and_change(Club& site) {
        const Completed made = site.run({"backup", "create"});
        EXPECT_EQ(made.status.code, 0) << made.err;
        const Completed run = site.run({"-q", "run", "--yes", "--no-backup"});
        EXPECT_EQ(run.status.code, 0) << run.err;
        return std::string(trim(made.out));
    }

    static fs::path folder_of(const Club& site, const std::string& id) {
        for (const auto& entry : fs::directory_iterator(site.state()))
            if (fs::exists(entry.path() / "backups" / id)) return entry.path() / "backups" / id;
        return {};
    }
};

TEST_P(Restores, KilledAtAnyMomentIsFinishedByRecover) {
    Club site(GetParam());
    const std::string before = site.held();
    const std::string id = back_up_and_change(site);
    const std::string after = site.held();
    ASSERT_TRUE(before != after);
    site.keep();
    const auto started = Monotonic::now();
    ASSERT_EQ(site.run({"backup", "restore", id, "--yes", "--no-backup"}).status.code, 0);
    const std::chrono::duration<double> span = Monotonic::now() - started;
    EXPECT_EQ(first_difference(before, site.held()), "");
    std::mt19937 random(number_from("BDUPDATE_SEED", 11));
    const unsigned kills = number_from("BDUPDATE_RESTORE_KILLS", 5);
    unsigned interrupted = 0;
    for (unsigned i = 0; i < kills; ++i) {
        ASSERT_EQ(site.run({"-q", "run", "--yes", "--no-backup"}).status.code, 0);
        const std::string now_after = site.held();
        Subprocess program = site.start({"backup", "restore", id, "--yes", "--no-backup"});
        const std::chrono::duration<double> moment(
            std::uniform_real_distribution<double>(0, span.count())(random));
        std::this_thread::sleep_for(moment);
        program.kill(SIGKILL);
        program.wait();
        const Completed recovered = site.run({"recover", "--yes"});
        const std::string now = site.held();
        if (recovered.out.find("nothing to recover") == std::string::npos) ++interrupted;
        ASSERT_EQ(recovered.status.code, 0) << "killed after " << moment.count() << "\n" << recovered.err;
        EXPECT_TRUE(now == before || now == now_after) << "killed after " << moment.count() << "\n"
                                                       << recovered.out << first_difference(before, now);
        const Completed status = site.run({"status"});
        EXPECT_EQ(status.out.find("interrupted"), std::string::npos) << status.out;
        ASSERT_EQ(site.run({"backup", "restore", id, "--yes", "--no-backup"}).status.code, 0);
        EXPECT_EQ(first_difference(before, site.held()), "") << "a restore can always be repeated";
    }
    std::cout << kills << " kills in " << span.count() << " s, " << interrupted
              << " left something to recover\n";
}

TEST_P(Restores, NoMutationOfABackupIsRestored) {
    Club site(GetParam());
    const std::string id = back_up_and_change(site);
    const std::string changed = site.held();
    const fs::path folder = folder_of(site, id);
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::mt19937 random(number_from("BDUPDATE_SEED", 5));
    const unsigned mutations = number_from("BDUPDATE_MUTATIONS", 30);
    for (unsigned round = 0; round < mutations; ++round) {
        const fs::path& path = files[round % files.size()];
        const std::string good = read_file(path).value();
        std::string bad = good;
        const std::size_t at = random() % good.size();
        const bool cut = round % 3 == 0;
        if (cut)
            bad.resize(at);
        else
            bad[at] = static_cast<char>(bad[at] ^ (1 << (random() % 8)));
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bad;
        const Completed verified = site.run({"backup", "verify", id});
        const Completed refused = site.run({"backup", "restore", id, "--yes", "--no-backup"});
        EXPECT_EQ(verified.status.code, 6)
            << path << (cut ? " cut at " : " flipped at ") << at << verified.out;
        EXPECT_EQ(refused.status.code, 6) << path << (cut ? " cut at " : " flipped at ") << at << refused.out;
        std::ofstream(path, std::ios::binary | std::ios::trunc) << good;
    }
    EXPECT_EQ(first_difference(changed, site.held()), "") << "none of them touched the site";
    EXPECT_EQ(site.run({"status"}).out.find("interrupted"), std::string::npos);
    EXPECT_EQ(site.run({"backup", "verify", id}).status.code, 0) << "and the backup is whole again";
    std::cout << mutations << " mutations, all noticed, none restored\n";
}

TEST_P(Restores, OpenRunIsRecoversBusiness) {
    Club site(GetParam());
    ASSERT_EQ(site.run({"backup", "create"}).status.code, 0);
    site.add_update(1099, "throw new Exception('no');");
    ASSERT_EQ(site.run({"run", "--yes", "--on-failure", "stop"}).status.code, 1);
    const std::string stopped = site.held();
    const Completed refused = site.run({"backup", "restore", "latest", "--yes"});
    EXPECT_EQ(refused.status.code, 8) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("bdupdate recover"));
    EXPECT_EQ(first_difference(stopped, site.held()), "");
}

TEST_P(Restores, SafetyBackupTakesTheRestoreBack) {
    Club site(GetParam());
    const std::string id = back_up_and_change(site);
    const std::string changed = site.held();
    const Completed restored = site.run({"backup", "restore", id, "--yes"});
    ASSERT_EQ(restored.status.code, 0) << restored.err;
    const std::string words = "what was there before: backup ";
    const std::size_t at = restored.out.find(words);
    ASSERT_NE(at, std::string::npos) << restored.out;
    const std::string safety =
        restored.out.substr(at + words.size(), restored.out.find(' ', at + words.size()) - at - words.size());
    const Completed back = site.run({"backup", "restore", safety, "--yes", "--no-backup"});
    ASSERT_EQ(back.status.code, 0) << back.err;
    EXPECT_EQ(first_difference(changed, site.held()), "");
}

TEST_P(Restores, WhatIsLeftOfASiteIsEnough) {
    Club site(GetParam());
    const std::string before = site.held();
    const std::string id = back_up_and_change(site);
    site.execute("DROP TABLE system; DROP TABLE users;");
    fs::remove_all(site.config());
    const Completed restored = site.run({"backup", "restore", id, "--yes"});
    ASSERT_EQ(restored.status.code, 0) << restored.err;
    EXPECT_EQ(first_difference(before, site.held()), "");
}

TEST_P(Restores, TablesOfOtherProgramsStayAndOurUpdatesGo) {
    if (GetParam() == Store::Sqlite) GTEST_SKIP() << "a SQLite file without a prefix is the site's alone";
    Club site(GetParam());
    const std::string before = site.held();
    const std::string id = back_up_and_change(site);
    site.execute("CREATE TABLE strangers_own (x INT); INSERT INTO strangers_own VALUES (7);");
    ASSERT_EQ(site.run({"backup", "restore", id, "--yes"}).status.code, 0);
    EXPECT_EQ(site.rows("SELECT x FROM strangers_own"), "7");
    site.execute("DROP TABLE strangers_own;");
    EXPECT_EQ(first_difference(before, site.held()), "") << "what the updates had made is gone";
}

INSTANTIATE_TEST_SUITE_P(Stores, Restores, testing::Values(Store::Sqlite, Store::MariaDb),
                         [](const auto& store) {
                             return store.param == Store::Sqlite ? "Sqlite" : "MariaDb";
                         });

}  // namespace
}  // namespace bdupdate::test
