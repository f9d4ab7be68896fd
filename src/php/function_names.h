#pragma once

#include <string_view>

namespace bdupdate::php {

/// Functions of PHP that change nothing that is followed here, whatever they are given, and whose result is
/// not computed.
bool is_harmless_function(std::string_view name);

/// Functions of PHP that may create, change or delete files.
bool writes_files(std::string_view name);

}  // namespace bdupdate::php
