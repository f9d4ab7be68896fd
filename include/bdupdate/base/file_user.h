#pragma once

#include <sys/types.h>

#include <optional>

#include "bdupdate/base/subprocess.h"

namespace bdupdate {

/// While it lives, this thread opens, creates, renames and removes files as another user: the kernel applies
/// that user's rights, and none of root's (setfsuid(2) takes the file capabilities along). Only root can; for
/// everybody else, and without a user, nothing happens. May be nested.
class FileUser {
  public:
    explicit FileUser(const std::optional<RunAs>& user);
    FileUser(const FileUser&) = delete;
    FileUser& operator=(const FileUser&) = delete;
    ~FileUser();

  private:
    std::optional<RunAs> before_;
};

/// Back to root for a moment, inside a FileUser.
inline constexpr RunAs root_user{0, 0};

}  // namespace bdupdate
