#include "bdupdate/worker/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "bdupdate/base/text.h"
#include "bdupdate/worker/launch.h"

namespace bdupdate::worker {

namespace {

constexpr std::size_t recent_lines = 20;
constexpr std::chrono::milliseconds start_timeout{60'000};

/// A write to a process that has ended must give EPIPE here, not a signal.
class WithoutSigpipe {
  public:
    WithoutSigpipe() : previous_(std::signal(SIGPIPE, SIG_IGN)) {}
    ~WithoutSigpipe() { std::signal(SIGPIPE, previous_); }
    WithoutSigpipe(const WithoutSigpipe&) = delete;
    WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

  private:
    void (*previous_)(int);
};

}  // namespace

Result<std::unique_ptr<Channel>> Channel::open(const Options& options, const std::string& mark,
                                               std::string_view code, std::string secret) {
    SpawnOptions spawn;
    spawn.argv = php_command(options);
    // It may hold passwords, and travels in the first frame: what an update starts must not inherit it.
    // And Xdebug's mode in the environment would win over ours.
    spawn.remove_environment = {"BACKDROP_SETTINGS", "XDEBUG_MODE", "XDEBUG_CONFIG", "XDEBUG_SESSION",
                                "XDEBUG_TRIGGER"};
    // Booting Backdrop takes 11,000 page faults, and 7,000 with this.
    spawn.environment = {{"USE_ZEND_ALLOC_HUGE_PAGES", "1"}};
    spawn.run_as = options.run_as;
    BDUPDATE_ASSIGN(Subprocess child, Subprocess::spawn(spawn));
    const std::string input = loader_input(code);
#ifdef F_SETPIPE_SZ
    // A pipe that takes all of it lets us go on while PHP starts; where it may not grow, we wait.
    static_cast<void>(::fcntl(child.in().get(), F_SETPIPE_SZ, static_cast<int>(input.size())));
#endif
    std::unique_ptr<Channel> channel(new Channel(std::move(child), options, mark, std::move(secret)));
    channel->write_all(input, start_timeout);
    return channel;
}

Channel::Channel(Subprocess child, const Options& options, const std::string& mark, std::string secret)
    : child_(std::move(child)),
      mark_(mark),
      secret_(std::move(secret)),
      listener_(options.talk),
      aborted_(options.aborted),
      out_(
          mark, [this](std::string_view frame) { frames_.emplace_back(frame); },
          [this](std::string_view line) { talk(line); }),
      err_("", {}, [this](std::string_view line) { talk(line); }) {}

void Channel::talk(std::string_view line) {
    recent_.push_back(without_secret(std::string(line)));
    if (recent_.size() > recent_lines) recent_.pop_front();
    if (listener_) listener_(recent_.back());
}

std::string Channel::without_secret(std::string text) const {
    if (secret_.size() < 3) return text;
    for (std::size_t at = text.find(secret_); at != std::string::npos; at = text.find(secret_, at))
        text.replace(at, secret_.size(), "***");
    return text;
}

void Channel::drain(UniqueFd& stream, FrameSplitter& splitter) {
    std::array<char, 65536> buffer{};
    // Bounded: an update that prints without end must not keep us from looking at the clock. More than any
    // pipe holds.
    for (int reads = 0; stream && reads < 64; ++reads) {
        const ssize_t got = ::read(stream.get(), buffer.data(), buffer.size());
        if (got > 0) {
            splitter.feed(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else {
            if (got == 0 || errno != EAGAIN) {
                splitter.finish();
                stream.reset();
            }
            return;
        }
    }
}

void Channel::write_some(std::string_view& output) {
    const ssize_t put = ::write(child_.in().get(), output.data(), output.size());
    if (put > 0) {
        output.remove_prefix(static_cast<std::size_t>(put));
    } else if (put < 0 && errno != EAGAIN && errno != EINTR) {
        // The reader is gone; receive() will find out how.
        output = {};
        child_.close_in();
    }
}

bool Channel::wait(std::string_view& output, Monotonic::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Monotonic::now());
    if (left.count() <= 0) return false;
    // Where its end cannot be waited for, it is looked for ten times a second; so is the wish to abort.
    const bool woken = child_.ended_fd() >= 0 && !aborted_;
    const auto slice = std::min(left, std::chrono::milliseconds(woken ? 60'000 : 100));
    std::array<pollfd, 4> waits = {
        pollfd{child_.out().get(), POLLIN, 0}, pollfd{child_.err().get(), POLLIN, 0},
        pollfd{child_.ended_fd(), POLLIN, 0}, pollfd{output.empty() ? -1 : child_.in().get(), POLLOUT, 0}};
    if (::poll(waits.data(), waits.size(), static_cast<int>(slice.count())) <= 0) return true;
    if (waits[3].revents != 0) write_some(output);
    if (waits[1].revents != 0) drain(child_.err(), err_);
    if (waits[0].revents != 0) drain(child_.out(), out_);
    return true;
}

void Channel::write_all(std::string_view bytes, std::chrono::milliseconds timeout) {
    const WithoutSigpipe guard;
    const auto deadline = Monotonic::now() + timeout;
    while (!bytes.empty() && child_.in() && !child_.poll() && wait(bytes, deadline)) {
    }
}

void Channel::send(const std::string& json, std::chrono::milliseconds timeout) {
    write_all(mark_ + json + "\n", timeout);
}

Incoming Channel::receive(std::chrono::milliseconds timeout) {
    const auto deadline = Monotonic::now() + timeout;
    std::string_view nothing;
    for (bool waiting = true; frames_.empty() && waiting;) {
        if (out_.overflowed()) return {Incoming::Kind::Broken, {}, {}};
        // What it wrote before its end must be read first: a last frame may be among it.
        const bool ended = child_.poll().has_value();
        drain(child_.err(), err_);
        drain(child_.out(), out_);
        if (!frames_.empty()) break;
        if (ended) return {Incoming::Kind::Ended, {}, *child_.poll()};
        if (aborted_ && aborted_()) return {Incoming::Kind::Aborted, {}, {}};
        waiting = wait(nothing, deadline);
    }
    if (frames_.empty()) return {Incoming::Kind::Timeout, {}, {}};
    Incoming incoming{Incoming::Kind::Frame, std::move(frames_.front()), {}};
    frames_.pop_front();
    return incoming;
}

void Channel::close(std::chrono::milliseconds timeout) {
    child_.close_in();
    const auto deadline = Monotonic::now() + timeout;
    std::string_view nothing;
    while (!child_.poll() && wait(nothing, deadline)) {
    }
    kill();
}

void Channel::kill() {
    child_.kill(SIGKILL);
    child_.wait();
    drain(child_.err(), err_);
    drain(child_.out(), out_);
}

std::string Channel::describe(const Incoming& incoming, std::chrono::milliseconds timeout) {
    switch (incoming.kind) {
        case Incoming::Kind::Ended:
            return "php ended without an answer (" + incoming.status.text() + ")";
        case Incoming::Kind::Timeout:
            return "php did not answer within " + duration_text(timeout);
        case Incoming::Kind::Aborted:
            return "aborted";
        case Incoming::Kind::Broken:
            return "php sent a frame without an end";
        case Incoming::Kind::Frame:
            break;
    }
    return "php sent an answer that makes no sense";
}

}  // namespace bdupdate::worker
