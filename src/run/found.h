#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bdupdate/recovery/decision.h"
#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// What is on record of the interrupted run, from both sides.
struct Found {
    recovery::DatabaseFacts database;
    recovery::JournalFacts journal;
    std::optional<journal::Run> run;
    std::vector<journal::Step> steps;
};

/// Reads only.
Result<Found> find_out(Context& context);

/// What nobody can finish or take back any more once the run is forgotten.
std::vector<std::string> what_is_lost(const Found& found);

/// Why recover() does nothing: exit 7 names what somebody has to look at, a foreign hand is shown beside
/// ours.
Error refusal(Context& context, const recovery::Decision& decision, const Found& found);

}  // namespace bdupdate::run
