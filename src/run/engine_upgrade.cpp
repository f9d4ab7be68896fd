// The way from Drupal 7: what core/update.php does before the first update, as one split pass.

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "beginning.h"
#include "drupal7.h"
#include "engine.h"
#include "restoring.h"
#include "site_files.h"

namespace bdupdate::run {

/// Start 10. From the mark's (1, open) to its (1, done) only the backup takes anything back.
std::optional<Halt> Engine::upgrade() {
    if (mark_.seq > 0) return std::nullopt;
    const auto drupal7 = is_drupal7_database(context_.site, context_.database);
    if (!drupal7) return Halt{Halt::Why::Failed, drupal7.error()};
    if (!*drupal7) return std::nullopt;
    enter_phase(context_, mark_.run, "taking the first steps from Drupal 7");
    workers_->keep_one_ahead(true);
    db::Mark open = mark_;
    open.seq = 1;
    open.state = db::MarkState::Open;
    if (auto foreseen = foresee_site_files(context_, mark_.run); !foreseen)
        return Halt{Halt::Why::Failed, foreseen.error()};
    if (auto opened = context_.database.replace_mark(mark_, open); !opened) return undo(opened.error());
    db::Mark done = open;
    done.state = db::MarkState::Done;
    if (auto taken = take_upgrade_steps(done); !taken) return undo(taken.error());
    if (auto noted = note_new_tables(context_, options_, mark_.run); !noted) return undo(noted.error());
    if (auto closed = context_.database.replace_mark(open, done); !closed) return undo(closed.error());
    mark_ = done;
    if (const int signal = options_.stop_signal(); signal != 0) return stopped_by(signal);
    return std::nullopt;
}

Result<void> Engine::take_upgrade_steps(const db::Mark& reached) {
    pass_began_ = {Monotonic::now(), wall_milliseconds()};
    BDUPDATE_TRY(put_settings(context_, mark_.run, 1));
    const worker::PassKey key{reached.run, reached.epoch, reached.seq, reached.plan, reached.step};
    for (const auto step :
         {worker::UpgradeStep::First, worker::UpgradeStep::Info, worker::UpgradeStep::Dependencies}) {
        BDUPDATE_TRY(start_worker());
        BDUPDATE_ASSIGN(const worker::UpgradeReport done, worker_->upgrade(key, step));
        drop_worker(true);
        // The first step makes the config directory, and where there are languages it writes there.
        BDUPDATE_TRY(open_config_directory());
        BDUPDATE_TRY(check_requirements(done.requirements));
        tell_trouble("taking the first steps from Drupal 7", done.messages);
    }
    BDUPDATE_TRY(sync_site_files(context_, mark_.run));
    std::size_t files = 0;
    if (config_) {
        BDUPDATE_ASSIGN(const auto image, config_->image());
        files = image.size();
        BDUPDATE_TRY(context_.journal.put_image(mark_.run, reached.seq, image));
    }
    BDUPDATE_ASSIGN(const bool held, context_.database.holds_lock());
    if (!held) return fail(ExitCode::Held, "the lock on the site was lost", "another run may hold it now");
    record(nullptr, {}, reached.seq, files, true, true);
    return {};
}

}  // namespace bdupdate::run
