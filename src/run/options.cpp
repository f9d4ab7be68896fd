#include "bdupdate/run/options.h"

#include "bdupdate/base/text.h"

namespace bdupdate::run {

namespace {

std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> result;
    for (const std::string_view word : split(text, ','))
        if (!word.empty()) result.emplace_back(word);
    return result;
}

std::string from_text(const std::map<std::string, std::string>& from) {
    std::vector<std::string> parts;
    for (const auto& [module, number] : from) parts.push_back(module + "=" + number);
    return join(parts, ",");
}

constexpr const char* policy_names[] = {"auto", "keep", "off"};
constexpr const char* failure_names[] = {"restore", "stop", "continue"};

}  // namespace

std::string to_string(FailurePolicy policy) {
    return failure_names[static_cast<int>(policy)];
}

std::map<std::string, std::string> Options::journalled() const {
    return {
        {"module", join(selection.only_modules, ",")},
        {"skip", join(selection.skip_modules, ",")},
        {"from", from_text(selection.from)},
        {"acknowledge", join(selection.acknowledged, ",")},
        {"backup", backup ? "1" : "0"},
        {"backup-dir", backup_dir ? std::filesystem::absolute(*backup_dir).string() : ""},
        {"keep-backups", std::to_string(keep_backups)},
        {"maintenance", policy_names[static_cast<int>(maintenance)]},
        {"clear-caches", clear_caches ? "1" : "0"},
        {"allow-blocked", allow_blocked ? "1" : "0"},
        {"max-passes", std::to_string(max_passes)},
        {"memory-limit", memory_limit.value_or("")},
        {"pass-timeout", pass_timeout ? std::to_string(pass_timeout->count()) : ""},
        {"ignore-requirement", join(ignore_requirements, ",")},
        {"on-failure", to_string(failure_policy())},
        {skipped_option, join(selection.skip_functions, ",")},
    };
}

void Options::take_journalled(const std::map<std::string, std::string>& options) {
    const auto value = [&options](const char* name) {
        const auto found = options.find(name);
        return found == options.end() ? std::string() : found->second;
    };
    selection.only_modules = words(value("module"));
    selection.skip_modules = words(value("skip"));
    for (const std::string& word : words(value("from")))
        if (auto from = plan::module_and_number(word)) selection.from.insert(std::move(*from));
    for (const std::string& module : words(value(begun_option))) selection.from.erase(module);
    selection.acknowledged = words(value("acknowledge"));
    backup = value("backup") == "1";
    if (!value("backup-dir").empty()) backup_dir = value("backup-dir");
    if (!value("keep-backups").empty()) keep_backups = std::stoul(value("keep-backups"));
    for (int i = 0; i < 3; ++i)
        if (value("maintenance") == policy_names[i]) maintenance = static_cast<MaintenancePolicy>(i);
    clear_caches = value("clear-caches") != "0";
    allow_blocked = value("allow-blocked") == "1";
    if (!value("max-passes").empty()) max_passes = std::stoll(value("max-passes"));
    if (!value("memory-limit").empty()) memory_limit = value("memory-limit");
    if (!value("pass-timeout").empty())
        pass_timeout = std::chrono::seconds(std::stoll(value("pass-timeout")));
    ignore_requirements = words(value("ignore-requirement"));
    for (int i = 0; i < 3; ++i)
        if (value("on-failure") == failure_names[i]) on_failure = static_cast<FailurePolicy>(i);
    selection.skip_functions = words(value(skipped_option));
}

}  // namespace bdupdate::run
