#include "bdupdate/base/digest.h"

// The plain functions: OpenSSL 3 would rather have EVP, whose first look for an algorithm reads OpenSSL's
// configuration, half a millisecond at every start.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace bdupdate {

namespace {

std::string hex_of(const std::uint8_t* bytes, std::size_t count) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(count * 2);
    for (std::size_t i = 0; i < count; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

const std::uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

std::string md5_hex(std::string_view bytes) {
    MD5_CTX context;
    MD5_Init(&context);
    MD5_Update(&context, bytes.data(), bytes.size());
    std::array<std::uint8_t, MD5_DIGEST_LENGTH> digest{};
    MD5_Final(digest.data(), &context);
    return hex_of(digest.data(), digest.size());
}

struct Sha256::State {
    SHA256_CTX context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    SHA256_Init(&state_->context);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
    SHA256_Update(&state_->context, bytes.data(), bytes.size());
}

std::string Sha256::hex() {
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    SHA256_Final(digest.data(), &state_->context);
    return hex_of(digest.data(), digest.size());
}

std::string sha256_hex(std::string_view bytes) {
    Sha256 digest;
    digest.update(bytes);
    return digest.hex();
}

std::string random_hex(std::size_t bytes) {
    std::string buffer(bytes, '\0');
    std::size_t filled = 0;
    while (filled < bytes) {
        const ssize_t got = ::getrandom(buffer.data() + filled, bytes - filled, 0);
        if (got > 0)
            filled += static_cast<std::size_t>(got);
        else if (errno != EINTR)
            std::abort();  // no randomness: names and tokens would collide
    }
    return hex_of(bytes_of(buffer), bytes);
}

namespace {
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

std::string base64_encode(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (i + j < bytes.size() ? static_cast<std::uint8_t>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            text += i + j > bytes.size() ? '=' : alphabet[group >> (18 - 6 * j) & 63];
    }
    return text;
}

std::string base64_decode(std::string_view text, bool& ok) {
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    int bits = 0;
    ok = text.size() % 4 == 0;
    for (std::size_t i = 0; i < text.size() && ok; ++i) {
        if (text[i] == '=') {
            ok = i + 2 >= text.size() && (i + 1 == text.size() || text[i + 1] == '=');
            continue;
        }
        const std::size_t value = alphabet.find(text[i]);
        ok = value != std::string_view::npos;
        group = group << 6 | static_cast<std::uint32_t>(value & 63);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(group >> bits & 255);
        }
    }
    return ok ? bytes : std::string();
}

}  // namespace bdupdate
