#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "fault/club.h"

namespace bdupdate::docs {

/// What a command printed, both outputs in one, and how it ended.
struct Said {
    std::string output;
    int code = 0;
};

/// A shell on a machine as the pages show it: the site is /srv/club, the state directory /var/lib/bdupdate,
/// home is /root. All of it lies in a temporary directory; names are translated both ways. Working directory,
/// exported variables and `$?` last from one command to the next.
class Session {
  public:
    explicit Session(test::Store store, bool empty = false);

    /// Without its line end, the last line of the output gets one.
    Said run(const std::string& command);
    /// Throws std::runtime_error where the commands fail.
    void prepare(const std::string& shell);
    void write(const std::string& documented, const std::string& text, bool append);

    /// A path, or a text with paths, of the pages as it is on this machine; and the other way round.
    [[nodiscard]] std::string here(std::string text) const;
    [[nodiscard]] std::string there(std::string text) const;

  private:
    void add_client() const;
    [[nodiscard]] std::filesystem::path top() const { return club_.root().parent_path(); }
    [[nodiscard]] std::filesystem::path kept(const char* what) const { return top() / what; }
    test::Club club_;
    int last_code_ = 0;
};

/// Whether this process may mount file systems that nobody else sees; it is in a mount namespace of its own
/// from then on.
bool may_mount();

}  // namespace bdupdate::docs
