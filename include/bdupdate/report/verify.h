#pragma once

#include <string>

#include "bdupdate/db/database.h"
#include "bdupdate/report/style.h"
#include "bdupdate/run/verify.h"
#include "bdupdate/site/site.h"

namespace bdupdate::report {

/// `verify`; with `details` every table that no module declares is named.
std::string verify_text(const run::Verification& found, const site::Site& site, const db::Server& server,
                        bool details, const Style& style);
std::string verify_json(const run::Verification& found);

}  // namespace bdupdate::report
