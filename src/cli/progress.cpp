#include "progress.h"

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "bdupdate/report/events.h"
#include "workplace.h"

namespace bdupdate::cli {

std::function<bool()> Progress::watching(std::function<bool()> aborted) {
    return [this, aborted = std::move(aborted)] {
        hear_signal();
        if (live_.what.empty() && booting_) begin_phase("booting the site");
        if (!live_.what.empty()) draw();
        return aborted && aborted();
    };
}

/// Who pressed Ctrl-C wants to see that it was heard: a pass may take its time.
void Progress::hear_signal() {
    if (told_signal_ || signal_seen() == 0 || json_ || !output_.has_live()) return;
    told_signal_ = true;
    output_.note("stopping after this pass; a second signal aborts it and undoes it");
}

void Progress::begin(report::Live live) {
    live_ = std::move(live);
    begun_ = Monotonic::now();
    draw();
}

void Progress::begin_phase(const std::string& what) {
    report::Live live;
    live.what = what;
    begin(std::move(live));
}

void Progress::draw() {
    // Often enough to look alive, and too seldom to flicker where updates take a few milliseconds.
    constexpr std::chrono::milliseconds between{80};
    const auto now = Monotonic::now();
    if (json_ || !output_.has_live() || now - drawn_ < between) return;
    drawn_ = now;
    live_.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_);
    live_.moving = std::chrono::duration_cast<std::chrono::milliseconds>(now - moving_);
    output_.live(report::live_line(live_));
}

void Progress::phase(const std::string& what) {
    if (json_) return output_.answer(report::text_json("phase", what));
    output_.detail(what);
    begin_phase(what);
}

void Progress::backed_up(const backup::Backup& backup, std::chrono::milliseconds elapsed) {
    if (json_) return output_.answer(report::text_json("backup", backup.id));
    output_.talk("backed up: " + backup.directory.string() + " (" + size_text(backup.bytes()) + ", " +
                 counted(backup.tables.size(), "table") + ", " + counted(backup.config_files, "config file") +
                 ", verified, " + duration_text(elapsed) + ")");
    live_ = {};
    booting_ = true;  // what a run does next, and nothing else tells it
}

void Progress::bytes_done(const std::string& doing, const std::string& what, std::uint64_t bytes,
                          std::uint64_t expected) {
    if (live_.bytes == 0) moving_ = Monotonic::now();
    live_.what = doing + " " + what;
    live_.bytes = bytes;
    live_.bytes_expected = expected;
    draw();
}

void Progress::backup_progress(const std::string& what, std::uint64_t bytes, std::uint64_t expected) {
    bytes_done("backing up", what, bytes, expected);
}

void Progress::restore_progress(const std::string& what, std::uint64_t bytes, std::uint64_t expected) {
    bytes_done("restoring", what, bytes, expected);
}

void Progress::planned(const std::vector<journal::Step>& steps) {
    if (json_) return output_.answer(report::planned_json(steps));
    columns_ = report::run_columns(steps);
    output_.detail(counted(steps.size(), "update") + " to run");
}

void Progress::plan_differs(const run::PlanDifference& difference) {
    if (json_) return output_.answer(report::difference_json(difference));
    output_.warning(report::difference_text(difference));
}

void Progress::step_started(const journal::Step& step, std::size_t index, std::size_t total) {
    index_ = index + 1;
    total_ = total;
    columns_.digits = std::to_string(total).size();
    booting_ = false;
    report::Live live;
    live.what = step.function;
    live.description = step.description;
    live.index = index_;
    live.total = total_;
    begin(std::move(live));
}

void Progress::pass_done(const journal::Step& /*step*/, std::int64_t pass, double finished) {
    live_.pass = pass + 1;
    live_.finished = finished;
    draw();
}

void Progress::step_finished(const journal::Step& step, const journal::Pass& last_pass, std::int64_t passes,
                             std::chrono::milliseconds elapsed) {
    live_ = {};
    if (json_) return output_.answer(report::step_json(step, last_pass, passes, false));
    output_.talk(
        report::step_line(step, last_pass, passes, elapsed, index_, total_, columns_, output_.talk_style()));
    tell_messages(last_pass);
}

void Progress::step_failed(const journal::Step& step, const journal::Pass& pass) {
    live_ = {};
    if (json_) return output_.answer(report::step_json(step, pass, 1, true));
    output_.talk(report::failed_line(step, index_, total_, columns_, output_.talk_style()));
    tell_messages(pass);
}

/// What went wrong, and what the update wants to be read; the rest, and more than a screen can bear, with -v.
void Progress::tell_messages(const journal::Pass& pass) {
    constexpr std::size_t most_told = 10;
    std::size_t told = 0;
    for (const auto& [kind, text] : pass.messages) {
        const std::string line = report::message_line(kind, text, columns_, output_.talk_style());
        if (kind == "output" || kind == "watchdog" || ++told > most_told)
            output_.detail(line);
        else
            output_.talk(line);
    }
    if (told > most_told && !output_.tells_details())
        output_.talk(std::string(columns_.indent(), ' ') + "… and " +
                     counted(told - most_told, "more message") + "; -v shows all");
}

void Progress::warning(const std::string& text) {
    if (json_) return output_.answer(report::text_json("warning", text));
    output_.warning(text);
}

void Progress::decided(const std::string& text) {
    if (json_) return output_.answer(report::text_json("recovery", text));
    if (text != told_) output_.talk(text);
}

void Progress::note(const std::string& text) {
    if (json_) return output_.answer(report::text_json("note", text));
    output_.detail(text);
}

}  // namespace bdupdate::cli
