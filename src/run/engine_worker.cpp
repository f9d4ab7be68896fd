// Starting workers, and undoing a pass: the parts of the engine that deal with what can die.

#include <algorithm>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/text.h"
#include "engine.h"
#include "fence.h"

namespace bdupdate::run {

/// A pass, 1: what is written to tables without transactions stays whatever becomes of the pass.
Result<void> Engine::look_at_tables() {
    BDUPDATE_ASSIGN(const auto tables, context_.database.tables());
    unprotected_ = std::any_of(tables.begin(), tables.end(), [](const db::Database::Table& table) {
        return !table.is_view && !table.engine.empty() && table.engine != "InnoDB";
    });
    return {};
}

Result<void> Engine::start_worker() {
    worker_ = workers_->make();
    booted_ = false;
    BDUPDATE_ASSIGN(shake_, worker_->start());
    BDUPDATE_TRY(check_handshake(*shake_));
    return context_.journal.set_worker(
        mark_.run, {shake_->pid, shake_->start_time, shake_->connection_id, worker_lock_});
}

/// Start 8: PHP must see the very database and config directory that were backed up.
Result<void> Engine::check_handshake(const worker::Handshake& shake) {
    if (shake.mark_run != mark_.run)
        return fail(ExitCode::Preflight,
                    "PHP reaches another database than settings.php seemed to say: it " +
                        std::string(shake.mark_run.empty() ? "does not see this run's mark"
                                                           : "sees another run's mark"),
                    "see `bdupdate status -v` for the database that was read; nothing was changed there");
    if (context_.site.config_in_database || context_.site.active_config.empty()) return {};
    std::string hash =
        sha256_hex("");  // no directory yet, on the way from Drupal 7: PHP must see none either
    if (config_) {
        BDUPDATE_ASSIGN(hash, config_->listing_hash());
    }
    if (shake.config_hash != hash)
        return fail(ExitCode::Preflight,
                    "PHP sees another config directory than " + context_.site.active_config.string(),
                    "check $config_directories, and --path-map where PHP runs in a container");
    return {};
}

/// Core's flush is not idempotent (menu_rebuild() mends in the second what it broke in the first), so one
/// that was done is not done again by who recovers: unless updates, code or config came after it.
Result<void> Engine::flush(const std::string& code_stamp) {
    const std::string place =
        mark_.run + " " + std::to_string(mark_.plan) + " " + std::to_string(mark_.step) + " " + code_stamp;
    BDUPDATE_ASSIGN(const std::string flushed, context_.journal.flushed_at());
    workers_->keep_one_ahead(false);
    Result<void> outcome = {};
    for (int attempt = 0; flushed != place && attempt < 2; ++attempt) {
        auto messages = flush_once();
        if (messages) {
            // At once: a kill in between means one more flush.
            outcome = note_flush(place);
            tell_trouble("while caches were flushed", *messages);
            break;
        }
        outcome = fail(messages.error());
        outcome.error().code = ExitCode::UpdateFailed;
        // The next attempt has a process of its own, whatever this one had.
        drop_worker(false);
        if (shake_) BDUPDATE_TRY(fence_off(context_, shake_->connection_id, worker_lock_));
        shake_.reset();
        if (attempt == 0) context_.listener.warning(outcome.error().message + "; once more");
    }
    drop_worker(true);
    return outcome;
}

/// By the worker that the updates left, or by a new one.
Result<std::vector<worker::Message>> Engine::flush_once() {
    if (!worker_) {
        worker_ = workers_->make();
        shake_.reset();
        BDUPDATE_ASSIGN(shake_, worker_->start());
        BDUPDATE_TRY(context_.journal.set_worker(
            mark_.run, {shake_->pid, shake_->start_time, shake_->connection_id, worker_lock_}));
    }
    return worker_->flush();
}

Result<void> Engine::note_flush(const std::string& place) {
    if (config_) {
        BDUPDATE_ASSIGN(const auto changes, config_->changes());
        if (!changes.empty()) return {};
    }
    return context_.journal.set_flushed_at(place);
}

/// Failure of a pass: the worker is gone, its session too, then the mark tells what became of the pass.
Halt Engine::undo(Error cause) {
    const std::int64_t seq = mark_.seq + 1;
    const auto unclear = [&cause](const Error& why) {
        cause.join(why);
        cause.hint = "bdupdate recover";
        return Halt{Halt::Why::Unclear, std::move(cause)};
    };
    drop_worker(false);
    if (shake_) {
        if (auto ended = fence_off(context_, shake_->connection_id, worker_lock_); !ended)
            return unclear(ended.error());
        shake_.reset();
    }
    auto mark = context_.database.read_mark();
    if (!mark) return unclear(mark.error());
    if (!*mark || (*mark)->run != mark_.run || (*mark)->epoch != mark_.epoch) {
        cause.code = ExitCode::Interrupted;
        cause.join({ExitCode::Interrupted, "another bdupdate has taken this run over", "", {}});
        cause.hint = "bdupdate status";
        return {Halt::Why::Overtaken, std::move(cause)};
    }
    if ((*mark)->seq == seq && (*mark)->state == db::MarkState::Open) {
        cause.details.emplace_back(
            unprotected_ ? "what this pass wrote to tables without transactions cannot be rolled back"
                         : "a schema change in this pass was committed by the server before it failed");
        return {Halt::Why::Split, std::move(cause)};
    }
    if ((*mark)->seq == seq && (*mark)->state == db::MarkState::Done) {
        mark_ = **mark;
        sandbox_ = mark_.sandbox;
        return {Halt::Why::Stands, std::move(cause)};
    }
    if (auto undone = undo_config(); !undone) return unclear(undone.error());
    return {Halt::Why::Failed, std::move(cause)};
}

Result<void> Engine::undo_config() {
    if (!config_) return {};
    BDUPDATE_TRY(context_.journal.drop_images_above(mark_.run, mark_.seq));
    BDUPDATE_ASSIGN(const auto image, context_.journal.image(mark_.run, mark_.seq));
    BDUPDATE_TRY(config_->make_equal(image, context_.paths.aside(mark_.run)));
    BDUPDATE_TRY(config_->image());
    return {};
}

}  // namespace bdupdate::run
