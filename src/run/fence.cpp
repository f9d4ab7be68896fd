#include "fence.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/unique_fd.h"

namespace bdupdate::run {

namespace {

/// A server session outlives its client by seconds, PHP out of reach by as much as its update needs.
constexpr std::chrono::seconds longest_wait{60};
constexpr std::chrono::milliseconds look_every{20};

Result<void> wait_for_php(const site::Site& site) {
    // Not blocking, should somebody have put a pipe there.
    const UniqueFd fd(::open(site.settings_file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return {};
    const auto deadline = Monotonic::now() + longest_wait;
    while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        // Where this file system has no such locks, PHP has none either.
        if (errno != EWOULDBLOCK && errno != EINTR) return {};
        if (Monotonic::now() >= deadline)
            return fail(ExitCode::Interrupted,
                        "the PHP behind --php does not end: it still holds " + site.settings_file.string(),
                        "end it where it runs, then bdupdate recover");
        std::this_thread::sleep_for(look_every);
    }
    return {};
}

}  // namespace

Result<void> fence_off(Context& context, std::uint64_t connection_id, const std::string& worker_lock) {
    BDUPDATE_TRY(context.database.end_session(connection_id, worker_lock, longest_wait));
    return wait_for_php(context.site);
}

}  // namespace bdupdate::run
