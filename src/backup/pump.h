#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "gzip.h"

namespace bdupdate::backup {

/// Hands a stream to a second thread, so that reading it and working on it go on side by side. A few blocks
/// wait in between, never more.
class Pump {
  public:
    /// `sink` is called on the other thread, and must not touch what this one uses before finish().
    explicit Pump(Sink sink);
    Pump(const Pump&) = delete;
    Pump& operator=(const Pump&) = delete;
    ~Pump();

    /// Errors: those of `sink`; nothing is taken any more then.
    Result<void> write(std::string_view bytes);
    /// Waits until everything went through. Nothing may be written afterwards.
    Result<void> finish();

  private:
    void work();
    void push();

    Sink sink_;
    std::string block_;  ///< being filled
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> waiting_;
    std::string spare_;  ///< a block that was used up, for its memory
    bool ended_ = false;
    std::optional<Error> error_;
    std::thread thread_;
};

}  // namespace bdupdate::backup
