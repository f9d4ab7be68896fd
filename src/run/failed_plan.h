#pragma once

#include <string>

#include "bdupdate/run/run.h"

/// The memory of what failed: the same plan on the same code is not tried again by itself, with an outage
/// each time (docs/crash-safety.md). The memory decides about nothing else, so an error of it is only a
/// warning.
namespace bdupdate::run {

/// What identifies an attempt: the functions in their order, and the code.
std::string plan_key(const plan::Plan& plan, const std::string& code_stamp);

/// Errors: UpdateFailed where this very attempt has failed before.
Result<void> refuse_known_failure(journal::Journal& journal, const Need& need);

void remember_failure(Context& context, const journal::Run& run, const std::string& why);
/// After a run that left failed updates out: what is pending now has failed already.
void remember_rest(Context& context, const Options& options);
void forget_failure(Context& context);

/// Name of the journalled option that holds plan_key() of a run.
inline constexpr const char* key_option = "plan-key";

}  // namespace bdupdate::run
