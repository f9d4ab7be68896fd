#include "bdupdate/run/mark.h"

#include <algorithm>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/digest.h"
#include "bdupdate/base/text.h"
#include "beginning.h"
#include "closing.h"
#include "locks.h"

namespace bdupdate::run {

namespace {

/// Rows of a bare site whose database has no table for them: none.
Result<std::vector<db::ModuleRow>> rows_of(const site::Site& site, db::Database& database, bool& no_table) {
    no_table = false;
    if (site.kind == site::Kind::Bare) {
        BDUPDATE_ASSIGN(const auto tables, database.tables());
        no_table = std::none_of(tables.begin(), tables.end(), [&site](const db::Database::Table& table) {
            return table.name == site.database.table("system") || table.name == site.database.table("schema");
        });
    }
    if (no_table) return std::vector<db::ModuleRow>();
    return database.modules();
}

tl::unexpected<Error> unknown(const std::string& module, const std::vector<db::ModuleRow>& rows, bool bare) {
    std::vector<std::string> names;
    for (const db::ModuleRow& row : rows)
        if (row.schema_version != -1) names.push_back(row.name);
    const std::string close = closest_name(module, names);
    return fail(ExitCode::Usage, "no installed module is called " + module,
                !close.empty() ? "perhaps " + close + "?"
                : bare         ? "a module needs its .module and .info below modules/"
                               : "enable it first; its number comes with that");
}

/// The module's updates in the order in which they run.
std::vector<scan::UpdateFunction> sorted_updates(const scan::Inventory& inventory, const std::string& module,
                                                 plan::Rules rules) {
    const auto found = inventory.updates.find(module);
    if (found == inventory.updates.end()) return {};
    std::vector<scan::UpdateFunction> updates = found->second;
    std::stable_sort(updates.begin(), updates.end(), [rules](const auto& left, const auto& right) {
        return plan::order_key(plan::parse_number(left.number).value, rules) <
               plan::order_key(plan::parse_number(right.number).value, rules);
    });
    return updates;
}

std::vector<std::string> functions_behind(const std::vector<scan::UpdateFunction>& updates, int number,
                                          plan::Rules rules) {
    std::vector<std::string> functions;
    for (const scan::UpdateFunction& update : updates)
        if (plan::compare_value(plan::parse_number(update.number).value, rules) >
            plan::effective_schema(number, rules))
            functions.push_back(update.function);
    return functions;
}

Result<void> look_at_number(const std::vector<scan::UpdateFunction>& updates, const scan::ModuleCode* code,
                            plan::Rules rules, MarkPlan& plan) {
    const auto value = [](const scan::UpdateFunction& update) {
        return plan::parse_number(update.number).value;
    };
    if (updates.empty()) {
        plan.warnings.push_back("the code of " + plan.module +
                                " has no updates: whether there is such a number is not known");
        return {};
    }
    const std::string& highest = updates.back().number;
    if (plan::order_key(plan.now, rules) > plan::order_key(value(updates.back()), rules))
        return fail(ExitCode::Usage,
                    plan.module + "=" + plan.number + " is above " + highest +
                        ", the module's highest update: what a later release brings would be passed over",
                    "bdupdate mark " + plan.module + "=" + highest + " takes everything for done");
    const bool known = std::any_of(updates.begin(), updates.end(),
                                   [&](const scan::UpdateFunction& one) { return value(one) == plan.now; });
    const bool removed = code != nullptr && code->last_removed_state == scan::HookState::Known &&
                         code->last_removed == plan.now;
    if (!known && !removed && plan.now != 0)
        plan.warnings.push_back(plan.module + " has no update " + plan.number);
    if (code != nullptr && code->last_removed_state == scan::HookState::Known &&
        plan::blocked_by_last_removed(plan.now, code->last_removed, rules))
        plan.warnings.push_back(plan.module + " will be blocked: its updates up to " +
                                std::to_string(code->last_removed) + " were removed from the code");
    else
        plan.pending = functions_behind(updates, plan.now, rules);
    return {};
}

journal::Run describe(const Context& context, const MarkPlan& plan) {
    journal::Run run = new_run(context);
    run.options[mark_option] = plan.module + "=" + plan.number;
    if (plan.before) run.options[mark_before_option] = std::to_string(*plan.before);
    run.maintenance_supported = false;  // it is not touched
    return run;
}

Result<void> refuse_open_run(Context& context) {
    BDUPDATE_ASSIGN(const bool marked, context.database.has_mark_table());
    BDUPDATE_ASSIGN(const auto open, context.journal.open_run());
    if (open && !marked && open->state != journal::RunState::Finishing)
        return refuse_unclosed(context.journal, *open);
    if (!marked) return {};
    return fail(ExitCode::Interrupted, "a run was interrupted here and is still open",
                "bdupdate recover finishes or undoes it");
}

Result<std::string> back_up(Context& context, const MarkOptions& options, const std::string& run) {
    BDUPDATE_ASSIGN(const auto maintenance, context.database.maintenance());
    const auto started = Monotonic::now();
    backup::CreateOptions create;
    create.directory = options.backups;
    create.run = run;
    create.site_fingerprint = sha256_hex(context.database.server().identity);
    create.maintenance_was_on = maintenance.on();
    create.maintenance_before = maintenance.value;
    create.progress = [&context](const std::string& what, std::uint64_t bytes, std::uint64_t expected) {
        context.listener.backup_progress(what, bytes, expected);
    };
    BDUPDATE_ASSIGN(const auto made, backup::create(context.site, context.database, create));
    context.listener.backed_up(
        made, std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - started));
    BDUPDATE_TRY(context.journal.set_backup(run, made.id));
    return made.id;
}

/// From the journal's line on.
Result<void> carry_out(Context& context, const MarkPlan& plan, const MarkOptions& options, Marked& done) {
    if (options.backup) {
        BDUPDATE_ASSIGN(done.backup, back_up(context, options, done.run));
    }
    if (plan.makes_table) BDUPDATE_TRY(context.database.create_schema_table());
    return context.database.set_schema_version(plan.module, plan.now);
}

}  // namespace

Result<MarkPlan> plan_mark(const site::Site& site, db::Database& database, const scan::ScanOptions& scan,
                           const std::string& module, const std::string& number) {
    MarkPlan plan;
    plan.module = module;
    plan.number = number;
    const std::int64_t value = plan::parse_number(number).value;
    if (value > plan::highest_number)
        return fail(ExitCode::Usage,
                    module + "=" + number + ": a last-run number is one of 0 to " +
                        std::to_string(plan::highest_number),
                    "the column schema_version can hold no other");
    plan.now = static_cast<int>(value);
    BDUPDATE_ASSIGN(const auto rows, rows_of(site, database, plan.makes_table));
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&module](const db::ModuleRow& one) { return one.name == module; });
    const bool listed = row != rows.end() && row->schema_version != -1;
    const bool may_add = plan.makes_table || (site.kind == site::Kind::Bare &&
                                              database.schema_table() == db::SchemaTable::Schema);
    if (!listed && !may_add) return unknown(module, rows, false);
    if (listed) plan.before = row->schema_version;

    scan::ScanOptions options = scan;
    BDUPDATE_ASSIGN(options.install_profile, install_profile(site, database));
    BDUPDATE_ASSIGN(const scan::Inventory inventory,
                    scan::scan_modules(site, {{module, !listed || row->enabled}}, options));
    const auto code = inventory.modules.find(module);
    const bool there = code != inventory.modules.end() && code->second.state == scan::CodeState::Present;
    if (!listed && !there) return unknown(module, rows, true);
    const plan::Rules rules = plan::rules_of(site.kind);
    BDUPDATE_TRY(
        look_at_number(there ? sorted_updates(inventory, module, rules) : std::vector<scan::UpdateFunction>(),
                       there ? &code->second : nullptr, rules, plan));
    return plan;
}

Result<Marked> mark(Context& context, const MarkPlan& plan, const MarkOptions& options) {
    LockPatience patience;
    patience.file = patience.database = options.lock_timeout;
    BDUPDATE_ASSIGN(const Locks locks, Locks::take(context, patience));
    BDUPDATE_TRY(refuse_open_run(context));
    Marked done;
    const journal::Run run = describe(context, plan);
    done.run = run.id;
    BDUPDATE_TRY(context.journal.add_run(run));
    if (auto carried = carry_out(context, plan, options, done); !carried) {
        Error error = carried.error();
        if (auto closed = context.journal.set_state(run.id, journal::RunState::Closed, error.message);
            !closed)
            error.join(closed.error());
        return fail(std::move(error));
    }
    const std::string before = plan.before ? " (before: " + std::to_string(*plan.before) + ")" : "";
    BDUPDATE_TRY(context.journal.set_state(run.id, journal::RunState::Finished,
                                           "marked " + plan.module + "=" + plan.number + before));
    return done;
}

}  // namespace bdupdate::run
