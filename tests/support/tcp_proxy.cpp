#include "support/tcp_proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <vector>

namespace bdupdate::test {

namespace {

sockaddr_in address(int port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    result.sin_port = htons(static_cast<std::uint16_t>(port));
    return result;
}

struct Pair {
    UniqueFd client, server;
};

/// Moves what there is from one end to the other; false when an end is gone.
bool move(int from, int to, const std::string& old_text, const std::string& new_text) {
    std::array<char, 65536> buffer{};
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got <= 0) return false;
    std::string bytes(buffer.data(), static_cast<std::size_t>(got));
    for (std::size_t at = 0; !old_text.empty() && (at = bytes.find(old_text, at)) != std::string::npos;)
        bytes.replace(at, old_text.size(), new_text);
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t put = ::send(to, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (put <= 0) return false;
        done += static_cast<std::size_t>(put);
    }
    return true;
}

}  // namespace

TcpProxy::TcpProxy(int target_port, std::string from, std::string to)
    : target_(target_port),
      from_(std::move(from)),
      to_(std::move(to)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in mine = address(0);
    socklen_t size = sizeof mine;
    auto* plain = reinterpret_cast<sockaddr*>(&mine);
    if (::bind(listener_.get(), plain, size) != 0 || ::listen(listener_.get(), 16) != 0 ||
        ::getsockname(listener_.get(), plain, &size) != 0)
        throw std::runtime_error("cannot open a port for a proxy");
    port_ = ntohs(mine.sin_port);
    thread_ = std::thread([this] { serve(); });
}

TcpProxy::~TcpProxy() {
    ending_ = true;
    thread_.join();
}

void TcpProxy::serve() {
    std::vector<Pair> pairs;
    while (!ending_) {
        std::vector<pollfd> waits = {{listener_.get(), POLLIN, 0}};
        for (const Pair& pair : pairs) {
            waits.push_back({pair.client.get(), POLLIN, 0});
            waits.push_back({pair.server.get(), POLLIN, 0});
        }
        if (frozen_) {
            ::usleep(20'000);
            continue;
        }
        if (::poll(waits.data(), waits.size(), 20) <= 0) continue;
        for (std::size_t i = pairs.size(); i-- > 0;) {
            Pair& pair = pairs[i];
            bool open = true;
            if (waits[1 + 2 * i].revents != 0) open = move(pair.client.get(), pair.server.get(), from_, to_);
            if (open && waits[2 + 2 * i].revents != 0)
                open = move(pair.server.get(), pair.client.get(), {}, {});
            if (!open) pairs.erase(pairs.begin() + static_cast<std::ptrdiff_t>(i));
        }
        if (waits[0].revents == 0) continue;
        Pair pair{UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)),
                  UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))};
        const sockaddr_in there = address(target_);
        if (pair.client &&
            ::connect(pair.server.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0)
            pairs.push_back(std::move(pair));
    }
}

}  // namespace bdupdate::test
