#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/run/run.h"
#include "bdupdate/schema/comparison.h"

namespace bdupdate::run {

/// What `verify` found: whether a site is as it should be after a run.
struct Verification {
    View view;
    std::vector<Error> failures;  ///< a config file that is none, a site that does not boot
    std::string php_version;      ///< of the PHP that booted the site; empty: it did not
    /// How the tables differ from what modules declare; nothing: they were not compared, and `why_not` says
    /// why.
    std::optional<schema::Comparison> comparison;
    std::string why_not;
    std::size_t modules = 0;  ///< that declare tables
    /// Modules whose hook_schema() or hook_schema_alter() failed: their tables count as not declared.
    std::map<std::string, std::string> hook_errors, hook_errors_of_disabled;
    /// The run before and after which it was looked how the tables are; nothing: none did, and every
    /// difference counts as standing.
    std::optional<journal::Run> since;
    schema::Since differences;
    bool strict = false;  ///< what stood before fails, too
};

/// Reads only; the boot is rolled back. `look` boots the site (worker::look_at_site()). Errors: a run at work
/// (11), or one that waits for `recover` (8); what keeps the plan from being made.
Result<Verification> verify_site(const Survey& survey, const plan::Selection& selection,
                                 const std::function<Result<worker::LookReport>()>& look);

/// 1 where updates are pending, a failure was found or a difference is new (or any, if strict); then 4 for
/// what is blocked or missing; else 0.
ExitCode verdict(const Verification& found);

}  // namespace bdupdate::run
