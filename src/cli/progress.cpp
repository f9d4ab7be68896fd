#include "progress.h"

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "bdupdate/report/events.h"

namespace bdupdate::cli {

void Progress::phase(const std::string& what) {
    if (json_) return output_.answer(report::text_json("phase", what));
    output_.detail(what);
    output_.live(what + " …");
}

void Progress::backed_up(const backup::Backup& backup, std::chrono::milliseconds elapsed) {
    if (json_) return output_.answer(report::text_json("backup", backup.id));
    output_.talk("backed up: " + backup.directory.string() + " (" + size_text(backup.bytes()) + ", " +
                 counted(backup.tables.size(), "table") + ", " + counted(backup.config_files, "config file") +
                 ", verified, " + duration_text(elapsed) + ")");
}

void Progress::backup_progress(const std::string& what, std::uint64_t bytes) {
    output_.live("backing up " + what + "  " + size_text(bytes));
}

void Progress::restore_progress(const std::string& what, std::uint64_t bytes) {
    output_.live("restoring " + what + "  " + size_text(bytes));
}

void Progress::planned(const std::vector<journal::Step>& steps) {
    if (json_) return output_.answer(report::planned_json(steps));
    output_.detail(counted(steps.size(), "update") + " to run");
}

void Progress::plan_differs(const run::PlanDifference& difference) {
    if (json_) return output_.answer(report::difference_json(difference));
    output_.talk("warning: " + report::difference_text(difference));
}

void Progress::step_started(const journal::Step& step, std::size_t index, std::size_t total) {
    index_ = index + 1;
    total_ = total;
    if (!json_)
        output_.live(std::to_string(index_) + "/" + std::to_string(total) + "  " + step.function + " …");
}

void Progress::pass_done(const journal::Step& step, std::int64_t pass, double finished) {
    if (json_) return;
    output_.live(std::to_string(index_) + "/" + std::to_string(total_) + "  " + step.function + "  pass " +
                 std::to_string(pass) + ", " + std::to_string(static_cast<int>(finished * 100)) + " %");
}

void Progress::step_finished(const journal::Step& step, const journal::Pass& last_pass, std::int64_t passes,
                             std::chrono::milliseconds elapsed) {
    if (json_) return output_.answer(report::step_json(step, last_pass, passes, false));
    output_.talk(report::step_line(step, last_pass, passes, elapsed, index_, total_));
    tell_messages(last_pass);
}

void Progress::step_failed(const journal::Step& step, const journal::Pass& pass) {
    if (json_) return output_.answer(report::step_json(step, pass, 1, true));
    output_.talk(std::to_string(index_) + "/" + std::to_string(total_) + "  " + step.function + "  failed");
    tell_messages(pass);
}

/// What went wrong, and what the update wants to be read; the rest, and more than a screen can bear, with -v.
void Progress::tell_messages(const journal::Pass& pass) {
    constexpr std::size_t most_told = 10;
    std::size_t told = 0;
    for (const auto& [kind, text] : pass.messages) {
        const std::string line = "       " + (kind == "status" ? std::string() : kind + ": ") + text;
        if (kind == "output" || kind == "watchdog" || ++told > most_told)
            output_.detail(line);
        else
            output_.talk(line);
    }
    if (told > most_told && !output_.tells_details())
        output_.talk("       … and " + counted(told - most_told, "more message") + "; -v shows all");
}

void Progress::warning(const std::string& text) {
    if (json_) return output_.answer(report::text_json("warning", text));
    output_.talk("warning: " + text);
}

void Progress::decided(const std::string& text) {
    if (json_) return output_.answer(report::text_json("recovery", text));
    output_.talk(text);
}

void Progress::note(const std::string& text) {
    if (json_) return output_.answer(report::text_json("note", text));
    output_.detail(text);
}

}  // namespace bdupdate::cli
