#pragma once

#include <mysql.h>

#include "bdupdate/base/error.h"
#include "bdupdate/site/site.h"

namespace bdupdate::db {

/// Makes the connection that `handle` will open an encrypted one, with the certificates that PHP uses. Over
/// TCP the server's name is checked, too. Error (Preflight): a file of them is not on this machine.
Result<void> set_tls(MYSQL* handle, const site::Tls& tls, bool by_socket);

}  // namespace bdupdate::db
