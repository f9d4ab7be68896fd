#pragma once

#include "bdupdate/journal/journal.h"
#include "sqlite.h"

namespace bdupdate::journal {

/// What a pass changed, by the pass's row id; inside the caller's transaction.
Result<void> add_details(sqlite3* handle, std::int64_t pass_id, const Pass& pass);
Result<void> read_details(sqlite3* handle, std::int64_t pass_id, Pass& pass);

}  // namespace bdupdate::journal
