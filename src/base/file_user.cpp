#include "bdupdate/base/file_user.h"

#include <sys/fsuid.h>
#include <unistd.h>

namespace bdupdate {

namespace {

/// Both return what was before; the group first, for the user's rights may not suffice afterwards.
RunAs become(const RunAs& user) {
    const auto group = static_cast<gid_t>(::setfsgid(user.gid));
    const auto owner = static_cast<uid_t>(::setfsuid(user.uid));
    return {owner, group};
}

}  // namespace

FileUser::FileUser(const std::optional<RunAs>& user) {
    if (user && ::geteuid() == 0) before_ = become(*user);
}

FileUser::~FileUser() {
    if (before_) become(*before_);
}

}  // namespace bdupdate
