// `history` and `show` for people.

#include <algorithm>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "bdupdate/report/history.h"
#include "bdupdate/report/layout.h"
#include "bdupdate/report/text.h"
#include "changes.h"

namespace bdupdate::report {

namespace {

constexpr std::size_t most_keys = 20;
constexpr std::size_t most_tables = 8;

std::string toned(Tone tone, const std::string& text, const Style& style) {
    return tone == Tone::Good      ? style.good(text)
           : tone == Tone::Caution ? style.caution(text)
                                   : style.bad(text);
}

std::string signed_line(const ChangeLine& line, const std::string& indent, const Style& style) {
    const std::string text =
        indent + std::string(static_cast<std::size_t>(line.level) * 2, ' ') + line.sign + " " + line.text;
    if (line.sign == '+') return style.good(text) + "\n";
    if (line.sign == '-') return style.bad(text) + "\n";
    return (line.sign == '~' ? style.caution(text) : text) + "\n";
}

std::string block(const std::string& name, const std::vector<ChangeLine>& lines, const Style& style) {
    if (lines.empty()) return "";
    std::string text = "  " + style.faint(name) + "\n";
    for (const ChangeLine& line : lines) text += signed_line(line, "    ", style);
    return text;
}

std::string rows_text(const std::vector<journal::RowsTouched>& rows, const Style& style) {
    const std::vector<std::string> lines = row_lines(rows);
    if (lines.empty()) return "";
    std::string text = "  " + style.faint("rows") + "\n";
    for (std::size_t i = 0; i < lines.size() && i < most_tables; ++i) text += "      " + lines[i] + "\n";
    if (lines.size() > most_tables)
        text += "      … and " + counted(lines.size() - most_tables, "more table") + "\n";
    return text;
}

std::string messages_text(const run::UpdateRecord& update, const Style& style) {
    std::string text;
    if (!update.error.empty()) text += "  " + style.bad("failed:") + " " + update.error + "\n";
    if (!update.result.empty()) text += "  " + update.result + "\n";
    for (const auto& [kind, message] : update.messages)
        text += "  " + (kind == "status" ? "" : style.caution(kind + ":") + " ") + message + "\n";
    return text;
}

/// What fits of the first sentence beside `indent` columns.
std::string fitting(const std::string& text, std::size_t indent, const Style& style) {
    return cut(first_sentence(text), style.width > indent ? style.width - indent : style.width);
}

std::string update_text(const run::UpdateRecord& update, const Style& style) {
    const std::string took = took_text(update);
    std::string text = style.bold(name_of(update)) + (took.empty() ? "" : "  " + took);
    if (const auto remark = remark_of(update)) text += "  " + toned(remark->first, remark->second, style);
    text += "\n";
    const std::string description = fitting(update.description, 2, style);
    if (!description.empty()) text += "  " + style.faint(description) + "\n";
    return text + messages_text(update, style) +
           block("config", config_lines(update.config, most_keys), style) +
           block("schema", schema_lines(update.schema), style) + rows_text(update.rows, style);
}

std::string head_text(const run::RunRecord& record, const Style& style) {
    const run::RunSummary& summary = record.summary;
    std::string text = "run " + style.bold(summary.run.id) + "  " +
                       toned(tone_of(summary.result), std::string(to_string(summary.result)), style) + "\n";
    for (const auto& [name, value] : opening_of(record)) text += "  " + padded(name, 9) + value + "\n";
    return text;
}

}  // namespace

std::string history_text(const std::vector<run::RunSummary>& runs, const Style& style) {
    if (runs.empty()) return "no runs yet\n";
    std::size_t result = 0, what = 0, took = 0;
    for (const run::RunSummary& summary : runs) {
        result = std::max(result, to_string(summary.result).size());
        what = std::max(what, what_text(summary).size());
        took = std::max(took, took_text(summary.elapsed_ms).size());
    }
    std::string text;
    for (const run::RunSummary& summary : runs) {
        const std::string ended = padded(std::string(to_string(summary.result)), result);
        text += when_text(summary.run.started_ms) + "  " + style.bold(summary.run.id.substr(0, 8)) + "  " +
                toned(tone_of(summary.result), ended, style) + "  " + padded(what_text(summary), what) +
                "  " + padded(took_text(summary.elapsed_ms), took) + "  " + summary.run.user + "@" +
                summary.run.host + "\n";
        const std::string reason = fitting(reason_text(summary), 4, style);
        if (!reason.empty()) text += style.faint("    " + reason) + "\n";
    }
    return text;
}

std::string show_text(const run::RunRecord& record, const Style& style) {
    std::string text = head_text(record, style);
    for (const run::UpdateRecord& update : record.updates) text += "\n" + update_text(update, style);
    if (!record.config.empty())
        text += "\n" + counted(record.config.size(), "config file") + " changed: bdupdate show " +
                record.summary.run.id.substr(0, 8) + " --patch\n";
    return text;
}

}  // namespace bdupdate::report
