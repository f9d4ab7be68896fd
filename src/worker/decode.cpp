#include "decode.h"

#include "bdupdate/base/digest.h"

namespace bdupdate::worker {

namespace {

template <class T>
T value_of(const Json& object, const char* key, T otherwise) {
    const auto found = object.find(key);
    if (found == object.end()) return otherwise;
    if constexpr (std::is_same_v<T, bool>)
        return found->is_boolean() ? found->get<bool>() : otherwise;
    else
        return found->is_number() ? found->get<T>() : otherwise;
}

const Json& list_of(const Json& object, const char* key) {
    static const Json empty = Json::array();
    const auto found = object.find(key);
    return found != object.end() && found->is_array() ? *found : empty;
}

std::string item(const Json& list, std::size_t index) {
    return index < list.size() && list[index].is_string() ? list[index].get<std::string>() : std::string();
}

scan::CodeState code_state_of(const std::string& text) {
    if (text == "present") return scan::CodeState::Present;
    if (text == "merged") return scan::CodeState::Merged;
    if (text == "wrong_core") return scan::CodeState::WrongCore;
    if (text == "php_too_old") return scan::CodeState::PhpTooOld;
    return scan::CodeState::NotFound;
}

scan::UpdateFunction update_of(const Json& update, const PathMap& map) {
    scan::UpdateFunction result;
    result.module = text_of(update, "module");
    result.number = text_of(update, "number");
    result.function = text_of(update, "function");
    result.description = text_of(update, "description");
    result.file = path_here(map, text_of(update, "file"));
    result.line = value_of(update, "line", 0);
    return result;
}

plan::ModuleFacts module_of(const Json& module, const PathMap& map) {
    plan::ModuleFacts result;
    result.name = text_of(module, "name");
    result.schema_version = value_of(module, "schema_version", 0);
    result.enabled = value_of(module, "enabled", false);
    result.code = code_state_of(text_of(module, "code"));
    if (const auto removed = module.find("last_removed"); removed != module.end() && removed->is_number())
        result.last_removed = removed->get<int>();
    for (const Json& update : list_of(module, "updates")) result.updates.push_back(update_of(update, map));
    return result;
}

}  // namespace

std::string text_of(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Failure failure_of(const Json& frame) {
    const std::string kind = text_of(frame, "failure");
    if (kind.empty()) return Failure::None;
    if (kind == "fatal") return Failure::Fatal;
    if (kind == "exit") return Failure::Exit;
    if (kind == "lost") return Failure::TransactionLost;
    if (kind == "missing") return Failure::MissingFunction;
    return Failure::Exception;
}

std::vector<Message> messages_of(const Json& frame) {
    std::vector<Message> messages;
    for (const Json& message : list_of(frame, "messages"))
        messages.push_back(
            {item(message, 0), item(message, 1),
             message.size() > 2 && message[2].is_number_unsigned() ? message[2].get<std::uint64_t>() : 1});
    return messages;
}

std::vector<std::string> strings_of(const Json& object, const char* key) {
    std::vector<std::string> result;
    for (const Json& text : list_of(object, key))
        if (text.is_string()) result.push_back(text.get<std::string>());
    return result;
}

std::vector<Requirement> requirements_of(const Json& frame) {
    std::vector<Requirement> result;
    for (const Json& requirement : list_of(frame, "requirements")) {
        const bool error = text_of(requirement, "severity") == "error";
        result.push_back({error ? Requirement::Severity::Error : Requirement::Severity::Warning,
                          text_of(requirement, "name"), text_of(requirement, "title"),
                          text_of(requirement, "value"), text_of(requirement, "description")});
    }
    return result;
}

BootReport boot_report_of(const Json& frame, const PathMap& map, plan::Rules rules) {
    BootReport report;
    report.facts.rules = rules;
    for (const Json& module : list_of(frame, "modules"))
        report.facts.modules.push_back(module_of(module, map));
    for (const Json& dependency : list_of(frame, "dependencies"))
        report.facts.dependencies.push_back(
            {item(dependency, 0), item(dependency, 1), item(dependency, 2), item(dependency, 3)});
    report.requirements = requirements_of(frame);
    report.merged_modules = strings_of(frame, "merged");
    report.disabled_modules = strings_of(frame, "disabled");
    report.messages = messages_of(frame);
    report.split = value_of(frame, "split", false);
    report.again = value_of(frame, "again", false);
    return report;
}

std::vector<TableRows> rows_of(const Json& frame) {
    const auto count = [](const Json& list, std::size_t index) {
        return index < list.size() && list[index].is_number_integer() ? list[index].get<std::int64_t>() : 0;
    };
    std::vector<TableRows> rows;
    for (const Json& table : list_of(frame, "rows"))
        rows.push_back({item(table, 0), count(table, 1), count(table, 2), count(table, 3)});
    return rows;
}

namespace {

/// PHP makes a list of an array without keys, an empty one too.
std::vector<std::string> texts_in(const Json& list) {
    std::vector<std::string> texts;
    for (const Json& text : list)
        if (text.is_string()) texts.push_back(text.get<std::string>());
    return texts;
}

std::optional<std::int64_t> number_in(const Json& list, std::size_t index) {
    if (!list[index].is_number_integer()) return std::nullopt;
    return list[index].get<std::int64_t>();
}

schema::DeclaredColumn column_of(const Json& column) {
    schema::DeclaredColumn result;
    if (!column.is_array() || column.size() < 9) return result;
    const auto flag = [&](std::size_t index) {
        return column[index].is_boolean() && column[index].get<bool>();
    };
    result.type = item(column, 0);
    result.size = item(column, 1);
    result.length = number_in(column, 2);
    result.precision = number_in(column, 3);
    result.scale = number_in(column, 4);
    result.is_unsigned = flag(5);
    result.not_null = flag(6);
    if (column[7].is_string()) result.default_value = column[7].get<std::string>();
    result.own_type = flag(8);
    return result;
}

/// The members of an object; none where PHP made an empty list of it.
const Json& object_in(const Json& object, const char* key) {
    static const Json empty = Json::object();
    const auto found = object.find(key);
    return found != object.end() && found->is_object() ? *found : empty;
}

}  // namespace

schema::Declared schema_of(const Json& told) {
    schema::Declared result;
    if (!told.is_object()) return result;
    for (const auto& [name, table] : object_in(told, "tables").items()) {
        if (!table.is_object()) continue;
        schema::DeclaredTable& declared = result.tables[name];
        declared.module = text_of(table, "module");
        for (const auto& [column, fields] : object_in(table, "fields").items())
            declared.columns[column] = column_of(fields);
        declared.primary = strings_of(table, "primary");
        for (const auto& [index, columns] : object_in(table, "unique").items())
            declared.unique[index] = texts_in(columns);
        for (const auto& [index, columns] : object_in(table, "indexes").items())
            declared.indexes[index] = texts_in(columns);
    }
    for (const auto& [module, why] : object_in(told, "errors").items())
        if (why.is_string()) result.errors[module] = why.get<std::string>();
    for (const auto& [module, why] : object_in(told, "errors_of_disabled").items())
        if (why.is_string()) result.errors_of_disabled[module] = why.get<std::string>();
    return result;
}

PassReport pass_report_of(const Json& frame) {
    PassReport report;
    report.failure = failure_of(frame);
    report.begun = value_of(frame, "begun", true);
    report.error = text_of(frame, "error");
    report.trace = strings_of(frame, "trace");
    report.finished = value_of(frame, "finished", 1.0);
    bool ok = true;
    report.sandbox = base64_decode(text_of(frame, "sandbox"), ok);
    if (!ok && report.failure == Failure::None) {
        report.failure = Failure::Died;
        report.error = "php sent a sandbox that makes no sense";
    }
    report.result = text_of(frame, "result");
    report.messages = messages_of(frame);
    report.rows = rows_of(frame);
    if (const auto altered = frame.find("altered"); altered != frame.end() && altered->is_array()) {
        report.altered_tables.emplace();
        for (const Json& name : *altered)
            if (name.is_string()) report.altered_tables->push_back(name.get<std::string>());
    }
    report.split = value_of(frame, "split", false);
    report.modules_disabled = value_of(frame, "modules_disabled", false);
    report.memory_bytes = value_of(frame, "memory", std::uint64_t{0});
    return report;
}

}  // namespace bdupdate::worker
