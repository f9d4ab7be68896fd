#include "pump.h"

namespace bdupdate::backup {

namespace {

constexpr std::size_t pump_block_bytes = 256 * 1024;
constexpr std::size_t most_waiting = 8;

}  // namespace

Pump::Pump(Sink sink) : sink_(std::move(sink)), thread_([this] { work(); }) {
    block_.reserve(pump_block_bytes);
}

Pump::~Pump() {
    static_cast<void>(finish());
}

void Pump::push() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.size() < most_waiting || error_; });
    waiting_.push_back(std::move(block_));
    block_ = std::move(spare_);
    block_.clear();
    changed_.notify_all();
}

Result<void> Pump::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, pump_block_bytes - block_.size());
        block_ += part;
        bytes.remove_prefix(part.size());
        if (block_.size() < pump_block_bytes) continue;
        push();
        const std::lock_guard lock(mutex_);
        if (error_) return fail(*error_);
    }
    return {};
}

Result<void> Pump::finish() {
    if (thread_.joinable()) {
        if (!block_.empty()) push();
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
            changed_.notify_all();
        }
        thread_.join();
    }
    if (error_) return fail(*error_);
    return {};
}

void Pump::work() {
    for (;;) {
        std::string block;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return !waiting_.empty() || ended_; });
            if (waiting_.empty()) return;
            block = std::move(waiting_.front());
            waiting_.pop_front();
            changed_.notify_all();
            if (error_) continue;  // only emptied, so that nobody waits
        }
        auto done = sink_(block);
        const std::lock_guard lock(mutex_);
        if (!done) error_ = done.error();
        spare_ = std::move(block);
        changed_.notify_all();
    }
}

}  // namespace bdupdate::backup
