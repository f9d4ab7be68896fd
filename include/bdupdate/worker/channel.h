#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/subprocess.h"
#include "bdupdate/base/unique_fd.h"
#include "bdupdate/worker/frames.h"
#include "bdupdate/worker/worker.h"

namespace bdupdate::worker {

/// What came back from PHP.
struct Incoming {
    enum class Kind {
        Frame,    ///< `text` is its JSON
        Ended,    ///< the process ended without a word: `status`
        Timeout,  ///< nothing within the time given
        Aborted,  ///< Options::aborted said so
        Broken,   ///< a frame without end
    } kind = Kind::Frame;
    std::string text;
    ExitStatus status;
};

/// A PHP process that evaluates code sent over its stdin, and frames both ways. Both output streams are
/// drained whenever the channel waits, so a talking update never blocks. One thread. The destructor kills.
class Channel {
  public:
    /// Starts PHP with the loader and sends `code` (without "<?php"), which sees `mark` as its frames' mark.
    /// Errors (Preflight): no such program.
    static Result<std::unique_ptr<Channel>> open(const Options& options, const std::string& mark,
                                                 std::string_view code, std::string secret);

    /// Sends one frame. An error of writing shows as Ended by the next receive().
    void send(const std::string& json, std::chrono::milliseconds timeout);
    Incoming receive(std::chrono::milliseconds timeout);

    /// Closes PHP's stdin and waits for its end; kills when that takes longer.
    void close(std::chrono::milliseconds timeout);
    /// SIGKILL to the process group, reaped.
    void kill();

    [[nodiscard]] pid_t pid() const { return child_.pid(); }
    /// The last lines that were talk, oldest first: PHP's own words where something went wrong.
    [[nodiscard]] std::vector<std::string> recent_talk() const { return {recent_.begin(), recent_.end()}; }
    /// Replaces the secret where it occurs.
    [[nodiscard]] std::string without_secret(std::string text) const;

    /// "exit code 255", "killed by signal 9", "did not answer within 30 s".
    static std::string describe(const Incoming& incoming, std::chrono::milliseconds timeout);

  private:
    Channel(Subprocess child, const Options& options, const std::string& mark, std::string secret);
    void talk(std::string_view line);
    /// Waits for output (and for room to write while `output` is not empty), drains. False at the deadline.
    bool wait(std::string_view& output, Monotonic::time_point deadline);
    void drain(UniqueFd& stream, FrameSplitter& splitter);
    void write_some(std::string_view& output);
    void write_all(std::string_view bytes, std::chrono::milliseconds timeout);

    Subprocess child_;
    std::string mark_;
    std::string secret_;
    std::function<void(std::string_view)> listener_;
    std::function<bool()> aborted_;
    std::deque<std::string> frames_;
    std::deque<std::string> recent_;
    FrameSplitter out_, err_;
};

}  // namespace bdupdate::worker
