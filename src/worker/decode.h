#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bdupdate/worker/launch.h"
#include "bdupdate/worker/worker.h"

namespace bdupdate::worker {

using Json = nlohmann::json;

/// Text of a field, "" where it is missing or no text.
std::string text_of(const Json& object, const char* key);

/// "exception", "fatal" … of a frame; None where the frame reports success.
Failure failure_of(const Json& frame);

std::vector<Message> messages_of(const Json& frame);
std::vector<Requirement> requirements_of(const Json& frame);
std::vector<std::string> strings_of(const Json& object, const char* key);

/// Facts and all; paths as this machine sees them.
schema::Declared schema_of(const Json& schema);
BootReport boot_report_of(const Json& frame, const PathMap& map, plan::Rules rules);

PassReport pass_report_of(const Json& frame);

}  // namespace bdupdate::worker
