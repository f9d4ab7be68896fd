// A run as one HTML file.

#include <algorithm>
#include <set>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "bdupdate/report/history.h"
#include "changes.h"
#include "html.h"

namespace bdupdate::report {

namespace {

using Result = run::RunSummary::Result;
using State = run::UpdateRecord::State;

constexpr std::size_t most_keys = 200;
/// Longer lists of changes begin folded.
constexpr std::size_t most_open = 12;

std::string duration(std::int64_t ms) {
    return duration_text(std::chrono::milliseconds(ms));
}

const char* tone(Result result) {
    if (result == Result::Updated) return "good";
    return result == Result::Restored || result == Result::Forgotten ? "caution" : "bad";
}

std::string badge(const char* tone, const std::string& text) {
    return " <span class=\"badge " + std::string(tone) + "\">" + escaped(text) + "</span>";
}

std::string row(const std::string& name, const std::string& value) {
    return value.empty() ? "" : "<dt>" + name + "</dt><dd>" + escaped(value) + "</dd>\n";
}

std::string folded(const std::string& title, const std::string& content, bool open) {
    return "<details" + std::string(open ? " open" : "") + "><summary>" + title + "</summary>\n" + content +
           "</details>\n";
}

std::string change_list(const std::vector<ChangeLine>& lines) {
    std::string text = "<div class=\"changes\">\n";
    for (const ChangeLine& line : lines) {
        const std::string tone = line.sign == '+'   ? "add"
                                 : line.sign == '-' ? "del"
                                 : line.sign == '~' ? "mod"
                                                    : "faint";
        text += "<div class=\"" + tone + (line.level > 0 ? " sub" : "") + "\">" + line.sign + " " +
                escaped(line.text) + "</div>\n";
    }
    return text + "</div>\n";
}

std::size_t things(const std::vector<ChangeLine>& lines) {
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(), [](const ChangeLine& line) { return line.level == 0; }));
}

std::string changes(const run::UpdateRecord& update) {
    std::string text;
    if (const auto lines = config_lines(update.config, most_keys); !lines.empty())
        text += folded("config: " + counted(things(lines), "file"), change_list(lines),
                       lines.size() <= most_open);
    if (const auto lines = schema_lines(update.schema); !lines.empty())
        text += folded("schema: " + counted(things(lines), "table"), change_list(lines),
                       lines.size() <= most_open);
    if (const auto rows = row_lines(update.rows); !rows.empty()) {
        std::vector<ChangeLine> lines;
        for (const std::string& line : rows) lines.push_back({' ', 0, line});
        text += folded("rows: " + counted(rows.size(), "table"), change_list(lines), rows.size() <= 5);
    }
    return text;
}

std::string messages(const run::UpdateRecord& update) {
    std::string text;
    if (!update.error.empty()) text += "<p class=\"why\">" + escaped(update.error) + "</p>\n";
    if (!update.result.empty()) text += "<p>" + escaped(update.result) + "</p>\n";
    if (update.messages.empty()) return text;
    text += "<ul class=\"messages\">\n";
    for (const auto& [kind, message] : update.messages)
        text += "<li>" +
                (kind == "status" ? std::string() : "<b class=\"caution\">" + escaped(kind) + "</b> ") +
                escaped(message) + "</li>\n";
    return text + "</ul>\n";
}

std::string state_badge(const run::UpdateRecord& update) {
    switch (update.state) {
        case State::Done:
            return "";
        case State::Failed:
            return badge("bad", "failed");
        case State::Begun:
            return badge("bad", "begun");
        case State::Waiting:
            return badge("caution", "not yet run");
        case State::TakenBack:
            return badge("caution", "taken back");
    }
    return "";
}

std::string update_section(const run::UpdateRecord& update, std::size_t number) {
    std::string took = update.state == State::Waiting ? "" : duration(update.elapsed_ms);
    if (update.passes > 1) took += ", " + counted(update.passes, "pass", "passes");
    return "<section class=\"update" + std::string(update.state == State::Failed ? " failed" : "") +
           "\" id=\"update-" + std::to_string(number) + "\">\n<div class=\"head\"><h3>" +
           escaped(update.function.empty() ? "boot of the site" : update.function) + state_badge(update) +
           "</h3><span class=\"faint\">" + took + "</span></div>\n" +
           (update.description.empty() ? ""
                                       : "<p class=\"faint\">" + escaped(update.description) + "</p>\n") +
           messages(update) + changes(update) + "</section>\n";
}

std::string counts(const run::RunRecord& record) {
    std::set<std::string> tables;
    std::int64_t rows = 0;
    std::size_t failed = 0;
    for (const run::UpdateRecord& update : record.updates) {
        failed += update.state == State::Failed ? 1 : 0;
        for (const journal::SchemaChange& change : update.schema) tables.insert(change.table);
        for (const journal::RowsTouched& table : update.rows)
            rows += table.inserted + table.updated + table.deleted;
    }
    const auto item = [](std::size_t count, const std::string& one, const std::string& many) {
        return "<li><b>" + std::to_string(count) + "</b>" + (count == 1 ? one : many) + "</li>\n";
    };
    std::string text = "<ul class=\"counts\">\n" + item(record.summary.updates, "update", "updates");
    if (failed > 0) text += item(failed, "failed", "failed");
    text += item(record.config.size(), "config file changed", "config files changed") +
            item(tables.size(), "table altered", "tables altered");
    return text + item(static_cast<std::size_t>(rows), "row written", "rows written") + "</ul>\n";
}

std::string head(const run::RunRecord& record, const site::Site& site) {
    static constexpr const char* headings[] = {"Run", "Restore", "Mark"};
    const run::RunSummary& summary = record.summary;
    const journal::Run& run = summary.run;
    const std::string place =
        site.conf_path == "." ? site.docroot.string() : (site.docroot / site.conf_path).string();
    std::string text =
        "<h1>" + std::string(headings[static_cast<int>(summary.kind)]) + " " + escaped(run.id.substr(0, 8)) +
        badge(tone(summary.result), std::string(to_string(summary.result))) + "</h1>\n<dl>\n" +
        row("site", place) + row("code", run.core_version) + row("began", when_text(run.started_ms)) +
        row("took", duration(summary.elapsed_ms)) + row("by", run.user + " on " + run.host) +
        row("backup", run.backup.empty() ? "none was made" : run.backup) + "</dl>\n";
    if (const std::string why = reason_text(summary); !why.empty())
        text += "<p class=\"why\">" + escaped(why) + "</p>\n";
    if (record.repeated_passes > 0)
        text += "<p>" + counted(record.repeated_passes, "pass", "passes") +
                " were taken back by a restore in between, and run again.</p>\n";
    return text + counts(record);
}

/// The whole difference line by line; files with passwords are named only.
std::string patch_section(const run::RunRecord& record) {
    if (record.config.empty()) return "";
    const Patch patch = config_patch(record);
    std::string lines = "<pre>";
    for (const std::string_view line : split(patch.text, '\n')) {
        const char first = line.empty() ? ' ' : line.front();
        const bool file = line.rfind("--- ", 0) == 0 || line.rfind("+++ ", 0) == 0;
        const char* tone = file           ? "faint"
                           : first == '+' ? "add"
                           : first == '-' ? "del"
                           : first == '@' ? "faint"
                                          : "same";
        lines += "<span class=\"" + std::string(tone) + "\">" + escaped(line) + "</span>";
    }
    lines += "</pre>\n";
    for (const std::string& name : patch.left_out)
        lines += "<p class=\"faint\">left out: " + escaped(name) + "</p>\n";
    return "<h2>Config</h2>\n" +
           folded(counted(record.config.size(), "file") + " changed, line by line", lines, false);
}

}  // namespace

std::string report_html(const run::RunRecord& record, const site::Site& site) {
    const std::string id = record.summary.run.id.substr(0, 8);
    std::string html =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" "
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>bdupdate: run " +
        id + "</title>\n<style>" + report_css + "</style>\n</head>\n<body>\n" + head(record, site) +
        "<h2>Timeline</h2>\n<div class=\"chart\">\n" + timeline_svg(record) + "</div>\n";
    if (!record.updates.empty()) html += "<h2>Updates</h2>\n";
    std::size_t number = 0;
    for (const run::UpdateRecord& update : record.updates) html += update_section(update, ++number);
    html += patch_section(record);
    return html + "<footer>Run " + record.summary.run.id +
           ". Values that look like passwords are hidden. Written by bdupdate.</footer>\n</body>\n</html>\n";
}

}  // namespace bdupdate::report
