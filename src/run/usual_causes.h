#pragma once

#include <string>

namespace bdupdate::run {

/// What to do about an error of an update, a boot or a flush, where it is one of those that people report
/// most: missing and doubled tables, columns and keys, memory, time, connections, locks, packets, privileges,
/// files. Pure. `error` is PHP's and the database server's own words; empty: none that is known.
std::string hint_for(const std::string& error);

}  // namespace bdupdate::run
