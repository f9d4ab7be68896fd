#include "found.h"

#include <map>
#include <set>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/text.h"
#include "closing.h"
#include "restoring.h"
#include "site_files.h"

namespace bdupdate::run {

namespace {

/// The hash that the worker wrote with the last pass, computed anew (docs/worker-protocol.md, commit):
/// differs when somebody else ran updates meanwhile.
Result<std::string> schema_hash(db::Database& database, const std::vector<journal::Step>& steps) {
    std::set<std::string> planned;
    for (const journal::Step& step : steps) planned.insert(step.module);
    BDUPDATE_ASSIGN(const auto rows, database.modules());
    std::set<std::string> lines;
    for (const db::ModuleRow& row : rows)
        if (planned.count(row.name) != 0)
            lines.insert(row.name + "=" + std::to_string(row.schema_version) + "\n");
    Sha256 digest;
    for (const std::string& line : lines) digest.update(line);
    return digest.hex();
}

bool backup_is_there(const Context& context, const journal::Run& run) {
    if (run.backup.empty()) return false;
    Options options;
    options.take_journalled(run.options);
    const auto backup = backup::find(options.backup_dir.value_or(context.paths.backups()), run.backup);
    return backup && backup->complete;
}

/// Of every planned module that does not stand where the run left it, or that it had not got to: what the run
/// knows, and the number now.
void show_both(Context& context, const Found& found, Error& error) {
    const auto rows = context.database.modules();
    if (!rows) return error.details.push_back(rows.error().message);
    const db::Mark& mark = *found.database.mark;
    std::map<std::string, std::string> left, numbers;
    for (std::size_t i = 0; i < found.steps.size(); ++i) {
        const journal::Step& step = found.steps[i];
        const auto position = static_cast<std::int64_t>(i);
        const bool done = position < mark.step || (position == mark.step && mark.sandbox.empty());
        if (done) {
            left[step.module] = "the run left it at " + step.number;
            numbers[step.module] = step.number;
        } else {
            left.emplace(step.module, "the run had not finished " + step.function + ", its first");
        }
    }
    for (const db::ModuleRow& row : *rows)
        if (const auto ours = left.find(row.name);
            ours != left.end() && numbers[row.name] != std::to_string(row.schema_version))
            error.details.push_back(row.name + ": " + ours->second + "; it stands at " +
                                    std::to_string(row.schema_version) + " now");
}

}  // namespace

Result<Found> find_out(Context& context) {
    Found found;
    BDUPDATE_ASSIGN(found.database.has_mark_table, context.database.has_mark_table());
    if (found.database.has_mark_table) {
        BDUPDATE_ASSIGN(found.database.mark, context.database.read_mark());
    }
    const auto& mark = found.database.mark;
    if (mark) {
        found.database.foreign_fingerprint =
            mark->site_fingerprint != sha256_hex(context.database.server().identity);
        BDUPDATE_ASSIGN(found.run, context.journal.run(mark->run));
    } else {
        BDUPDATE_ASSIGN(found.run, context.journal.open_run());
    }
    if (!found.run) return found;
    const journal::Run& run = *found.run;
    found.journal.known = true;
    found.journal.finishing = run.state == journal::RunState::Finishing;
    found.journal.finished =
        run.state == journal::RunState::Finished || run.state == journal::RunState::Closed;
    found.journal.stopped_cleanly = run.state == journal::RunState::Stopped;
    found.journal.has_backup = backup_is_there(context, run);
    BDUPDATE_ASSIGN(const bool imaged, context.journal.has_image(run.id, 0));
    // Where there are no config files, none can have been lost.
    found.journal.newest_image = imaged || !keeps_files(context.site) ? 0 : -1;
    if (!mark) return found;
    for (std::int64_t k = mark->seq; imaged && k > 0 && found.journal.newest_image == 0; --k) {
        BDUPDATE_ASSIGN(const bool there, context.journal.has_image(run.id, k));
        if (there) found.journal.newest_image = k;
    }
    BDUPDATE_ASSIGN(found.steps, context.journal.plan(run.id, mark->plan));
    // In the middle of a restore there may be no table to read it from.
    if (mark->state == db::MarkState::Done && !mark->schema_hash.empty()) {
        BDUPDATE_ASSIGN(const std::string hash, schema_hash(context.database, found.steps));
        found.database.schema_hash_fits = hash == mark->schema_hash;
    }
    return found;
}

std::vector<std::string> what_is_lost(const Found& found) {
    std::vector<std::string> lost;
    const auto& mark = found.database.mark;
    if (mark && mark->state == db::MarkState::Open)
        lost.push_back("pass " + std::to_string(mark->seq) +
                       " stays in the database in part, with the schema change that it had committed");
    if (mark && mark->state == db::MarkState::Restoring)
        lost.emplace_back("the restore stays as it is, half done");
    if (mark && !mark->sandbox.empty())
        lost.push_back((mark->step >= 0 && static_cast<std::size_t>(mark->step) < found.steps.size()
                            ? found.steps[static_cast<std::size_t>(mark->step)].function
                            : std::string("an update")) +
                       " was between two passes: the next run begins it anew");
    if (mark && mark->seq > 0)
        lost.push_back(counted(static_cast<std::size_t>(mark->seq), "pass", "passes") +
                       " of the run can be taken back only by hand" +
                       (found.journal.has_backup ? ": bdupdate backup restore " + found.run->backup
                        : found.run              ? std::string(", for there is no backup")
                                                 : std::string(": bdupdate backup list")));
    if (!found.run) return lost;
    const bool was_on = db::Database::Maintenance{true, found.run->maintenance_before}.on();
    if (found.run->maintenance_supported && !was_on)
        lost.emplace_back(
            "maintenance mode was off before the run: bdupdate maintenance off, when the site is fine");
    return lost;
}

Error refusal(Context& context, const recovery::Decision& decision, const Found& found) {
    Error error{decision.code, decision.explanation, decision.hint, {}};
    const auto& mark = found.database.mark;
    if (found.run && mark && mark->state == db::MarkState::Open)
        name_changed_tables(context, *found.run, error);
    if (found.run && mark && decision.code == ExitCode::Interrupted &&
        found.database.schema_hash_fits == false)
        show_both(context, found, error);
    return error;
}

}  // namespace bdupdate::run
