#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bdupdate/php/value.h"

namespace bdupdate::php {

/// parse_url() of `scheme://[user[:pass]@]host[:port][/path][?query][#fragment]`: an array as PHP gives it,
/// or FALSE where PHP refuses it. Without a value for every other form.
std::optional<Value> parse_url(std::string_view url);

std::string url_encode(std::string_view text, bool raw);
std::string url_decode(std::string_view text, bool raw);

}  // namespace bdupdate::php
