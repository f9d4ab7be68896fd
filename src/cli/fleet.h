#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "bdupdate/base/error.h"
#include "bdupdate/base/subprocess.h"

namespace bdupdate::cli {

/// How one process of a fleet ended.
struct Landing {
    ExitStatus status;
    std::string out;  ///< all of its stdout
    std::chrono::milliseconds elapsed{0};
};

/// What a fleet tells of, each from within sail().
struct FleetWatch {
    std::function<void(std::size_t index)> started;
    std::function<void(std::size_t index, std::string_view line)> said;  ///< a whole line of stderr
    std::function<void(std::size_t index, const Result<Landing>& landing)> ended;
    std::function<void()> tick;  ///< several times a second
};

/// Processes 0 … count-1, `at_once` at the same time, in that order. Nothing that one of them does or suffers
/// touches another. Once stop_signal() is not 0 no more are started, and those at work get that signal; again
/// when abort() turns true. Returns when all have ended.
void sail(std::size_t count, std::size_t at_once, const std::function<SpawnOptions(std::size_t)>& command,
          const FleetWatch& watch, const std::function<int()>& stop_signal,
          const std::function<bool()>& abort);

}  // namespace bdupdate::cli
