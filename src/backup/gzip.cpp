#include "gzip.h"

#include <fcntl.h>

#include <cerrno>

#include "bdupdate/base/file.h"

namespace bdupdate::backup {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t block_bytes = 256 * 1024;
constexpr int level = 1;
constexpr int gzip_window = 15 + 16;  // zlib: largest window, gzip's header and trailer
constexpr int memory_level = 8;

tl::unexpected<Error> file_failure(const std::string& what, const fs::path& path, const std::string& why) {
    return fail(ExitCode::BackupFailed, "cannot " + what + " " + path.string() + ": " + why);
}

/// Inflates one gzip member; zlib checks its CRC and length.
class Inflater {
  public:
    Inflater() : out_(block_bytes) { inflateInit2(&stream_, gzip_window); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() { inflateEnd(&stream_); }

    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] std::uint64_t total() const { return total_; }

    Result<void> feed(std::string_view bytes, const fs::path& path, const Sink& sink) {
        // zlib's interface wants non-const input but does not write to it.
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
        stream_.avail_in = static_cast<uInt>(bytes.size());
        while (stream_.avail_in > 0) {
            if (ended_)
                return fail(ExitCode::BackupFailed, path.string() + " is damaged: bytes follow its end");
            stream_.next_out = out_.data();
            stream_.avail_out = static_cast<uInt>(out_.size());
            const int code = inflate(&stream_, Z_NO_FLUSH);
            if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
                return fail(ExitCode::BackupFailed,
                            path.string() +
                                " is damaged: " + (stream_.msg != nullptr ? stream_.msg : "no gzip data"));
            const std::size_t got = out_.size() - stream_.avail_out;
            total_ += got;
            ended_ = code == Z_STREAM_END;
            if (got > 0) BDUPDATE_TRY(sink({reinterpret_cast<const char*>(out_.data()), got}));
        }
        return {};
    }

  private:
    z_stream stream_{};
    std::vector<unsigned char> out_;
    std::uint64_t total_ = 0;
    bool ended_ = false;
};

}  // namespace

GzipFile::GzipFile(fs::path path, UniqueFd fd)
    : path_(std::move(path)), fd_(std::move(fd)), out_(block_bytes) {
    deflateInit2(&stream_, level, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY);
}

GzipFile::~GzipFile() {
    deflateEnd(&stream_);
}

Result<std::unique_ptr<GzipFile>> GzipFile::create(const fs::path& path) {
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return file_failure("create", path, errno_text(errno));
    return std::unique_ptr<GzipFile>(new GzipFile(path, std::move(fd)));
}

Result<void> GzipFile::write(std::string_view bytes) {
    entry_.content_bytes += bytes.size();
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, 1U << 30U);  // zlib counts in unsigned int
        bytes.remove_prefix(part.size());
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(part.data()));
        stream_.avail_in = static_cast<uInt>(part.size());
        BDUPDATE_TRY(deflate_some(Z_NO_FLUSH));
    }
    return {};
}

Result<void> GzipFile::deflate_some(int flush) {
    do {
        stream_.next_out = out_.data();
        stream_.avail_out = static_cast<uInt>(out_.size());
        deflate(&stream_, flush);
        std::string_view ready(reinterpret_cast<const char*>(out_.data()), out_.size() - stream_.avail_out);
        sha256_.update(ready);
        entry_.bytes += ready.size();
        while (!ready.empty()) {
            const ssize_t written = ::write(fd_.get(), ready.data(), ready.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return file_failure("write", path_, errno_text(errno));
            ready.remove_prefix(static_cast<std::size_t>(written));
        }
    } while (stream_.avail_out == 0);
    return {};
}

Result<FileEntry> GzipFile::finish() {
    stream_.avail_in = 0;
    BDUPDATE_TRY(deflate_some(Z_FINISH));
    if (::fsync(fd_.get()) != 0) return file_failure("sync", path_, errno_text(errno));
    // close() is where some network file systems tell that the disk is full.
    if (::close(fd_.release()) != 0) return file_failure("write", path_, errno_text(errno));
    entry_.name = path_.filename();
    entry_.sha256 = sha256_.hex();
    return entry_;
}

Result<FileEntry> read_plain(const fs::path& path, const Sink& sink) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return file_failure("read", path, errno_text(errno));
    FileEntry entry;
    entry.name = path.filename();
    Sha256 sha256;
    std::vector<char> block(block_bytes);
    for (;;) {
        const ssize_t got = ::read(fd.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return file_failure("read", path, errno_text(errno));
        if (got == 0) break;
        const std::string_view bytes(block.data(), static_cast<std::size_t>(got));
        entry.bytes += bytes.size();
        sha256.update(bytes);
        if (sink) BDUPDATE_TRY(sink(bytes));
    }
    entry.sha256 = sha256.hex();
    return entry;
}

Result<FileEntry> read_gzip(const fs::path& path, const Sink& sink) {
    Inflater inflater;
    BDUPDATE_ASSIGN(FileEntry entry, read_plain(path, [&](std::string_view bytes) {
                        return inflater.feed(bytes, path, sink);
                    }));
    if (!inflater.ended())
        return fail(ExitCode::BackupFailed, path.string() + " is damaged: it ends too early");
    entry.content_bytes = inflater.total();
    return entry;
}

}  // namespace bdupdate::backup
