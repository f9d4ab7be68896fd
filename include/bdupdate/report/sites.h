#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/report/style.h"

namespace bdupdate::report {

/// How one of many sites fared.
struct SiteResult {
    enum class Ending { NotBegun, Ended, Crashed } ending = Ending::NotBegun;
    std::string name, root, site;
    ExitCode code = ExitCode::Done;  ///< of a crash: what it may have left
    std::string crash;               ///< "killed by signal 9"
    std::chrono::milliseconds elapsed{0};
    std::string word;         ///< of a site that is done, where that is not the word
    std::string text;         ///< what it came to, in a line
    std::string error, hint;  ///< the first error that it told
    std::string document;     ///< what stood on its stdout
};

/// Whether bdupdate ends with such a code of its own accord.
bool is_exit_code(int code);

/// The exit code of all, and the order of a table: 7, 8, 1, 130, 143, 129, 6, 5, 2, 11, 4, 3, 0.
ExitCode worst(const std::vector<SiteResult>& sites);

/// A row a site, the worst ones last, and a line that counts them. Ends with a newline.
std::string sites_text(const std::vector<SiteResult>& sites, const Style& style);

/// What the JSON document of a plan comes to; nothing where it is none.
struct Planned {
    std::size_t updates = 0, blocked = 0;
};
std::optional<Planned> planned(const std::string& plan_document);

/// One JSON document in pieces, for it is written while sites are still at work: `begin`, then each site, the
/// first with `first`, then the end.
std::string sites_json_begin();
std::string site_json(const SiteResult& site, bool first);
std::string sites_json_end(const std::vector<SiteResult>& sites);

}  // namespace bdupdate::report
