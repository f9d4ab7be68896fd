#include <unistd.h>

#include <cstdlib>

#include "bdupdate/base/file.h"
#include "bdupdate/php/interpreter.h"

namespace bdupdate::php {

namespace fs = std::filesystem;

std::optional<fs::path> World::real_path(const fs::path& path) {
    if (!file_exists(path)) return std::nullopt;
    return path.lexically_normal();
}

bool SystemWorld::file_exists(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

bool SystemWorld::is_dir(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

bool SystemWorld::is_readable(const fs::path& path) {
    return ::access(path.c_str(), R_OK) == 0;
}

std::optional<std::string> SystemWorld::read(const fs::path& path) {
    auto content = read_file(path);
    if (!content) return std::nullopt;
    return std::move(*content);
}

std::optional<std::string> SystemWorld::environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nobody sets any
    if (value == nullptr) return std::nullopt;
    return std::string(value);
}

std::optional<fs::path> SystemWorld::real_path(const fs::path& path) {
    std::error_code problem;
    fs::path real = fs::canonical(path, problem);
    if (problem) return std::nullopt;
    return real;
}

}  // namespace bdupdate::php
