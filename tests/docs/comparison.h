#pragma once

#include <map>
#include <string>

namespace bdupdate::docs {

/// Names that differ from run to run (backups, runs), as the page has them -> as they are this time. Learned
/// from outputs that fit, so that later commands of the page can use the names that it shows.
using Names = std::map<std::string, std::string>;

/// Whether an output is what a page shows: the same lines but for times, sizes, ids, host names, and the
/// width of gaps and of blank lines at the end. A line "…" stands for any number of lines, "…" at the end of
/// a line for the rest of it;
/// `^C` is what the terminal shows. Returns nothing where it fits (and adds to `names`), or what does not, in
/// words.
std::string difference(const std::string& shown, const std::string& output, Names& names);

/// What a page should show instead: the output, in the words of the page where they fit, with its elisions
/// as far as the lines around them are still there.
std::string rewritten(const std::string& shown, const std::string& output);

/// Puts the names of this time in place of those of the page.
Names reversed(const Names& names);
std::string with_names(std::string text, const Names& names);

}  // namespace bdupdate::docs
