#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace bdupdate::report {

using Json = nlohmann::ordered_json;

/// The number of what docs/json.md describes, first in every document.
inline constexpr int schema = 1;

/// A document in lines, with a newline at its end. Bytes that are no UTF-8 are replaced, here and below.
std::string document(const Json& json);
/// The same in one line, without a newline: an event, a piece of something larger.
std::string compact(const Json& json);

}  // namespace bdupdate::report
