#pragma once

#include <string>
#include <vector>

#include "bdupdate/report/style.h"
#include "bdupdate/run/history.h"
#include "bdupdate/site/site.h"

namespace bdupdate::report {

/// `history`: a line a run, newest first, and why it did not end as wished.
std::string history_text(const std::vector<run::RunSummary>& runs, const Style& style);
std::string history_json(const std::vector<run::RunSummary>& runs, const site::Site& site);

/// `show`. Values in config that look like passwords are hidden, here as in all that follows.
std::string show_text(const run::RunRecord& record, const Style& style);
std::string show_json(const run::RunRecord& record, const site::Site& site);

/// `show --patch`: how the run changed the config directory, for `patch -p1` and `git apply` in it.
struct Patch {
    std::string text;
    std::vector<std::string> left_out;  ///< a line for each file that is not in it, with the reason
};
Patch config_patch(const run::RunRecord& record);
std::string patch_json(const run::RunRecord& record, const Patch& patch);

/// `report`: the run as one HTML file that needs nothing besides, neither scripts nor the network.
std::string report_html(const run::RunRecord& record, const site::Site& site);
/// The page, or the file that it was written to, for programs.
std::string report_json(const run::RunRecord& record, const std::string& html);
std::string report_written_json(const run::RunRecord& record, const std::string& file);

}  // namespace bdupdate::report
