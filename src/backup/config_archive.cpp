#include "config_archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <ctime>
#include <memory>
#include <set>

#include "gzip.h"

namespace bdupdate::backup {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t tar_block = 10240;
/// Uncompressed: it is read whole, and a bomb must not take the machine's memory.
constexpr std::size_t largest = std::size_t{1} << 30U;

struct FreeReader {
    void operator()(archive* a) const { archive_read_free(a); }
};
struct FreeWriter {
    void operator()(archive* a) const { archive_write_free(a); }
};
struct FreeEntry {
    void operator()(archive_entry* e) const { archive_entry_free(e); }
};
using EntryPtr = std::unique_ptr<archive_entry, FreeEntry>;

/// Carries tar's bytes to the gzip file and an error of its back out of libarchive.
struct Output {
    GzipFile* file = nullptr;
    std::optional<Error> error;
};

la_ssize_t write_block(archive* a, void* data, const void* buffer, std::size_t size) {
    auto* output = static_cast<Output*>(data);
    auto written = output->file->write({static_cast<const char*>(buffer), size});
    if (written) return static_cast<la_ssize_t>(size);
    output->error = std::move(written).error();
    archive_set_error(a, ARCHIVE_FATAL, "%s", output->error->message.c_str());
    return -1;
}

tl::unexpected<Error> archive_failure(archive* a, const fs::path& path) {
    const char* words = archive_error_string(a);
    return fail(ExitCode::BackupFailed,
                path.string() + " is damaged: " + (words == nullptr ? "no tar archive" : words));
}

bool put(archive* a, const config::File& file, std::time_t now) {
    const EntryPtr entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), file.path.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), file.mode);
    archive_entry_set_uid(entry.get(), file.uid);
    archive_entry_set_gid(entry.get(), file.gid);
    archive_entry_set_mtime(entry.get(), now, 0);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.content->size()));
    if (archive_write_header(a, entry.get()) != ARCHIVE_OK) return false;
    return archive_write_data(a, file.content->data(), file.content->size()) ==
           static_cast<la_ssize_t>(file.content->size());
}

/// The name, if the entry is a plain file at the top; `./` before it is only a way of writing. Links,
/// devices, directories and whatever would leave the directory are nothing that a backup of ours or
/// Backdrop's holds.
std::string plain_name(archive_entry* entry) {
    const char* text = archive_entry_pathname(entry);
    std::string name = text == nullptr ? "" : text;
    if (name.rfind("./", 0) == 0) name.erase(0, 2);
    const bool plain = archive_entry_filetype(entry) == AE_IFREG &&
                       archive_entry_hardlink(entry) == nullptr && archive_entry_symlink(entry) == nullptr &&
                       name.find('/') == std::string::npos && name.find('\0') == std::string::npos &&
                       name != "." && name != "..";
    return plain ? name : "";
}

Result<config::File> take(archive* a, archive_entry* entry, const fs::path& path, std::size_t most) {
    config::File file;
    file.path = plain_name(entry);
    const char* name = archive_entry_pathname(entry);
    const la_int64_t stated = archive_entry_size(entry);
    if (file.path.empty())
        return fail(ExitCode::BackupFailed, path.string() + " holds what is no config file: " +
                                                (name == nullptr ? "an entry without a name" : name));
    if (stated < 0 || static_cast<std::size_t>(stated) > most)
        return fail(ExitCode::BackupFailed, path.string() + " is damaged: the size of " + file.path);
    file.mode = archive_entry_perm(entry) & 0777U;
    file.uid = static_cast<uid_t>(archive_entry_uid(entry));
    file.gid = static_cast<gid_t>(archive_entry_gid(entry));
    std::string content(static_cast<std::size_t>(stated), '\0');
    for (std::size_t size = 0; size < content.size();) {
        const la_ssize_t got = archive_read_data(a, content.data() + size, content.size() - size);
        if (got <= 0) return archive_failure(a, path);
        size += static_cast<std::size_t>(got);
    }
    file.content = std::move(content);
    return file;
}

/// Blocks of zeroes are all that may stand after the last file.
Result<void> check_end(const std::string& tar, archive* a, const fs::path& path) {
    constexpr std::size_t end_blocks = 1024;
    const auto used = static_cast<std::size_t>(archive_filter_bytes(a, 0));
    if (tar.size() < end_blocks || tar.size() < used ||
        tar.find_first_not_of('\0', tar.size() - end_blocks) != std::string::npos)
        return fail(ExitCode::BackupFailed, path.string() + " is damaged: it ends too early");
    return {};
}

}  // namespace

Result<FileEntry> write_config_archive(const fs::path& path, const std::vector<config::File>& files) {
    BDUPDATE_ASSIGN(const std::unique_ptr<GzipFile> gzip, GzipFile::create(path));
    Output output{gzip.get(), std::nullopt};
    const std::unique_ptr<archive, FreeWriter> writer(archive_write_new());
    archive_write_set_format_pax_restricted(writer.get());
    archive_write_set_bytes_per_block(writer.get(), tar_block);
    bool ok = archive_write_open(writer.get(), &output, nullptr, write_block, nullptr) == ARCHIVE_OK;
    const std::time_t now = std::time(nullptr);
    for (const config::File& file : files)
        if (file.content) ok = ok && put(writer.get(), file, now);
    ok = ok && archive_write_close(writer.get()) == ARCHIVE_OK;
    if (output.error) return fail(std::move(*output.error));
    if (!ok)
        return fail(ExitCode::BackupFailed,
                    "cannot write " + path.string() + ": " + archive_error_string(writer.get()));
    return gzip->finish();
}

Result<ConfigArchive> read_config_archive(const fs::path& path) {
    ConfigArchive result;
    std::string tar;  // config is small: a few hundred files of a few kilobytes
    BDUPDATE_ASSIGN(result.entry, read_gzip(path, [&](std::string_view bytes) -> Result<void> {
                        tar += bytes;
                        if (tar.size() <= largest) return {};
                        return fail(ExitCode::BackupFailed, path.string() + " is larger than any config");
                    }));
    const std::unique_ptr<archive, FreeReader> reader(archive_read_new());
    archive_read_support_format_tar(reader.get());
    if (archive_read_open_memory(reader.get(), tar.data(), tar.size()) != ARCHIVE_OK)
        return archive_failure(reader.get(), path);
    archive_entry* entry = nullptr;
    int code = ARCHIVE_OK;
    std::set<std::string> names;
    while ((code = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK) {
        BDUPDATE_ASSIGN(config::File file, take(reader.get(), entry, path, tar.size()));
        if (!names.insert(file.path).second)
            return fail(ExitCode::BackupFailed, path.string() + " holds " + file.path + " twice");
        result.files.push_back(std::move(file));
    }
    if (code != ARCHIVE_EOF) return archive_failure(reader.get(), path);
    BDUPDATE_TRY(check_end(tar, reader.get(), path));
    return result;
}

}  // namespace bdupdate::backup
