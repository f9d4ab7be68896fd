// `history`, `show` and `report`: what the journal knows of runs.

#include "command_history.h"

#include <unistd.h>

#include "bdupdate/base/file.h"
#include "bdupdate/report/history.h"
#include "bdupdate/run/history.h"
#include "commands.h"

namespace bdupdate::cli {

namespace fs = std::filesystem;

namespace {

Result<std::optional<journal::Journal>> open_journal(const Workplace& place) {
    return journal::Journal::open_read_only(place.paths.journal());
}

/// Messages of updates may hold whatever PHP said, and PHP may have said the password of the database.
std::string without_password(std::string text, const site::Site& site) {
    constexpr std::size_t too_common = 5;  // as a word of any text
    const std::string& password = site.database.password;
    if (password.size() < too_common) return text;
    const std::string hidden = "(hidden)";
    for (std::size_t at = 0; (at = text.find(password, at)) != std::string::npos; at += hidden.size())
        text.replace(at, password.size(), hidden);
    return text;
}

Result<run::RunRecord> named_run(const Workplace& place, const std::string& beginning) {
    BDUPDATE_ASSIGN(auto journal, open_journal(place));
    if (!journal) return fail(ExitCode::Usage, "no run is known of this site");
    BDUPDATE_ASSIGN(const journal::Run run, run::find_run(*journal, beginning));
    return run::read_run(*journal, run);
}

void show_patch(const run::RunRecord& record, const CommandLine& line, const Workplace& place,
                Output& output) {
    report::Patch patch = report::config_patch(record);
    patch.text = without_password(std::move(patch.text), place.site);
    if (line.global.format == Format::Json) return output.answer(report::patch_json(record, patch));
    for (const std::string& name : patch.left_out) output.talk("warning: left out of the patch: " + name);
    if (record.config.empty()) output.talk("note: this run left config as it was");
    output.answer(patch.text);
}

}  // namespace

Result<ExitCode> command_history(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(const Workplace place, open_workplace(line.global, Access::Look, output));
    BDUPDATE_ASSIGN(auto journal, open_journal(place));
    std::vector<run::RunSummary> runs;
    if (journal) {
        BDUPDATE_ASSIGN(runs, run::read_history(*journal, line.history.last));
    }
    output.answer(without_password(line.global.format == Format::Json
                                       ? report::history_json(runs, place.site)
                                       : report::history_text(runs, output.style()),
                                   place.site));
    return ExitCode::Done;
}

Result<ExitCode> command_show(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(const Workplace place, open_workplace(line.global, Access::Look, output));
    BDUPDATE_ASSIGN(const run::RunRecord record, named_run(place, line.history.run));
    if (line.history.patch)
        show_patch(record, line, place, output);
    else
        output.answer(without_password(line.global.format == Format::Json
                                           ? report::show_json(record, place.site)
                                           : report::show_text(record, output.style()),
                                       place.site));
    return ExitCode::Done;
}

Result<void> check_report_place(const fs::path& file, const site::Site& site) {
    const fs::path directory = fs::absolute(file).parent_path();
    if (is_inside(file, site.docroot))
        return fail(ExitCode::Preflight, "the report " + file.string() + " lies inside the docroot",
                    "anybody could read it there: name one outside of " + site.docroot.string());
    std::error_code ignored;
    if (fs::is_directory(file, ignored))
        return fail(ExitCode::Preflight, "the report " + file.string() + " is a directory", "name a file");
    if (::access(directory.c_str(), W_OK | X_OK) != 0)
        return fail(ExitCode::Preflight,
                    "cannot write the report " + file.string() + ": " + errno_text(errno),
                    "name one in a directory that is there and may be written to");
    return {};
}

Result<void> write_report(journal::Journal& journal, const Workplace& place, const std::string& id,
                          const fs::path& file) {
    BDUPDATE_ASSIGN(const journal::Run run, run::find_run(journal, id));
    BDUPDATE_ASSIGN(const run::RunRecord record, run::read_run(journal, run));
    return write_file_atomically(fs::absolute(file),
                                 without_password(report::report_html(record, place.site), place.site));
}

Result<ExitCode> command_report(const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(const Workplace place, open_workplace(line.global, Access::Look, output));
    const auto& file = line.history.output;
    if (file) BDUPDATE_TRY(check_report_place(*file, place.site));
    BDUPDATE_ASSIGN(const run::RunRecord record, named_run(place, line.history.run));
    const std::string html = without_password(report::report_html(record, place.site), place.site);
    if (!file && line.global.format == Format::Json) {
        output.answer(report::report_json(record, html));
        return ExitCode::Done;
    }
    if (!file) {
        output.answer(html);
        return ExitCode::Done;
    }
    BDUPDATE_TRY(write_file_atomically(fs::absolute(*file), html));
    if (line.global.format == Format::Json)
        output.answer(report::report_written_json(record, fs::absolute(*file).string()));
    else
        output.talk("report of run " + record.summary.run.id.substr(0, 8) + ": " + file->string());
    return ExitCode::Done;
}

}  // namespace bdupdate::cli
