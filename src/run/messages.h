#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bdupdate/worker/worker.h"

namespace bdupdate::run {

/// What PHP, the site and an update said in all passes of one update: the same message once, counted, in the
/// order in which they came first.
class MessageTally {
  public:
    /// Different messages of one update that are kept; how many more there were is told instead of them.
    static constexpr std::size_t most = 300;

    void clear();
    void add(const std::vector<worker::Message>& messages);
    /// Kind and text, as the journal and the listener take them.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> lines() const;

  private:
    std::vector<worker::Message> messages_;
    std::unordered_map<std::string, std::size_t> index_;
    std::size_t left_out_ = 0;
};

/// Whether a message of a boot or a flush, which belongs to no update, is worth a line: warnings and errors.
bool tells_of_trouble(const worker::Message& message);

}  // namespace bdupdate::run
