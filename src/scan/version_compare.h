#pragma once

#include <string_view>

namespace bdupdate::scan {

/// PHP's version_compare() without an operator: -1, 0 or 1.
int version_compare(std::string_view left, std::string_view right);

}  // namespace bdupdate::scan
