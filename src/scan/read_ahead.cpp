#include "read_ahead.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "bdupdate/base/text.h"
#include "bdupdate/base/unique_fd.h"

namespace bdupdate::scan {

namespace {

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

/// Reads an open file whole; its size, or nothing when reading failed, with errno.
std::optional<std::size_t> read_all(int fd, std::size_t expected, FileBuffer& buffer) {
    std::size_t filled = 0;
    buffer.make_room(expected + 1, 0);
    while (true) {
        const ssize_t got = ::read(fd, &buffer.bytes[filled], buffer.capacity - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) return filled;
        filled += static_cast<std::size_t>(got);
        if (filled == buffer.capacity) buffer.make_room(buffer.capacity * 2, filled);
    }
}

void keep_what_matters(ReadFile& read, FileBuffer& buffer) {
    auto& functions = read.outline.functions;
    functions.erase(std::remove_if(functions.begin(), functions.end(),
                                   [](const auto& function) { return !concerns_updates(function.name); }),
                    functions.end());
    if (!functions.empty() || !read.outline.loads.empty()) read.source = std::exchange(buffer, {});
}

}  // namespace

bool concerns_updates(const std::string& function) {
    std::string module, number;
    if (php::split_update_name(function, module, number)) return true;
    const std::string name = to_lower(function);
    return ends_with(name, "_update_last_removed") || ends_with(name, "_update_dependencies");
}

void FileBuffer::make_room(std::size_t size, std::size_t filled) {
    if (size <= capacity) return;
    // Not make_unique(): it would write zeros over all of it first.
    std::unique_ptr<char[]> larger(new char[size]);
    std::copy_n(bytes.get(), filled, larger.get());
    bytes = std::move(larger);
    capacity = size;
}

std::unique_ptr<ReadFile> read_outline(const std::filesystem::path& file, FileBuffer& buffer) {
    auto read = std::make_unique<ReadFile>();
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) return read;
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0) {
        read->state = ReadFile::State::Unreadable;
        read->error_number = errno;
        return read;
    }
    read->device = info.st_dev;
    read->inode = info.st_ino;
    if (!S_ISREG(info.st_mode)) {
        read->state = ReadFile::State::NotRegular;
    } else if (const auto size = read_all(fd.get(), static_cast<std::size_t>(info.st_size), buffer)) {
        read->state = ReadFile::State::Read;
        read->outline = php::outline({buffer.bytes.get(), *size});
        keep_what_matters(*read, buffer);
    } else {
        read->state = ReadFile::State::Unreadable;
        read->error_number = errno;
    }
    return read;
}

void ReadAhead::start(std::vector<std::filesystem::path> files) {
    for (std::filesystem::path& file : files) {
        if (!index_.try_emplace(file.string(), slots_.size()).second) continue;
        slots_.push_back(std::make_unique<Slot>());
        slots_.back()->file = std::move(file);
    }
    // For a few files a thread costs more than it saves.
    if (slots_.size() < 8) return;
    try {
        thread_ = std::thread([this] { read_backwards(); });
    } catch (const std::system_error&) {
        // No thread to be had: take() reads everything itself.
        return;
    }
}

void ReadAhead::read_backwards() {
    FileBuffer buffer;
    for (std::size_t i = slots_.size(); i-- > 0 && !stop_;) {
        Slot& slot = *slots_[i];
        if (slot.claimed.exchange(true)) continue;
        slot.content = read_outline(slot.file, buffer);
        slot.done.store(true);
        slot.done.notify_one();
    }
}

std::unique_ptr<ReadFile> ReadAhead::take(const std::filesystem::path& file) {
    const auto found = index_.find(file.string());
    if (found == index_.end()) return read_outline(file, buffer_);
    Slot& slot = *slots_[found->second];
    index_.erase(found);
    if (!slot.claimed.exchange(true)) return read_outline(file, buffer_);
    slot.done.wait(false);
    return std::move(slot.content);
}

ReadAhead::~ReadAhead() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
}

}  // namespace bdupdate::scan
