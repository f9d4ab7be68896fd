#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bdupdate/journal/journal.h"

namespace bdupdate::run {

/// What a run of the journal did, in short.
struct RunSummary {
    enum class Kind { Updates, Restore, Mark } kind = Kind::Updates;
    enum class Result {
        Open,     ///< it runs now, or was killed
        Stopped,  ///< `recover` goes on
        Updated,
        Partly,     ///< without failed updates
        Untouched,  ///< nothing was committed
        Restored,   ///< what it did was taken back; of Kind::Restore: done
        Forgotten,  ///< what it did stays, unfinished
    } result = Result::Open;
    journal::Run run;
    std::size_t updates = 0;      ///< finished, and not taken back
    std::int64_t elapsed_ms = 0;  ///< until its end, or the last thing that is known of it
};
std::string_view to_string(RunSummary::Kind kind);
std::string_view to_string(RunSummary::Result result);

/// One update of a run with everything that it did.
struct UpdateRecord {
    enum class State {
        Done,
        Failed,     ///< its last pass was undone
        Begun,      ///< between two passes
        Waiting,    ///< planned by a run that is open, and not begun
        TakenBack,  ///< done, and undone by a restore
    } state = State::Done;
    std::string function;  ///< empty: what the site did while it booted, or its first steps from Drupal 7
    std::string module, number, description;
    std::int64_t started_ms = 0;  ///< wall clock
    std::int64_t elapsed_ms = 0;  ///< what its passes took
    std::size_t passes = 0;
    std::string result, error;
    std::vector<std::pair<std::string, std::string>> messages;  ///< kind, text; of all passes
    std::vector<journal::ConfigChange> config;                  ///< one a file, its passes taken together
    std::vector<journal::SchemaChange> schema;
    std::vector<journal::RowsTouched> rows;
};
std::string_view to_string(UpdateRecord::State state);

struct PhaseRecord {
    std::string what;
    std::int64_t started_ms = 0, elapsed_ms = 0;
};

struct RunRecord {
    RunSummary summary;
    std::vector<UpdateRecord> updates;          ///< in the order in which they ran
    std::vector<PhaseRecord> phases;            ///< what else took time
    std::vector<journal::ConfigChange> config;  ///< of the whole run, by path: from before it to after it
    std::size_t repeated_passes = 0;            ///< taken back by a restore in the middle, and run again
};

/// Newest first.
Result<std::vector<RunSummary>> read_history(journal::Journal& journal, std::size_t newest);

/// The run whose id begins like this; empty: the newest. Errors (Usage): none, or several.
Result<journal::Run> find_run(journal::Journal& journal, const std::string& beginning);

Result<RunRecord> read_run(journal::Journal& journal, const journal::Run& run);

}  // namespace bdupdate::run
