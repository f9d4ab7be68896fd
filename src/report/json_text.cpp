#include "json_text.h"

#include <nlohmann/json.hpp>

namespace bdupdate::report {

std::string document(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string compact(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace bdupdate::report
