#include "bdupdate/lint/lint.h"

#include <algorithm>

#include "bdupdate/base/text.h"
#include "source.h"

namespace bdupdate::lint {

const std::vector<Rule>& rules() {
    static const std::vector<Rule> all = {
        {"syntax", "the file's brackets or quotes do not match"},
        {"number", "a number outside of Backdrop's scheme"},
        {"duplicate", "two updates with the same number"},
        {"description", "an update without a doc comment for whoever runs it"},
        {"module-name", "a function that core takes for an update of another module, or never finds"},
        {"place", "an update outside of the .install file"},
        {"last-removed", "hook_update_last_removed() at or above an update that is still there"},
        {"dependency", "hook_update_dependencies() names an update that does not exist"},
        {"not-constant", "a hook whose value only PHP can tell"},
        {"own-module", "an update calls a function of its .module, which may not be loaded"},
        {"api", "an update calls a function that invokes hooks"},
        {"division", "a division by a maximum that may be 0"},
        {"config-default", "an update sets a config key that new installations do not get"},
        {"renumbered", "an update was added below one that is released"},
        {"removed", "a released update is gone, and no site is told"},
        {"changed", "the code of a released update was changed"},
        {"last-removed-lowered", "hook_update_last_removed() went down"},
    };
    return all;
}

namespace {

Subject subject_of(const ModuleFiles& files, const Source& install) {
    Subject subject{files, install, to_lower(files.module), {}};
    for (const Update& update : install.updates())
        if (update.module == subject.module) subject.updates.push_back(update);
    std::stable_sort(
        subject.updates.begin(), subject.updates.end(), [&files](const Update& left, const Update& right) {
            return plan::order_key(left.value, files.rules) < plan::order_key(right.value, files.rules);
        });
    return subject;
}

}  // namespace

std::vector<Finding> check(const ModuleFiles& files) {
    const Source install(files.install);
    Findings findings;
    if (install.outline().error) {
        findings.push_back(install.finding(install.outline().error->line, Severity::Error, "syntax",
                                           install.outline().error->text,
                                           "no update of this file can run before it is mended"));
        return findings;
    }
    const Subject subject = subject_of(files, install);
    check_numbers(subject, findings);
    check_places(subject, findings);
    check_hooks(subject, findings);
    check_calls(subject, findings);
    check_divisions(subject, findings);
    check_config(subject, findings);
    check_against(subject, findings);
    findings.erase(std::remove_if(findings.begin(), findings.end(),
                                  [&install](const Finding& finding) {
                                      return finding.file == install.file().name &&
                                             install.allows(finding.rule, finding.line);
                                  }),
                   findings.end());
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& left, const Finding& right) {
        return std::make_pair(left.file, left.line) < std::make_pair(right.file, right.line);
    });
    return findings;
}

}  // namespace bdupdate::lint
