#include "command_backup.h"

#include "bdupdate/base/clock.h"
#include "bdupdate/base/digest.h"
#include "bdupdate/base/text.h"
#include "bdupdate/report/backups.h"
#include "commands.h"
#include "progress.h"

namespace bdupdate::cli {

namespace fs = std::filesystem;

namespace {

using Action = BackupOptions::Action;

Result<ExitCode> create(const CommandLine& line, const Workplace& place, Output& output) {
    Progress progress(output, line.global.format);
    BDUPDATE_ASSIGN(const auto maintenance, place.database->maintenance());
    backup::CreateOptions options;
    options.directory = line.global.backup_dir.value_or(place.paths.backups());
    options.site_fingerprint = sha256_hex(place.database->server().identity);
    options.maintenance_was_on = maintenance.on();
    options.maintenance_before = maintenance.value;
    options.progress = [&progress](const std::string& what, std::uint64_t bytes, std::uint64_t expected) {
        progress.backup_progress(what, bytes, expected);
    };
    progress.phase("backing up");
    const auto started = Monotonic::now();
    BDUPDATE_ASSIGN(const auto made, backup::create(place.site, *place.database, options));
    progress.backed_up(made,
                       std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - started));
    if (line.global.format != Format::Json) output.answer(made.id + "\n");
    return ExitCode::Done;
}

Result<ExitCode> verify(const CommandLine& line, const Workplace& place, Output& output) {
    BDUPDATE_ASSIGN(const auto found, named_backup(line.global, place, line.backup.id));
    BDUPDATE_ASSIGN(const auto good, line.backup.deep
                                         ? backup::verify_deep(place.site, *place.database, found)
                                         : backup::verify(found));
    if (line.global.format == Format::Json) {
        output.answer(report::backup_json(good));
        return ExitCode::Done;
    }
    output.answer(good.id + ": good (" + counted(good.files.size(), "file") + ", " +
                  counted(good.tables.size(), "table") +
                  (line.backup.deep ? ", " + counted(good.rows(), "row") + " loaded and counted" : "") +
                  ")\n");
    if (good.maker == backup::Maker::Backdrop)
        output.note("made by Backdrop, without checksums: only gzip's and tar's own were checked");
    return ExitCode::Done;
}

Result<ExitCode> show(const CommandLine& line, const Workplace& place, Output& output) {
    BDUPDATE_ASSIGN(auto found, named_backup(line.global, place, line.backup.id));
    // Backdrop's own tells its tables only to who reads it.
    if (found.maker == backup::Maker::Backdrop)
        if (auto read = backup::verify(found)) found = std::move(*read);
    output.answer(line.global.format == Format::Json ? report::backup_json(found)
                                                     : report::backup_text(found, output.style()));
    return ExitCode::Done;
}

Result<ExitCode> list(const CommandLine& line, const Workplace& place, Output& output) {
    BDUPDATE_ASSIGN(const auto all, backup::list(backup_places(line.global, place)));
    output.answer(line.global.format == Format::Json ? report::backups_json(all)
                                                     : report::backups_text(all, output.style()));
    return ExitCode::Done;
}

/// Backups that an open run, or the mark, may need.
Result<std::vector<std::string>> needed_backups(const Workplace& place) {
    std::vector<std::string> ids;
    BDUPDATE_ASSIGN(auto journal, journal::Journal::open_read_only(place.paths.journal()));
    if (!journal) return ids;
    BDUPDATE_ASSIGN(const auto open, journal->open_run());
    if (open && !open->backup.empty()) ids.push_back(open->backup);
    BDUPDATE_ASSIGN(const auto mark, place.database->read_mark());
    if (!mark) return ids;
    BDUPDATE_ASSIGN(const auto marked, journal->run(mark->run));
    if (marked && !marked->backup.empty()) ids.push_back(marked->backup);
    return ids;
}

Result<ExitCode> prune(const CommandLine& line, const Workplace& place, Output& output) {
    BDUPDATE_ASSIGN(const auto needed, needed_backups(place));
    BDUPDATE_ASSIGN(const auto removed, backup::prune(line.global.backup_dir.value_or(place.paths.backups()),
                                                      line.backup.keep, needed));
    if (line.global.format == Format::Json) {
        output.answer(report::pruned_json(removed));
        return ExitCode::Done;
    }
    for (const std::string& id : removed) output.answer("removed " + id + "\n");
    if (removed.empty()) output.answer("nothing to remove\n");
    return ExitCode::Done;
}

Result<ExitCode> export_backup(const CommandLine& line, const Workplace& place, Output& output) {
    fs::path directory = line.backup.directory;
    if (directory.empty() && place.site.backup_directory) directory = *place.site.backup_directory;
    if (directory.empty())
        return fail(ExitCode::Usage, "$settings['backup_directory'] is not set: no place to export to",
                    "name a directory, and set it in settings.php for core's restore.php");
    BDUPDATE_ASSIGN(const auto found, named_backup(line.global, place, line.backup.id));
    BDUPDATE_ASSIGN(const fs::path folder, backup::export_to(found, directory));
    if (line.global.format == Format::Json) {
        output.answer(report::exported_json(found, folder));
        return ExitCode::Done;
    }
    output.answer(folder.string() + "\n");
    std::error_code error;
    if (!place.site.backup_directory || !fs::equivalent(*place.site.backup_directory, directory, error))
        output.note("core's restore.php looks in $settings['backup_directory'], which is " +
                    (place.site.backup_directory ? place.site.backup_directory->string() : "not set"));
    if (found.maintenance_was_on)
        output.note("maintenance mode was on when it was made, and is on after restore.php");
    if (found.has_code())
        output.note("triggers and routines are in a file of their own, which restore.php does not load");
    return ExitCode::Done;
}

Result<Workplace> open_for(const CommandLine& line, Output& output) {
    const Action action = line.backup.action;
    const bool writes =
        action == Action::Create || action == Action::Prune || (action == Action::Verify && line.backup.deep);
    return open_workplace(line.global,
                          action == Action::Restore ? Access::Repair
                          : writes                  ? Access::Write
                                                    : Access::Read,
                          output);
}

}  // namespace

std::vector<fs::path> backup_places(const GlobalOptions& options, const Workplace& place) {
    if (options.backup_dir) return {*options.backup_dir};
    std::vector<fs::path> places = {place.paths.backups()};
    if (place.site.backup_directory) places.push_back(*place.site.backup_directory);
    return places;
}

Result<backup::Backup> named_backup(const GlobalOptions& options, const Workplace& place,
                                    const std::string& id) {
    BDUPDATE_ASSIGN(const auto all, backup::list(backup_places(options, place)));
    if (all.empty())
        return fail(ExitCode::Usage,
                    "there is no backup in " + backup_places(options, place).front().string(),
                    "bdupdate backup create");
    return backup::find(all, id.empty() ? "latest" : id);
}

Result<ExitCode> command_backup(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(Workplace place, open_for(line, output));
    switch (line.backup.action) {
        case Action::Create:
            return create(line, place, output);
        case Action::List:
            return list(line, place, output);
        case Action::Show:
            return show(line, place, output);
        case Action::Verify:
            return verify(line, place, output);
        case Action::Restore:
            return restore_backup(line, place, output);
        case Action::Prune:
            return prune(line, place, output);
        case Action::Export:
            return export_backup(line, place, output);
    }
    return ExitCode::Usage;
}

}  // namespace bdupdate::cli
