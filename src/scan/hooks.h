#pragma once

#include "bdupdate/scan/inventory.h"
#include "loader.h"

namespace bdupdate::scan {

/// Fills in what the module's hook_update_last_removed() and hook_update_dependencies() return, evaluated
/// here or, where that cannot be done, by options.ask_php.
void read_hooks(const Loader& loader, const ScanOptions& options, ModuleCode& code);

}  // namespace bdupdate::scan
