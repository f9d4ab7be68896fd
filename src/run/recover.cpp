#include "bdupdate/base/clock.h"
#include "bdupdate/base/digest.h"
#include "bdupdate/base/text.h"
#include "closing.h"

namespace bdupdate::run {

namespace {

Error not_mine(const db::Mark& mark) {
    return {
        ExitCode::Interrupted,
        "run " + mark.run.substr(0, 8) + " of " + mark.user + " on " + mark.host + " is not in this journal",
        "its state directory is " + mark.state_dir + " on " + mark.host + ": recover there",
        {}};
}

/// The hash that the worker wrote with the last pass, computed anew: differs when somebody else ran updates
/// meanwhile.
Result<std::string> schema_hash(db::Database& database, const std::vector<journal::Step>& steps) {
    std::map<std::string, int> numbers;
    for (const journal::Step& step : steps) numbers[step.module] = -1;
    BDUPDATE_ASSIGN(const auto rows, database.modules());
    for (const db::ModuleRow& row : rows)
        if (const auto wanted = numbers.find(row.name); wanted != numbers.end())
            wanted->second = row.schema_version;
    std::string text;
    for (const auto& [name, number] : numbers) text += name + "=" + std::to_string(number) + "\n";
    return sha256_hex(text);
}

/// The operator may have mended the config of a cleanly stopped run: what is there today becomes image k.
Result<void> take_over_config(Context& context, const db::Mark& mark) {
    if (context.site.config_in_database || context.site.active_config.empty()) return {};
    BDUPDATE_ASSIGN(auto directory, config::ConfigDirectory::open(context.site.active_config));
    BDUPDATE_TRY(directory.check_json());
    BDUPDATE_ASSIGN(const auto before, context.journal.image(mark.run, mark.seq));
    BDUPDATE_ASSIGN(auto now, directory.image());
    std::map<std::string, config::File> gone;
    for (const config::File& file : before)
        gone[file.path] = {file.path, std::nullopt, file.mode, file.uid, file.gid};
    for (const config::File& file : now) gone.erase(file.path);
    for (auto& [path, file] : gone) now.push_back(std::move(file));
    BDUPDATE_TRY(context.journal.drop_images_above(mark.run, mark.seq));
    // Image 0 stays what the site was before the run.
    return mark.seq == 0 ? Result<void>() : context.journal.put_image(mark.run, mark.seq, now);
}

}  // namespace

Result<Outcome> recover(Context& context, const std::function<int()>& stop_signal) {
    const auto started = Monotonic::now();
    Outcome outcome;
    BDUPDATE_ASSIGN(const bool marked, context.database.has_mark_table());
    if (!marked) return outcome;
    BDUPDATE_ASSIGN(const Locks locks, Locks::take(context, std::chrono::seconds(0)));
    BDUPDATE_ASSIGN(const auto found, context.database.read_mark());
    if (!found)
        return fail(ExitCode::Interrupted,
                    "a run was interrupted before its first change and left an empty mark",
                    "this version goes on with cleanly stopped runs only");
    BDUPDATE_ASSIGN(const auto run, context.journal.run(found->run));
    if (!run) return fail(not_mine(*found));
    if (run->state != journal::RunState::Stopped || found->state != db::MarkState::Done)
        return fail(ExitCode::Interrupted,
                    "run " + run->id.substr(0, 8) + " was killed (pass " + std::to_string(found->seq) +
                        " is " + std::string(db::to_string(found->state)) + ")",
                    "this version goes on with cleanly stopped runs only; its backup is " +
                        (run->backup.empty() ? "none" : run->backup));
    BDUPDATE_ASSIGN(const auto steps, context.journal.plan(run->id, found->plan));
    BDUPDATE_ASSIGN(const std::string hash, schema_hash(context.database, steps));
    if (found->seq > 0 && !steps.empty() && hash != found->schema_hash)
        return fail(
            ExitCode::Interrupted,
            "somebody else ran updates on this site since run " + run->id.substr(0, 8) + " stopped",
            "see `bdupdate status`; restore the run's backup " + run->backup + " if that was not meant");

    BDUPDATE_ASSIGN(const db::Mark mark, context.database.raise_epoch());
    BDUPDATE_TRY(take_over_config(context, mark));
    BDUPDATE_TRY(context.journal.set_state(run->id, journal::RunState::Running, ""));
    BDUPDATE_ASSIGN(const bool cron, context.database.take_cron(run->id, std::chrono::hours(6)));
    if (!cron) context.listener.warning("cron is running on this site");

    Options options;
    options.take_journalled(run->options);
    options.stop_signal = stop_signal;
    outcome.run = run->id;
    if (!run->backup.empty()) outcome.backup = run->backup;
    Engine engine(context, options, mark);
    const bool between_passes = !mark.sandbox.empty();
    engine.resume(mark.plan, steps, static_cast<std::size_t>(mark.step + (between_passes ? 0 : 1)));
    drive(context, options, *run, engine, outcome);
    outcome.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - started);
    return outcome;
}

}  // namespace bdupdate::run
