// SIGKILL at random moments over the whole run, of the program, of PHP, of both; then `recover`, itself
// killed in a third of the cases, then `recover` and `run`: the site must be the one that an undisturbed run
// leaves. BDUPDATE_KILLS and BDUPDATE_SEED make it longer, or repeat one.

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "bdupdate/base/clock.h"
#include "fault/club.h"
#include "support/mariadb.h"

namespace bdupdate::test {
namespace {

using Seconds = std::chrono::duration<double>;

enum class Victim { Program, Children, Both };

const char* name_of(Victim victim) {
    return victim == Victim::Program ? "bdupdate" : victim == Victim::Children ? "worker" : "both";
}

class Campaign {
  public:
    Campaign(Store store, unsigned seed) : site_(store), random_(seed) {
        // The fastest is what counts: the first one fills the page cache, and others are busy here, too.
        span_ = std::chrono::hours(1);
        for (int i = 0; i < 3; ++i) {
            site_.renew();
            const auto started = Monotonic::now();
            const Completed done = site_.run({"run", "--yes"});
            span_ = std::min<Seconds>(span_, Monotonic::now() - started);
            EXPECT_EQ(done.status.code, 0) << done.err;
        }
        expected_ = site_.held();
        std::cout << "an undisturbed run takes " << span_.count() << " s\n";
    }

    void kill_once(unsigned number) {
        site_.renew();
        story_ = "kill " + std::to_string(number);
        // A worker that is killed is a failed update, and the policy applies.
        const char* policy = number % 2 == 0 ? "restore" : "stop";
        disturb({"run", "--yes", "--on-failure", policy});
        const std::string mark = mark_state();
        if (number % 3 == 0) {
            disturb({"recover", "--yes"});
            ++recoveries_killed_;
            if (number % 9 == 0) disturb({"recover", "--yes"});
        }
        const Completed recovered = site_.run({"recover", "--yes"});
        const Completed again = site_.run({"run", "--yes", "--retry"});
        const std::string difference = first_difference(expected_, site_.held());
        ++where_[mark];
        if (recovered.status.code == 0 && again.status.code == 0 && difference.empty()) return;
        ADD_FAILURE() << story_ << "; mark: " << mark << "\n"
                      << difference << "\nrecover: " << recovered.status.text() << "\n"
                      << recovered.err << recovered.out << "\nrun: " << again.status.text() << "\n"
                      << again.err << again.out;
    }

    void tell(unsigned kills) const {
        std::cout << kills << " kills, " << recoveries_killed_ << " of recover too; the mark afterwards:";
        for (const auto& [mark, count] : where_) std::cout << " " << mark << " " << count << ";";
        std::cout << "\n";
    }

  private:
    /// Starts the program and kills the victim at a random moment.
    void disturb(const std::vector<std::string>& arguments) {
        const auto victim = static_cast<Victim>(std::uniform_int_distribution<int>(0, 2)(random_));
        const Seconds moment(std::uniform_real_distribution<double>(0, span_.count() * 1.05)(random_));
        story_ +=
            ", " + arguments.front() + ": " + name_of(victim) + " after " + std::to_string(moment.count());
        Subprocess program = site_.start(arguments);
        std::thread reader([&] { drain(program); });
        std::this_thread::sleep_for(moment);
        const std::vector<pid_t> children = children_of(program.pid());
        // Where it has no child at that moment there is only one to kill.
        const bool with_program = victim != Victim::Children || children.empty();
        if (victim == Victim::Program || !with_program || std::bernoulli_distribution()(random_)) {
            if (with_program) ::kill(program.pid(), SIGKILL);
            if (victim != Victim::Program)
                for (const pid_t child : children) ::kill(child, SIGKILL);
        } else {
            for (const pid_t child : children) ::kill(child, SIGKILL);
            ::kill(program.pid(), SIGKILL);
        }
        reader.join();
        story_ += " (" + program.wait().text() + ")";
    }

    /// Reads what it says until it ends: a full pipe would stop it.
    static void drain(Subprocess& program) {
        std::string ignored(4096, '\0');
        for (int fd : {program.out().get(), program.err().get()})
            while (true) {
                const ssize_t got = ::read(fd, ignored.data(), ignored.size());
                if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) break;
                if (got < 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
            }
    }

    /// How far the database says that the run is: "none", "preparing", "done" …
    std::string mark_state() {
        try {
            // A copy: who opens a killed writer's SQLite file undoes what it left, and that is the program's
            // to do.
            const std::filesystem::path copy = site_.state() / "looked-at.sqlite";
            const bool sqlite = site_.store() == Store::Sqlite;
            if (sqlite) copy_database(copy);
            const std::string table =
                sqlite ? look(copy, "SELECT count(*) FROM sqlite_master WHERE name = 'bdupdate_mark'")
                       : site_.rows(
                             "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE() "
                             "AND table_name = 'bdupdate_mark'");
            if (table == "0") return "none";
            const char* query = "SELECT state FROM bdupdate_mark";
            const std::string state = sqlite ? look(copy, query) : site_.rows(query);
            return state.empty() ? "empty" : state;
        } catch (const std::exception&) {
            return "unreadable";  // still being written by the one that was not killed
        }
    }

    void copy_database(const std::filesystem::path& copy) {
        std::filesystem::create_directories(copy.parent_path());
        for (const char* part : {"", "-journal"}) {
            const std::filesystem::path from = site_.root() / (std::string("site.sqlite") + part);
            std::filesystem::remove(copy.string() + part);
            if (std::filesystem::exists(from)) std::filesystem::copy_file(from, copy.string() + part);
        }
    }

    static std::string look(const std::filesystem::path& file, const std::string& query) {
        const auto done = run_program({.argv = {"sqlite3", file.string(), query}});
        if (!done || !done->status.ok()) throw std::runtime_error("sqlite3");
        return done->out.substr(0, done->out.find('\n'));
    }

    Club site_;
    std::mt19937 random_;
    Seconds span_{0};
    std::string expected_, story_;
    unsigned recoveries_killed_ = 0;
    std::map<std::string, unsigned> where_;
};

void run_campaign(Store store) {
    const unsigned seed = number_from("BDUPDATE_SEED", std::random_device{}());
    const unsigned kills = number_from("BDUPDATE_KILLS", 30);
    std::cout << "BDUPDATE_SEED=" << seed << "\n";
    Campaign campaign(store, seed);
    for (unsigned i = 1; i <= kills; ++i) campaign.kill_once(i);
    campaign.tell(kills);
}

TEST(KillCampaign, OnSqliteEveryRunEndsAsTheUndisturbedOne) {
    run_campaign(Store::Sqlite);
}

TEST(KillCampaign, OnMariaDbEveryRunEndsAsTheUndisturbedOne) {
    if (!MariaDb::available()) GTEST_SKIP() << "no MariaDB server here";
    run_campaign(Store::MariaDb);
}

}  // namespace
}  // namespace bdupdate::test
