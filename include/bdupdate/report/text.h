#pragma once

#include <optional>
#include <string>

#include "bdupdate/backup/backup.h"
#include "bdupdate/db/database.h"
#include "bdupdate/plan/plan.h"
#include "bdupdate/report/style.h"
#include "bdupdate/run/run.h"
#include "bdupdate/run/view.h"
#include "bdupdate/site/site.h"

namespace bdupdate::report {

/// What `status` tells of.
struct StatusFacts {
    const site::Site& site;
    const db::Server& server;
    const run::View& view;
    std::optional<db::Mark> interrupted;  ///< the mark of a run that did not end
    bool mark_without_row = false;
    bool maintenance_on = false;
};

/// Texts for people; each ends with a newline. Pure: same values, same text.
std::string status_text(const StatusFacts& facts, const Style& style);
std::string plan_text(const plan::Plan& plan, const site::Site& site, const Style& style);
std::string outcome_text(const run::Outcome& outcome, const site::Site& site, const Style& style);

/// The same as JSON documents with "schema" first (docs/json.md).
std::string status_json(const StatusFacts& facts);
std::string plan_json(const plan::Plan& plan, const site::Site& site);
std::string outcome_json(const run::Outcome& outcome);

/// First sentence-like line of a description, on one line, cut to `width` columns with an ellipsis.
std::string one_line(const std::string& text, std::size_t width);

/// What is left to do, for `status --exit-code`: 8 before 4 before 3, else 0.
ExitCode status_code(const StatusFacts& facts);

}  // namespace bdupdate::report
