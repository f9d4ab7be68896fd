#include "mysql_dump.h"

#include <algorithm>

#include "bdupdate/base/file.h"
#include "client.h"
#include "dump_scanner.h"
#include "gzip.h"
#include "manifest.h"
#include "pump.h"

namespace bdupdate::backup {

namespace fs = std::filesystem;

namespace {

struct Selection {
    std::vector<std::string> whole, structure;
    std::vector<TableEntry> entries;
};

Result<Selection> select_tables(db::Database& database) {
    BDUPDATE_ASSIGN(const auto tables, database.tables());
    BDUPDATE_ASSIGN(const std::vector<std::string> caches, database.cache_tables());
    Selection selection;
    for (const auto& table : tables) {
        const bool cache = std::find(caches.begin(), caches.end(), table.name) != caches.end();
        (cache ? selection.structure : selection.whole).push_back(table.name);
        selection.entries.push_back({table.name, 0, cache, table.is_view});
    }
    return selection;
}

/// A dump program at work, with the option file that it read.
struct Running {
    Subprocess child;
    OptionFile options;
};

class Dumper {
  public:
    Dumper(const site::DatabaseSettings& settings, std::string program, fs::path directory)
        : settings_(settings), program_(std::move(program)), directory_(std::move(directory)) {}

    Result<Running> start(const std::vector<std::string>& extra,
                          const std::vector<std::string>& tables) const {
        BDUPDATE_ASSIGN(OptionFile option_file, OptionFile::write(directory_, settings_));
        // --skip-add-locks: LOCK TABLES would need a privilege of its own when the dump is loaded.
        // --skip-dump-date: equal databases give equal dumps. The packet must hold the largest row, in
        // hexadecimal.
        std::vector<std::string> argv = {program_,
                                         option_file.argument(),
                                         "--single-transaction",
                                         "--quick",
                                         "--hex-blob",
                                         "--no-tablespaces",
                                         "--skip-add-locks",
                                         "--skip-triggers",
                                         "--skip-dump-date",
                                         "--default-character-set=utf8mb4",
                                         "--max-allowed-packet=1073741824"};
        if (is_oracle_dump(program_)) {
            argv.emplace_back("--column-statistics=0");
            argv.emplace_back("--set-gtid-purged=OFF");
        }
        argv.insert(argv.end(), extra.begin(), extra.end());
        argv.emplace_back("--");
        argv.push_back(settings_.database);
        argv.insert(argv.end(), tables.begin(), tables.end());
        auto child = Subprocess::spawn(client_command(std::move(argv)));
        if (child) return Running{std::move(*child), std::move(option_file)};
        Error error = std::move(child).error();
        error.code = ExitCode::BackupFailed;
        return fail(std::move(error));
    }

    Result<void> read(Running& running, const Sink& sink) const {
        return read_child(running.child, program_, ExitCode::BackupFailed, [&](std::string_view bytes) {
            running.options.remove();  // it has been read, for the program is talking
            return sink(bytes);
        });
    }

  private:
    const site::DatabaseSettings& settings_;
    std::string program_;
    fs::path directory_;
};

/// Both dumps into one file: first the structure of the cache tables, then the rest, whose end mark ends the
/// file.
Result<void> dump_tables(const Dumper& dumper, const Selection& selection, const CreateOptions& options,
                         std::uint64_t expected, GzipFile& file, DumpScanner& scanner) {
    std::uint64_t total = 0;
    // Reading and counting here, compressing there.
    Pump pump([&file](std::string_view bytes) { return file.write(bytes); });
    const Sink sink = [&](std::string_view bytes) -> Result<void> {
        scanner.feed(bytes);
        total += bytes.size();
        if (options.progress) options.progress("database", total, expected);
        return pump.write(bytes);
    };
    // Both start at once: the second waits in its pipe while the first is read.
    std::optional<Running> structure;
    std::optional<Running> whole;
    if (!selection.structure.empty()) {
        BDUPDATE_ASSIGN(Running running, dumper.start({"--no-data"}, selection.structure));
        structure.emplace(std::move(running));
    }
    if (!selection.whole.empty()) {
        BDUPDATE_ASSIGN(Running running, dumper.start({}, selection.whole));
        whole.emplace(std::move(running));
    }
    if (structure) BDUPDATE_TRY(dumper.read(*structure, sink));
    if (whole) BDUPDATE_TRY(dumper.read(*whole, sink));
    return pump.finish();
}

Result<void> check_dump(const DumpScanner& scanner, Selection& selection) {
    if (!scanner.complete())
        return fail(ExitCode::BackupFailed, "the dump of the database has no end mark: it was cut short");
    for (TableEntry& table : selection.entries) {
        if (scanner.created().count(table.name) == 0)
            return fail(ExitCode::BackupFailed, std::string(table.is_view ? "view " : "table ") + table.name +
                                                    " is missing in the dump");
        const auto rows = scanner.rows().find(table.name);
        if (rows != scanner.rows().end()) table.rows = rows->second;
    }
    return {};
}

/// Triggers and routines, as far as the account may read them: all, else the triggers alone, else a note.
Result<void> dump_code(const Dumper& dumper, const Selection& selection, const db::Database::StoredCode& code,
                       Backup& backup) {
    const fs::path path = backup.directory / routines_name;
    std::string reason;
    for (const bool routines : {true, false}) {
        if (routines ? code.routines == 0 : code.triggers == 0) continue;
        BDUPDATE_ASSIGN(const std::unique_ptr<GzipFile> file, GzipFile::create(path));
        std::vector<std::string> extra = {"--no-data", "--no-create-info", "--triggers"};
        if (routines) extra.emplace_back("--routines");
        BDUPDATE_ASSIGN(Running running, dumper.start(extra, selection.whole));
        const auto dumped = dumper.read(running, [&](std::string_view bytes) { return file->write(bytes); });
        if (dumped) {
            BDUPDATE_ASSIGN(FileEntry entry, file->finish());
            backup.files.push_back(std::move(entry));
            if (!reason.empty()) backup.notes.push_back("stored routines are left out: " + reason);
            return {};
        }
        fs::remove(path);
        reason = dumped.error().message;
    }
    backup.notes.push_back("triggers and stored routines are left out: " + reason);
    return {};
}

}  // namespace

Result<void> dump_mysql(const site::Site& site, db::Database& database, const CreateOptions& options,
                        Backup& backup) {
    const bool mariadb = database.server().product == "MariaDB";
    BDUPDATE_ASSIGN(const std::string program,
                    find_client(mariadb ? std::vector<std::string>{"mariadb-dump", "mysqldump"}
                                        : std::vector<std::string>{"mysqldump", "mariadb-dump"},
                                ExitCode::BackupFailed));
    BDUPDATE_ASSIGN(Selection selection, select_tables(database));
    BDUPDATE_ASSIGN(const auto code, database.stored_code());
    const Dumper dumper(site.database, program, backup.directory);
    DumpScanner scanner;
    BDUPDATE_ASSIGN(const std::unique_ptr<GzipFile> file, GzipFile::create(backup.directory / dump_name));
    // Rows as text take about as much as in the server's files; nobody is told more than "about".
    const std::uint64_t expected = options.progress ? database.data_bytes().value_or(0) : 0;
    BDUPDATE_TRY(dump_tables(dumper, selection, options, expected, *file, scanner));
    BDUPDATE_ASSIGN(FileEntry entry, file->finish());
    backup.files.push_back(std::move(entry));
    BDUPDATE_TRY(check_dump(scanner, selection));
    backup.tables = selection.entries;
    if (code.triggers + code.routines == 0 || selection.whole.empty()) return {};
    return dump_code(dumper, selection, code, backup);
}

}  // namespace bdupdate::backup
