#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bdupdate {

/// Lower-case hexadecimal digests.
std::string md5_hex(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

/// SHA-256 over a stream.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    void update(std::string_view bytes);
    /// Ends the digest; update() must not be called afterwards.
    std::string hex();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Random bytes of the system, as lower-case hexadecimal (2 characters a byte).
std::string random_hex(std::size_t bytes);

std::string base64_encode(std::string_view bytes);
/// Empty optional semantics are not needed here: invalid input gives an empty string and ok = false.
std::string base64_decode(std::string_view text, bool& ok);

}  // namespace bdupdate
