#include "bdupdate/report/lint.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bdupdate/base/text.h"
#include "json_text.h"

namespace bdupdate::report {

namespace {

std::string severity_text(lint::Severity severity) {
    return severity == lint::Severity::Error ? "error" : "warning";
}

std::size_t count_of(const std::vector<lint::Finding>& findings, lint::Severity severity) {
    return static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(),
                      [severity](const lint::Finding& finding) { return finding.severity == severity; }));
}

/// As GitHub wants values of workflow commands; in properties the separators, too.
std::string annotation_escaped(const std::string& text, bool property) {
    std::string result;
    for (const char c : text) {
        if (c == '%')
            result += "%25";
        else if (c == '\r')
            result += "%0D";
        else if (c == '\n')
            result += "%0A";
        else if (property && c == ':')
            result += "%3A";
        else if (property && c == ',')
            result += "%2C";
        else
            result += c;
    }
    return result;
}

}  // namespace

std::string lint_text(const std::vector<lint::Finding>& findings, std::size_t files, const Style& style) {
    std::string text;
    for (const lint::Finding& finding : findings) {
        const std::string severity = severity_text(finding.severity) + ":";
        text += style.bold(finding.file + ":" + std::to_string(finding.line) + ":") + " " +
                (finding.severity == lint::Severity::Error ? style.bad(severity) : style.caution(severity)) +
                " " + finding.message + " " + style.faint("[" + finding.rule + "]") + "\n";
        if (!finding.hint.empty()) text += "  " + style.bold("hint:") + " " + finding.hint + "\n";
    }
    const std::size_t errors = count_of(findings, lint::Severity::Error);
    text += counted(files, ".install file") + ": ";
    if (findings.empty()) return text + "nothing to mend\n";
    return text + counted(errors, "error") + ", " + counted(findings.size() - errors, "warning") + "\n";
}

std::string lint_json(const std::vector<lint::Finding>& findings, std::size_t files) {
    Json list = Json::array();
    for (const lint::Finding& finding : findings)
        list.push_back({{"file", finding.file},
                        {"line", finding.line},
                        {"severity", severity_text(finding.severity)},
                        {"rule", finding.rule},
                        {"message", finding.message},
                        {"hint", finding.hint}});
    const Json json = {{"schema", schema},
                       {"files", files},
                       {"errors", count_of(findings, lint::Severity::Error)},
                       {"warnings", count_of(findings, lint::Severity::Warning)},
                       {"findings", list}};
    return document(json);
}

std::string lint_github(const std::vector<lint::Finding>& findings) {
    std::string text;
    for (const lint::Finding& finding : findings)
        text += "::" + severity_text(finding.severity) + " file=" + annotation_escaped(finding.file, true) +
                ",line=" + std::to_string(finding.line) +
                ",title=" + annotation_escaped("bdupdate " + finding.rule, true) + "::" +
                annotation_escaped(finding.message + (finding.hint.empty() ? "" : "\nhint: " + finding.hint),
                                   false) +
                "\n";
    return text;
}

std::string lint_rules_text(const Style& style) {
    std::size_t width = 0;
    for (const lint::Rule& rule : lint::rules()) width = std::max(width, std::string_view(rule.name).size());
    std::string text;
    for (const lint::Rule& rule : lint::rules()) {
        const std::string name = rule.name;
        text += style.bold(name) + std::string(width + 2 - name.size(), ' ') + rule.what + "\n";
    }
    return text;
}

}  // namespace bdupdate::report
