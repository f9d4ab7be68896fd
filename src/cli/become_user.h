#pragma once

#include <string>

#include "bdupdate/base/error.h"

namespace bdupdate::cli {

/// Root becomes that user, with all groups and the home directory of a login; for good. Nothing happens
/// without a name, or where this is that user already. Error (Usage): there is no such user, or this is not
/// root.
Result<void> become_user(const std::string& name);

}  // namespace bdupdate::cli
