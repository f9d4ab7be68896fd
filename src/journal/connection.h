#pragma once

#include "bdupdate/journal/journal.h"
#include "sqlite.h"

namespace bdupdate::journal {

struct Journal::Connection {
    struct Close {
        void operator()(sqlite3* open) const { sqlite3_close_v2(open); }
    };
    std::unique_ptr<sqlite3, Close> handle;
    /// Of a file of format 1 that was opened to be read only: it has no tables for details.
    bool has_details = true;
};

}  // namespace bdupdate::journal
