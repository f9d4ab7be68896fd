#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/base/unique_fd.h"

namespace bdupdate {

/// The user a child process becomes before it executes its program.
struct RunAs {
    uid_t uid;
    gid_t gid;
};

struct SpawnOptions {
    std::vector<std::string> argv;                   ///< argv[0] is looked up in PATH; never a shell
    std::map<std::string, std::string> environment;  ///< added to (or replacing in) the own environment
    std::vector<std::string> remove_environment;     ///< names taken out of the environment
    std::optional<std::filesystem::path> directory;  ///< working directory
    std::optional<RunAs> run_as;    ///< only root may; supplementary groups are dropped to gid
    bool die_with_parent = true;    ///< PR_SET_PDEATHSIG
    int parents_death = SIGKILL;    ///< the signal that it gets then
    bool own_process_group = true;  ///< so that Ctrl-C on the terminal reaches only us
    bool merge_stderr = false;      ///< stderr goes where stdout goes
};

/// How a process ended: an exit code, or the signal that killed it.
struct ExitStatus {
    int code = 0;
    int signal = 0;
    [[nodiscard]] bool ok() const { return code == 0 && signal == 0; }
    /// "exit code 3", "killed by signal 9".
    [[nodiscard]] std::string text() const;
};

/// A running child with pipes on its three standard streams. All descriptors are close-on-exec and
/// non-blocking towards us (stdin too). Move-only; the destructor kills (SIGKILL) and reaps a child that
/// still runs.
class Subprocess {
  public:
    /// Errors (Preflight): the program is not found or not executable ("php: not found in PATH").
    static Result<Subprocess> spawn(const SpawnOptions& options);

    Subprocess(Subprocess&& other) noexcept;
    Subprocess& operator=(Subprocess&& other) noexcept;
    ~Subprocess();

    [[nodiscard]] pid_t pid() const { return pid_; }
    UniqueFd& in() { return in_; }
    UniqueFd& out() { return out_; }
    UniqueFd& err() { return err_; }
    void close_in() { in_.reset(); }
    /// Readable once the child has ended, even if its own children hold the pipes open; to be waited for
    /// only. Empty where the system has no such thing.
    [[nodiscard]] int ended_fd() const { return ended_.get(); }

    /// Non-blocking: the status when the child has ended.
    std::optional<ExitStatus> poll();
    ExitStatus wait();
    void kill(int signal);

  private:
    Subprocess() = default;
    pid_t pid_ = -1;
    std::optional<ExitStatus> status_;
    UniqueFd in_, out_, err_, ended_;
};

struct Completed {
    ExitStatus status;
    std::string out;
    std::string err;
    bool timed_out = false;
};

/// Feeds `input`, collects both outputs, waits. A timeout kills the child and sets timed_out.
Result<Completed> run_program(const SpawnOptions& options, std::string_view input = {},
                              std::chrono::milliseconds timeout = std::chrono::milliseconds::max());

/// Start time of a process as /proc tells it (clock ticks since boot): tells a pid from its later reuse.
/// Empty: no such process, or one that has ended and that nobody waits for (PID 1 of a container may never).
std::optional<std::uint64_t> process_start_time(pid_t pid);

/// The path of a program in PATH, or nothing.
std::optional<std::filesystem::path> find_program(std::string_view name);

}  // namespace bdupdate
