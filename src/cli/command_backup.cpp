#include "bdupdate/backup/backup.h"
#include "bdupdate/base/clock.h"
#include "bdupdate/base/digest.h"
#include "bdupdate/base/text.h"
#include "bdupdate/report/text.h"
#include "commands.h"
#include "progress.h"
#include "workplace.h"

namespace bdupdate::cli {

namespace {

Result<ExitCode> create(const Workplace& place, const std::filesystem::path& directory, Progress& progress,
                        Output& output) {
    BDUPDATE_ASSIGN(const auto maintenance, place.database->maintenance());
    backup::CreateOptions options;
    options.directory = directory;
    options.site_fingerprint = sha256_hex(place.database->server().identity);
    options.maintenance_was_on = maintenance.on();
    options.maintenance_before = maintenance.value;
    options.progress = [&progress](const std::string& what, std::uint64_t bytes) {
        progress.backup_progress(what, bytes);
    };
    const auto started = Monotonic::now();
    BDUPDATE_ASSIGN(const auto made, backup::create(place.site, *place.database, options));
    progress.backed_up(made,
                       std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - started));
    output.answer(made.id + "\n");
    return ExitCode::Done;
}

Result<ExitCode> verify(const std::filesystem::path& directory, std::string id, Output& output) {
    if (id.empty()) {
        BDUPDATE_ASSIGN(const auto all, backup::list(directory));
        if (all.empty())
            return fail(ExitCode::Usage, "there is no backup in " + directory.string(),
                        "bdupdate backup create");
        id = all.back().id;
    }
    BDUPDATE_ASSIGN(const auto found, backup::find(directory, id));
    BDUPDATE_TRY(backup::verify(found));
    output.answer(found.id + ": good (" + counted(found.files.size(), "file") + ", " +
                  counted(found.tables.size(), "table") + ")\n");
    return ExitCode::Done;
}

}  // namespace

Result<ExitCode> command_backup(const CommandLine& line, Output& output) {
    const bool creates = line.backup.action == BackupOptions::Action::Create;
    BDUPDATE_ASSIGN(const Workplace place,
                    open_workplace(line.global, creates ? Access::Write : Access::Read, output));
    const auto directory = line.global.backup_dir.value_or(place.paths.backups());
    Progress progress(output, line.global.format);
    if (creates) return create(place, directory, progress, output);
    if (line.backup.action == BackupOptions::Action::Verify) return verify(directory, line.backup.id, output);
    BDUPDATE_ASSIGN(const auto all, backup::list(directory));
    output.answer(line.global.format == Format::Json ? report::backups_json(all)
                                                     : report::backups_text(all, output.style()));
    return ExitCode::Done;
}

}  // namespace bdupdate::cli
