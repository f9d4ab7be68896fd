#pragma once

#include <cstdint>
#include <string>

namespace bdupdate {

/// Name of this machine and of the user that this process acts as; never empty.
std::string host_name();
std::string user_name();

/// "alice on web1, pid 4711, since 2026-11-22T14:05:09": who holds a lock since when (wall clock), for
/// people.
std::string holder_text(std::int64_t since_ms);

}  // namespace bdupdate
