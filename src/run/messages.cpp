#include "messages.h"

namespace bdupdate::run {

void MessageTally::clear() {
    messages_.clear();
    index_.clear();
    left_out_ = 0;
}

void MessageTally::add(const std::vector<worker::Message>& messages) {
    for (const worker::Message& message : messages) {
        std::string key = message.kind + ' ' + message.text;
        if (const auto known = index_.find(key); known != index_.end()) {
            messages_[known->second].times += message.times;
        } else if (messages_.size() >= most) {
            ++left_out_;
        } else {
            index_.emplace(std::move(key), messages_.size());
            messages_.push_back(message);
        }
    }
}

std::vector<std::pair<std::string, std::string>> MessageTally::lines() const {
    std::vector<std::pair<std::string, std::string>> lines;
    lines.reserve(messages_.size() + 1);
    for (const worker::Message& message : messages_) lines.emplace_back(message.kind, message.counted_text());
    if (left_out_ > 0) lines.emplace_back("php", std::to_string(left_out_) + " more messages left out");
    return lines;
}

bool tells_of_trouble(const worker::Message& message) {
    return message.kind == "php" || message.kind == "warning" || message.kind == "error" ||
           message.kind == "watchdog error";
}

}  // namespace bdupdate::run
