#include "scratch.h"

#include <fcntl.h>

#include <cerrno>

#include "bdupdate/base/file.h"
#include "client.h"
#include "core_backup.h"
#include "definer_filter.h"
#include "manifest.h"
#include "pump.h"

namespace bdupdate::backup {

namespace fs = std::filesystem;

namespace {

/// Before a dump: a table's rows are committed together, for a commit with each line of rows costs more than
/// the rows. CREATE TABLE commits by itself.
constexpr std::string_view before_load = "SET SESSION autocommit = 0;\n";
constexpr std::string_view after_load = "\nCOMMIT;\n";

/// The dump programs switch unique checks off. Together with that transaction MariaDB (10.6 and later) would
/// then collect a table's rows in temporary files and sort them: measured a fifth slower than inserting them.
std::string_view with_unique_checks(std::string_view bytes, std::string& copy) {
    constexpr std::size_t header = 4096;
    constexpr std::string_view off = ", UNIQUE_CHECKS=0 */";
    const std::size_t at = bytes.substr(0, header).find(off);
    if (at == std::string_view::npos) return bytes;
    copy = bytes;
    copy[at + off.size() - 4] = '1';
    return copy;
}

}  // namespace

tl::unexpected<Error> changed_meanwhile(const fs::path& path) {
    return fail(ExitCode::NeedsHands, path.string() + " has changed since it was verified");
}

Result<Scratch> Scratch::make(const fs::path& parent) {
    std::string pattern = parent / ".restore-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr)
        return fail(ExitCode::NeedsHands,
                    "cannot create a directory in " + parent.string() + ": " + errno_text(errno));
    return Scratch(pattern);
}

Scratch::~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<void> load_dump(const site::DatabaseSettings& settings, const Backup& backup, const FileEntry& entry,
                       const LoadOptions& options) {
    const fs::path path = backup.directory / entry.name;
    BDUPDATE_ASSIGN(const std::string program, find_client({"mariadb", "mysql"}, ExitCode::NeedsHands));
    BDUPDATE_ASSIGN(const Scratch scratch, Scratch::make(fs::temp_directory_path()));
    BDUPDATE_ASSIGN(const OptionFile option_file, OptionFile::write(scratch.path(), settings));
    // --binary-mode: a backslash or a \r in the data is data, never a command of the client.
    BDUPDATE_ASSIGN(
        Subprocess child,
        Subprocess::spawn(client_command({program, option_file.argument(), "--batch", "--binary-mode",
                                          "--default-character-set=utf8mb4",
                                          "--max-allowed-packet=1073741824", settings.database})));
    std::uint64_t total = 0;
    std::string first;
    return feed_child(child, program, ExitCode::NeedsHands, [&](const Sink& write) -> Result<void> {
        // Unpacking here, feeding there: the client takes a line of rows, and then waits for the server.
        Pump pump(write);
        DefinerFilter definers([&pump](std::string_view bytes) { return pump.write(bytes); });
        const Sink undefined = [&](std::string_view bytes) {
            return options.keep_definers ? pump.write(bytes) : definers.feed(bytes);
        };
        CoreDumpFilter chosen(
            undefined, options.keep ? options.keep : [](const std::string&) { return true; });
        if (!options.lock_name.empty())
            BDUPDATE_TRY(pump.write("DO GET_LOCK('" + options.lock_name + "', 60);\n"));
        BDUPDATE_TRY(pump.write(before_load));
        BDUPDATE_ASSIGN(const FileEntry found, read_gzip(path, [&](std::string_view bytes) -> Result<void> {
                            if (total == 0) bytes = with_unique_checks(bytes, first);
                            total += bytes.size();
                            if (options.progress) options.progress("database", total, entry.content_bytes);
                            return backup.maker == Maker::Backdrop ? chosen.feed(bytes) : undefined(bytes);
                        }));
        BDUPDATE_TRY(chosen.finish());
        BDUPDATE_TRY(definers.finish());
        if (found.sha256 != entry.sha256) return changed_meanwhile(path);
        BDUPDATE_TRY(pump.write(after_load));
        return pump.finish();
    });
}

Result<void> compare_rows(db::Database& database, const Backup& backup, ExitCode code,
                          const std::function<bool(const std::string&)>& wanted) {
    for (const TableEntry& table : backup.tables) {
        if (table.is_view || !wanted(table.name)) continue;
        auto rows = database.count_rows(table.name);
        if (!rows) {
            Error error = std::move(rows).error();
            error.code = code;
            return fail(std::move(error));
        }
        if (*rows != table.rows)
            return fail(code, "table " + table.name + " has " + std::to_string(*rows) +
                                  " rows after the restore instead of " + std::to_string(table.rows));
    }
    return {};
}

}  // namespace bdupdate::backup
