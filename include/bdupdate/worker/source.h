#pragma once

#include <vector>

#include "bdupdate/base/embedded_file.h"

namespace bdupdate::worker {

/// Every PHP file of src/worker/php, sorted by path, such as "bare/schema.php".
std::vector<EmbeddedFile> embedded_php();

}  // namespace bdupdate::worker
