#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bdupdate/php/functions.h"

namespace bdupdate::scan {

/// Memory that files are read into. One that held nothing worth keeping serves for the next file: fresh
/// memory costs more than reading does.
struct FileBuffer {
    std::unique_ptr<char[]> bytes;
    std::size_t capacity = 0;

    /// Room for `size` bytes; keeps the first `filled`.
    void make_room(std::size_t size, std::size_t filled);
};

/// A PHP file as it was read: its outline points into its source.
struct ReadFile {
    enum class State { Missing, NotRegular, Unreadable, Read } state = State::Missing;
    int error_number = 0;  ///< of Unreadable
    dev_t device = 0;
    ino_t inode = 0;
    FileBuffer source;  ///< empty where the outline has nothing that points into it
    php::Outline outline;
};

/// Whether a function of this name tells something about updates: an update itself, or one of the two hooks.
bool concerns_updates(const std::string& function);

/// Reads a file into `buffer` and outlines it. Functions that do not concern updates are left out; where
/// something is left, the result takes the buffer over.
std::unique_ptr<ReadFile> read_outline(const std::filesystem::path& file, FileBuffer& buffer);

/// Reads files that will be asked for soon on a second thread, from the last to the first, while the caller
/// takes them from the first to the last: reading and lexing is most of what `status` does. take() may be
/// called from one thread.
class ReadAhead {
  public:
    ReadAhead() = default;
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;
    ~ReadAhead();

    /// The files in the order in which they will be taken. Once only.
    void start(std::vector<std::filesystem::path> files);

    /// The file, read by whoever came first. Each file can be taken once; a file not named to start() is read
    /// now.
    std::unique_ptr<ReadFile> take(const std::filesystem::path& file);

  private:
    struct Slot {
        std::filesystem::path file;
        std::atomic<bool> claimed{false};
        std::atomic<bool> done{false};
        std::unique_ptr<ReadFile> content;
    };
    void read_backwards();

    std::vector<std::unique_ptr<Slot>> slots_;
    std::map<std::string, std::size_t> index_;
    FileBuffer buffer_;  ///< of take(); the thread has one of its own
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace bdupdate::scan
