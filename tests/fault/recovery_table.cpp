#include "fault/recovery_table.h"

#include <csignal>
#include <cstdlib>
#include <thread>

#include "bdupdate/base/text.h"

namespace bdupdate::test {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace std::chrono_literals;

namespace {

/// The preload is for the program alone; a sanitizer wants to come first, and need not.
std::map<std::string, std::string> preload(const char* name, const std::string& value) {
    return {{"LD_PRELOAD", BDUPDATE_KILL_AT}, {"ASAN_OPTIONS", "verify_asan_link_order=0"}, {name, value}};
}

}  // namespace

Fault RecoveryTable::killer(const char* name, const std::string& first) {
    static std::vector<std::unique_ptr<std::string>> kept;
    kept.push_back(std::make_unique<std::string>(first + "posix_kill(posix_getppid(), 9); sleep(600);"));
    return {name, kept.back()->c_str()};
}

void RecoveryTable::put(const Fault* fault) {
    if (fault != nullptr) return choose(*fault);
    mend();
    club->renew();
}

void RecoveryTable::run_killed_by(const Fault& fault, const std::vector<std::string>& options) {
    choose(fault);
    std::vector<std::string> arguments = {"run", "--yes"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Completed killed = club->run(arguments);
    ASSERT_EQ(killed.status.signal, SIGKILL) << killed.err << killed.out;
    wait_for_worker();
    EXPECT_THAT(settings(), HasSubstr("pass2")) << "killed in the middle of the pass";
}

std::map<std::string, std::string> RecoveryTable::kill_before_write(long write) {
    return preload("KILL_AT", std::to_string(write));
}

long RecoveryTable::writes(const Fault* fault) {
    put(fault);
    const fs::path file = club->state().string() + ".count";
    club->run({"run", "--yes"}, preload("KILL_COUNT", file.string()));
    return std::atol(read_file(file).value_or("0").c_str());
}

std::string RecoveryTable::position_killed_at(long write, const Fault* fault) {
    put(fault);
    const Completed killed = club->run({"run", "--yes"}, kill_before_write(write));
    if (killed.status.signal != SIGKILL) return "ended";
    wait_for_worker();
    return position();
}

void RecoveryTable::kill_at(const std::string& where, const std::function<bool(const std::string&)>& later,
                            bool from_half, const Fault* fault) {
    const long all = writes(fault);
    ASSERT_GT(all, 50);
    std::string seen;
    // A run does not write alike each time, so a narrow place may be missed at first.
    for (int attempt = 0; attempt < 5; ++attempt) {
        long under = from_half ? all / 2 : 0, behind = from_half ? all + 1 : all / 2;
        while (behind - under > 1) {
            const long at = under + (behind - under) / 2;
            const std::string found = position_killed_at(at, fault);
            if (found == where) return;
            seen += "\n" + std::to_string(at) + ": " + found;
            (found == "ended" || later(found) ? behind : under) = at;
        }
    }
    FAIL() << "never " << where << "; seen:" << seen;
}

fs::path RecoveryTable::state_directory() const {
    if (fs::exists(club->state()))
        for (const auto& entry : fs::directory_iterator(club->state()))
            if (entry.is_directory()) return entry.path();
    return {};
}

std::string RecoveryTable::journal(const std::string& sql) const {
    const fs::path file = state_directory() / "journal.sqlite";
    if (!fs::exists(file)) return {};
    const auto done = run_program({.argv = {"sqlite3", "-cmd", ".timeout 5000", file.string(), sql}});
    return done ? std::string(trim(done->out)) : std::string();
}

std::string RecoveryTable::backup() const {
    std::string found;
    for (const auto& entry : fs::directory_iterator(state_directory() / "backups"))
        if (entry.is_directory()) found = entry.path().filename();
    return found;
}

void RecoveryTable::wait_for_worker() const {
    const auto pid = static_cast<pid_t>(std::atol(journal("SELECT pid FROM worker").c_str()));
    for (int i = 0; i < 1000 && pid > 0 && process_start_time(pid); ++i) std::this_thread::sleep_for(5ms);
}

std::string RecoveryTable::position() const {
    const bool sqlite = club->store() == Store::Sqlite;
    const std::string there = club->rows(
        sqlite ? "SELECT COUNT(*) FROM sqlite_master WHERE name = 'bdupdate_mark'"
               : "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'bdupdate_mark'");
    std::string mark = "none";
    if (there == "1") mark = club->rows("SELECT seq, state FROM bdupdate_mark");
    if (mark.empty()) mark = "empty";
    if (const std::size_t bar = mark.find('|'); bar != std::string::npos) mark[bar] = ' ';
    const std::string run = journal("SELECT state FROM run ORDER BY started_ms DESC, rowid DESC LIMIT 1");
    return mark + ", " + (run.empty() ? "unknown" : run);
}

void RecoveryTable::expect_refused(const std::vector<std::string>& arguments, int code,
                                   const std::vector<std::string>& words) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, join(arguments, " "));
    const std::string now = club->held(true);
    const Completed refused = club->run(arguments);
    EXPECT_EQ(refused.status.code, code) << refused.err << refused.out;
    for (const std::string& word : words) EXPECT_THAT(refused.err, HasSubstr(word));
    EXPECT_EQ(first_difference(now, club->held(true)), "") << "a refusal changes nothing";
}

void RecoveryTable::expect_done(const std::vector<std::string>& arguments,
                                const std::vector<std::string>& words) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, join(arguments, " "));
    const Completed done = club->run(arguments);
    EXPECT_EQ(done.status.code, 0) << done.err << done.out;
    for (const std::string& word : words) EXPECT_THAT(done.err + done.out, HasSubstr(word));
}

void RecoveryTable::expect_closed_as_before() {
    expect_as_before();
    EXPECT_EQ(position(), "none, closed");
    expect_done({"recover", "--yes"}, {"nothing to recover"});
}

void RecoveryTable::expect_closed_updated() {
    expect_updated();
    EXPECT_EQ(position(), "none, finished");
    expect_done({"recover", "--yes"}, {"nothing to recover"});
}

}  // namespace bdupdate::test
