#include "bdupdate/base/identity.h"

#include <pwd.h>
#include <unistd.h>

#include <array>

#include "bdupdate/base/clock.h"

namespace bdupdate {

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "localhost";
}

std::string user_name() {
    const passwd* entry = ::getpwuid(::geteuid());
    return entry == nullptr ? std::to_string(::geteuid()) : entry->pw_name;
}

std::string holder_text(std::int64_t since_ms) {
    return user_name() + " on " + host_name() + ", pid " + std::to_string(::getpid()) + ", since " +
           local_timestamp(since_ms);
}

}  // namespace bdupdate
