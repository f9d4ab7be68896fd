#pragma once

#include "bdupdate/base/clock.h"
#include "bdupdate/db/database.h"

namespace bdupdate::db {

/// Shows the server that the holder of the lock lives, while something else takes its time: a pass, a dump.
/// To be called often; says something every `heartbeat_every`. Nothing to do on SQLite, whose file must not
/// be touched while a pass is open.
class Heartbeat {
  public:
    explicit Heartbeat(Database& database)
        : database_(&database), next_(Monotonic::now() + heartbeat_every) {}
    void beat();

  private:
    Database* database_;
    Monotonic::time_point next_;
};

}  // namespace bdupdate::db
