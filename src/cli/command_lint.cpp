#include <algorithm>

#include "bdupdate/lint/lint.h"
#include "bdupdate/report/lint.h"
#include "commands.h"

namespace bdupdate::cli {

namespace {

using Findings = std::vector<lint::Finding>;

std::string answer(const LintOptions& options, Format format, const Findings& findings, std::size_t files,
                   const report::Style& style) {
    if (options.github) return report::lint_github(findings);
    return format == Format::Json ? report::lint_json(findings, files)
                                  : report::lint_text(findings, files, style);
}

}  // namespace

Result<ExitCode> command_lint(const CommandLine& line, Output& output) {
    const LintOptions& options = line.checks.lint;
    if (options.list_rules) {
        output.answer(report::lint_rules_text(output.style()));
        return ExitCode::Done;
    }
    if (options.paths.empty())
        return fail(ExitCode::Usage, "lint needs a path",
                    "name .install files, or directories that hold modules");
    for (const std::string& rule : options.ignore) {
        bool known = false;
        for (const lint::Rule& one : lint::rules()) known = known || rule == one.name;
        if (!known)
            return fail(ExitCode::Usage, "--ignore " + rule + ": there is no such rule",
                        "bdupdate lint --rules lists them");
    }
    BDUPDATE_ASSIGN(const lint::Collection collection, lint::collect(options.paths, options.against));
    Findings findings = collection.removed;
    for (const lint::ModuleFiles& module : collection.modules)
        for (lint::Finding& finding : lint::check(module)) findings.push_back(std::move(finding));
    const auto ignored = [&options](const lint::Finding& finding) {
        return std::find(options.ignore.begin(), options.ignore.end(), finding.rule) != options.ignore.end();
    };
    findings.erase(std::remove_if(findings.begin(), findings.end(), ignored), findings.end());
    output.answer(answer(options, line.global.format, findings, collection.modules.size(), output.style()));
    return findings.empty() ? ExitCode::Done : ExitCode::UpdateFailed;
}

}  // namespace bdupdate::cli
