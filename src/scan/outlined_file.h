#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "bdupdate/php/functions.h"

namespace bdupdate::scan {

/// Memory that one file after the other is read into: fresh memory costs more than reading does.
struct FileBuffer {
    std::unique_ptr<char[]> bytes;
    std::size_t capacity = 0;

    /// Room for `size` bytes; keeps the first `filled`.
    void make_room(std::size_t size, std::size_t filled);
};

/// What a PHP file holds that concerns updates.
struct OutlinedFile {
    enum class State { Missing, NotRegular, Unreadable, Read } state = State::Missing;
    int error_number = 0;  ///< of Unreadable
    dev_t device = 0;
    ino_t inode = 0;
    /// Of its functions only those that concern updates; of updates neither declaration nor body.
    php::Outline outline;
    std::string kept;  ///< what the outline points into
};

/// Whether a function of this name tells something about updates: an update itself, or one of the two hooks.
bool concerns_updates(const std::string& function);

/// Reads a file and outlines it.
std::unique_ptr<OutlinedFile> read_outline(const std::filesystem::path& file, FileBuffer& buffer);

}  // namespace bdupdate::scan
