#include "vanished.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

namespace bdupdate::run {

namespace {

/// Tables that lose all their rows in a site's daily life: locks, queues, logs, sessions, cache bins. And
/// {variable}, which updates empty into config one by one.
bool is_volatile(std::string_view table) {
    static constexpr std::array<std::string_view, 9> names = {
        "batch", "flood", "history", "queue", "semaphore", "sequences", "sessions", "variable", "watchdog"};
    return std::find(names.begin(), names.end(), table) != names.end() || table == "cache" ||
           table.rfind("cache_", 0) == 0;
}

std::string_view without_prefix(const site::DatabaseSettings& settings, std::string_view table) {
    const std::string& prefix = settings.prefix;
    return table.rfind(prefix, 0) == 0 ? table.substr(prefix.size()) : table;
}

std::vector<std::string> names_of(const std::map<std::string, std::uint64_t>& tables) {
    std::vector<std::string> names;
    for (const auto& [name, rows] : tables) names.push_back(name);
    return names;
}

}  // namespace

Result<std::vector<VanishedRows>> vanished_rows(Context& context, const Options& options,
                                                const journal::Run& run) {
    std::vector<VanishedRows> vanished;
    if (run.backup.empty()) return vanished;
    BDUPDATE_ASSIGN(const auto backup,
                    backup::find(options.backup_dir.value_or(context.paths.backups()), run.backup));
    std::map<std::string, std::uint64_t> before;
    for (const backup::TableEntry& table : backup.tables)
        if (table.rows > 0 && !table.is_view && !table.data_left_out &&
            !is_volatile(without_prefix(context.site.database, table.name)))
            before.emplace(table.name, table.rows);
    auto empty = context.database.empty_tables(names_of(before));
    if (!empty) {
        // One that is gone spoils the question.
        BDUPDATE_ASSIGN(const auto tables, context.database.tables());
        std::set<std::string> now;
        for (const auto& table : tables) now.insert(table.name);
        for (auto at = before.begin(); at != before.end();) {
            const bool gone = now.count(at->first) == 0;
            if (gone) vanished.push_back({at->first, at->second, true});
            at = gone ? before.erase(at) : std::next(at);
        }
        empty = context.database.empty_tables(names_of(before));
    }
    if (!empty) return fail(empty.error());
    for (const std::string& name : *empty) vanished.push_back({name, before[name], false});
    // The largest loss first: a list of many is cut.
    std::stable_sort(vanished.begin(), vanished.end(),
                     [](const VanishedRows& a, const VanishedRows& b) { return a.rows > b.rows; });
    return vanished;
}

}  // namespace bdupdate::run
