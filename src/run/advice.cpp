#include "advice.h"

#include <filesystem>

#include "bdupdate/base/text.h"
#include "bdupdate/scan/definitions.h"
#include "usual_causes.h"

namespace bdupdate::run {

namespace {

struct Standing {
    std::string text;  ///< "module x is disabled"
    bool enabled = false;
};

Standing standing_of(Context& context, const std::string& module) {
    const auto rows = context.database.modules();
    if (!rows) return {"module " + module, false};
    for (const db::ModuleRow& row : *rows)
        if (row.name == module && row.schema_version != -1)
            return {"module " + module + (row.enabled ? " is enabled" : " is disabled"), row.enabled};
    return {"module " + module + " is not installed", false};
}

/// Whether core loads a file of an enabled module by itself, for updates.
bool loaded_by_itself(const std::string& file) {
    const std::string extension = std::filesystem::path(file).extension();
    return extension == ".module" || extension == ".install" || extension == ".profile";
}

void explain_missing(Context& context, const scan::Symbol& symbol, Error& error) {
    const bool function = symbol.kind == scan::Symbol::Kind::Function;
    const std::string name = symbol.name + (function ? "()" : "");
    const auto places = scan::find_definitions(context.site, symbol);
    if (places.empty()) {
        error.details.push_back("no file of this site's code defines " + name);
        if (error.hint.empty())
            error.hint =
                "its module's code is missing, incomplete or of another version: put the right one in place";
        return;
    }
    const scan::Definition& place = places.front();
    std::string text = name + " is defined in " + place.file;
    std::string hint =
        "the update must load that file first: a fault of its module; look for a newer release";
    if (!place.module.empty()) {
        const Standing standing = standing_of(context, place.module);
        text += "; " + standing.text;
        if (!standing.enabled)
            hint = "the update counts on module " + place.module +
                   ": enable it, with the code of before, then run "
                   "again; or look for a newer release of the update's module";
        else if (!loaded_by_itself(place.file))
            text += ", but that file is not loaded by itself";
    }
    if (places.size() > 1) text += " (and in " + counted(places.size() - 1, "other file") + ")";
    error.details.push_back(std::move(text));
    if (error.hint.empty()) error.hint = std::move(hint);
}

}  // namespace

void advise(Context& context, Error& error) {
    std::string words = error.message;
    if (const scan::Symbol symbol = scan::missing_symbol(words); !symbol.name.empty())
        return explain_missing(context, symbol, error);
    if (!error.hint.empty()) return;
    error.hint = hint_for(words);
}

}  // namespace bdupdate::run
