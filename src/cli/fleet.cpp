#include "fleet.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <vector>

#include "bdupdate/base/clock.h"

namespace bdupdate::cli {

namespace {

constexpr int tick_ms = 200;

struct Ship {
    std::size_t index;
    Subprocess process;
    Monotonic::time_point started;
    std::string out, line;  ///< `line`: of stderr, not yet whole
};

/// Reads what is there; false at end of file.
bool read_some(UniqueFd& fd, std::string& into) {
    std::array<char, 65536> buffer{};
    for (;;) {
        const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
        if (got > 0)
            into.append(buffer.data(), static_cast<std::size_t>(got));
        else if (got == 0 || errno != EINTR)
            return got < 0 && errno == EAGAIN;
    }
}

void tell_lines(Ship& ship, const FleetWatch& watch, bool all) {
    std::size_t at = 0;
    for (std::size_t end = 0; (end = ship.line.find('\n', at)) != std::string::npos; at = end + 1)
        watch.said(ship.index, std::string_view(ship.line).substr(at, end - at));
    ship.line.erase(0, at);
    if (all && !ship.line.empty()) watch.said(ship.index, ship.line);
}

void read_ship(Ship& ship, const FleetWatch& watch) {
    UniqueFd& out = ship.process.out();
    UniqueFd& err = ship.process.err();
    if (out && !read_some(out, ship.out)) out.reset();
    if (err && !read_some(err, ship.line)) err.reset();
    tell_lines(ship, watch, false);
}

/// Its end counts, and not that of its pipes: something that it left behind may hold them open.
bool has_landed(Ship& ship, const FleetWatch& watch) {
    const auto status = ship.process.poll();
    if (!status) return false;
    read_ship(ship, watch);
    tell_lines(ship, watch, true);
    const auto elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - ship.started);
    watch.ended(ship.index, Landing{*status, std::move(ship.out), elapsed});
    return true;
}

void wait_for_news(std::vector<Ship>& fleet) {
    std::vector<pollfd> waits;
    bool one_ends = false;
    for (Ship& ship : fleet) {
        const int ended = ship.process.ended_fd();
        // With its pipes closed, a process is about to end: to be looked for where it cannot be waited for.
        one_ends = one_ends || (ended < 0 && !ship.process.out() && !ship.process.err());
        if (ended >= 0) waits.push_back({ended, POLLIN, 0});
        for (const UniqueFd* fd : {&ship.process.out(), &ship.process.err()})
            if (*fd) waits.push_back({fd->get(), POLLIN, 0});
    }
    ::poll(waits.data(), waits.size(), one_ends ? 1 : tick_ms);
}

void start(std::vector<Ship>& fleet, std::size_t index, const SpawnOptions& options,
           const FleetWatch& watch) {
    watch.started(index);
    auto process = Subprocess::spawn(options);
    if (!process) return watch.ended(index, fail(process.error()));
    process->close_in();
    fleet.push_back({index, std::move(*process), Monotonic::now(), {}, {}});
}

}  // namespace

void sail(std::size_t count, std::size_t at_once, const std::function<SpawnOptions(std::size_t)>& command,
          const FleetWatch& watch, const std::function<int()>& stop_signal,
          const std::function<bool()>& abort) {
    std::vector<Ship> fleet;
    std::size_t next = 0;
    int passed_on = 0;
    for (;;) {
        while (stop_signal() == 0 && next < count && fleet.size() < at_once)
            start(fleet, next, command(next), watch), ++next;
        if (fleet.empty() && (next == count || stop_signal() != 0)) return;
        wait_for_news(fleet);
        for (Ship& ship : fleet) read_ship(ship, watch);
        const int wanted = abort() ? 2 : stop_signal() != 0 ? 1 : 0;
        for (; passed_on < wanted; ++passed_on)
            // Only the process itself: what it started is its own business to end.
            for (const Ship& ship : fleet) ::kill(ship.process.pid(), stop_signal());
        for (std::size_t i = 0; i < fleet.size();)
            if (has_landed(fleet[i], watch))
                fleet.erase(fleet.begin() + static_cast<std::ptrdiff_t>(i));
            else
                ++i;
        watch.tick();
    }
}

}  // namespace bdupdate::cli
