#include "outlined_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

#include "bdupdate/base/text.h"
#include "bdupdate/base/unique_fd.h"

namespace bdupdate::scan {

namespace {

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

bool is_update(const std::string& function) {
    std::string module, number;
    return php::split_update_name(function, module, number);
}

/// Reads an open file whole; its size, or nothing when reading failed, with errno.
std::optional<std::size_t> read_all(int fd, std::size_t expected, FileBuffer& buffer) {
    std::size_t filled = 0;
    buffer.make_room(expected + 1, 0);
    while (true) {
        const ssize_t got = ::read(fd, &buffer.bytes[filled], buffer.capacity - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        filled += static_cast<std::size_t>(got);
        // Less than there was room for: the end of a file of the size that it was said to have.
        if (got == 0 || (filled < buffer.capacity && filled >= expected)) return filled;
        if (filled == buffer.capacity) buffer.make_room(buffer.capacity * 2, filled);
    }
}

/// The views of an outline that anybody looks at.
template <typename Visit>
void for_each_view(php::Outline& outline, const Visit& visit) {
    for (php::FunctionDeclaration& function : outline.functions) {
        const std::ptrdiff_t body = function.body.data() - function.declaration.data();
        const std::size_t body_size = function.body.size();
        visit(function.doc_comment);
        visit(function.declaration);
        if (!function.declaration.empty())
            function.body = function.declaration.substr(static_cast<std::size_t>(body), body_size);
    }
    for (php::Load& load : outline.loads) {
        visit(load.name);
        visit(load.text);
    }
}

/// Leaves out what does not concern updates, and copies the rest from the buffer, which the next file needs.
void keep_what_matters(OutlinedFile& read) {
    auto& functions = read.outline.functions;
    functions.erase(std::remove_if(functions.begin(), functions.end(),
                                   [](const auto& function) { return !concerns_updates(function.name); }),
                    functions.end());
    for (php::FunctionDeclaration& function : functions) {
        if (is_update(function.name)) function.declaration = function.body = {};
    }
    std::size_t size = 0;
    for_each_view(read.outline, [&size](std::string_view view) { size += view.size(); });
    read.kept.reserve(size);
    for_each_view(read.outline, [&read](std::string_view& view) {
        const std::size_t start = read.kept.size();
        read.kept += view;
        view = std::string_view(read.kept).substr(start);
    });
}

}  // namespace

bool concerns_updates(const std::string& function) {
    if (is_update(function)) return true;
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

std::unique_ptr<OutlinedFile> read_outline(const std::filesystem::path& file, FileBuffer& buffer) {
    auto read = std::make_unique<OutlinedFile>();
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) return read;
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0) {
        read->state = OutlinedFile::State::Unreadable;
        read->error_number = errno;
        return read;
    }
    read->device = info.st_dev;
    read->inode = info.st_ino;
    if (!S_ISREG(info.st_mode)) {
        read->state = OutlinedFile::State::NotRegular;
    } else if (const auto size = read_all(fd.get(), static_cast<std::size_t>(info.st_size), buffer)) {
        read->state = OutlinedFile::State::Read;
        read->outline = php::outline({buffer.bytes.get(), *size});
        keep_what_matters(*read);
    } else {
        read->state = OutlinedFile::State::Unreadable;
        read->error_number = errno;
    }
    return read;
}

}  // namespace bdupdate::scan
