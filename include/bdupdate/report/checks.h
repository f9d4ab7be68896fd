#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bdupdate/report/style.h"
#include "bdupdate/run/doctor.h"
#include "bdupdate/run/mark.h"

namespace bdupdate::report {

/// What `mark` is about to do, before the question.
std::string mark_plan_text(const run::MarkPlan& plan, const Style& style);
/// What it did; `marked` is empty where there was nothing to do.
std::string marked_text(const run::MarkPlan& plan, const std::optional<run::Marked>& marked,
                        const Style& style);
std::string marked_json(const run::MarkPlan& plan, const std::optional<run::Marked>& marked);

/// `doctor`: findings, the bad ones first; with `details` what is fine, too.
std::string doctor_text(const std::vector<run::Diagnosis>& found, bool details, const Style& style);
std::string doctor_json(const std::vector<run::Diagnosis>& found);

}  // namespace bdupdate::report
