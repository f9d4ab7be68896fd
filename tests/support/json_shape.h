#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace bdupdate::test {

/// Consecutive JSON documents, such as one a line. `problem`: "", or what is no JSON.
std::vector<nlohmann::ordered_json> json_documents(const std::string& text, std::string& problem);

/// How the shape of documents differs from that of an example: fields, their types, elements of lists. Names
/// that end with "?" in the example may be null or missing. Documents with an "event" are compared with the
/// examples of that event, and each event of the example must come.
std::vector<std::string> shape_differences(const std::vector<nlohmann::ordered_json>& example,
                                           const std::vector<nlohmann::ordered_json>& actual);

}  // namespace bdupdate::test
