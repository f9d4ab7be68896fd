#pragma once

#include "bdupdate/run/options.h"
#include "engine.h"

namespace bdupdate::run {

/// What is known once a run has failed and its worker is gone.
struct FailureFacts {
    Halt::Why why = Halt::Why::Failed;
    Halt::Stage stage = Halt::Stage::Machinery;
    bool committed = false;     ///< at least one pass of the run stands in the database
    bool update_begun = false;  ///< earlier passes of the failed update stand in it
    bool has_backup = false;
    bool signal = false;  ///< somebody asked to stop
};

enum class Consequence {
    LeaveAlone,      ///< it is not known, or not ours to say, what the database holds: touch nothing
    CloseUntouched,  ///< nothing was committed: everything is as before already
    Restore,
    Stop,
    GoOn,
    NeedsHands,  ///< a schema change of the failed pass is committed, and there is no backup
};

/// The section "Failure of a pass" of docs/crash-safety.md as a pure function.
Consequence consequence(const FailureFacts& facts, FailurePolicy policy);

}  // namespace bdupdate::run
