#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bdupdate/base/error.h"
#include "bdupdate/db/database.h"

/// What to do about a run that did not end: the table of docs/crash-safety.md ("Recovery") as one pure
/// function. It is asked after the fences: the run's process is gone, its session is gone, the mark's epoch
/// is raised.
namespace bdupdate::recovery {

/// What the site's database says.
struct DatabaseFacts {
    bool has_mark_table = false;
    std::optional<db::Mark> mark;  ///< its row
    /// Whether the planned modules' numbers are still those of the mark's hash; nothing: it has no hash yet.
    std::optional<bool> schema_hash_fits;
    /// The mark names another site: it came with a copy of that site's database.
    bool foreign_fingerprint = false;
};

/// What the journal says of the mark's run or, where there is no mark, of the newest run that it holds open.
struct JournalFacts {
    bool known = false;            ///< there is such a run in it
    bool finishing = false;        ///< it wrote that the run's end had begun
    bool finished = false;         ///< it wrote that the run was closed
    bool stopped_cleanly = false;  ///< by the policy `stop` or by Ctrl-C, between two passes
    bool has_backup = false;       ///< the run's own, and its files are still there
    /// The newest config image; 0: only the one from before the run; -1: none, config was not touched yet.
    std::int64_t newest_image = -1;
};

/// What the operator asked for.
enum class Wish {
    Finish,   ///< recover: finish what was begun
    Resume,   ///< --resume: the same, but never restore
    Restore,  ///< --restore: the site as it was before the run
    Forget,   ///< --forget: only drop the mark and close the run
};

struct Request {
    Wish wish = Wish::Finish;
    std::string backup;  ///< --restore with a backup that the operator named
};

enum class Action {
    Nothing,           ///< no run is open
    GoOn,              ///< config := `image`, then on from the pass behind mark.seq, with the mark's sandbox
    RestoreThenRerun,  ///< mark `restoring` (rerun), restore, config := `image`, mark (0, done), run again
    RestoreThenClose,  ///< mark `restoring` (close), restore, config := `image`, the end without updates
    CloseUntouched,    ///< maintenance and cron back, mark dropped, run closed: nothing had happened
    CloseUndone,       ///< the same, and config := `image` where there is one
    RepeatEnd,         ///< the end of a run that was done: "End", from 4 on
    CloseDone,         ///< only the journal does not know yet that the run is done
    Forget,            ///< mark dropped, run closed, everything else left as it is
    Refuse,
};

struct Decision {
    Action action = Action::Nothing;
    /// Config goes back to this image first, and images above it are deleted; nothing: config is left alone.
    std::optional<std::int64_t> image;
    /// Instead, today's config becomes that image: after a clean stop the operator may have mended it.
    bool keep_todays_config = false;
    std::string explanation;         ///< a sentence for people: what was found and what follows
    std::string hint;                ///< of a refusal
    ExitCode code = ExitCode::Done;  ///< of a refusal
};

Decision decide(const DatabaseFacts& database, const JournalFacts& journal, const Request& request = {});

}  // namespace bdupdate::recovery
