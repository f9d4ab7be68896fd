#pragma once

#include <optional>
#include <string>
#include <vector>

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
    run::OpenRun open = {};
    bool maintenance_on = false;
};

/// Texts for people; each ends with a newline. Pure: same values, same text.
std::string status_text(const StatusFacts& facts, const Style& style);
/// Every update with the place it comes from, and why it stands where it does.
std::string plan_text(const StatusFacts& facts, const Style& style);
/// Before the question of `run`: one line an update, and what will be done besides.
std::string proposal_text(const run::View& view, const run::Options& options, const Style& style);
/// `plan --source`: the updates' code; `sources[i]` belongs to step i, and an empty one could not be read.
std::string source_text(const plan::Plan& plan, const site::Site& site,
                        const std::vector<std::string>& sources, const Style& style);
/// `plan --dot`: steps, and what must run before what, as a graph in Graphviz's language.
std::string plan_dot(const run::View& view);
std::string outcome_text(const run::Outcome& outcome, const site::Site& site, const Style& style);

/// The same as JSON documents with "schema" first (docs/json.md).
std::string status_json(const StatusFacts& facts);
/// `sources`: as of source_text(), or empty.
std::string plan_json(const run::View& view, const site::Site& site,
                      const std::vector<std::string>& sources = {});
std::string outcome_json(const run::Outcome& outcome);

/// "run 0123abcd of alice on web1 did not end: it stands after pass 24"; no newline.
std::string interrupted_sentence(const db::Mark& mark);

/// The first sentence of an update's description, cut to `columns` (0: not at all).
std::string description_of(const std::string& description, std::size_t columns, const Style& style);

/// What is left to do, for `status --exit-code`: 11 or 8 before 4 before 3, else 0.
ExitCode status_code(const StatusFacts& facts);

}  // namespace bdupdate::report
