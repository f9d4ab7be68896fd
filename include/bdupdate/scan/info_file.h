#pragma once

#include <map>
#include <string>
#include <string_view>

#include "bdupdate/php/value.h"

namespace bdupdate::scan {

/// Reads the text of an .info file as core's backdrop_parse_info_format() does, oddities included: a key
/// without a value takes the next line for its value, and a line without `=` (such as a [section]) becomes
/// part of the next key. A value that is the name of one of `constants` (or TRUE, FALSE, NULL in any case) is
/// replaced by it.
php::Array parse_info(std::string_view text, const std::map<std::string, php::Value>& constants = {});

}  // namespace bdupdate::scan
