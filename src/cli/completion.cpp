#include "completion.h"

namespace bdupdate::cli {

namespace {

using Visit = std::function<void(const std::string&, const CommandDescription&)>;

void visit_below(const std::string& path, const CommandDescription& command, const Visit& visit) {
    visit(path, command);
    for (const CommandDescription& below : command.commands)
        visit_below(path.empty() ? below.name : path + " " + below.name, below, visit);
}

}  // namespace

ValueKind value_kind(const OptionDescription& option) {
    if (option.value == "DIR") return ValueKind::Directory;
    const bool file = option.value.rfind("FILE", 0) == 0 || option.value == "PATH";
    return file ? ValueKind::File : ValueKind::Other;
}

void each_command(const CommandDescription& program, const Visit& visit) {
    visit_below("", program, visit);
}

std::vector<std::string> all_names(const CommandDescription& command) {
    std::vector<std::string> names = {command.name};
    names.insert(names.end(), command.aliases.begin(), command.aliases.end());
    return names;
}

std::vector<std::string> option_names(const CommandDescription& command) {
    std::vector<std::string> names;
    for (const OptionDescription& option : command.options)
        names.insert(names.end(), option.names.begin(), option.names.end());
    return names;
}

std::vector<std::string> names_with_value(const CommandDescription& program) {
    std::vector<std::string> names;
    each_command(program, [&names](const std::string&, const CommandDescription& command) {
        for (const OptionDescription& option : command.options)
            if (!option.value.empty()) names.insert(names.end(), option.names.begin(), option.names.end());
    });
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace bdupdate::cli
