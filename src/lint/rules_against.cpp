// The rules about what was released: sites have run it, and will not run it again.

#include <algorithm>
#include <map>

#include "bdupdate/base/text.h"
#include "source.h"

namespace bdupdate::lint {

namespace {

std::int64_t key_of(const Subject& subject, std::int64_t number) {
    return plan::order_key(number, subject.files.rules);
}

std::map<std::int64_t, const Update*> by_number(const std::vector<Update>& updates,
                                                const std::string& module) {
    std::map<std::int64_t, const Update*> numbers;
    for (const Update& update : updates)
        if (update.module == module) numbers.emplace(update.value, &update);
    return numbers;
}

bool same_code(const Function& left, const Function& right) {
    return std::equal(left.tokens.begin(), left.tokens.end(), right.tokens.begin(), right.tokens.end(),
                      [](const php::Token& a, const php::Token& b) { return a.text == b.text; });
}

void check_released(const Subject& subject, const Source& before, Findings& findings) {
    const auto now = by_number(subject.install.updates(), subject.module);
    const auto released = by_number(before.updates(), subject.module);
    const auto gone_up_to = last_removed(subject.install, subject.module);
    for (const auto& [number, update] : released) {
        if (const auto there = now.find(number); there != now.end()) {
            if (same_code(*update->function, *there->second->function)) continue;
            findings.push_back(subject.install.finding(
                there->second->function->declaration->line, Severity::Warning, "changed",
                there->second->function->declaration->name +
                    "() was changed after its release: sites that have run it will not run it again",
                "put it back, and write an update with a new number that does the rest"));
            continue;
        }
        if (gone_up_to && key_of(subject, number) <= key_of(subject, *gone_up_to)) continue;
        findings.push_back(subject.install.finding(
            1, Severity::Error, "removed",
            update->function->declaration->name + "() was released and is gone: sites that have not run it "
                                                  "yet will pass over it without a word",
            "put it back, or let " + subject.module + "_update_last_removed() return " + update->number +
                " or more"));
    }
    if (released.empty()) return;
    const auto highest = std::max_element(
        released.begin(), released.end(),
        [&](const auto& a, const auto& b) { return key_of(subject, a.first) < key_of(subject, b.first); });
    for (const auto& [number, update] : now) {
        if (released.count(number) > 0 || key_of(subject, number) > key_of(subject, highest->first)) continue;
        findings.push_back(
            subject.install.finding(update->function->declaration->line, Severity::Error, "renumbered",
                                    update->function->declaration->name + "() is new, and below " +
                                        highest->second->function->declaration->name +
                                        "(), which is released: sites that have run that one never run this",
                                    "give it a number above " + highest->second->number));
    }
}

}  // namespace

void check_against(const Subject& subject, Findings& findings) {
    if (!subject.files.released) return;
    const SourceFile file{subject.files.install.name, *subject.files.released};
    const Source before(file);
    if (before.outline().error) return;
    check_released(subject, before, findings);
    const auto then = last_removed(before, subject.module);
    const auto now = last_removed(subject.install, subject.module);
    const Function* hook = subject.install.find(subject.module + "_update_last_removed");
    if (!then || (hook != nullptr && !now)) return;
    if (now && key_of(subject, *now) >= key_of(subject, *then)) return;
    findings.push_back(subject.install.finding(
        hook == nullptr ? 1 : hook->declaration->line, Severity::Error, "last-removed-lowered",
        subject.module + "_update_last_removed() returned " + std::to_string(*then) +
            (now ? " in the release and returns " + std::to_string(*now) : " in the release and is gone") +
            ": sites below that are no longer kept from passing over removed updates",
        "let it return " + std::to_string(*then) + " or more"));
}

}  // namespace bdupdate::lint
