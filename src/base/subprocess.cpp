#include "bdupdate/base/subprocess.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"

namespace bdupdate {

namespace fs = std::filesystem;

namespace {

struct Pipe {
    UniqueFd read, write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail(ExitCode::Preflight, "cannot create a pipe: " + errno_text(errno));
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void set_non_blocking(int fd) {
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

UniqueFd open_pidfd(pid_t pid) {
#ifdef SYS_pidfd_open
    return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
#else
    static_cast<void>(pid);
    return UniqueFd();
#endif
}

std::vector<std::string> child_environment(const SpawnOptions& options) {
    std::vector<std::string> entries;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::string name(text.substr(0, text.find('=')));
        bool dropped = options.environment.count(name) != 0;
        for (const std::string& removed : options.remove_environment) dropped = dropped || removed == name;
        if (!dropped) entries.emplace_back(text);
    }
    for (const auto& [name, value] : options.environment) entries.push_back(name + "=" + value);
    return entries;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

/// What the child does between fork and exec: async-signal-safe calls only. Reports errno through `report`.
[[noreturn]] void become_program(const SpawnOptions& options, const char* program, char* const* argv,
                                 char* const* envp, const std::array<int, 3>& streams, pid_t parent,
                                 int report) {
    const auto give_up = [report] {
        const int reason = errno;
        // Nothing can be done where even this write fails: the parent then sees the exit code 127.
        if (::write(report, &reason, sizeof reason) < 0) ::_exit(126);
        ::_exit(127);
    };
    if (options.own_process_group) ::setpgid(0, 0);
    for (int target = 0; target < 3; ++target)
        if (::dup2(streams.at(static_cast<std::size_t>(target)), target) < 0) give_up();
    if (options.run_as) {
        const gid_t group = options.run_as->gid;
        if (::setgroups(1, &group) != 0 || ::setgid(group) != 0 || ::setuid(options.run_as->uid) != 0)
            give_up();
    }
    if (options.die_with_parent) {
        ::prctl(PR_SET_PDEATHSIG, options.parents_death);
        if (::getppid() != parent) ::_exit(127);
    }
    if (options.directory && ::chdir(options.directory->c_str()) != 0) give_up();
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_DFL);
    ::execve(program, argv, envp);
    give_up();
    std::abort();
}

}  // namespace

std::string ExitStatus::text() const {
    if (signal != 0) return "killed by signal " + std::to_string(signal);
    return "exit code " + std::to_string(code);
}

std::optional<fs::path> find_program(std::string_view name) {
    if (name.find('/') != std::string_view::npos)
        return ::access(std::string(name).c_str(), X_OK) == 0 ? std::optional<fs::path>(name) : std::nullopt;
    const char* path = std::getenv("PATH");
    for (const std::string_view folder : split(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
        const fs::path candidate = fs::path(folder.empty() ? "." : folder) / name;
        std::error_code error;
        if (::access(candidate.c_str(), X_OK) == 0 && fs::is_regular_file(candidate, error)) return candidate;
    }
    return std::nullopt;
}

Result<Subprocess> Subprocess::spawn(const SpawnOptions& options) {
    if (options.argv.empty()) return fail(ExitCode::Usage, "no program given");
    const auto program = find_program(options.argv.front());
    if (!program) return fail(ExitCode::Preflight, options.argv.front() + ": not found in PATH");
    BDUPDATE_ASSIGN(Pipe in, make_pipe());
    BDUPDATE_ASSIGN(Pipe out, make_pipe());
    BDUPDATE_ASSIGN(Pipe err, make_pipe());
    BDUPDATE_ASSIGN(Pipe report, make_pipe());

    std::vector<std::string> arguments = options.argv;
    std::vector<std::string> environment = child_environment(options);
    const std::vector<char*> argv = pointers(arguments);
    const std::vector<char*> envp = pointers(environment);
    const std::array<int, 3> streams = {in.read.get(), out.write.get(),
                                        options.merge_stderr ? out.write.get() : err.write.get()};
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return fail(ExitCode::Preflight, "cannot start a process: " + errno_text(errno));
    if (pid == 0)
        become_program(options, program->c_str(), argv.data(), envp.data(), streams, parent,
                       report.write.get());

    Subprocess child;
    child.pid_ = pid;
    report.write.reset();
    int reason = 0;
    ssize_t got = 0;
    do got = ::read(report.read.get(), &reason, sizeof reason);
    while (got < 0 && errno == EINTR);
    if (got == static_cast<ssize_t>(sizeof reason)) {
        child.wait();
        return fail(ExitCode::Preflight, "cannot run " + options.argv.front() + ": " + errno_text(reason));
    }
    child.in_ = std::move(in.write);
    child.out_ = std::move(out.read);
    child.err_ = std::move(err.read);
    child.ended_ = open_pidfd(pid);
    for (const UniqueFd* fd : {&child.in_, &child.out_, &child.err_}) set_non_blocking(fd->get());
    return child;
}

Subprocess::Subprocess(Subprocess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      status_(std::exchange(other.status_, std::nullopt)),
      in_(std::move(other.in_)),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)),
      ended_(std::move(other.ended_)) {}

Subprocess& Subprocess::operator=(Subprocess&& other) noexcept {
    if (this != &other) {
        this->~Subprocess();
        new (this) Subprocess(std::move(other));
    }
    return *this;
}

Subprocess::~Subprocess() {
    if (pid_ < 0 || status_) return;
    kill(SIGKILL);
    wait();
}

std::optional<ExitStatus> Subprocess::poll() {
    if (status_ || pid_ < 0) return status_;
    int raw = 0;
    if (::waitpid(pid_, &raw, WNOHANG) != pid_) return std::nullopt;
    status_ = ExitStatus{WIFEXITED(raw) ? WEXITSTATUS(raw) : 0, WIFSIGNALED(raw) ? WTERMSIG(raw) : 0};
    return status_;
}

ExitStatus Subprocess::wait() {
    if (status_ || pid_ < 0) return status_.value_or(ExitStatus{});
    int raw = 0;
    while (::waitpid(pid_, &raw, 0) < 0 && errno == EINTR) {
    }
    status_ = ExitStatus{WIFEXITED(raw) ? WEXITSTATUS(raw) : 0, WIFSIGNALED(raw) ? WTERMSIG(raw) : 0};
    return *status_;
}

void Subprocess::kill(int signal) {
    if (pid_ > 0 && !poll()) {
        // The whole group where the child leads one: what an update started must not outlive it.
        if (::kill(-pid_, signal) != 0) ::kill(pid_, signal);
    }
}

namespace {

/// Reads what is there; false at end of file.
bool drain(UniqueFd& fd, std::string& into) {
    std::array<char, 65536> buffer{};
    for (;;) {
        const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
        if (got > 0)
            into.append(buffer.data(), static_cast<std::size_t>(got));
        else if (got < 0 && errno == EINTR)
            continue;
        else
            return got < 0 && errno == EAGAIN;
    }
}

/// Writes what fits; false when the reader is gone or everything is written.
bool feed(UniqueFd& fd, std::string_view& input) {
    while (!input.empty()) {
        const ssize_t put = ::write(fd.get(), input.data(), input.size());
        if (put > 0)
            input.remove_prefix(static_cast<std::size_t>(put));
        else if (put < 0 && errno == EINTR)
            continue;
        else
            return put < 0 && errno == EAGAIN;
    }
    return false;
}

}  // namespace

Result<Completed> run_program(const SpawnOptions& options, std::string_view input,
                              std::chrono::milliseconds timeout) {
    BDUPDATE_ASSIGN(Subprocess child, Subprocess::spawn(options));
    Completed completed;
    const auto started = Monotonic::now();
    // A child that ends without reading must give EPIPE here, not a signal.
    const auto previous = std::signal(SIGPIPE, SIG_IGN);
    if (input.empty()) child.close_in();
    while (child.out() || child.err()) {
        std::array<pollfd, 3> waits = {pollfd{child.out().get(), POLLIN, 0},
                                       pollfd{child.err().get(), POLLIN, 0},
                                       pollfd{child.in().get(), POLLOUT, 0}};
        const auto elapsed =
            std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - started);
        if (elapsed >= timeout) {
            completed.timed_out = true;
            child.kill(SIGKILL);
            break;
        }
        const auto left = std::min(timeout - elapsed, std::chrono::milliseconds(60'000));
        if (::poll(waits.data(), waits.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) break;
        if (waits[0].revents != 0 && !drain(child.out(), completed.out)) child.out().reset();
        if (waits[1].revents != 0 && !drain(child.err(), completed.err)) child.err().reset();
        if (waits[2].revents != 0 && !feed(child.in(), input)) child.close_in();
    }
    std::signal(SIGPIPE, previous);
    completed.status = child.wait();
    return completed;
}

std::optional<std::uint64_t> process_start_time(pid_t pid) {
    auto content = read_file("/proc/" + std::to_string(pid) + "/stat");
    if (!content) return std::nullopt;
    // The command's name stands in parentheses and may hold anything; the 22nd field counts from after its
    // end.
    const std::size_t end = content->rfind(')');
    if (end == std::string::npos || end + 2 > content->size()) return std::nullopt;
    const auto fields = split(std::string_view(*content).substr(end + 2), ' ');
    if (fields.size() < 20) return std::nullopt;
    if (fields[0] == "Z" || fields[0] == "X") return std::nullopt;
    return std::strtoull(std::string(fields[19]).c_str(), nullptr, 10);
}

}  // namespace bdupdate
