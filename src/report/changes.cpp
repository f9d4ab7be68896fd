#include "changes.h"

#include <algorithm>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "config_diff.h"

namespace bdupdate::report {

namespace {

/// Longer values say no more to a reader; JSON has them whole.
constexpr std::size_t most_bytes = 160;

std::string shortened(const std::string& text) {
    if (text.size() <= most_bytes) return text;
    std::size_t end = most_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end) + "…";
}

char sign_of(bool before, bool after) {
    return !before ? '+' : !after ? '-' : '~';
}

ChangeLine key_line(const KeyChange& change) {
    ChangeLine line{sign_of(change.before.has_value(), change.after.has_value()), 1, change.key + ": "};
    if (change.before) line.text += shortened(*change.before);
    if (change.before && change.after) line.text += " → ";
    if (change.after) line.text += shortened(*change.after);
    return line;
}

bool is_of_table(const journal::SchemaChange& change) {
    return change.what == "table";
}

std::string made_of(const std::vector<journal::SchemaChange>& changes, const std::string& table,
                    const std::string& options) {
    std::size_t columns = 0, indexes = 0;
    for (const journal::SchemaChange& change : changes)
        if (change.table == table) ++(change.what == "column" ? columns : indexes);
    if (options == "view") return "view " + table + " (" + counted(columns, "column") + ")";
    // The row of the table itself was counted among the indexes.
    return "table " + table + " (" + counted(columns, "column") + ", " +
           counted(indexes - 1, "index", "indexes") + ")";
}

ChangeLine definition_line(const journal::SchemaChange& change) {
    ChangeLine line{sign_of(change.before.has_value(), change.after.has_value()), 1,
                    change.what + " " + change.name + "  "};
    if (change.before) line.text += *change.before;
    if (change.before && change.after) line.text += " → ";
    if (change.after) line.text += *change.after;
    return line;
}

}  // namespace

std::vector<ChangeLine> config_lines(const std::vector<journal::ConfigChange>& changes,
                                     std::size_t most_keys) {
    std::vector<ChangeLine> lines;
    for (const journal::ConfigChange& change : changes) {
        const auto keys = key_changes(change);
        ChangeLine head{sign_of(change.before.has_value(), change.after.has_value()), 0, change.path};
        if (!keys) head.text += " (no JSON)";
        if (keys && keys->empty()) head.text += " (formatting only)";
        // Of a file that is gone nobody wants to read every key.
        if (keys && !change.after) head.text += " (" + counted(keys->size(), "key") + ")";
        lines.push_back(std::move(head));
        if (!keys || !change.after) continue;
        for (std::size_t i = 0; i < keys->size() && i < most_keys; ++i) lines.push_back(key_line((*keys)[i]));
        if (keys->size() > most_keys)
            lines.push_back({' ', 1, "… and " + counted(keys->size() - most_keys, "more key")});
    }
    return lines;
}

std::vector<ChangeLine> schema_lines(const std::vector<journal::SchemaChange>& changes) {
    std::vector<ChangeLine> lines;
    std::string table;
    for (const journal::SchemaChange& change : changes) {
        if (change.what == "rename") {
            table.clear();
            lines.push_back(
                {'~', 0, "table " + change.before.value_or("") + " → " + change.after.value_or("")});
            continue;
        }
        const bool came = is_of_table(change) && !change.before, went = is_of_table(change) && !change.after;
        if (change.table != table || came || went) {
            table = change.table;
            const std::string options = change.after.value_or(change.before.value_or(""));
            lines.push_back({sign_of(!came, !went), 0,
                             came || went ? made_of(changes, table, options) : "table " + table});
        }
        if (is_of_table(change)) {
            if (!came && !went) lines.push_back({'~', 1, *change.before + " → " + *change.after});
            continue;
        }
        lines.push_back(definition_line(change));
    }
    // What a table that is gone was made of says nothing any more.
    std::vector<ChangeLine> told;
    bool gone = false;
    for (ChangeLine& line : lines) {
        if (line.level == 0) gone = line.sign == '-';
        if (line.level == 0 || !gone) told.push_back(std::move(line));
    }
    return told;
}

std::vector<std::string> row_lines(const std::vector<journal::RowsTouched>& rows) {
    std::vector<journal::RowsTouched> sorted = rows;
    const auto sum = [](const journal::RowsTouched& r) { return r.inserted + r.updated + r.deleted; };
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&sum](const auto& a, const auto& b) { return sum(a) > sum(b); });
    std::vector<std::string> lines;
    for (const journal::RowsTouched& table : sorted) {
        std::vector<std::string> parts;
        if (table.inserted > 0) parts.push_back(std::to_string(table.inserted) + " inserted");
        if (table.updated > 0) parts.push_back(std::to_string(table.updated) + " updated");
        if (table.deleted > 0) parts.push_back(std::to_string(table.deleted) + " deleted");
        lines.push_back(table.table + ": " + join(parts, ", "));
    }
    return lines;
}

std::string when_text(std::int64_t wall_ms) {
    std::string text = local_timestamp(wall_ms);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return text;
}

std::string what_text(const run::RunSummary& summary) {
    if (summary.kind == run::RunSummary::Kind::Restore) return "restore";
    if (summary.kind == run::RunSummary::Kind::Mark)
        return summary.result == run::RunSummary::Result::Updated ? summary.run.outcome : "mark";
    return summary.updates == 0 && summary.result == run::RunSummary::Result::Updated
               ? "cache flush"
               : counted(summary.updates, "update");
}

std::string reason_text(const run::RunSummary& summary) {
    using Result = run::RunSummary::Result;
    const std::string& outcome = summary.run.outcome;
    switch (summary.result) {
        case Result::Updated:
            return "";
        case Result::Forgotten:
            return "what it did stays as it is";
        case Result::Open:
            return "runs now, or was killed: bdupdate status";
        case Result::Partly:
        case Result::Stopped:
        case Result::Untouched:
        case Result::Restored:
            break;
    }
    return outcome;
}

Tone tone_of(run::RunSummary::Result result) {
    using Result = run::RunSummary::Result;
    if (result == Result::Updated) return Tone::Good;
    return result == Result::Restored || result == Result::Forgotten ? Tone::Caution : Tone::Bad;
}

std::optional<std::pair<Tone, std::string>> remark_of(const run::UpdateRecord& update) {
    using State = run::UpdateRecord::State;
    switch (update.state) {
        case State::Done:
            break;
        case State::Failed:
            return std::pair(Tone::Bad, "failed");
        case State::Begun:
            return std::pair(Tone::Bad, "begun");
        case State::Waiting:
            return std::pair(Tone::Caution, "not yet run");
        case State::TakenBack:
            return std::pair(Tone::Caution, "taken back");
    }
    return std::nullopt;
}

std::string name_of(const run::UpdateRecord& update) {
    return update.function.empty() ? "boot of the site" : update.function;
}

std::string took_text(std::int64_t ms) {
    return duration_text(std::chrono::milliseconds(ms));
}

std::string took_text(const run::UpdateRecord& update) {
    std::string text = update.state == run::UpdateRecord::State::Waiting ? "" : took_text(update.elapsed_ms);
    if (update.passes > 1) text += ", " + counted(update.passes, "pass", "passes");
    return text;
}

std::vector<std::pair<std::string, std::string>> opening_of(const run::RunRecord& record) {
    const run::RunSummary& summary = record.summary;
    std::vector<std::pair<std::string, std::string>> lines = {
        {"began", when_text(summary.run.started_ms) + " by " + summary.run.user + " on " + summary.run.host},
        {"took", took_text(summary.elapsed_ms)},
        {"did", what_text(summary)},
        {"because", reason_text(summary)},
        {"backup", summary.run.backup.empty() ? "none was made" : summary.run.backup}};
    if (record.repeated_passes > 0)
        lines.emplace_back("note", counted(record.repeated_passes, "pass", "passes") +
                                       " were taken back by a restore in between, and run again");
    lines.erase(
        std::remove_if(lines.begin(), lines.end(), [](const auto& line) { return line.second.empty(); }),
        lines.end());
    return lines;
}

}  // namespace bdupdate::report
