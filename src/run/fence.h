#pragma once

#include <cstdint>
#include <string>

#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// Fences (a) and (b) behind a worker that was killed: its session in the database is ended, and PHP itself
/// too. A wrapped --php may leave PHP running where no signal of ours reaches it (`docker exec`): it holds a
/// shared lock on settings.php while it lives, which is waited for. Errors: either does not end.
Result<void> fence_off(Context& context, std::uint64_t connection_id, const std::string& worker_lock);

}  // namespace bdupdate::run
