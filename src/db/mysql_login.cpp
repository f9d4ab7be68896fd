#include "mysql_login.h"

// The plain functions: see base/digest.cpp.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <errmsg.h>
#include <mysql.h>
#include <mysql/plugin_auth.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <array>
#include <memory>

// st_mysql_client_plugin_AUTHENTICATION of <mysql/client_plugin.h>, which includes a file that Debian does
// not ship.
extern "C" {
struct AuthenticationPlugin {
    MYSQL_CLIENT_PLUGIN_HEADER
    int (*authenticate_user)(MYSQL_PLUGIN_VIO* vio, struct st_mysql* mysql);
};
}

namespace bdupdate::db {

namespace {

constexpr int authentication_plugin = 2;
constexpr unsigned interface_version = 0x0100;

constexpr std::size_t nonce_bytes = 20;
// What the server answers to the scramble, and what asks it for its key.
constexpr unsigned char fast_authentication_done = 3, full_authentication = 4, public_key_please = 2;

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view text_of(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Digest sha256(std::string_view bytes) {
    Digest digest{};
    SHA256(bytes_of(bytes), bytes.size(), digest.data());
    return digest;
}

struct FreeOpenSsl {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};

template <class T>
using Owned = std::unique_ptr<T, FreeOpenSsl>;

int refuse(MYSQL* mysql, const std::string& why) {
    mysql->net.last_errno = CR_AUTH_PLUGIN_ERR;
    const std::string words = "caching_sha2_password: " + why;
    mysql->net.last_error[words.copy(mysql->net.last_error, sizeof mysql->net.last_error - 1)] = '\0';
    return CR_ERROR;
}

bool write_packet(MYSQL_PLUGIN_VIO* vio, std::string_view bytes) {
    return vio->write_packet(vio, bytes_of(bytes), static_cast<int>(bytes.size())) == 0;
}

/// Whether nobody can read along: TLS, or a socket of this machine.
bool is_private(MYSQL_PLUGIN_VIO* vio, MYSQL* mysql) {
    if (mysql_get_ssl_cipher(mysql) != nullptr) return true;
    MYSQL_PLUGIN_VIO_INFO info{};
    vio->info(vio, &info);
    return info.protocol == MYSQL_PLUGIN_VIO_INFO::MYSQL_VIO_SOCKET;
}

int send_password(MYSQL_PLUGIN_VIO* vio, MYSQL* mysql, std::string_view password, std::string_view nonce) {
    if (is_private(vio, mysql)) {
        std::string plain(password);
        return write_packet(vio, plain.append(1, '\0')) ? CR_OK : CR_ERROR;
    }
    const char wish = static_cast<char>(public_key_please);
    if (!write_packet(vio, {&wish, 1})) return CR_ERROR;
    unsigned char* packet = nullptr;
    const int length = vio->read_packet(vio, &packet);
    if (length < 0) return CR_ERROR;
    const auto encrypted = caching_sha2_encrypted(
        password, nonce, {reinterpret_cast<const char*>(packet), static_cast<std::size_t>(length)});
    if (!encrypted) return refuse(mysql, encrypted.error().message);
    return write_packet(vio, *encrypted) ? CR_OK : CR_ERROR;
}

int authenticate(MYSQL_PLUGIN_VIO* vio, MYSQL* mysql) {
    unsigned char* packet = nullptr;
    int length = vio->read_packet(vio, &packet);
    if (length < static_cast<int>(nonce_bytes))
        return length < 0 ? CR_ERROR : refuse(mysql, "the greeting is too short");
    const std::string nonce(reinterpret_cast<const char*>(packet), nonce_bytes);
    const std::string_view password = mysql->passwd == nullptr ? "" : mysql->passwd;
    if (password.empty()) return write_packet(vio, std::string_view("\0", 1)) ? CR_OK : CR_ERROR;

    if (!write_packet(vio, caching_sha2_scramble(password, nonce))) return CR_ERROR;
    length = vio->read_packet(vio, &packet);
    if (length < 0) return CR_ERROR;
    if (length != 1) return CR_OK_HANDSHAKE_COMPLETE;  // the server's last word already
    if (packet[0] == fast_authentication_done) return CR_OK;
    if (packet[0] == full_authentication) return send_password(vio, mysql, password, nonce);
    return refuse(mysql, "the server answers with " + std::to_string(packet[0]));
}

AuthenticationPlugin plugin() {
    AuthenticationPlugin method{};
    method.type = authentication_plugin;
    method.interface_version = interface_version;
    method.name = "caching_sha2_password";
    method.author = "bdupdate";
    method.desc = "login of MySQL 8";
    method.version[0] = 1;
    method.license = "GPL";
    method.authenticate_user = authenticate;
    return method;
}

}  // namespace

std::string caching_sha2_scramble(std::string_view password, std::string_view nonce) {
    const Digest once = sha256(password);
    const Digest mask = sha256(std::string(text_of(sha256(text_of(once)))).append(nonce));
    std::string scramble(once.size(), '\0');
    for (std::size_t i = 0; i < once.size(); ++i) scramble[i] = static_cast<char>(once[i] ^ mask[i]);
    return scramble;
}

Result<std::string> caching_sha2_encrypted(std::string_view password, std::string_view nonce,
                                           std::string_view public_key) {
    const Owned<BIO> bio(BIO_new_mem_buf(public_key.data(), static_cast<int>(public_key.size())));
    const Owned<EVP_PKEY> key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    if (!key || nonce.empty()) return fail(ExitCode::Preflight, "the server sends no public key");
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key.get(), nullptr));
    std::string message(password);
    message += '\0';
    for (std::size_t i = 0; i < message.size(); ++i)
        message[i] = static_cast<char>(message[i] ^ nonce[i % nonce.size()]);
    std::size_t size = 0;
    std::string encrypted;
    const bool ready = context && EVP_PKEY_encrypt_init(context.get()) > 0 &&
                       EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) > 0 &&
                       EVP_PKEY_encrypt(context.get(), nullptr, &size, bytes_of(message), message.size()) > 0;
    encrypted.resize(size);
    if (!ready || EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(encrypted.data()), &size,
                                   bytes_of(message), message.size()) <= 0)
        return fail(ExitCode::Preflight, "the password cannot be encrypted with the server's public key");
    encrypted.resize(size);
    return encrypted;
}

bool register_caching_sha2(MYSQL* handle) {
    static const bool registered = [handle] {
        static AuthenticationPlugin method = plugin();
        return mysql_client_register_plugin(handle, reinterpret_cast<st_mysql_client_plugin*>(&method)) !=
               nullptr;
    }();
    return registered;
}

std::string missing_login_method(std::string_view message) {
    constexpr std::string_view before = "Plugin ";
    if (message.substr(0, before.size()) != before ||
        message.find(" could not be loaded") == std::string_view::npos)
        return {};
    message.remove_prefix(before.size());
    return std::string(message.substr(0, message.find(' ')));
}

}  // namespace bdupdate::db
