#include "vanished.h"

#include <algorithm>
#include <array>
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

}  // namespace

Result<std::vector<VanishedRows>> vanished_rows(Context& context, const Options& options,
                                                const journal::Run& run) {
    std::vector<VanishedRows> vanished;
    if (run.backup.empty()) return vanished;
    BDUPDATE_ASSIGN(const auto backup,
                    backup::find(options.backup_dir.value_or(context.paths.backups()), run.backup));
    BDUPDATE_ASSIGN(const auto tables, context.database.tables());
    std::set<std::string> now;
    for (const auto& table : tables) now.insert(table.name);
    std::vector<std::string> to_ask;
    for (const backup::TableEntry& table : backup.tables) {
        if (table.rows == 0 || table.is_view || table.data_left_out ||
            is_volatile(without_prefix(context.site.database, table.name)))
            continue;
        if (now.count(table.name) == 0)
            vanished.push_back({table.name, table.rows, true});
        else
            to_ask.push_back(table.name);
    }
    BDUPDATE_ASSIGN(const auto empty, context.database.empty_tables(to_ask));
    for (const std::string& name : empty) {
        const auto entry = std::find_if(backup.tables.begin(), backup.tables.end(),
                                        [&](const backup::TableEntry& table) { return table.name == name; });
        vanished.push_back({name, entry->rows, false});
    }
    return vanished;
}

}  // namespace bdupdate::run
