#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bdupdate/base/file.h"
#include "fault/club.h"
#include "support/mariadb.h"

namespace bdupdate::test {

/// A way for an update to go wrong: PHP that does the damage, and what the run says then.
struct Fault {
    const char* name;
    const char* php;
    const char* words = "";
    std::vector<std::string> options = {};
};

/// The club with one update of three passes, each of which changes a row and a config file. Where a fault is
/// chosen, the second pass goes wrong behind its own changes. So there is always something that stays,
/// something that must be undone, and something that is still to come.
class FaultyUpdate : public testing::Test {
  protected:
    /// PHP of a fault may use $flag, the file that mend() removes; `setup` is SQL.
    void prepare(Store store, const std::vector<Fault>& faults, const std::string& setup = {}) {
        club = std::make_unique<Club>(store);
        if (!setup.empty()) club->execute(setup);
        std::string cases;
        for (const Fault& fault : faults)
            cases +=
                std::string("      case '") + fault.name + "':\n        " + fault.php + "\n        break;\n";
        club->only_update(1007, R"php(
  $flag = ')php" + broken().string() +
                                    R"php(';
  $sandbox += array('pass' => 0);
  $pass = ++$sandbox['pass'];
  db_query("UPDATE {event} SET title = :title WHERE id = :pass", array(':title' => "pass $pass", ':pass' => $pass));
  config_set('club.settings', "pass$pass", str_repeat('done ', 100));
  if ($pass == 2 && file_exists($flag)) {
    switch (file_get_contents($flag)) {
)php" + cases + R"php(
    }
  }
  $sandbox['#finished'] = $pass / 3;
)php");
        before = club->held(true);
        const Completed done = club->run({"run", "--yes"});
        ASSERT_EQ(done.status.code, 0) << done.err << done.out;
        updated = club->held();
        ASSERT_THAT(updated, testing::HasSubstr("pass 3"));
    }
    /// The site as it was before any run, with this fault in it.
    void choose(const Fault& fault) {
        club->renew();
        std::ofstream(broken()) << fault.name;
    }

    [[nodiscard]] std::filesystem::path broken() const { return club->root().parent_path() / "broken"; }
    void mend() const { std::filesystem::remove(broken()); }

    std::string titles() const { return club->rows("SELECT title FROM event ORDER BY id"); }
    std::string settings() const { return read_file(club->config() / "club.settings.json").value(); }

    /// Pass 1 stands, nothing of pass 2 does.
    void expect_stopped_after_the_first_pass() const {
        EXPECT_EQ(titles(), "pass 1\nSprint regatta\nCleaning the boats\nNight on the river");
        EXPECT_THAT(settings(), testing::HasSubstr("pass1"));
        EXPECT_THAT(settings(), testing::Not(testing::HasSubstr("pass2")));
        EXPECT_EQ(club->run({"status", "--exit-code"}).status.code, 8);
    }
    void expect_as_before() const {
        EXPECT_EQ(first_difference(before, club->held(true)), "");
        EXPECT_EQ(club->run({"status", "--exit-code"}).status.code, 3);
    }
    void expect_updated() const {
        EXPECT_EQ(first_difference(updated, club->held()), "");
        EXPECT_EQ(club->run({"status", "--exit-code"}).status.code, 0);
    }
    /// The run with that fault fails with 1, says the words, stops after pass 1; once mended, recover goes on
    /// to the end.
    void expect_stop_and_recovery(const Fault& fault) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, fault.name);
        choose(fault);
        const Completed failed = run_with(fault, "stop");
        EXPECT_EQ(failed.status.code, 1) << failed.err << failed.out;
        EXPECT_THAT(failed.err, testing::HasSubstr(fault.words));
        EXPECT_THAT(failed.err, testing::HasSubstr("dues_update_1007"));
        expect_stopped_after_the_first_pass();
        expect_recovery();
    }
    /// With the default policy the site is as before; once mended, --retry brings it to the end.
    void expect_restore(const Fault& fault) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, std::string(fault.name) + ", restored");
        choose(fault);
        const Completed failed = run_with(fault, "restore");
        EXPECT_EQ(failed.status.code, 1) << failed.err << failed.out;
        EXPECT_THAT(failed.err, testing::HasSubstr(fault.words));
        expect_as_before();
        mend();
        const Completed again = club->run({"run", "--yes", "--retry"});
        EXPECT_EQ(again.status.code, 0) << again.err << again.out;
        expect_updated();
    }
    void expect_recovery() {
        mend();
        const Completed recovered = club->run({"recover", "--yes"});
        EXPECT_EQ(recovered.status.code, 0) << recovered.err << recovered.out;
        expect_updated();
    }
    Completed run_with(const Fault& fault, const std::string& policy) {
        std::vector<std::string> arguments = {"run", "--yes", "--on-failure", policy};
        arguments.insert(arguments.end(), fault.options.begin(), fault.options.end());
        return club->run(arguments);
    }

    std::unique_ptr<Club> club;
    std::string before, updated;
};

}  // namespace bdupdate::test
