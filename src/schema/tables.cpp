#include "bdupdate/schema/tables.h"

#include <nlohmann/json.hpp>

#include "bdupdate/base/text.h"

namespace bdupdate::schema {

std::string Column::text() const {
    std::string text = type;
    if (!collation.empty()) text += " collate " + collation;
    if (not_null) text += " not null";
    if (default_value) text += " default " + *default_value;
    if (!extra.empty()) text += " " + extra;
    return std::string(trim(text));
}

std::string Index::text() const {
    return (unique ? "unique " : "") + (kind.empty() ? "" : kind + " ") + "(" + join(columns, ", ") + ")";
}

namespace {

using Json = nlohmann::json;

Json json_of(const Column& column) {
    return Json::array({column.type, column.collation, column.not_null,
                        column.default_value ? Json(*column.default_value) : Json(), column.extra});
}

Column column_of(const Json& json) {
    Column column;
    column.type = json.at(0).get<std::string>();
    column.collation = json.at(1).get<std::string>();
    column.not_null = json.at(2).get<bool>();
    if (!json.at(3).is_null()) column.default_value = json.at(3).get<std::string>();
    column.extra = json.at(4).get<std::string>();
    return column;
}

}  // namespace

std::string to_text(const Tables& tables) {
    Json all = Json::object();
    for (const auto& [name, table] : tables) {
        Json columns = Json::object(), indexes = Json::object();
        for (const auto& [column, definition] : table.columns) columns[column] = json_of(definition);
        for (const auto& [index, definition] : table.indexes)
            indexes[index] = Json::array({definition.unique, definition.kind, definition.columns});
        all[name] = Json::array({table.options, std::move(columns), std::move(indexes)});
    }
    return all.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Tables> from_text(const std::string& text) {
    try {
        Tables tables;
        const Json all = Json::parse(text);
        for (const auto& [name, json] : all.items()) {
            Table& table = tables[name];
            table.options = json.at(0).get<std::string>();
            for (const auto& [column, definition] : json.at(1).items())
                table.columns[column] = column_of(definition);
            for (const auto& [index, definition] : json.at(2).items())
                table.indexes[index] = {definition.at(0).get<bool>(), definition.at(1).get<std::string>(),
                                        definition.at(2).get<std::vector<std::string>>()};
        }
        return tables;
    } catch (const Json::exception& problem) {
        return fail(ExitCode::Preflight, std::string("this does not describe tables: ") + problem.what());
    }
}

}  // namespace bdupdate::schema
