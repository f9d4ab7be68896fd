#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "bdupdate/base/unique_fd.h"

namespace bdupdate::test {

/// A TCP port of 127.0.0.1 that leads to another one: another host's way to a server. Ends with the object.
class TcpProxy {
  public:
    /// `from` in what clients send is replaced by `to` of the same length; empty: nothing is.
    explicit TcpProxy(int target_port, std::string from = {}, std::string to = {});
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;
    ~TcpProxy();
    [[nodiscard]] int port() const { return port_; }
    /// From now on nothing passes, and nobody is told: a cable that was cut.
    void freeze() { frozen_ = true; }

  private:
    void serve();
    int target_, port_ = 0;
    std::string from_, to_;
    UniqueFd listener_;
    std::atomic<bool> frozen_ = false, ending_ = false;
    std::thread thread_;
};

}  // namespace bdupdate::test
