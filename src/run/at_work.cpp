#include "bdupdate/base/file.h"
#include "bdupdate/base/identity.h"
#include "bdupdate/run/run.h"
#include "locks.h"

namespace bdupdate::run {

namespace {

/// Who holds the lock of a site that has this mark, or whose mark has no row; nothing where nobody does, or
/// where it cannot be told.
Result<std::optional<std::string>> holder_now(db::Database& database, const journal::Paths& paths,
                                              const std::optional<db::Mark>& mark) {
    using Who = std::optional<std::string>;
    // A file's lock goes with its process, while a session of the database outlives its client by seconds: of
    // a run that began on this machine its file tells all.
    if (mark && mark->host == host_name()) {
        const journal::Paths theirs{mark->state_dir};
        if (const auto locked = is_locked(theirs.lock()))
            return *locked ? Who(file_holder(theirs.lock())) : Who();
    }
    if (is_locked(paths.lock()).value_or(false)) return Who(file_holder(paths.lock()));
    BDUPDATE_ASSIGN(const auto session, database.look_at_lock());
    return session.held_by.empty() || session.stale ? Who() : Who(session.held_by);
}

}  // namespace

Result<OpenRun> find_open_run(db::Database& database, const journal::Paths& paths) {
    OpenRun open;
    BDUPDATE_ASSIGN(open.marked, database.has_mark_table());
    if (!open.marked) return open;
    BDUPDATE_ASSIGN(open.mark, database.read_mark());
    BDUPDATE_ASSIGN(open.at_work, holder_now(database, paths, open.mark));
    if (open.at_work) return open;
    // It may have ended between the two looks.
    BDUPDATE_ASSIGN(open.marked, database.has_mark_table());
    if (!open.marked) open.mark.reset();
    return open;
}

}  // namespace bdupdate::run
