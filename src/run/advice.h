#pragma once

#include "bdupdate/run/run.h"

namespace bdupdate::run {

/// Adds to an error of an update, a boot or a flush what helps against it: where the code base defines what
/// PHP did not find, and the hint of hint_for(), where the error has none. Reads code and the list of
/// modules.
void advise(Context& context, Error& error);

}  // namespace bdupdate::run
