#include "verify.h"

#include <map>

#include "bdupdate/base/file.h"
#include "config_archive.h"
#include "core_backup.h"
#include "dump_scanner.h"
#include "gzip.h"
#include "manifest.h"
#include "pump.h"

namespace bdupdate::backup {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> damaged(const fs::path& path, const std::string& what) {
    return fail(ExitCode::BackupFailed, path.string() + " is damaged: " + what, "make another backup");
}

Result<void> compare(const fs::path& path, const FileEntry& expected, const FileEntry& found) {
    if (found.bytes != expected.bytes)
        return damaged(path, "it has " + std::to_string(found.bytes) + " bytes instead of " +
                                 std::to_string(expected.bytes));
    if (found.sha256 != expected.sha256) return damaged(path, "its checksum is another");
    if (found.content_bytes != expected.content_bytes) return damaged(path, "its content has another length");
    return {};
}

Result<void> check_dump(const Backup& backup, const FileEntry& expected) {
    const fs::path path = backup.directory / expected.name;
    DumpScanner scanner;
    // Reading, checksum and gzip here, counting there.
    Pump pump([&scanner](std::string_view bytes) -> Result<void> {
        scanner.feed(bytes);
        return {};
    });
    BDUPDATE_ASSIGN(const FileEntry found,
                    read_gzip(path, [&pump](std::string_view bytes) { return pump.write(bytes); }));
    BDUPDATE_TRY(pump.finish());
    BDUPDATE_TRY(compare(path, expected, found));
    if (!scanner.complete()) return damaged(path, "the dump's end mark is missing");
    for (const TableEntry& table : backup.tables) {
        if (scanner.created().count(table.name) == 0)
            return damaged(path, "table " + table.name + " is missing");
        const auto at = scanner.rows().find(table.name);
        const std::uint64_t rows = at == scanner.rows().end() ? 0 : at->second;
        if (rows != table.rows)
            return damaged(path, "table " + table.name + " has " + std::to_string(rows) +
                                     " rows instead of " + std::to_string(table.rows));
    }
    return {};
}

Result<void> check_packed(const Backup& backup, const FileEntry& expected) {
    const fs::path path = backup.directory / expected.name;
    // What is inside follows from the file's own checksum; gzip's is checked on the way.
    BDUPDATE_ASSIGN(const FileEntry found,
                    read_gzip(path, [](std::string_view) -> Result<void> { return {}; }));
    return compare(path, expected, found);
}

Result<void> check_config(const Backup& backup, const FileEntry& expected) {
    const fs::path path = backup.directory / expected.name;
    BDUPDATE_ASSIGN(const ConfigArchive archive, read_config_archive(path));
    BDUPDATE_TRY(compare(path, expected, archive.entry));
    if (archive.files.size() != backup.config_files)
        return damaged(path, "it holds " + std::to_string(archive.files.size()) + " files instead of " +
                                 std::to_string(backup.config_files));
    return {};
}

Result<void> check_plain(const Backup& backup, const FileEntry& expected) {
    const fs::path path = backup.directory / expected.name;
    BDUPDATE_ASSIGN(FileEntry found, read_plain(path));
    found.content_bytes = expected.content_bytes;  // follows from the checksum
    return compare(path, expected, found);
}

Result<Backup> read_back(const Backup& backup, Depth depth) {
    if (backup.maker == Maker::Backdrop) return check_core_backup(backup);
    const fs::path path = backup.directory / manifest_name;
    const auto text = read_file(path);
    if (!text) return fail(ExitCode::BackupFailed, text.error().message);
    auto parsed = parse_manifest(*text);
    if (!parsed) return damaged(path, parsed.error().message);
    if (!parsed->complete)
        return fail(ExitCode::BackupFailed, "backup " + backup.id + " was never completed",
                    "make another backup");
    // Rendered again with its checksum: any byte that is not as render_manifest() wrote it is damage.
    if (render_manifest(*parsed) != *text) return damaged(path, "it is not as it was written");
    if (parsed->id != backup.directory.filename()) return damaged(path, "it belongs to backup " + parsed->id);
    parsed->directory = backup.directory;
    BDUPDATE_TRY(check_files(*parsed, depth));
    return parsed;
}

}  // namespace

Result<void> check_files(const Backup& backup, Depth depth) {
    bool database = false;
    for (const FileEntry& file : backup.files) {
        if (depth == Depth::Checksums) {
            BDUPDATE_TRY(check_plain(backup, file));
        } else if (file.name == dump_name) {
            BDUPDATE_TRY(check_dump(backup, file));
        } else if (file.name == config_name) {
            BDUPDATE_TRY(check_config(backup, file));
        } else if (file.name == routines_name) {
            BDUPDATE_TRY(check_packed(backup, file));
        } else {
            BDUPDATE_TRY(check_plain(backup, file));
        }
        database = database || file.name == dump_name || file.name == sqlite_name;
    }
    if (!database) return damaged(backup.directory, "it has no copy of the database");
    return {};
}

Result<Backup> verify(const Backup& backup) {
    return read_back(backup, Depth::Contents);
}

Result<Backup> verify_checksums(const Backup& backup) {
    return read_back(backup, Depth::Checksums);
}

}  // namespace bdupdate::backup
