#include "policy.h"

namespace bdupdate::run {

Consequence consequence(const FailureFacts& facts, FailurePolicy policy) {
    using Why = Halt::Why;
    if (facts.why == Why::Unclear || facts.why == Why::Overtaken) return Consequence::LeaveAlone;
    // A split pass cannot stop where it is, whatever was asked for.
    if (facts.why == Why::Split) return facts.has_backup ? Consequence::Restore : Consequence::NeedsHands;

    const bool rest_can_go_on = facts.why == Why::Failed && facts.stage == Halt::Stage::Update &&
                                !facts.update_begun && !facts.signal;
    if (policy == FailurePolicy::Continue && rest_can_go_on) return Consequence::GoOn;
    if (!facts.committed) return Consequence::CloseUntouched;
    if (facts.why == Why::Vanished || facts.why == Why::Signal || facts.signal ||
        policy == FailurePolicy::Stop)
        return Consequence::Stop;
    return facts.has_backup ? Consequence::Restore : Consequence::Stop;
}

}  // namespace bdupdate::run
