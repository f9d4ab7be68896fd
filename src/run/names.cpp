// Names of modules that people type.

#include <algorithm>
#include <numeric>

#include "bdupdate/run/view.h"

namespace bdupdate::run {

namespace {

/// Levenshtein's distance: letters to change, add or remove.
std::size_t distance(const std::string& left, const std::string& right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t k = 1; k <= right.size(); ++k) {
            const std::size_t changed = diagonal + (left[i - 1] == right[k - 1] ? 0 : 1);
            diagonal = row[k];
            row[k] = std::min({row[k] + 1, row[k - 1] + 1, changed});
        }
    }
    return row.back();
}

Result<void> check_name(const std::string& option, const std::string& name,
                        const std::vector<std::string>& installed) {
    if (std::find(installed.begin(), installed.end(), name) != installed.end()) return {};
    const std::string close = closest_name(name, installed);
    return fail(ExitCode::Usage, option + " " + name + ": no installed module is called that",
                close.empty() ? "module names are those of the .info files, such as `system`"
                              : "perhaps " + close + "?");
}

}  // namespace

std::string closest_name(const std::string& name, const std::vector<std::string>& names) {
    std::string best;
    std::size_t least = std::max<std::size_t>(1, name.size() / 3) + 1;
    for (const std::string& one : names)
        if (const std::size_t far = distance(name, one); far < least) {
            least = far;
            best = one;
        }
    return best;
}

Result<void> check_names(const std::vector<db::ModuleRow>& rows, const plan::Selection& selection) {
    std::vector<std::string> installed;
    for (const db::ModuleRow& row : rows)
        if (row.schema_version != -1) installed.push_back(row.name);
    for (const std::string& name : selection.only_modules)
        BDUPDATE_TRY(check_name("--module", name, installed));
    for (const auto& [name, number] : selection.from) BDUPDATE_TRY(check_name("--from", name, installed));
    return {};
}

}  // namespace bdupdate::run
