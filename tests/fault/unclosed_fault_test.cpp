// A kill between the last statement in the database and the last one in the journal: the mark is gone, and
// the run not closed.

#include "fault/faulty_update.h"

namespace bdupdate::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Unclosed : public FaultyUpdate {
  protected:
    const Fault fault_ = {"Exception", "throw new Exception('the river is too low');"};

    void SetUp() override { prepare(Store::Sqlite, {fault_}); }
    void journal(const std::string& sql) const {
        for (const auto& entry : fs::directory_iterator(club->state())) {
            const fs::path file = entry.path() / "journal.sqlite";
            if (!fs::exists(file)) continue;
            const auto done = run_program({.argv = {"sqlite3", file.string(), sql}});
            ASSERT_TRUE(done && done->status.ok());
        }
    }
};

TEST_F(Unclosed, RestoredRunIsRecoveredBeforeTheNext) {
    choose(fault_);
    ASSERT_EQ(run_with(fault_, "restore").status.code, 1);
    journal("UPDATE run SET state = 'running', ended_ms = NULL");
    mend();
    const Completed refused = club->run({"run", "--yes", "--retry"});
    EXPECT_EQ(refused.status.code, 8) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("bdupdate recover"));
    EXPECT_EQ(club->run({"recover", "--yes"}).status.code, 0);
    expect_as_before();
    EXPECT_EQ(club->run({"run", "--yes", "--retry"}).status.code, 0);
    EXPECT_EQ(club->run({"recover", "--yes"}).status.code, 0);
    expect_updated();
}

TEST_F(Unclosed, FinishedRunDoesNotComeBack) {
    choose(fault_);
    mend();
    ASSERT_EQ(club->run({"run", "--yes"}).status.code, 0);
    journal("UPDATE run SET state = 'finishing', ended_ms = NULL");
    club->add_update(1008, "  config_set('club.settings', 'later', 'kept');");
    ASSERT_EQ(club->run({"run", "--yes"}).status.code, 0);
    EXPECT_EQ(club->run({"recover", "--yes"}).status.code, 0);
    EXPECT_THAT(settings(), HasSubstr("kept"));
}

TEST_F(Unclosed, RunThatHadNotBegunIsForgotten) {
    choose(fault_);
    mend();
    ASSERT_EQ(club->run({"run", "--yes"}).status.code, 0);
    journal("UPDATE run SET state = 'running', ended_ms = NULL; DELETE FROM image; DELETE FROM image_file");
    club->add_update(1008, "  config_set('club.settings', 'later', 'kept');");
    ASSERT_EQ(club->run({"run", "--yes"}).status.code, 0);
    EXPECT_EQ(club->run({"recover", "--yes"}).status.code, 0);
    EXPECT_THAT(settings(), HasSubstr("kept"));
}

}  // namespace
}  // namespace bdupdate::test
