#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace bdupdate {

/// Milliseconds since 1970 (wall clock: for records), and a clock that never goes back (for durations).
std::int64_t wall_milliseconds();
using Monotonic = std::chrono::steady_clock;

/// "2026-11-22T14:05:09" in local time: what Backdrop names its backups by (date('Y-m-d\TH-i-s')) with
/// `file_safe`.
std::string local_timestamp(std::int64_t wall_ms, bool file_safe = false);

/// "0.4 s", "1 min 12 s": durations as people read them.
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace bdupdate
