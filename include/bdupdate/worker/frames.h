#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace bdupdate::worker {

/// Tells the protocol's frames from everything else that a PHP process prints. A frame is a line that starts
/// with `mark`; all other lines are talk (docs/worker-protocol.md).
class FrameSplitter {
  public:
    using Sink = std::function<void(std::string_view)>;

    /// An empty mark: no frames, every line is talk.
    FrameSplitter(std::string mark, Sink on_frame, Sink on_talk);

    /// Takes the next bytes, cut anywhere. Lines come out without their line end; empty lines are left out.
    void feed(std::string_view bytes);
    /// The end of the stream: an unfinished line is talk.
    void finish();
    /// A frame grew beyond `frame_limit`: the stream makes no sense any more.
    [[nodiscard]] bool overflowed() const { return overflowed_; }

    static constexpr std::size_t frame_limit = std::size_t{256} << 20;
    /// Longer lines of talk come out in pieces.
    static constexpr std::size_t talk_limit = 64 << 10;

  private:
    void line(std::string_view text);
    [[nodiscard]] bool may_be_frame() const;

    std::string mark_;
    Sink on_frame_, on_talk_;
    std::string pending_;    ///< of the line that has no end yet
    bool mid_line_ = false;  ///< a piece of this line was given out already, so it cannot be a frame
    bool overflowed_ = false;
};

}  // namespace bdupdate::worker
