#include "bdupdate/db/heartbeat.h"

namespace bdupdate::db {

void Heartbeat::beat() {
    const auto now = Monotonic::now();
    if (now < next_) return;
    next_ = now + heartbeat_every;
    // A connection that is lost is found out before the next commit, by holds_lock().
    if (database_->server().product != "SQLite") static_cast<void>(database_->ping());
}

}  // namespace bdupdate::db
