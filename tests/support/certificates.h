#pragma once

#include <string>
#include <vector>

#include "support/temp_directory.h"

namespace bdupdate::test {

/// Two certificate authorities (ca.pem, other.pem), and what the first has signed: server.pem for 127.0.0.1,
/// stranger.pem for another host, client.pem, with their keys (server.key …). Made by openssl in a temporary
/// directory; throws std::runtime_error with its words.
class Certificates {
  public:
    Certificates();
    [[nodiscard]] std::string file(const std::string& name) const {
        return (directory_.path() / name).string();
    }
    /// Makes a MariaDB server offer encryption.
    [[nodiscard]] std::vector<std::string> server_options(const std::string& name = "server") const;

  private:
    void make(const std::string& name, const std::string& subject,
              const std::vector<std::string>& more) const;

    TempDirectory directory_;
};

}  // namespace bdupdate::test
