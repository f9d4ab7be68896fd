#include "bdupdate/base/file.h"
#include "bdupdate/base/identity.h"
#include "bdupdate/run/run.h"
#include "locks.h"

namespace bdupdate::run {

Result<std::optional<std::string>> run_at_work(db::Database& database, const journal::Paths& paths,
                                               const std::optional<db::Mark>& mark) {
    using Who = std::optional<std::string>;
    const journal::Paths theirs{mark ? std::filesystem::path(mark->state_dir) : paths.state_dir};
    const bool began_here = mark && mark->host == host_name();
    // A file's lock goes with its process, while a session of the database outlives its client by seconds: of
    // a run that began on this machine its file tells all.
    if (began_here) {
        const auto locked = is_locked(theirs.lock());
        if (locked) return *locked ? Who(file_holder(theirs.lock())) : Who();
    }
    if (is_locked(paths.lock()).value_or(false)) return Who(file_holder(paths.lock()));
    BDUPDATE_ASSIGN(const auto session, database.look_at_lock());
    return session.held_by.empty() || session.stale ? Who() : Who(session.held_by);
}

}  // namespace bdupdate::run
