#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bdupdate/lint/lint.h"
#include "bdupdate/report/style.h"

namespace bdupdate::report {

/// What `lint` answers. `files`: how many .install files were read.
std::string lint_text(const std::vector<lint::Finding>& findings, std::size_t files, const Style& style);
std::string lint_json(const std::vector<lint::Finding>& findings, std::size_t files);
/// Workflow commands of GitHub Actions, one a finding: they become annotations of a pull request.
std::string lint_github(const std::vector<lint::Finding>& findings);
/// `lint --rules`.
std::string lint_rules_text(const Style& style);

}  // namespace bdupdate::report
