#include "become_user.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "bdupdate/base/file.h"

namespace bdupdate::cli {

Result<void> become_user(const std::string& name) {
    if (name.empty()) return {};
    const passwd* entry = ::getpwnam(name.c_str());
    if (entry == nullptr) return fail(ExitCode::Usage, "--user " + name + ": there is no such user");
    const uid_t uid = entry->pw_uid;
    const gid_t gid = entry->pw_gid;
    const std::string home = entry->pw_dir;
    if (::geteuid() == uid) return {};
    if (::geteuid() != 0)
        return fail(ExitCode::Usage, "--user " + name + ": only root may become another user");
    // The kernel forgets it with the change of users.
    int parents_death = 0;
    ::prctl(PR_GET_PDEATHSIG, &parents_death);
    if (::initgroups(name.c_str(), gid) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0)
        return fail(ExitCode::Usage, "cannot become user " + name + ": " + errno_text(errno));
    if (parents_death != 0) ::prctl(PR_SET_PDEATHSIG, parents_death);
    ::setenv("HOME", home.c_str(), 1);
    for (const char* variable : {"USER", "LOGNAME"}) ::setenv(variable, name.c_str(), 1);
    // They name root's directories.
    for (const char* variable : {"XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"})
        ::unsetenv(variable);
    return {};
}

}  // namespace bdupdate::cli
