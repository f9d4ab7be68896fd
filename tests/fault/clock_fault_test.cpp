// A clock that went backwards: what is newest by its date is not what happened last.

#include "fault/faulty_update.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;

class Clock : public FaultyUpdate {
  protected:
    const Fault killed_ = {"Killed", "posix_kill(posix_getppid(), 9); sleep(600);"};

    void SetUp() override { prepare(Store::Sqlite, {killed_}); }
    [[nodiscard]] fs::path state_of_the_site() const {
        for (const auto& entry : fs::directory_iterator(club->state()))
            if (fs::exists(entry.path() / "journal.sqlite")) return entry.path();
        return {};
    }
    [[nodiscard]] std::vector<std::string> backups() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(state_of_the_site() / "backups"))
            names.push_back(entry.path().filename());
        std::sort(names.begin(), names.end());
        return names;
    }
    /// A run that ends well, and then was in the year 2099, together with its backup.
    void run_in_the_future() {
        choose(killed_);
        mend();
        ASSERT_EQ(club->run({"run", "--yes"}).status.code, 0);
        const fs::path journal = state_of_the_site() / "journal.sqlite";
        const auto moved = run_program(
            {.argv = {"sqlite3", journal.string(),
                      "UPDATE run SET started_ms = 4082659200000, ended_ms = 4082659200001, backup = "
                      "'2099-05-16T00-00-00'"}});
        ASSERT_TRUE(moved && moved->status.ok());
        const fs::path made = state_of_the_site() / "backups" / backups().front();
        const std::string old = made.filename();
        fs::rename(made, made.parent_path() / "2099-05-16T00-00-00");
        // The site is as it was before the update, as if it had been put back by hand.
        fs::remove_all(club->root());
        fs::copy(club->root().parent_path() / "kept", club->root(), fs::copy_options::recursive);
    }
};

TEST_F(Clock, ThatWentBackwardsDoesNotConfuseRecovery) {
    run_in_the_future();
    std::ofstream(broken()) << killed_.name;
    EXPECT_EQ(run_with(killed_, "stop").status.signal, 9);
    EXPECT_EQ(club->run({"status", "--exit-code"}).status.code, 8);
    expect_recovery();
}

TEST_F(Clock, ThatWentBackwardsDoesNotCostTheBackupOfTheRun) {
    run_in_the_future();
    std::ofstream(broken()) << killed_.name;
    const Completed killed = run_with({"", "", "", {"--keep-backups", "1"}}, "stop");
    EXPECT_EQ(killed.status.signal, 9) << killed.err;
    ASSERT_EQ(backups().size(), 2U);
    const std::string ours = backups().front();
    expect_recovery();
    EXPECT_THAT(backups(), testing::Contains(ours))
        << "the run's own backup is gone, for an older one seems newer";
    EXPECT_EQ(club->run({"backup", "verify", ours}).status.code, 0);
}

}  // namespace
}  // namespace bdupdate::test
