#include "bdupdate/run/view.h"

#include <nlohmann/json.hpp>

#include "bdupdate/base/file.h"
#include "drupal7.h"

namespace bdupdate::run {

namespace {

/// `install_profile` of the config object system.core, "standard" where it says nothing.
std::string profile_in(const std::string& system_core) {
    const auto json = nlohmann::json::parse(system_core, nullptr, false);
    if (json.is_object() && json.contains("install_profile") && json["install_profile"].is_string())
        return json["install_profile"].get<std::string>();
    return "standard";
}

std::string profile_in_files(const site::Site& site) {
    return profile_in(read_file(site.active_config / "system.core.json").value_or("{}"));
}

/// Of Drupal's variable, PHP-serialized: s:8:"standard";
std::string profile_in_variable(const std::string& serialized) {
    const std::size_t open = serialized.find('"'), close = serialized.rfind('"');
    if (serialized.rfind("s:", 0) != 0 || open == std::string::npos || close <= open + 1) return "standard";
    return serialized.substr(open + 1, close - open - 1);
}

/// Takes the module's updates out of the inventory.
plan::ModuleFacts facts_of(const db::ModuleRow& row, scan::Inventory& inventory, View& view) {
    plan::ModuleFacts facts;
    facts.name = row.name;
    facts.schema_version = row.schema_version;
    facts.enabled = row.enabled;
    facts.code = scan::CodeState::NotFound;
    if (const auto code = inventory.modules.find(row.name); code != inventory.modules.end()) {
        const scan::ModuleCode& module = code->second;
        facts.code = module.state;
        if (module.last_removed_state == scan::HookState::Known) facts.last_removed = module.last_removed;
        if (module.syntax_error) view.syntax_errors.push_back(*module.syntax_error);
        if (module.last_removed_state == scan::HookState::NeedsPhp ||
            module.dependencies_state == scan::HookState::NeedsPhp) {
            view.unsure = true;
            view.warnings.push_back(module.needs_php_why);
        }
    }
    if (const auto updates = inventory.updates.find(row.name); updates != inventory.updates.end())
        facts.updates = std::move(updates->second);
    return facts;
}

}  // namespace

Result<std::string> install_profile(const site::Site& site, db::Database& database) {
    if (site.install_profile_override) return *site.install_profile_override;
    if (site.kind == site::Kind::Drupal7) {
        BDUPDATE_ASSIGN(const auto variable, database.variable("install_profile"));
        return profile_in_variable(variable.value_or(""));
    }
    if (!site.config_in_database) return profile_in_files(site);
    BDUPDATE_ASSIGN(const auto stored, database.active_config("system.core"));
    return profile_in(stored.value_or("{}"));
}

std::shared_ptr<scan::ReadAhead> look_ahead(const site::Site& site) {
    const bool in_database = site.config_in_database || site.kind == site::Kind::Drupal7;
    if (in_database && !site.install_profile_override) return nullptr;
    return scan::begin_reading(
        site, site.install_profile_override ? *site.install_profile_override : profile_in_files(site));
}

Result<View> look(const site::Site& site, db::Database& database, const scan::ScanOptions& scan_options,
                  const plan::Selection& selection) {
    View view;
    view.facts.rules = plan::rules_of(site.kind);
    BDUPDATE_ASSIGN(view.rows, database.modules());
    BDUPDATE_ASSIGN(const auto hook_order, database.hook_order());
    std::vector<scan::WantedModule> wanted;
    for (const db::ModuleRow& row : view.rows)
        if (row.schema_version != -1) wanted.push_back({row.name, row.enabled});

    scan::ScanOptions options = scan_options;
    BDUPDATE_ASSIGN(options.install_profile, install_profile(site, database));
    BDUPDATE_ASSIGN(scan::Inventory inventory, scan::scan_modules(site, wanted, options));
    view.warnings = inventory.warnings;
    for (const db::ModuleRow& row : view.rows)
        if (row.schema_version != -1) view.facts.modules.push_back(facts_of(row, inventory, view));
    for (const std::string& name : hook_order) {
        const auto code = inventory.modules.find(name);
        if (code == inventory.modules.end()) continue;
        for (const scan::Dependency& dependency : code->second.dependencies)
            view.facts.dependencies.emplace_back(dependency).declared_by = name;
    }
    BDUPDATE_ASSIGN(view.plan, plan::make_plan(view.facts, selection));
    BDUPDATE_TRY(describe_upgrade(site, database, view));
    return view;
}

}  // namespace bdupdate::run
