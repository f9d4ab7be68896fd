#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/file.h"
#include "manifest.h"

// A backup for core's restore.php: it reads a folder of `$settings['backup_directory']` as the web server's
// user.

namespace bdupdate::backup {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> cannot(const std::string& what, const fs::path& path, int error_number) {
    return fail(ExitCode::BackupFailed,
                "cannot " + what + " " + path.string() + ": " + errno_text(error_number));
}

/// Started by root, the folder is the web server's: restore.php unpacks the dump beside itself. So it gets
/// the owner of the directory that it stands in.
struct Owner {
    uid_t uid = static_cast<uid_t>(-1);
    gid_t gid = static_cast<gid_t>(-1);
};

Result<void> give(int fd, const fs::path& path, const Owner& owner) {
    if (::geteuid() == 0 && ::fchown(fd, owner.uid, owner.gid) != 0) return cannot("give away", path, errno);
    return {};
}

/// Copies and checks on the way: what is exported is what was verified.
Result<void> copy_file(const fs::path& from, const fs::path& to, const std::string& sha256,
                       const Owner& owner) {
    const UniqueFd in(::open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!in) return cannot("read", from, errno);
    const UniqueFd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!out) return cannot("create", to, errno);
    Sha256 digest;
    std::vector<char> block(256 * 1024);
    for (;;) {
        const ssize_t got = ::read(in.get(), block.data(), block.size());
        if (got < 0) return cannot("read", from, errno);
        if (got == 0) break;
        std::string_view bytes(block.data(), static_cast<std::size_t>(got));
        digest.update(bytes);
        while (!bytes.empty()) {
            const ssize_t written = ::write(out.get(), bytes.data(), bytes.size());
            if (written < 0) return cannot("write", to, errno);
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    if (!sha256.empty() && digest.hex() != sha256)
        return fail(ExitCode::BackupFailed, from.string() + " has changed since it was verified");
    BDUPDATE_TRY(give(out.get(), to, owner));
    if (::fsync(out.get()) != 0) return cannot("sync", to, errno);
    return {};
}

Result<void> fill(const Backup& backup, const fs::path& folder, const Owner& owner) {
    for (const FileEntry& file : backup.files)
        if (file.name != backup_json_name(backup.id))
            BDUPDATE_TRY(copy_file(backup.directory / file.name, folder / file.name, file.sha256, owner));
    if (backup.maker == Maker::Bdupdate)
        BDUPDATE_TRY(copy_file(backup.directory / manifest_name, folder / manifest_name, {}, owner));
    // Last: restore.php lists what has one.
    const std::string info = backup_json_name(backup.id);
    std::string sha256;
    if (const FileEntry* entry = file_of(backup, info); entry != nullptr) sha256 = entry->sha256;
    BDUPDATE_TRY(copy_file(backup.directory / info, folder / info, sha256, owner));
    return sync_directory(folder);
}

}  // namespace

Result<fs::path> export_to(const Backup& backup, const fs::path& directory) {
    BDUPDATE_ASSIGN(const Backup good, verify(backup));
    if (file_of(good, dump_name) == nullptr)
        return fail(ExitCode::BackupFailed,
                    "backup " + good.id + " is of a SQLite database, which core's restore.php does not know",
                    "docs/backup.md says how to put it back by hand");
    std::error_code error;
    fs::create_directories(directory, error);
    struct stat info {};
    if (error || ::stat(directory.c_str(), &info) != 0)
        return cannot("create", directory, error ? error.value() : errno);
    const fs::path folder = fs::canonical(directory, error) / good.id;
    if (::mkdir(folder.c_str(), 0700) != 0) return cannot("create", folder, errno);
    const Owner owner{info.st_uid, info.st_gid};
    auto filled = fill(good, folder, owner);
    if (filled) {
        const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        filled = fd ? give(fd.get(), folder, owner) : Result<void>(cannot("open", folder, errno));
    }
    if (filled) return folder;
    Error failed = std::move(filled).error();
    fs::remove_all(folder, error);
    if (error) failed.details.push_back("also: cannot remove " + folder.string() + ": " + error.message());
    return fail(std::move(failed));
}

}  // namespace bdupdate::backup
