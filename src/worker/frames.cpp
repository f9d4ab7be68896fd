#include "bdupdate/worker/frames.h"

#include <algorithm>
#include <utility>

namespace bdupdate::worker {

FrameSplitter::FrameSplitter(std::string mark, Sink on_frame, Sink on_talk)
    : mark_(std::move(mark)), on_frame_(std::move(on_frame)), on_talk_(std::move(on_talk)) {}

void FrameSplitter::feed(std::string_view bytes) {
    while (!bytes.empty() && !overflowed_) {
        const std::size_t end = bytes.find('\n');
        pending_.append(bytes.substr(0, end));
        if (end != std::string_view::npos) {
            line(pending_);
            pending_.clear();
            mid_line_ = false;
            bytes.remove_prefix(end + 1);
            continue;
        }
        bytes = {};
        if (may_be_frame()) {
            overflowed_ = pending_.size() > frame_limit;
        } else if (pending_.size() > talk_limit) {
            on_talk_(pending_);
            pending_.clear();
            mid_line_ = true;
        }
    }
}

void FrameSplitter::finish() {
    // A frame that was cut off must not be taken for one: its sender died while writing it.
    if (!pending_.empty()) on_talk_(pending_);
    pending_.clear();
    mid_line_ = false;
}

bool FrameSplitter::may_be_frame() const {
    if (mark_.empty() || mid_line_) return false;
    const std::size_t common = std::min(mark_.size(), pending_.size());
    return pending_.compare(0, common, mark_, 0, common) == 0;
}

void FrameSplitter::line(std::string_view text) {
    if (!mark_.empty() && !mid_line_ && text.substr(0, mark_.size()) == mark_) {
        on_frame_(text.substr(mark_.size()));
        return;
    }
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (!text.empty()) on_talk_(text);
}

}  // namespace bdupdate::worker
