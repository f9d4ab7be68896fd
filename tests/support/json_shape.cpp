#include "support/json_shape.h"

#include <algorithm>
#include <set>

namespace bdupdate::test {

using Json = nlohmann::ordered_json;
using Differences = std::vector<std::string>;

namespace {

std::string type_name(const Json& value) {
    return value.is_number() ? "number" : value.type_name();
}

Differences compare(const Json& example, const Json& actual, const std::string& where);

Differences compare_objects(const Json& example, const Json& actual, const std::string& where) {
    Differences found;
    std::set<std::string> known;
    for (const auto& [marked, value] : example.items()) {
        const bool optional = !marked.empty() && marked.back() == '?';
        const std::string name = optional ? marked.substr(0, marked.size() - 1) : marked;
        known.insert(name);
        const auto field = actual.find(name);
        if (field == actual.end() || (optional && field->is_null())) {
            if (!optional) found.push_back(where + "." + name + " is missing");
            continue;
        }
        for (std::string& text : compare(value, *field, where + "." + name)) found.push_back(std::move(text));
    }
    for (const auto& [name, value] : actual.items())
        if (known.count(name) == 0) found.push_back(where + "." + name + " is not in the example");
    return found;
}

/// Every element must look like one of the example's, and the example must not show what does not come.
Differences compare_lists(const Json& example, const Json& actual, const std::string& where) {
    if (example.empty() != actual.empty())
        return {where + (actual.empty() ? " is empty, and is not in the example"
                                        : " is empty in the example, and is not: " + actual.dump())};
    Differences found;
    std::size_t index = 0;
    for (const Json& element : actual) {
        const std::string place = where + "[" + std::to_string(index++) + "]";
        Differences best;
        for (const Json& like : example) {
            Differences differences = compare(like, element, place);
            if (&like == &example.front() || differences.size() < best.size()) best = std::move(differences);
            if (best.empty()) break;
        }
        for (std::string& text : best) found.push_back(std::move(text));
    }
    return found;
}

Differences compare(const Json& example, const Json& actual, const std::string& where) {
    if (type_name(example) != type_name(actual))
        return {where + " is " + type_name(actual) + ", in the example " + type_name(example)};
    if (example.is_object()) return compare_objects(example, actual, where);
    if (example.is_array()) return compare_lists(example, actual, where);
    return {};
}

std::string event_of(const Json& document) {
    return document.is_object() ? document.value("event", "") : "";
}

}  // namespace

std::vector<Json> json_documents(const std::string& text, std::string& problem) {
    problem.clear();
    std::vector<Json> documents;
    // Pretty-printed documents, and one a line: a document ends where what was read so far is one.
    std::string waiting;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        waiting += text.substr(at, end - at) + "\n";
        at = end + 1;
        if (waiting.find_first_not_of(" \n") == std::string::npos) continue;
        const Json document = Json::parse(waiting, nullptr, false);
        if (document.is_discarded()) continue;
        documents.push_back(document);
        waiting.clear();
    }
    if (waiting.find_first_not_of(" \n") != std::string::npos) problem = "no JSON: " + waiting.substr(0, 400);
    return documents;
}

std::vector<std::string> shape_differences(const std::vector<Json>& example,
                                           const std::vector<Json>& actual) {
    Differences found;
    std::set<std::string> come;
    for (const Json& document : actual) {
        const std::string event = event_of(document);
        come.insert(event);
        const std::string where = event.empty() ? "" : "event " + event + ": ";
        Differences best = {where + "is not in the example: " + document.dump()};
        bool first = true;
        for (const Json& like : example) {
            if (event_of(like) != event) continue;
            Differences differences = compare(like, document, where);
            if (first || differences.size() < best.size()) best = std::move(differences);
            first = false;
        }
        found.insert(found.end(), best.begin(), best.end());
    }
    for (const Json& like : example)
        if (come.count(event_of(like)) == 0) found.push_back("event " + event_of(like) + " did not come");
    return found;
}

}  // namespace bdupdate::test
