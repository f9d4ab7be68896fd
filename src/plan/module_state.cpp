#include "module_state.h"

#include <algorithm>
#include <iterator>

#include "bdupdate/base/text.h"

namespace bdupdate::plan {

namespace {

std::string blocked_sentence(const ModuleFacts& module) {
    const std::string removed = std::to_string(module.last_removed.value_or(0));
    return module.name + " is at " + std::to_string(module.schema_version) +
           ", and its updates up to and including " + removed +
           " were removed from this code: first update the site with an older release that still has them";
}

ModuleNote note_for(const ModuleFacts& module, Rules rules) {
    ModuleNote note{module.name, ModuleProblem::Orphan, module.enabled, {}};
    const std::string number = std::to_string(module.schema_version);
    switch (module.code) {
        case scan::CodeState::Merged:
            note.problem = ModuleProblem::Merged;
            note.text = module.name +
                        " was merged into core: its own updates no longer run, and its code can be removed";
            break;
        case scan::CodeState::WrongCore:
            note.problem = ModuleProblem::WrongCore;
            note.text = "the code of " + module.name + " is not for " +
                        (rules == Rules::Backdrop ? "Backdrop 1.x" : "Drupal 7.x") +
                        " (its .info file says so): its updates do not run";
            break;
        case scan::CodeState::PhpTooOld:
            note.problem = ModuleProblem::PhpTooOld;
            note.text = module.name + " needs a newer PHP than this one: its updates do not run";
            break;
        case scan::CodeState::Present:
        case scan::CodeState::NotFound:
            note.problem = module.enabled ? ModuleProblem::Missing : ModuleProblem::Orphan;
            note.text =
                module.enabled
                    ? module.name + " is enabled (at " + number +
                          ") and its code is missing: put it back, or disable and uninstall the module"
                    : module.name + " is disabled (at " + number + ") and its code is gone: nothing to do";
            break;
    }
    return note;
}

Result<void> check_number(const KnownUpdate& known) {
    if (known.number.value <= highest_number) return {};
    const scan::UpdateFunction& update = *known.update;
    return fail(
        ExitCode::Preflight,
        update.function + " of " + update.module + " in " + update.file + ": the number " + update.number +
            " is above " + std::to_string(highest_number) +
            ", the highest that the column schema_version can hold",
        "renumber the update in the module's code, or leave the module out with --skip " + update.module);
}

Result<void> check_distinct(const std::vector<KnownUpdate>& sorted) {
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        if (sorted[i - 1].number.value != sorted[i].number.value) continue;
        const scan::UpdateFunction& left = *sorted[i - 1].update;
        const scan::UpdateFunction& right = *sorted[i].update;
        return fail(ExitCode::Preflight,
                    left.function + " (" + left.file + ") and " + right.function + " (" + right.file +
                        ") of " + left.module + " have the same number " +
                        std::to_string(sorted[i].number.value),
                    "renumber one of them, or leave the module out with --skip " + left.module);
    }
    return {};
}

std::vector<KnownUpdate> sorted_updates(const ModuleFacts& module, Rules rules) {
    std::vector<KnownUpdate> sorted;
    sorted.reserve(module.updates.size());
    for (const scan::UpdateFunction& update : module.updates) {
        sorted.push_back({parse_number(update.number), &update});
    }
    const auto by_order = [rules](const KnownUpdate& left, const KnownUpdate& right) {
        return order_key(left.number.value, rules) < order_key(right.number.value, rules);
    };
    if (!std::is_sorted(sorted.begin(), sorted.end(), by_order)) {
        std::stable_sort(sorted.begin(), sorted.end(), by_order);
    }
    return sorted;
}

/// Core runs everything from the first pending one on; bdupdate only what is pending. Says what core would
/// repeat.
void warn_of_repeats(const ModuleState& state, Plan& plan) {
    if (state.pending.empty()) return;
    std::vector<std::string> repeats;
    auto pending = state.pending.begin();
    for (const KnownUpdate& known : state.updates) {
        if (pending != state.pending.end() && pending->update == known.update) {
            ++pending;
        } else if (pending != state.pending.begin()) {
            repeats.push_back(known.update->function);
        }
    }
    if (repeats.empty()) return;
    plan.warnings.push_back(join(repeats, ", ") + (repeats.size() == 1 ? " was" : " were") +
                            " applied before and is not run again (core's update.php would)");
}

std::vector<std::string> functions_of(const std::vector<KnownUpdate>& updates) {
    std::vector<std::string> names;
    for (const KnownUpdate& known : updates) names.push_back(known.update->function);
    return names;
}

/// --from: that update and everything behind it, whatever was recorded. A warning names what runs once more,
/// and what never will.
Result<void> start_from(ModuleState& state, const std::string& number, Plan& plan) {
    const ModuleFacts& module = *state.facts;
    const Number wanted = parse_number(number);
    const auto first =
        std::find_if(state.updates.begin(), state.updates.end(),
                     [&](const KnownUpdate& known) { return known.number.value == wanted.value; });
    if (first == state.updates.end())
        return fail(ExitCode::Usage, "--from " + module.name + "=" + number + ": there is no such update",
                    state.updates.empty() ? module.name + " has no updates"
                                          : module.name + " has " + join(functions_of(state.updates), ", "));
    const std::int64_t schema = effective_schema(module.schema_version, state.rules);
    const auto is_pending = [&](const KnownUpdate& known) {
        return compare_value(known.number.value, state.rules) > schema;
    };
    std::vector<KnownUpdate> passed_over, repeated;
    std::copy_if(state.updates.begin(), first, std::back_inserter(passed_over), is_pending);
    std::remove_copy_if(first, state.updates.end(), std::back_inserter(repeated), is_pending);
    state.pending.assign(first, state.updates.end());
    if (!repeated.empty())
        plan.warnings.push_back(join(functions_of(repeated), ", ") +
                                (repeated.size() == 1 ? " was" : " were") +
                                " applied before and run again, by --from " + module.name + "=" + number);
    if (!passed_over.empty())
        plan.warnings.push_back(join(functions_of(passed_over), ", ") +
                                (passed_over.size() == 1 ? " is" : " are") + " passed over by --from " +
                                module.name + "=" + number + ", and will not run later either");
    return {};
}

Result<void> find_pending(ModuleState& state, const Selection& selection, Plan& plan) {
    const ModuleFacts& module = *state.facts;
    if (module.name != to_lower(module.name)) {
        if (!module.updates.empty()) {
            plan.warnings.push_back(module.name + " has capitals in its name: no update of it ever runs");
        }
        return {};
    }
    state.updates = sorted_updates(module, state.rules);
    const auto from = selection.from.find(module.name);
    if (from != selection.from.end() && state.standing == Standing::Runs) {
        BDUPDATE_TRY(start_from(state, from->second, plan));
        for (const KnownUpdate& known : state.pending) BDUPDATE_TRY(check_number(known));
        return check_distinct(state.pending);
    }
    if (state.updates.empty()) return {};
    if (state.standing == Standing::Runs &&
        blocked_by_last_removed(module.schema_version, module.last_removed.value_or(0), state.rules)) {
        state.standing = Standing::Blocked;
        plan.blocked.push_back({module.name, {}, {}, BlockedReason::LastRemoved, blocked_sentence(module)});
        return {};
    }
    const std::int64_t schema = effective_schema(module.schema_version, state.rules);
    for (const KnownUpdate& known : state.updates) {
        if (compare_value(known.number.value, state.rules) > schema) state.pending.push_back(known);
    }
    if (state.standing != Standing::Runs) return {};
    for (const KnownUpdate& known : state.pending) BDUPDATE_TRY(check_number(known));
    BDUPDATE_TRY(check_distinct(state.pending));
    if (state.rules == Rules::Backdrop && module.schema_version >= 6000 && module.schema_version < 7000) {
        plan.warnings.push_back(module.name + " is at " + std::to_string(module.schema_version) +
                                ", a number of Drupal 6: it counts as 0, so all of its updates are pending");
    }
    warn_of_repeats(state, plan);
    return {};
}

/// Rows in order, a name that stands twice keeping its first place and its last values, as core's array of
/// them does.
SiteState collect(const Facts& facts) {
    SiteState site;
    site.modules.reserve(facts.modules.size());
    site.by_name.reserve(facts.modules.size());
    for (const int pass : {0, 1}) {
        for (const ModuleFacts& module : facts.modules) {
            if ((module.name == "system") != (pass == 0)) continue;
            const auto [entry, is_new] = site.by_name.try_emplace(module.name, site.modules.size());
            if (is_new) site.modules.emplace_back().rules = facts.rules;
            site.modules[entry->second].facts = &module;
        }
    }
    return site;
}

void warn_of_unknown(const std::vector<std::string>& names, const SiteState& site, Plan& plan) {
    for (const std::string& name : names) {
        if (!site.find(name)) plan.warnings.push_back("no installed module is called " + name);
    }
}

}  // namespace

const ModuleState* SiteState::find(std::string_view name) const {
    const auto found = by_name.find(name);
    if (found == by_name.end()) return nullptr;
    const ModuleState& state = modules[found->second];
    return state.facts->schema_version == -1 ? nullptr : &state;
}

Result<SiteState> read_site_state(const Facts& facts, const Selection& selection, Plan& plan) {
    SiteState site = collect(facts);
    warn_of_unknown(selection.only_modules, site, plan);
    warn_of_unknown(selection.skip_modules, site, plan);
    for (const auto& [module, number] : selection.from) warn_of_unknown({module}, site, plan);
    const std::unordered_set<std::string_view> only(selection.only_modules.begin(),
                                                    selection.only_modules.end());
    const std::unordered_set<std::string_view> skip(selection.skip_modules.begin(),
                                                    selection.skip_modules.end());
    for (ModuleState& state : site.modules) {
        const ModuleFacts& module = *state.facts;
        if (module.schema_version == -1) continue;
        if (module.code != scan::CodeState::Present) {
            state.standing = Standing::NoCode;
            plan.modules.push_back(note_for(module, state.rules));
            continue;
        }
        const bool selected = (only.empty() || only.count(module.name) > 0) && skip.count(module.name) == 0;
        if (!selected) state.standing = Standing::NotSelected;
        BDUPDATE_TRY(find_pending(state, selection, plan));
    }
    return site;
}

const KnownUpdate* find_update(const std::vector<KnownUpdate>& sorted, const Number& number, Rules rules) {
    if (!number.numeric) return nullptr;
    auto found = std::lower_bound(sorted.begin(), sorted.end(), number,
                                  [rules](const KnownUpdate& known, const Number& n) {
                                      return order_key(known.number.value, rules) < order_key(n.value, rules);
                                  });
    for (; found != sorted.end() && found->number.value == number.value; ++found) {
        if (found->number.text == number.text) return &*found;
    }
    return nullptr;
}

bool already_performed(const ModuleState& state, const Number& number) {
    if (!number.numeric) return false;
    const bool knows_pending = state.standing == Standing::Runs || state.standing == Standing::NotSelected;
    if (knows_pending && find_update(state.updates, number, state.rules))
        return !find_update(state.pending, number, state.rules);
    const std::int64_t stored = state.facts->schema_version;
    if (state.rules == Rules::Backdrop && effective_schema(stored) == 0) return false;
    return order_key(number.value, state.rules) <= order_key(stored, state.rules);
}

}  // namespace bdupdate::plan
