#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "bdupdate/site/site.h"

namespace bdupdate::test {

/// A private MariaDB server: own data directory, own socket, 127.0.0.1 on a free port. Started at the first
/// call of instance(), once per test program; ended by its pid, with its files, when the program ends (also
/// when it is killed). Account `root` without password by socket; account `site` with password() by socket
/// and TCP, allowed everything in databases made by create_database().
class MariaDb {
  public:
    /// Aborts the program with the server's log when it cannot be started: a test without its server proves
    /// nothing.
    static MariaDb& instance();
    /// Whether this machine has a MariaDB server at all (for GTEST_SKIP).
    static bool available();

    [[nodiscard]] const std::filesystem::path& socket() const { return socket_; }
    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] pid_t pid() const { return pid_; }
    /// Holds what option files and shells trip over.
    [[nodiscard]] static const char* password();

    /// A fresh, empty database (utf8mb4); one of that name is dropped first.
    void create_database(const std::string& name);
    /// Settings of a site in that database, by socket or by TCP.
    [[nodiscard]] site::DatabaseSettings settings(const std::string& database, bool tcp = false) const;

    /// Ends the server with that signal and starts it again, on the same data, socket and port; `options` are
    /// for this start only.
    void restart(int signal, const std::vector<std::string>& options = {});
    /// Where its socket and data are; goes with the server.
    [[nodiscard]] std::filesystem::path directory() const { return directory_; }

    /// Runs SQL as root through the command-line client; throws std::runtime_error with its words on failure.
    /// Returns rows as tab-separated lines.
    [[nodiscard]] std::string query(const std::string& database, const std::string& sql) const;
    void run(const std::string& database, const std::string& sql) const;

  private:
    MariaDb();
    ~MariaDb();
    MariaDb(const MariaDb&) = delete;
    MariaDb& operator=(const MariaDb&) = delete;
    void install() const;
    static void install_into(const std::filesystem::path& data);
    void start(const std::vector<std::string>& options = {});
    [[nodiscard]] bool answers() const;

    std::filesystem::path directory_, socket_;
    int port_ = 0;
    pid_t pid_ = -1;
};

}  // namespace bdupdate::test
