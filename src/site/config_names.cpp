#include "bdupdate/site/config_names.h"

#include "bdupdate/base/text.h"

namespace bdupdate::site {

namespace {

/// Core looks only at lines that begin with the variable, and replaces the whole line.
bool assigns(std::string_view line, const std::string& variable) {
    return line.substr(0, variable.size() + 1) == variable + " ";
}

}  // namespace

std::optional<std::string> with_config_directories(std::string_view settings, const std::string& conf_path,
                                                   const std::string& token) {
    const std::string place = (conf_path == "." ? "." : "./" + conf_path) + "/files/config_" + token + "/";
    bool is_default = false;
    std::string result;
    for (std::size_t at = 0; at < settings.size();) {
        const std::size_t end = settings.find('\n', at);
        const std::string_view line =
            settings.substr(at, end == std::string_view::npos ? settings.size() - at : end + 1 - at);
        at += line.size();
        bool replaced = false;
        for (const char* type : {"active", "staging"}) {
            const std::string variable = std::string("$config_directories['") + type + "']";
            if (!assigns(line, variable)) continue;
            // The default is the only name that is calculated from $database.
            if (type == std::string_view("active") && line.find("md5(") != std::string_view::npos)
                is_default = true;
            result += variable + " = '" + place + type + "';\n";
            replaced = true;
        }
        if (!replaced) result += line;
    }
    return is_default ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace bdupdate::site
