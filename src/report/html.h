#pragma once

#include <string>
#include <string_view>

#include "bdupdate/run/history.h"

namespace bdupdate::report {

/// Any text as HTML: nothing in it is read as markup, in an element or in a quoted attribute. Control
/// characters are dropped, and bytes that are not UTF-8 become U+FFFD.
std::string escaped(std::string_view text);

/// A chart of what took how long, as an inline SVG: a row for each update and phase, in the order of time; in
/// a long run short ones that follow each other share a row. Rows lead to "#update-N".
std::string timeline_svg(const run::RunRecord& record);

/// The page's only style sheet; light and dark follow the reader's system.
extern const char* const report_css;

}  // namespace bdupdate::report
