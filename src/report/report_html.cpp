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

using State = run::UpdateRecord::State;

constexpr std::size_t most_page_keys = 200;
/// Longer lists of changes begin folded.
constexpr std::size_t most_open = 12;

const char* class_of(Tone tone) {
    return tone == Tone::Good ? "good" : tone == Tone::Caution ? "caution" : "bad";
}

std::string badge(Tone tone, const std::string& text) {
    return " <span class=\"badge " + std::string(class_of(tone)) + "\">" + escaped(text) + "</span>";
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
    if (const auto lines = config_lines(update.config, most_page_keys); !lines.empty())
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

std::string update_section(const run::UpdateRecord& update, std::size_t number) {
    const auto remark = remark_of(update);
    return "<section class=\"update" + std::string(update.state == State::Failed ? " failed" : "") +
           "\" id=\"update-" + std::to_string(number) + "\">\n<div class=\"head\"><h3>" +
           escaped(name_of(update)) + (remark ? badge(remark->first, remark->second) : "") +
           "</h3><span class=\"faint\">" + took_text(update) + "</span></div>\n" +
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
    std::string text = "<h1>" + std::string(headings[static_cast<int>(summary.kind)]) + " " +
                       escaped(run.id.substr(0, 8)) +
                       badge(tone_of(summary.result), std::string(to_string(summary.result))) +
                       "</h1>\n<dl>\n" + row("site", place) + row("code", run.core_version);
    std::string why;
    for (const auto& [name, value] : opening_of(record))
        if (name == "because")
            why = "<p class=\"why\">" + escaped(value) + "</p>\n";
        else
            text += row(name, value);
    text += "</dl>\n" + why;
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
