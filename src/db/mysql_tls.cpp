#include "mysql_tls.h"

#include <filesystem>

namespace bdupdate::db {

namespace {

/// Null for libmariadb where nothing is given.
const char* given(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

}  // namespace

Result<void> set_tls(MYSQL* handle, const site::Tls& tls, bool by_socket) {
    if (!tls.wanted()) return {};
    // Where PHP is told not to verify, what stands for the authority's file is often no file.
    const std::string ca = tls.verify ? tls.ca : "", directory = tls.verify ? tls.ca_directory : "";
    for (const std::string& path : {tls.key, tls.certificate, ca, directory}) {
        std::error_code ignored;
        if (!path.empty() && !std::filesystem::exists(path, ignored))
            return fail(ExitCode::Preflight,
                        "settings.php encrypts the connection to the database with " + path +
                            ", which is not on this machine",
                        "put it there, or say with --path-map where this machine has it");
    }
    const my_bool yes = 1;
    const my_bool verify = tls.verify && !by_socket ? 1 : 0;
    mysql_ssl_set(handle, given(tls.key), given(tls.certificate), given(ca), given(directory),
                  given(tls.cipher));
    mysql_optionsv(handle, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_optionsv(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    return {};
}

}  // namespace bdupdate::db
