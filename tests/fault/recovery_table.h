#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fault/faulty_update.h"

namespace bdupdate::test {

using Positions = std::set<std::string>;

inline std::function<bool(const std::string&)> one_of(const Positions& positions) {
    return [positions](const std::string& found) { return positions.count(found) != 0; };
}

inline std::function<bool(const std::string&)> anything_but(const Positions& positions) {
    return [positions](const std::string& found) { return positions.count(found) == 0; };
}

/// Runs that end in a row of the recovery table (docs/crash-safety.md) by a real kill, and what is on record
/// then.
class RecoveryTable : public FaultyUpdate {
  protected:
    /// A fault that kills the program in the middle of pass 2, behind the pass's own changes.
    static Fault killer(const char* name, const std::string& first = {});
    /// The run with that fault, killed by it.
    void run_killed_by(const Fault& fault, const std::vector<std::string>& options = {});
    /// Runs the program from the site as it was, killed at the write that brings it to `where` (position()),
    /// found by halving: a run passes its positions in order, and `later` knows those behind. `from_half`:
    /// the second half of the run is searched, else the first. `fault`: the one in the site, or none.
    void kill_at(const std::string& where, const std::function<bool(const std::string&)>& later,
                 bool from_half, const Fault* fault = nullptr);
    /// The environment in which the program is killed right before that write.
    static std::map<std::string, std::string> kill_before_write(long write);
    /// The site with that fault in it, or whole.
    void put(const Fault* fault);

    /// "seq state" of the mark, "empty" (a table without a row) or "none"; then the newest run of the
    /// journal: "1 done, running".
    [[nodiscard]] std::string position() const;
    /// A run from there on, killed at that write; then where it stands.
    std::string position_killed_at(long write, const Fault* fault);
    /// How often the program writes in a whole run.
    long writes(const Fault* fault);
    [[nodiscard]] std::filesystem::path state_directory() const;
    std::string journal(const std::string& sql) const;
    /// The only backup.
    [[nodiscard]] std::string backup() const;
    /// Until the killed run's worker is gone, too.
    void wait_for_worker() const;

    /// The program refuses with that code and these words, and the site, mark included, stays as it is.
    void expect_refused(const std::vector<std::string>& arguments, int code,
                        const std::vector<std::string>& words);
    /// The program does it, with these words.
    void expect_done(const std::vector<std::string>& arguments, const std::vector<std::string>& words);
    /// As before the run or after it, and nothing of the run is open.
    void expect_closed_as_before();
    void expect_closed_updated();
};

}  // namespace bdupdate::test
