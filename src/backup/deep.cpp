#include <algorithm>

#include "bdupdate/base/file.h"
#include "bdupdate/db/sqlite_file.h"
#include "manifest.h"
#include "scratch.h"

// The deep look at a backup: load it, and count.

namespace bdupdate::backup {

namespace {

tl::unexpected<Error> not_good(Error error) {
    error.code = ExitCode::BackupFailed;
    return fail(std::move(error));
}

Result<void> count_sqlite(const Backup& backup) {
    const auto tables = db::read_sqlite_file(backup.directory / sqlite_name);
    if (!tables) return not_good(tables.error());
    for (const TableEntry& expected : backup.tables) {
        const auto found = std::find_if(tables->begin(), tables->end(), [&](const db::TableRows& table) {
            return table.name == expected.name;
        });
        if (found == tables->end())
            return fail(ExitCode::BackupFailed,
                        "table " + expected.name + " is missing in backup " + backup.id);
        if (found->rows != expected.rows)
            return fail(ExitCode::BackupFailed, "table " + expected.name + " has " +
                                                    std::to_string(found->rows) + " rows instead of " +
                                                    std::to_string(expected.rows));
    }
    return {};
}

Result<void> count_mysql(const site::Site& site, db::Database& database, const Backup& backup,
                         const std::string& name) {
    site::Site scratch = site;
    scratch.database.database = name;
    LoadOptions load;
    BDUPDATE_ASSIGN(load.keep_definers, database.may_set_definer());
    for (const char* file : {dump_name, routines_name})
        if (const FileEntry* entry = file_of(backup, file); entry != nullptr)
            BDUPDATE_TRY(load_dump(scratch.database, backup, *entry, load));
    db::OpenOptions open;
    open.allow_missing_schema = true;
    BDUPDATE_ASSIGN(const std::unique_ptr<db::Database> loaded,
                    db::open_database(scratch.database, site.kind, open));
    return compare_rows(*loaded, backup, ExitCode::BackupFailed, [](const std::string&) { return true; });
}

}  // namespace

Result<Backup> verify_deep(const site::Site& site, db::Database& database, const Backup& backup) {
    BDUPDATE_ASSIGN(Backup good, verify(backup));
    if (file_of(good, sqlite_name) != nullptr) {
        BDUPDATE_TRY(count_sqlite(good));
        return good;
    }
    if (site.database.driver == site::Driver::Sqlite)
        return fail(ExitCode::BackupFailed,
                    "backup " + good.id + " was made of another kind of database (" + good.driver + ")");
    const auto scratch = database.create_scratch();
    if (!scratch) {
        Error error = scratch.error();
        error.message = "cannot create a scratch database for a deep look: " + error.message;
        return not_good(std::move(error));
    }
    auto counted = count_mysql(site, database, good, *scratch);
    auto dropped = database.drop_scratch(*scratch);
    if (!counted) {
        Error error = std::move(counted).error();
        if (!dropped) error.join(dropped.error());
        return not_good(std::move(error));
    }
    if (!dropped) return not_good(dropped.error());
    return good;
}

}  // namespace bdupdate::backup
