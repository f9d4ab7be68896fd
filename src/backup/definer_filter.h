#pragma once

#include <string>
#include <string_view>

#include "gzip.h"

namespace bdupdate::backup {

/// Takes `DEFINER=` clauses out of a dump as it streams by: views, triggers and routines then belong to the
/// account that loads them. Only a privileged account may name another one, and a restore must not fail over
/// that half way. Rows pass untouched: their lines begin otherwise, for dump programs escape line ends in
/// values.
class DefinerFilter {
  public:
    explicit DefinerFilter(Sink sink) : sink_(std::move(sink)) {}
    Result<void> feed(std::string_view bytes);
    /// Passes on what is left of a last line without an end.
    Result<void> finish();

  private:
    Result<void> flush_line();

    Sink sink_;
    std::string line_;  ///< a line that may hold such a clause, as far as it has come
    bool at_start_ = true;
    bool collecting_ = false;
};

/// The line without its clause; other lines as they are.
std::string without_definer(const std::string& line);

}  // namespace bdupdate::backup
