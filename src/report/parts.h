#pragma once

#include <string>

#include "bdupdate/db/database.h"
#include "bdupdate/plan/plan.h"
#include "bdupdate/report/style.h"
#include "bdupdate/report/text.h"
#include "bdupdate/run/view.h"
#include "bdupdate/site/site.h"

namespace bdupdate::report {

// What several texts have in common. Each ends with a newline, or is empty.

/// "/srv/club  Backdrop 1.34.3, MariaDB 10.11.6" without a newline; of a multisite, the site's own directory.
std::string site_line(const site::Site& site, const db::Server& server, const Style& style);

/// Enabled, and its code is not there: stands among what is blocked. Everything else is for information.
bool is_missing(const plan::ModuleNote& note);

/// What is said of them, and that somebody knows.
std::string why_blocked(const plan::Blocked& blocked);
std::string text_of(const plan::ModuleNote& note);

/// The run that is at work or did not end, with what to do, and an empty line; "" where there is none.
std::string open_run_text(const run::OpenRun& open, const Style& style);
/// What a reader must see first: notes, what a run would be refused for, what is broken, blocked and missing.
std::string trouble_text(const run::View& view, const Style& style);
/// The part of it about updates that will not run: blocked and missing.
std::string blocked_text(const plan::Plan& plan, const Style& style);
/// What is only to be known: modules without code, warnings.
std::string information_text(const run::View& view, const Style& style);

/// "16 updates pending in 6 modules, 1 blocked"
std::string summary_text(const plan::Plan& plan, const Style& style);

/// What stands for the description of an update that has none.
inline constexpr const char* no_description = "(no description)";

/// A path below the docroot without it, any other as it is.
std::string relative_to(const std::filesystem::path& file, const std::filesystem::path& docroot);

}  // namespace bdupdate::report
