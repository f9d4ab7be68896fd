#include "bdupdate/base/clock.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace bdupdate {

std::int64_t wall_milliseconds() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string local_timestamp(std::int64_t wall_ms, bool file_safe) {
    const auto seconds = static_cast<std::time_t>(wall_ms / 1000);
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    std::array<char, 32> buffer{};
    const std::size_t length = std::strftime(buffer.data(), buffer.size(),
                                             file_safe ? "%Y-%m-%dT%H-%M-%S" : "%Y-%m-%dT%H:%M:%S", &parts);
    return {buffer.data(), length};
}

std::string duration_text(std::chrono::milliseconds duration) {
    const auto ms = duration.count();
    if (ms < 1000) return std::to_string(ms) + " ms";
    if (ms < 60'000) {
        std::array<char, 32> buffer{};
        std::snprintf(buffer.data(), buffer.size(), "%.1f s", static_cast<double>(ms) / 1000.0);
        return buffer.data();
    }
    const auto seconds = ms / 1000;
    if (seconds < 3600) return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
    return std::to_string(seconds / 3600) + " h " + std::to_string(seconds % 3600 / 60) + " min";
}

}  // namespace bdupdate
