#pragma once

#include <mysql.h>

#include <string>
#include <string_view>

#include "bdupdate/base/error.h"

namespace bdupdate::db {

/// The login method caching_sha2_password, MySQL 8's default. libmariadb keeps it in a file of its own, which
/// a program that has libmariadb linked in cannot count on: it may run where none is installed.

/// What proves knowledge of the password to a server that has its digest in memory (fast authentication):
/// SHA256(password) xor SHA256(SHA256(SHA256(password)) + nonce), 32 bytes.
std::string caching_sha2_scramble(std::string_view password, std::string_view nonce);

/// What goes to a server that has not, over a connection that others may read (full authentication): the
/// password and a zero byte, xor the nonce, encrypted with the server's RSA key (PEM) by OAEP. Error
/// (Preflight): that is no key, or the password is too long for it.
Result<std::string> caching_sha2_encrypted(std::string_view password, std::string_view nonce,
                                           std::string_view public_key);

/// From now on libmariadb has the method built in, for the whole program. `handle` comes from mysql_init().
/// False: libmariadb refuses.
bool register_caching_sha2(MYSQL* handle);

/// The method in an error of libmariadb about one that it does not have: "Plugin NAME could not be loaded:
/// …". Empty: it is another error.
std::string missing_login_method(std::string_view message);

}  // namespace bdupdate::db
