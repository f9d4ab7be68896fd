#pragma once

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/unique_fd.h"
#include "bdupdate/site/site.h"
#include "support/temp_directory.h"

namespace bdupdate::test {

/// The login half of a MySQL 8 server whose accounts have caching_sha2_password, for one client: greeting,
/// login, and nothing behind it. It holds a password as a real one does, as SHA256(SHA256(password)), and
/// believes a scramble only if it proves that. No TLS.
class LoginServer {
  public:
    struct Manner {
        bool tcp = false;        ///< else a socket of this machine
        bool remembers = false;  ///< it has the account's digest in memory: fast authentication
        std::string greets_with = "caching_sha2_password";
    };
    LoginServer(std::string password, Manner manner)
        : password_(std::move(password)), manner_(std::move(manner)), key_(EVP_RSA_gen(2048), EVP_PKEY_free) {
        open();
        thread_ = std::thread([this] { serve(); });
    }
    LoginServer(const LoginServer&) = delete;
    LoginServer& operator=(const LoginServer&) = delete;
    ~LoginServer() { finish(); }

    /// Of a site there; the account is `alice`.
    [[nodiscard]] site::DatabaseSettings settings(const std::string& password) const {
        site::DatabaseSettings settings;
        settings.driver = site::Driver::MySql;
        settings.database = "site_db";
        settings.username = "alice";
        settings.password = password;
        settings.host = "127.0.0.1";
        settings.port = port_;
        if (!manner_.tcp) settings.unix_socket = path().string();
        return settings;
    }
    /// What the client did, in order, once it is gone.
    const std::vector<std::string>& heard() {
        finish();
        return heard_;
    }

  private:
    [[nodiscard]] std::filesystem::path path() const { return temp_.path() / "socket"; }

    template <class Address>
    void listen_at(Address& address) {
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        if (::bind(listener_.get(), plain, size) != 0 || ::listen(listener_.get(), 1) != 0 ||
            ::getsockname(listener_.get(), plain, &size) != 0)
            throw std::runtime_error("no place for a server");
    }
    void open() {
        listener_ = UniqueFd(::socket(manner_.tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (manner_.tcp) {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            listen_at(address);
            port_ = ntohs(address.sin_port);
        } else {
            sockaddr_un address{};
            address.sun_family = AF_UNIX;
            path().string().copy(address.sun_path, sizeof address.sun_path - 1);
            listen_at(address);
        }
    }
    void finish() {
        if (!thread_.joinable()) return;
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }

    void send(const std::string& body) {
        std::string packet = {static_cast<char>(body.size() & 255U), static_cast<char>(body.size() >> 8U), 0,
                              static_cast<char>(sequence_++)};
        packet += body;
        static_cast<void>(::send(client_.get(), packet.data(), packet.size(), MSG_NOSIGNAL));
    }
    /// Empty, also when the client is gone.
    std::string receive() {
        unsigned char head[4] = {};
        if (::recv(client_.get(), head, sizeof head, MSG_WAITALL) != sizeof head) return {};
        std::string body(head[0] | static_cast<unsigned>(head[1]) << 8U, '\0');
        sequence_ = head[3] + 1;
        if (!body.empty() && ::recv(client_.get(), body.data(), body.size(), MSG_WAITALL) <= 0) return {};
        return body;
    }

    void serve() {
        client_ = UniqueFd(::accept(listener_.get(), nullptr, nullptr));
        if (!client_) return;
        greet();
        if (log_in())
            send(std::string("\0\0\0\2\0\0\0", 7));
        else
            send("\xff\x15\x04#28000Access denied for user 'alice'");
        receive();
        client_.reset();
    }

    void greet() {
        using namespace std::string_literals;
        // Protocol 4.1, secure connection, database, several statements, login methods by name.
        const std::string low("\x0f\xa2", 2), high("\x09\x00", 2);
        send("\x0a"s + "8.0.36\0"s + "\1\0\0\0"s + nonce_.substr(0, 8) + "\0"s + low + "\xff\2\0"s + high +
             "\x15"s + std::string(10, '\0') + nonce_.substr(8) + "\0"s + manner_.greets_with + "\0"s);
    }

    bool log_in() {
        const std::string response = receive();
        const std::size_t user_end = response.find('\0', 32);
        if (user_end == std::string::npos || response.substr(32, user_end - 32) != "alice") return false;
        const std::size_t length = static_cast<unsigned char>(response.at(user_end + 1));
        std::string proof = response.substr(user_end + 2, length);
        const std::size_t database_end = response.find('\0', user_end + 2 + length);
        const std::string method =
            response.substr(database_end + 1, response.find('\0', database_end + 1) - database_end - 1);
        if (method != "caching_sha2_password") {
            heard_.push_back("logs in by " + method);
            send(std::string("\xfe"
                             "caching_sha2_password\0",
                             23) +
                 nonce_ + std::string(1, '\0'));
            proof = receive();
        }
        return check(proof);
    }

    bool check(const std::string& proof) {
        if (proof.empty() || proof == std::string(1, '\0')) {
            heard_.emplace_back("no password");
            return password_.empty();
        }
        if (manner_.remembers) {
            if (!proves(proof)) return false;
            heard_.emplace_back("proof");
            send("\1\3");
            return true;
        }
        send("\1\4");
        std::string sent = receive();
        if (manner_.tcp && sent == "\2") {
            heard_.emplace_back("asks for the key");
            send("\1" + public_key());
            const std::string encrypted = receive();
            heard_.push_back(encrypted.find(password_) == std::string::npos ? "encrypted" : "readable");
            sent = decrypted(encrypted);
        } else {
            heard_.emplace_back("plain");
        }
        return sent == password_ + std::string(1, '\0');
    }

    static std::string sha256(const std::string& bytes) {
        Sha256 digest;
        digest.update(bytes);
        const std::string hex = digest.hex();
        std::string raw;
        for (std::size_t i = 0; i < hex.size(); i += 2)
            raw += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
        return raw;
    }
    /// As the server does it: of the password it has only the digest of its digest.
    [[nodiscard]] bool proves(const std::string& proof) const {
        const std::string stored = sha256(sha256(password_));
        const std::string mask = sha256(stored + nonce_);
        std::string once = proof;
        for (std::size_t i = 0; i < once.size() && i < mask.size(); ++i)
            once[i] = static_cast<char>(once[i] ^ mask[i]);
        return proof.size() == mask.size() && sha256(once) == stored;
    }

    [[nodiscard]] std::string public_key() const {
        const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
        PEM_write_bio_PUBKEY(bio.get(), key_.get());
        char* text = nullptr;
        const long size = BIO_get_mem_data(bio.get(), &text);
        return {text, static_cast<std::size_t>(size)};
    }
    [[nodiscard]] std::string decrypted(const std::string& bytes) const {
        const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
            EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
        std::string plain(4096, '\0');
        std::size_t size = plain.size();
        if (EVP_PKEY_decrypt_init(context.get()) <= 0 ||
            EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) <= 0 ||
            EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(plain.data()), &size,
                             reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) <= 0)
            return {};
        plain.resize(size);
        for (std::size_t i = 0; i < size; ++i)
            plain[i] = static_cast<char>(plain[i] ^ nonce_[i % nonce_.size()]);
        return plain;
    }

    std::string password_, nonce_ = "0123456789abcdefghij";
    Manner manner_;
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
    TempDirectory temp_;
    UniqueFd listener_, client_;
    int port_ = 0;
    unsigned sequence_ = 0;
    std::vector<std::string> heard_;
    std::thread thread_;
};

}  // namespace bdupdate::test
