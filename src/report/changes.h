#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bdupdate/run/history.h"

namespace bdupdate::report {

/// What an update changed, as lines for people; `show` and `report` lay them out, each in its way.
struct ChangeLine {
    char sign = ' ';  ///< '+' came, '-' went, '~' is another now, ' ' stands for itself
    int level = 0;    ///< 0: the thing that changed, 1: what in it
    std::string text;
};

/// Of the config directory, by file and key; at most `most_keys` keys a file.
std::vector<ChangeLine> config_lines(const std::vector<journal::ConfigChange>& changes,
                                     std::size_t most_keys);
/// Of the database's structure, by table.
std::vector<ChangeLine> schema_lines(const std::vector<journal::SchemaChange>& changes);
/// "member: 12 updated, 1 deleted"; tables with most rows first.
std::vector<std::string> row_lines(const std::vector<journal::RowsTouched>& rows);

/// How something that is told looks: as it should be, to be known, or bad.
enum class Tone { Good, Caution, Bad };
Tone tone_of(run::RunSummary::Result result);

/// What stands beside an update that is not simply done, such as "taken back"; nothing where it is.
std::optional<std::pair<Tone, std::string>> remark_of(const run::UpdateRecord& update);
/// The function, or what else ran in that pass.
std::string name_of(const run::UpdateRecord& update);
/// "20 ms, 3 passes"; empty where it did not run yet.
std::string took_text(const run::UpdateRecord& update);

/// What is told first of a run: when and by whom, how long, what, why not (`because`), which backup. Nothing
/// that is empty.
std::vector<std::pair<std::string, std::string>> opening_of(const run::RunRecord& record);

/// "1 min 5 s" of milliseconds.
std::string took_text(std::int64_t ms);
/// "2026-11-22 14:05:09", local time.
std::string when_text(std::int64_t wall_ms);
/// "11 updates", "restore of backup …".
std::string what_text(const run::RunSummary& summary);
/// Why the run did not end as wished; empty: it did.
std::string reason_text(const run::RunSummary& summary);

}  // namespace bdupdate::report
