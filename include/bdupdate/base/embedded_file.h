#pragma once

#include <string_view>
#include <vector>

namespace bdupdate {

/// A file as it was at build time; it travels inside the binary (cmake/embed.cmake).
struct EmbeddedFile {
    std::string_view path;  ///< relative to the folder that was embedded
    std::string_view bytes;
};

}  // namespace bdupdate
