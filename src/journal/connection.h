#pragma once

#include "bdupdate/journal/journal.h"
#include "sqlite.h"

namespace bdupdate::journal {

struct Journal::Connection {
    struct Close {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };
    std::unique_ptr<sqlite3, Close> handle;
};

}  // namespace bdupdate::journal
